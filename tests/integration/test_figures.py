"""One set of reports with all that makes counting hard, and every page: each figure equals SQL over the
public views, or over the ledger where no view holds it.

In it: successes that hosts share, failures without details, the same report twice, another one under the
same name, two policies in one day, DANE with its sessions told again under another type, senders that
nobody vouches for, two domains with one server, a domain that has gone silent, and what is no report.

SPDX-License-Identifier: MIT
"""
import json
import re

import pytest
from conftest import Tlsrptd
from doors import post, until
from test_pages import Tables, all_reports, block, get, list_rows, number, settled, tables

TODAY = "(now() AT TIME ZONE 'UTC')::date"
WINDOW = f"day BETWEEN {TODAY} - 30 AND {TODAY}"
DOMAINS = "one.example", "two.example", "dane.example", "silent.example"
TOKEN = "open-sesame-0123"

TESTING = ["version: STSv1", "mode: testing", "mx: mx1.one.example", "mx: mx2.one.example", "max_age: 86400"]
ENFORCE = ["version: STSv1", "mode: enforce", "mx: mx1.one.example", "mx: *.shared.example", "max_age: 604800"]
TWO = ["version: STSv1", "mode: enforce", "mx: *.shared.example", "max_age: 604800"]


def report(organization, day, *policies, identity="1"):
    return json.dumps({"organization-name": organization, "report-id": f"{identity}-{day}", "contact-info": "a@" + organization,
                       "date-range": {"start-datetime": day + "T00:00:00Z", "end-datetime": day + "T23:59:59Z"},
                       "policies": list(policies)}).encode()


def reports(days):
    """(body, vouched for) of the whole set; days: {how long ago: date}"""
    expired = ("certificate-expired", "in.shared.example")
    for ago in (1, 2, 3, 5, 8):
        yield report("big.example", days[ago], block("one.example", "sts", TESTING, 100 * ago, 10, [("certificate-expired", "mx1.one.example", 6)]),
                     block("one.example", "sts", ENFORCE, 50, ago, [("starttls-not-supported", "mx2.one.example", ago)])), True
        yield report("big.example", days[ago], block("two.example", "sts", TWO, 70, 4 + ago, [(*expired, 4 + ago), ("validation-failure", "", 1)]),
                     identity="two"), True
        yield report("small.example", days[ago], block("one.example", "sts", ENFORCE, 7, ago, [(*expired, ago)])), False
    both = [block("dane.example", kind, [], 40, 5, [("tlsa-invalid" if kind == "tlsa" else "validation-failure", "mx.dane.example", 5)],
                  ["mx.dane.example"]) for kind in ("tlsa", "sts")]
    yield report("twice.example", days[2], *both), True  # the same sessions under two types
    yield report("big.example", days[2], block("dane.example", "tlsa", ["3 1 1 aa"], 11, 0, (), ["mx.dane.example"]), identity="dane"), True
    yield report("big.example", days[20], block("silent.example", "no-policy-found", [], 9), identity="silent"), True


@pytest.fixture(scope="module")
def seeded(postgres_server, migrated, certificate, tmp_path_factory):
    """(URL, database)"""
    database = postgres_server.create(migrated.name)
    days = {ago: database.query(f"SELECT ({TODAY} - %s)::text", ago)[0][0] for ago in range(31)}
    with Tlsrptd(database, tmp_path_factory.mktemp("figures"), *certificate).serve(tokens=[TOKEN]) as service:
        for body, vouched in reports(days):
            url = f"{service.https}/{TOKEN}" if vouched else service.https
            assert post(url, body).status_code == 201, body
            assert post(url, body).status_code == 200  # the same again counts once
        conflict = report("big.example", days[2], block("one.example", "sts", TESTING, 99999, 9999))
        post(f"{service.https}/{TOKEN}", conflict)
        for nothing in (b"no report", b"{}", b"\x1f\x8b\x08junk"):
            assert post(service.https, nothing).status_code == 400
        settled(database)
        until(lambda: database.query("SELECT count(*) FROM ledger.verdict_due") == [(0,)])
        assert database.query("SELECT count(*) FROM ledger.conflict")[0][0] == 1
        assert database.query("SELECT count(*) > 0 FROM ledger.tally WHERE mirrored_sessions > 0")[0][0]
        yield service.web, database


def figures(url):
    """{label: number or text} of the boxes on top of a page."""
    text = get(url).text
    found = re.search(r'<dl class="figures" id="totals">(.*?)</dl>', text, re.S)[1]
    boxes = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", found, re.S)
    return {label: re.sub("<[^>]*>", "", value) for label, value in boxes}


def numbers(url, *labels):
    found = figures(url)
    return tuple(number(found[label]) for label in labels)


# Sessions that are told under two policy types, once. The views have both, as the reports do.
ONCE = ("ledger.sessions(sum(sessions - mirrored_sessions) FILTER (WHERE result IN ('successful', 'total-failure'))),"
        " ledger.sessions(sum(sessions - mirrored_sessions) FILTER (WHERE result = 'total-failure'))")


def test_overview(seeded):
    url, database = seeded
    sessions, failed = database.query(f"SELECT {ONCE} FROM ledger.tally WHERE {WINDOW}")[0]
    assert numbers(url + "/", "Domains", "Sessions", "Failed") == (len(DOMAINS), sessions, failed)
    states = {row[0]: (row[1].split(" ", 1)[1], row[2]) for row in list_rows(url + "/")}
    assert states == {"one.example": ("failures", "enforce"), "two.example": ("failures", "enforce"), "dane.example": ("failures", "\u2013"),
                      "silent.example": ("silent", "\u2013")}
    assert numbers(url + "/", "Failing in enforce", "Failing, not in enforce", "Silent") == (2, 1, 1)
    rows = {row[0]: (number(row[4]), number(row[5]), number(row[9])) for row in list_rows(url + "/")}
    assert rows == {name: tuple(rest) for name, *rest in database.query(
        f"SELECT d.name, {ONCE}, count(DISTINCT reporter_id) FROM ledger.tally t JOIN ledger.domain d ON d.id = t.domain_id WHERE {WINDOW} GROUP BY 1")}
    heaviest = dict(database.query("SELECT d.name, v.result #>> '{reasons,0,weight}' FROM ledger.verdict v JOIN ledger.domain d ON d.id = v.domain_id"))
    order = ["refuses", "blocks", ("failures", "enforce"), ("failures", "\u2013"), ("silent", "\u2013")]
    urgency = {name: min(order.index(what) for what in (heaviest[name], states[name]) if what in order) for name in rows}
    assert len(set(urgency.values())) > 1
    assert list(rows) == sorted(rows, key=lambda name: (urgency[name], -rows[name][1], name)), "what needs somebody first"
    worst = {row[0]: row[8].partition(" ")[0] for row in list_rows(url + "/")}
    for name in DOMAINS:
        mx = database.query("SELECT m.name FROM ledger.tally t JOIN ledger.mx m ON m.id = t.mx_id JOIN ledger.domain d ON d.id = t.domain_id"
                            f" WHERE d.name = %s AND {WINDOW} AND result NOT IN ('successful', 'total-failure')"
                            " GROUP BY 1 ORDER BY sum(sessions - mirrored_sessions) DESC LIMIT 1", name)
        assert worst[name] == (mx[0][0] if mx else "\u2013")


@pytest.mark.parametrize("name", DOMAINS)
def test_domain(seeded, name):
    url, database = seeded
    page = tables(f"{url}/domains/{name}")
    sessions, failed, reporters = database.query(
        f"SELECT {ONCE}, count(DISTINCT reporter_id) FROM ledger.tally t JOIN ledger.domain d ON d.id = t.domain_id WHERE d.name = %s AND {WINDOW}", name)[0]
    assert numbers(f"{url}/domains/{name}", "Sessions", "Succeeded", "Failed", "Reporters") == (sessions, sessions - failed, failed, reporters)
    untrusted, = database.query(f"SELECT ledger.sessions(sum(successful_sessions + failed_sessions)) FROM tlsrpt.domain_daily"
                                f" WHERE domain = %s AND {WINDOW} AND NOT trusted", name)[0]
    assert (f"{untrusted} of these sessions are told by senders" in page.text) == (untrusted > 0)

    chart = database.query(
        "SELECT day::text, ledger.sessions(sum(sessions - mirrored_sessions) FILTER (WHERE result = 'successful' AND mx_id <> 0)),"
        " ledger.sessions(sum(sessions - mirrored_sessions) FILTER (WHERE result = 'successful' AND mx_id = 0)),"
        " ledger.sessions(sum(sessions - mirrored_sessions) FILTER (WHERE result = 'total-failure'))"
        f" FROM ledger.tally t JOIN ledger.domain d ON d.id = t.domain_id WHERE d.name = %s AND {WINDOW} GROUP BY 1 ORDER BY 1 DESC", name)
    bars = page.body("chart")
    assert [(row[0], *map(number, row[2:5])) for row in bars if row[1] != "no report"] == chart
    assert all(number(row[1]) == sum(map(number, row[2:5])) for row in bars if row[1] != "no report")
    assert len(bars) == 30 and sum(row[1] == "no report" for row in bars) == 30 - len(chart), "days without a report are gaps, not zeros"

    assert [(row[0], row[1], *map(number, (row[2], row[3], row[4], row[7]))) for row in page.body("days")] == database.query(
        "SELECT day::text, policy_type, sum(successful_sessions + failed_sessions)::bigint, sum(successful_sessions)::bigint,"
        f" sum(failed_sessions)::bigint, sum(reports)::bigint FROM tlsrpt.domain_daily WHERE domain = %s AND {WINDOW}"
        " GROUP BY 1, 2 ORDER BY 1 DESC, 2", name)

    hosts = {(row[0], row[1]): row for row in page.body("mx")}
    want = database.query("SELECT coalesce(mx, 'no host named'), policy_type, sum(successful_sessions)::bigint, sum(failed_sessions)::bigint,"
                          " count(DISTINCT reporter) FILTER (WHERE failed_sessions > 0), max(day) FILTER (WHERE failed_sessions > 0)::text"
                          f" FROM tlsrpt.mx_daily WHERE domain = %s AND {WINDOW} GROUP BY 1, 2"
                          " HAVING sum(failed_sessions) > 0 OR (coalesce(mx, 'no host named') <> 'no host named' AND sum(successful_sessions) > 0)", name)
    assert {key for key in hosts if not key[0].startswith("any ")} == {row[:2] for row in want}
    for mx, kind, own, bad, told_by, last in want:
        row = hosts[mx, kind]
        assert (number(row[4]), number(row[7]), row[8]) == (bad, told_by, last or "\u2013"), (name, mx)
        if mx != "no host named":
            assert number(row[2]) == own
            most, least = bad / (own + bad), bad / (own + bad + number(row[3]))
            shown = [float(text) / 100 for text in re.findall(r"[\d.]+", row[5])]
            assert shown[-1] == pytest.approx(most if bad else 0, rel=0.01) and shown[0] == pytest.approx(least, rel=0.01), (name, mx, row[5])
    shared, = database.query(f"SELECT ledger.sessions(sum(shared_successful_sessions)) FROM tlsrpt.mx_daily WHERE domain = %s AND {WINDOW}", name)[0]
    assert sum(number(row[3]) for key, row in hosts.items() if key[0].startswith("any ")) == shared

    assert sorted((row[0], row[1], *map(number, row[2:5]), row[5], row[6]) for row in page.body("failures")) == sorted(database.query(
        "SELECT result_type, policy_type, sum(failed_sessions)::bigint, count(DISTINCT mx), count(DISTINCT reporter), min(day)::text, max(day)::text"
        f" FROM tlsrpt.failure_daily WHERE domain = %s AND {WINDOW} AND failed_sessions > 0 GROUP BY 1, 2", name))

    assert [(row[0], number(row[1]), number(row[3]), int(row[4].split()[0]), row[5].split()[0]) for row in page.body("reporters")] == database.query(
        f"SELECT r.name, {ONCE}, count(DISTINCT day), max(day)::text FROM ledger.tally t JOIN ledger.domain d ON d.id = t.domain_id"
        f" JOIN ledger.reporter r ON r.id = t.reporter_id WHERE d.name = %s AND {WINDOW} AND result IN ('successful', 'total-failure')"
        " GROUP BY 1 ORDER BY 2 DESC, 1", name)
    assert sum(number(row[6]) + number(row[7]) for row in page.body("policies")) == database.query(
        f"SELECT sum(successful_sessions + failed_sessions)::bigint FROM tlsrpt.domain_daily WHERE domain = %s AND {WINDOW}", name)[0][0]


HOST_FAILED = ("SELECT m.name, ledger.sessions(sum(sessions - mirrored_sessions)), max(day)::text FROM ledger.tally t JOIN ledger.mx m ON m.id = t.mx_id"
               f" WHERE {WINDOW} AND result NOT IN ('successful', 'total-failure') AND sessions > 0 GROUP BY 1")


def test_mx(seeded):
    url, database = seeded
    rows = list_rows(url + "/mx")
    assert sorted((row[0], number(row[2]), row[5]) for row in rows) == sorted(database.query(HOST_FAILED))
    assert [number(row[2]) for row in rows] == sorted((number(row[2]) for row in rows), reverse=True)
    own = dict(database.query(f"SELECT mx, sum(successful_sessions)::bigint FROM tlsrpt.mx_daily WHERE {WINDOW} AND mx <> 'mx.dane.example' GROUP BY 1"))
    assert all(number(row[3]) == own[row[0]] for row in rows if row[0] in own)
    assert {row[0]: row[4] for row in rows} == dict(database.query(
        "SELECT m.name, string_agg(DISTINCT result, ', ' ORDER BY result) FROM ledger.tally t JOIN ledger.mx m ON m.id = t.mx_id"
        f" WHERE {WINDOW} AND result NOT IN ('successful', 'total-failure') AND sessions > mirrored_sessions GROUP BY 1"))


def test_mx_host(seeded):
    url, database = seeded
    hosts = database.query(HOST_FAILED)
    assert len(hosts) == 4
    for host, failed, last in hosts:
        domains, = database.query(f"SELECT count(DISTINCT domain) FROM tlsrpt.failure_daily WHERE mx = %s AND failed_sessions > 0 AND {WINDOW}", host)[0]
        assert numbers(f"{url}/mx/{host}", "Failed sessions", "Domains affected") == (failed, domains)
        assert figures(f"{url}/mx/{host}")["Last failure"] == last
        page = tables(f"{url}/mx/{host}")
        days = dict(database.query("SELECT day::text, ledger.sessions(sum(sessions - mirrored_sessions)) FROM ledger.tally t JOIN ledger.mx m ON m.id = t.mx_id"
                                   f" WHERE m.name = %s AND {WINDOW} AND result NOT IN ('successful', 'total-failure') GROUP BY 1", host))
        assert {row[0]: number(row[4]) for row in page.body("chart") if number(row[4])} == {day: count for day, count in days.items() if count}
        assert sorted((row[0], number(row[2]), number(row[3]), row[4]) for row in page.body("domains")) == sorted(database.query(
            "SELECT d.name, ledger.sessions(sum(sessions - mirrored_sessions)), count(DISTINCT reporter_id), max(day)::text FROM ledger.tally t"
            " JOIN ledger.mx m ON m.id = t.mx_id JOIN ledger.domain d ON d.id = t.domain_id"
            f" WHERE m.name = %s AND {WINDOW} AND result NOT IN ('successful', 'total-failure') AND sessions > 0 GROUP BY 1", host))
    assert {row[0] for row in tables(f"{url}/mx/in.shared.example").body("domains")} == {"one.example", "two.example"}


def test_reporters(seeded):
    url, database = seeded
    rows = tables(url + "/reporters").body()
    assert [(row[0], number(row[2]), number(row[3]), number(row[5]), int(row[6].split()[0]), row[7]) for row in rows] == database.query(
        "SELECT o.name, sum(successful_sessions + failed_sessions)::bigint, sum(failed_sessions)::bigint,"
        " coalesce(sum(successful_sessions + failed_sessions) FILTER (WHERE NOT trusted), 0)::bigint, count(DISTINCT day), max(day)::text FROM ledger.report r JOIN ledger.reporter o ON o.id = r.reporter_id"
        f" WHERE r.{WINDOW} GROUP BY 1 ORDER BY 2 DESC, 1")
    total, = database.query(f"SELECT {ONCE} FROM ledger.tally WHERE {WINDOW}")[0][:1]
    assert sum(number(row[2]) for row in rows) == total, "reports and tally say the same"
    assert [number(row[5]) for row in rows if row[0] == "small.example"] == [7 * 5 + 1 + 2 + 3 + 5 + 8], "trust stands apart"


def test_reports(seeded):
    url, database = seeded
    want = database.query("SELECT r.domain_id || '-' || to_char(day, 'YYYYMMDD') || '-' || lpad(to_hex(r.id), 16, '0'), r.day::text, d.name, o.name,"
                          " successful_sessions + failed_sessions, failed_sessions, trusted, arrivals FROM ledger.report r"
                          " JOIN ledger.domain d ON d.id = r.domain_id JOIN ledger.reporter o ON o.id = r.reporter_id ORDER BY day DESC, domain_id DESC, r.id DESC")
    rows = list_rows(url + "/reports")
    assert [(row[0], row[1], row[2], number(row[3]), number(row[4]), row[5]) for row in rows] == [
        (day, domain, name, sessions, failed, "trusted" if trusted else "not verified") for _, day, domain, name, sessions, failed, trusted, _ in want]
    assert all_reports(url + "/reports") == ["/reports/" + row[0] for row in want]
    assert len(list_rows(url + "/reports?untrusted=1")) == sum(not row[6] for row in want) == 5
    for key, day, domain, name, sessions, failed, _, arrivals in want:
        text = Tables(get(f"{url}/reports/{key}").text).text.replace("\u202f", "")
        assert f"{sessions - failed} successful, {failed} failed" in text and domain in text and name in text and day in text
        assert f"{arrivals} times, counted once" in text
    conflicting, = database.query("SELECT domain_id || '-' || to_char(day, 'YYYYMMDD') || '-' || lpad(to_hex(report_id), 16, '0') FROM ledger.conflict")[0]
    assert len(tables(f"{url}/reports/{conflicting}").body("conflicts")) == 1


def test_rejected(seeded):
    url, database = seeded
    want = database.query("SELECT id, times, field, reason, size FROM ledger.rejected ORDER BY last_at DESC, id DESC")
    rows = tables(url + "/rejected").body()
    assert [(number(row[1]), row[4], number(row[5])) for row in rows] == [
        (times, (field + ": " if field else "") + reason, size) for _, times, field, reason, size in want]
    assert len(rows) == 3
    for key, _, _, reason, _ in want:
        assert reason in tables(f"{url}/rejected/{key}").text
    assert f"{len(rows)} different deliveries could not be counted" in tables(url + "/").text
