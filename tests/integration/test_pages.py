"""The pages: every figure equals what SQL says over the public views, nothing that a stranger wrote
becomes markup, and what is away or unknown is said.

SPDX-License-Identifier: MIT
"""
import base64
import gzip
import html.parser
import json
import re
import signal
import subprocess

import corpus
import psycopg2
import pytest
import requests
from conftest import SOURCE, Tlsrptd
from doors import post, until
from weeks import block

REPORT = json.loads(gzip.decompress((corpus.OWN / "sender-google-no-policy.json.gz").read_bytes()))


class Tables(html.parser.HTMLParser):
    """The tables of a page as {section id: rows of texts}, and its whole text."""

    def __init__(self, text):
        super().__init__()
        self.section, self.cell, self.rows, self.text = "", None, {}, ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "section":
            self.section = dict(attributes).get("id", self.section)
        elif tag == "tr":
            self.rows.setdefault(self.section, []).append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[self.section][-1].append(self.cell.strip())
            self.cell = None

    def handle_data(self, data):
        self.text += data
        if self.cell is not None:
            self.cell += data

    def body(self, section=""):
        """Rows below the head."""
        return self.rows.get(section, [[]])[1:]


def number(text):
    """1 234 -> 1234; a dash -> None"""
    return None if text == "\u2013" else int(text.replace("\u202f", ""))


def get(url, status=200):
    answer = requests.get(url, timeout=60)
    assert answer.status_code == status, answer.text
    answer.encoding = "utf-8"
    return answer


def tables(url):
    return Tables(get(url).text)


def changed(**over):
    return json.dumps({**REPORT, **over}).encode()


def settled(database):
    """Waits until the overview knows of all reports."""
    until(lambda: database.query("SELECT count(*) FROM ledger.touched") == [(0,)])


@pytest.fixture(scope="module")
def demo(postgres_server, migrated, certificate, tmp_path_factory):
    """(URL, database) of a service with the sample reports and the corpus."""
    database = postgres_server.create(migrated.name)
    with Tlsrptd(database, tmp_path_factory.mktemp("pages"), *certificate).serve("--demo") as service:
        service.wait_for("^demo .*stored=")
        for sample in sorted(corpus.OWN.glob("*.json*")):
            post(service.https, sample.read_bytes())
        settled(database)
        yield service.web, database


@pytest.fixture(scope="module")
def domains(demo):
    return [name for (name,) in demo[1].query("SELECT DISTINCT domain FROM tlsrpt.domain_daily ORDER BY 1")]


TODAY = "(now() AT TIME ZONE 'UTC')::date"
WINDOW = f"day BETWEEN {TODAY} - %s AND {TODAY}"  # what is dated in the future waits for its day


# --- figures ---

def test_overview(demo):
    url, database = demo
    want = {row[0]: list(row[1:]) for row in database.query(
        """SELECT d.name,
                  coalesce(sum(sessions - mirrored_sessions) FILTER (WHERE result IN ('successful', 'total-failure')), 0),
                  coalesce(sum(sessions - mirrored_sessions) FILTER (WHERE result = 'total-failure'), 0),
                  count(DISTINCT reporter_id) FILTER (WHERE t.domain_id IS NOT NULL)
             FROM ledger.domain d
             LEFT JOIN ledger.tally t ON t.domain_id = d.id AND t.""" + WINDOW + """
            WHERE EXISTS (SELECT FROM ledger.tally x WHERE x.domain_id = d.id)
            GROUP BY d.name""", 30)}
    totals = f"{sum(row[0] for row in want.values()):,}".replace(",", "\u202f")
    assert totals in tables(url + "/").text
    until(lambda: database.query("SELECT count(*) FROM ledger.verdict_due") == [(0,)])
    urgency = dict(database.query("SELECT name, urgency FROM ledger.domain_status"))
    for order, key in (("", lambda row: (urgency[row[0]], -number(row[5]), row[0])),
                       ("?order=sessions", lambda row: (-number(row[4]), row[0])), ("?order=name", lambda row: row[0])):
        rows = list_rows(url + "/" + order)
        assert {row[0]: [number(row[4]), number(row[5]), number(row[9])] for row in rows} == want
        assert len(rows) == len(want) > 50, "more than a page"
        rows = [[row[0], row[1].split(" ", 1)[1].replace("no sessions", "clean"), *row[2:]] for row in rows]
        assert rows == sorted(rows, key=key), order
        if not order:
            failing = ["failing" in row[3] for row in rows]
            assert any(failing) and failing == sorted(failing, reverse=True)
    for row in rows:
        assert row[1] == "silent" or row[1] == ("failures" if number(row[5]) else "clean"), row


def list_rows(url):
    """Rows of all pages of a list."""
    rows = []
    while url:
        text = get(url).text
        rows += Tables(text).body("domains") or Tables(text).body()
        more = re.search(r'class="more"><a href="([^"]+)"', text)
        url = re.match("http://[^/]+", url)[0] + more[1].replace("&amp;", "&") if more else None
    return rows


def test_overview_search_and_filters(demo):
    url, database = demo
    names = [row[0] for row in list_rows(url + "/?order=name")]
    for beginning in ("deviation-", "Result-C", "example.o", "nothing-like-this", "%", "_"):
        want = [name for name in names if name.startswith(beginning.lower())]
        assert [row[0] for row in list_rows(url + "/?name=" + beginning.replace("%", "%25"))] == want, beginning
    assert [row[0] for row in list_rows(url + "/?state=enforce-failing")] == [
        name for name, in database.query("SELECT name FROM ledger.domain_status WHERE failed_sessions > 0 AND mode = 'enforce'"
                                         " ORDER BY urgency, failed_sessions DESC, name COLLATE \"C\"")]
    assert {row[2] for row in list_rows(url + "/?mode=enforce")} == {"enforce"}
    assert "No domain is like this" in tables(url + "/?name=nothing-like-this").text
    for path in ("/reports?before=x", "/reports?failed=yes", "/reporters?days=x", "/mx?after=x", "/mx?week=x", "/?order=x", "/?state=x", "/?mode=x", "/?after=x", "/?after=1-x-y", "/?after=9-1-y", "/domains/example.org?days=0",
                 "/domains/example.org?week=2026-W60", "/domains/example.org?from=x", "/domains/example.org?days=7&week=2026-W40"):
        assert path.partition("?")[2].partition("=")[0] in tables_of_fault(url + path), path


def tables_of_fault(url):
    """The page says what is wrong and leads to one that works."""
    page = get(url, 400).text
    again = re.search(r'href="([^"]+)">Show the page without it', page)[1]
    assert get(re.match("http://[^/]+", url)[0] + again)
    return Tables(page).text


def test_sums_of_the_overview_follow_its_rows(service, database):
    """Whatever happens to rows of domain_status, the table of sums says the same."""
    sums = ("SELECT attention, count(*), sum(successful_sessions), sum(failed_sessions) FROM ledger.domain_status GROUP BY 1"
            " ORDER BY 1")
    kept = "SELECT attention, domains, successful_sessions, failed_sessions FROM ledger.overview WHERE domains <> 0 ORDER BY 1"

    def bring(number):
        report = json.loads(changed(**{"report-id": str(number)}))
        report["policies"][0]["policy"]["policy-domain"] = f"{number}.example"
        assert post(service.https, json.dumps(report).encode()).status_code == 201
        settled(database)

    for number in range(6):
        bring(number)
    for change in ("UPDATE ledger.domain_status SET failed_sessions = failed_sessions + 1 WHERE domain_id % 2 = 0",
                   "INSERT INTO ledger.touched (domain_id) SELECT domain_id FROM ledger.domain_status",
                   "DELETE FROM ledger.domain_status WHERE domain_id % 3 = 0",
                   "INSERT INTO ledger.touched (domain_id) SELECT id FROM ledger.domain"):
        database.query(change)
        assert database.query(kept) == database.query(sums), change
        number += 1
        bring(number)
        assert database.query(kept) == database.query(sums), change
    assert sum(row[1] for row in database.query(kept)) == 10


@pytest.mark.parametrize("days", [7, 30, 90])
def test_days(demo, domains, days):
    url, database = demo
    for domain in domains:
        want = database.query(
            "SELECT day::text, policy_type, sum(successful_sessions + failed_sessions)::bigint, sum(successful_sessions)::bigint,"
            " sum(failed_sessions)::bigint, sum(reports)::bigint FROM tlsrpt.domain_daily WHERE domain = %s AND " + WINDOW
            + " GROUP BY day, policy_type ORDER BY day DESC, policy_type", domain, days)
        rows = tables(f"{url}/domains/{domain}?days={days}").body("days")
        assert [(row[0], row[1], *map(number, (row[2], row[3], row[4], row[7]))) for row in rows] == want, domain


def test_failures(demo, domains):
    url, database = demo
    for domain in domains:
        want = database.query(
            "SELECT result_type, policy_type, sum(failed_sessions)::bigint, count(DISTINCT mx), count(DISTINCT reporter)"
            " FROM tlsrpt.failure_daily WHERE domain = %s AND " + WINDOW + " GROUP BY 1, 2 HAVING sum(failed_sessions) > 0", domain, 90)
        rows = tables(f"{url}/domains/{domain}?days=90").body("failures")
        assert sorted((row[0], row[1], *map(number, row[2:5])) for row in rows) == sorted(want), domain
        assert all(row[5] <= row[6] and row[7] for row in rows), "each says when, and whose side it is on"
        text = get(f"{url}/domains/{domain}?days=90").text
        assert text.count("<dt>What to do</dt>") == len({row[0] for row in rows}), domain


def matches(pattern, host):
    """RFC 8461 section 4.1"""
    return pattern == host or pattern.startswith("*.") and host.partition(".")[2] == pattern[2:]


def test_mx(demo, domains):
    url, database = demo
    named = 0
    for domain in domains:
        want = database.query(
            "SELECT mx, policy_type, sum(successful_sessions)::bigint, sum(shared_successful_sessions)::bigint,"
            " sum(failed_sessions)::bigint FROM tlsrpt.mx_daily WHERE domain = %s AND " + WINDOW + " GROUP BY 1, 2", domain, 90)
        policies = database.query(
            "SELECT p.type, p.mx, sum(t.sessions)::bigint FROM ledger.tally t JOIN ledger.domain d ON d.id = t.domain_id"
            " JOIN ledger.policy p ON p.domain_id = t.domain_id AND p.id = t.policy_id"
            " WHERE d.name = %s AND t.mx_id = 0 AND t.result = 'successful' AND t." + WINDOW + " GROUP BY 1, 2", domain, 90)
        rows = tables(f"{url}/domains/{domain}?days=90").body("mx")
        hosts, nameless, sets = [], [], {}
        for mx, kind, own, shared, failed, *_ in rows:
            if mx.startswith("any "):
                sets[kind] = sets.get(kind, 0) + number(shared)
            elif mx == "no host named":
                nameless.append((kind, number(failed)))
            else:
                hosts.append((mx, kind, number(own), number(failed)))
                assert number(shared) == sum(sessions for other, patterns, sessions in policies if other == kind
                                             and (not patterns or any(matches(pattern, mx) for pattern in patterns)))
        assert sorted(hosts) == sorted((mx, kind, own, failed) for mx, kind, own, _, failed in want if mx and (own or failed)), domain
        assert sorted(nameless) == sorted((kind, failed) for mx, kind, _, _, failed in want if not mx and failed), domain
        assert sets == {kind: shared for mx, kind, _, shared, _ in want if not mx and shared}, domain
        named += len(hosts)
    assert named > 5


def test_policies(demo, domains):
    url, database = demo
    for domain in domains:
        want = database.query(
            "SELECT p.type, p.mode, coalesce(p.max_age_seconds, -1), min(t.day)::text, max(t.day)::text,"
            " coalesce(sum(sessions) FILTER (WHERE result = 'successful' AND t." + WINDOW + "), 0)::bigint,"
            " coalesce(sum(sessions) FILTER (WHERE result = 'total-failure' AND t." + WINDOW + "), 0)::bigint"
            " FROM ledger.policy p JOIN ledger.domain d ON d.id = p.domain_id"
            " JOIN ledger.tally t ON t.domain_id = p.domain_id AND t.policy_id = p.id WHERE d.name = %s"
            " GROUP BY p.domain_id, p.id HAVING bool_or(t." + WINDOW + ")", 90, 90, domain, 90)
        rows = tables(f"{url}/domains/{domain}?days=90").body("policies")
        assert sorted((row[0], row[1].strip("\u2013"), -1 if row[3] == "\u2013" else number(row[3]), row[4], row[5], number(row[6]), number(row[7]))
                      for row in rows) == sorted(want), domain


def test_mx_over_all_domains(demo):
    url, database = demo
    want = {row[0]: row[1:] for row in database.query(
        "SELECT m.name, coalesce(sum(sessions) FILTER (WHERE result <> 'successful'), 0)::bigint,"
        " coalesce(sum(sessions) FILTER (WHERE result = 'successful'), 0)::bigint,"
        " max(day) FILTER (WHERE result <> 'successful' AND sessions > 0)::text"
        " FROM ledger.mx m LEFT JOIN ledger.mx_day t ON t.mx_id = m.id AND " + WINDOW + " GROUP BY 1", 90)}
    rows = list_rows(url + "/mx?days=90")
    assert {row[0]: (number(row[2]), number(row[3]), row[5]) for row in rows} == {name: row for name, row in want.items() if row[0]}
    assert [number(row[2]) for row in rows] == sorted((number(row[2]) for row in rows), reverse=True)
    named = list_rows(url + "/mx?days=90&name=MX")
    assert {row[0]: (number(row[2]), number(row[3])) for row in named} == {
        name: row[:2] for name, row in want.items() if name.startswith("mx")}
    assert len(named) > len([row for row in rows if row[0].startswith("mx")]), "hosts without failures are found too"


CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def test_mx_host(demo):
    url, database = demo
    hosts = [name for name, in database.query(
        "SELECT mx FROM tlsrpt.mx_daily WHERE mx IS NOT NULL AND " + WINDOW + " GROUP BY mx HAVING sum(failed_sessions) > 0", 90)]
    assert len(hosts) > 5
    for host in hosts:
        page = tables(f"{url}/mx/{host}?days=90")
        assert sorted((row[0], row[1], number(row[2]), number(row[4]), row[5], row[6]) for row in page.body("failures")) == sorted(database.query(
            "SELECT result_type, policy_type, sum(failed_sessions)::bigint, count(DISTINCT reporter), min(day)::text, max(day)::text"
            " FROM tlsrpt.failure_daily WHERE mx = %s AND failed_sessions > 0 AND " + WINDOW + " GROUP BY 1, 2", host, 90)), host
        assert sorted((row[0], number(row[3])) for row in page.body("domains")) == sorted(database.query(
            "SELECT domain, count(DISTINCT reporter) FROM tlsrpt.failure_daily WHERE mx = %s AND failed_sessions > 0 AND " + WINDOW
            + " GROUP BY 1", host, 90)), host
        said = {(row[0], row[1]) for row in page.body("evidence")}
        for column, label in (("receiving_ip", "address that was reached"), ("sending_mta_ip", "address of the sender"),
                              ("receiving_mx_helo", "name it gave (HELO)"), ("failure_reason_code", "reason code")):
            want = {CONTROL.sub("\ufffd", value) for value, in database.query(
                f"SELECT DISTINCT {column} FROM ledger.failure f JOIN ledger.mx m ON m.id = f.mx_id WHERE m.name = %s AND {column} <> ''"
                " AND " + WINDOW, host, 90)}
            got = {value for kind, value in said if kind == label}
            assert len(got) == min(10, len(want)) and {" ".join(value.split()) for value in got} <= {" ".join(value.split()) for value in want}, host
        letter = page.text.partition("Subject: ")[2]
        assert letter.startswith(f"TLS sessions to {host} fail") and "What to do:" in letter and "Began: " in letter


def test_a_seeded_domain(service, database):
    """Every figure of its page by hand: shared successes, unexplained failures, a duplicate, a conflict, two policies in one day, DANE."""
    name, day = "seeded.example", database.query(f"SELECT ({TODAY} - 2)::text")[0][0]
    testing = ["version: STSv1", "mode: testing", "mx: mx1.seeded.example", "mx: mx2.seeded.example", "max_age: 86400"]
    enforce = ["version: STSv1", "mode: enforce", "mx: mx1.seeded.example", "mx: mx2.seeded.example", "mx: mx3.seeded.example",
               "max_age: 604800"]

    def report(organization, identity, *policies):
        return json.dumps({"organization-name": organization, "report-id": identity, "contact-info": "a@" + organization,
                           "date-range": {"start-datetime": day + "T00:00:00Z", "end-datetime": day + "T23:59:59Z"},
                           "policies": list(policies)}).encode()

    both = report("one.example", "1", block(name, "sts", testing, 100, 10, [("certificate-expired", "mx1.seeded.example", 6)]),
                  block(name, "sts", enforce, 50, 2, [("starttls-not-supported", "mx2.seeded.example", 2)]))
    assert post(service.https, both).status_code == 201
    assert post(service.https, both).status_code == 200  # the same again
    conflict = report("one.example", "1", block(name, "sts", testing, 999, 999))
    post(service.https, conflict)
    dane = block(name, "tlsa", ["3 1 1 aa"], 40, 5, [("tlsa-invalid", "mx1.seeded.example", 5)], ["mx1.seeded.example"])
    assert post(service.https, report("two.example", "2", dane)).status_code == 201
    settled(database)
    page = tables(f"{service.web}/domains/{name}")
    assert [[row[0], *map(number, row[1:5])] for row in page.body("chart") if row[1] != "no report"] == [[day, 207, 40, 150, 17]]
    assert [(row[1], *map(number, (row[2], row[3], row[4], row[6]))) for row in page.body("days")] == [("sts", 162, 150, 12, 4), ("tlsa", 45, 40, 5, 0)]
    hosts = {(row[0], row[1]): row[2:] for row in page.body("mx")}
    assert hosts["mx1.seeded.example", "sts"][:3] == ["0", "150", "6"] and hosts["mx1.seeded.example", "sts"][3].startswith("3.85")
    assert hosts["mx1.seeded.example", "sts"][3].endswith("to 100\u202f%"), "a range: nobody knows whose the shared ones were"
    assert hosts["mx2.seeded.example", "sts"][:3] == ["0", "150", "2"]
    assert hosts["mx1.seeded.example", "tlsa"][:4] == ["40", "0", "5", "11.1\u202f%"]
    assert hosts["no host named", "sts"][2] == "4" and "unexplained" in hosts["no host named", "sts"][4]
    assert hosts["any of mx1.seeded.example, mx2.seeded.example", "sts"][1] == "100"
    assert [(row[0], row[1], row[2]) for row in page.body("failures")] == [
        ("certificate-expired", "sts", "6"), ("tlsa-invalid", "tlsa", "5"), ("unexplained", "sts", "4"), ("starttls-not-supported", "sts", "2")]
    assert [(row[0], row[1], row[3]) for row in page.body("reporters")] == [("one.example", "162", "12"), ("two.example", "45", "5")]
    changes = [row[8] for row in page.body("policies") if row[0] == "sts"]
    assert sorted(changes) in (sorted(["\u2013", "mode testing \u2192 enforce; mx added mx3.seeded.example; max_age 86400 \u2192 604800"]),
                               sorted(["\u2013", "mode enforce \u2192 testing; mx removed mx3.seeded.example; max_age 604800 \u2192 86400"]))
    assert len(page.body("reports")) == 2


def test_when_failures_of_an_mx_began(service, database):
    """The newest run of days without a week between; what lies before is another story."""
    host = "mx.a.example"
    for ago, failed in ((40, 3), (20, 2), (14, 1), (8, 0), (7, 4), (2, 1)):
        report = json.loads(changed(**{"report-id": str(ago)}))
        day, = database.query(f"SELECT ({TODAY} - %s)::text", ago)[0]
        report["date-range"] = {"start-datetime": day + "T00:00:00Z", "end-datetime": day + "T23:59:59Z"}
        report["policies"] = [{"policy": {"policy-type": "sts", "policy-domain": "a.example", "mx-host": [host]},
                               "summary": {"total-successful-session-count": 5, "total-failure-session-count": failed},
                               "failure-details": [{"result-type": "certificate-expired", "receiving-mx-hostname": host,
                                                    "failed-session-count": failed}] if failed else []}]
        assert post(service.https, json.dumps(report).encode()).status_code == 201
    begun, last, early = (database.query(f"SELECT ({TODAY} - %s)::text", ago)[0][0] for ago in (20, 2, 40))
    text = " ".join(tables(f"{service.web}/mx/{host}").text.split())
    assert f"Present failures began{begun} Last failure{last}" in text
    text = " ".join(tables(f"{service.web}/mx/{host}?to={early}").text.split())
    assert f"Present failures began{early} Last failure{early}" in text


# --- reports ---

def all_reports(url):
    """Links of all pages of a list."""
    found = []
    while url:
        text = get(url).text
        found += re.findall(r'href="(/reports/[^"?]+)"', text)
        more = re.search(r'class="more"><a href="([^"]+)"', text)
        url = re.match("http://[^/]+", url)[0] + more[1].replace("&amp;", "&") if more else None
    return found


def test_lists_have_every_report_once(demo, domains):
    url, database = demo
    found = all_reports(url + "/reports")
    assert len(found) == len(set(found)) == database.query("SELECT count(*) FROM ledger.report")[0][0] > 100
    for domain in domains:
        want = database.query(
            "SELECT count(*) FROM (SELECT r.domain_id, r.day, r.id FROM ledger.report r JOIN ledger.domain d ON d.id = r.domain_id"
            " WHERE d.name = %s UNION SELECT r.report_domain_id, r.day, r.report_id FROM ledger.report_domain r"
            " JOIN ledger.domain d ON d.id = r.domain_id WHERE d.name = %s) x", domain, domain)[0][0]
        assert len(all_reports(f"{url}/reports?domain={domain}")) == want, domain


def test_filters_of_reports(demo, domains):
    url, database = demo
    for arguments, condition in (("failed=1", "failed_sessions > 0"), ("untrusted=1", "NOT trusted"), ("deviations=1", "cardinality(deviations) > 0"),
                                 ("failed=1&untrusted=1&deviations=1", "failed_sessions > 0 AND NOT trusted AND cardinality(deviations) > 0")):
        found = all_reports(f"{url}/reports?{arguments}")
        want = database.query("SELECT count(*) FROM ledger.report WHERE " + condition)[0][0]
        assert len(found) == len(set(found)) == want > 0, arguments
        for domain in ("example.com", "dane.example"):
            want = database.query("SELECT count(*) FROM ledger.report r JOIN ledger.domain d ON d.id = r.domain_id WHERE d.name = %s AND "
                                  + condition, domain)[0][0]
            assert len(all_reports(f"{url}/reports?domain={domain}&{arguments}")) == want, (domain, arguments)


@pytest.mark.parametrize("filters, index", [
    ("false false false", r"report_newest|report_(\d+|other)_day_domain_id_id_idx\d*"), ("true false false", "failed_sessions > 0"),
    ("false true false", "NOT trusted"), ("false false true", r"cardinality\(deviations\) > 0")])
def test_newest_reports_are_read_from_their_index(demo, filters, index):
    """What a page costs does not grow with what lies behind it: nothing is sorted but a page, no partition is read whole."""
    statement = re.sub(r"^--.*\n", "", (SOURCE / "schema" / "sql" / "read_reports.sql").read_text(), flags=re.M)
    values = dict(enumerate(["'2026-11-20'", "1", "1", *filters.split(), "100", "100", *filters.split()], 1))
    statement = re.sub(r"\$(\d+)", lambda found: values[int(found[1])], statement)
    plan = "\n".join(row[0] for row in demo[1].query("SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN " + statement))
    used = re.findall(r"Index Scan Backward using (report_\w+) on", plan)
    definitions = [demo[1].query("SELECT pg_get_indexdef(format('ledger.%%I', %s::text)::regclass)", name)[0][0] for name in used]
    assert used and "Merge Append" in plan, plan
    assert all(re.search(index, name + " " + text) for name, text in zip(used, definitions)), (plan, definitions)


def test_reporters(demo):
    url, database = demo
    want = {" ".join(row[0].split()) or "\u2013": row[1:] for row in database.query(
        "SELECT o.name, sum(successful_sessions + failed_sessions)::bigint, sum(failed_sessions)::bigint,"
        " coalesce(sum(successful_sessions + failed_sessions) FILTER (WHERE NOT trusted), 0)::bigint, count(DISTINCT day), max(day)::text"
        " FROM ledger.report r JOIN ledger.reporter o ON o.id = r.reporter_id WHERE r." + WINDOW + " GROUP BY 1", 90)}
    rows = tables(url + "/reporters?days=90").body()
    assert len(rows) == min(100, len(want)) > 5
    for row in rows:
        if not CONTROL.search(row[0]) and "\ufffd" not in row[0] and " ".join(row[0].split()) in want:
            assert (number(row[2]), number(row[3]), number(row[5]), int(row[6].split()[0]), row[7]) == want[" ".join(row[0].split())], row[0]
    assert {"Google Inc.", "Microsoft Corporation"} <= {row[0] for row in rows}


def test_every_report_of_the_corpus_has_its_page(demo):
    url, database = demo
    deviating = 0
    for link in all_reports(url + "/reports"):
        domain, day, key = link.removeprefix("/reports/").split("-")
        organization, report_id, deviations, origin = database.query(
            "SELECT o.name, r.report_id, r.deviations, r.origin FROM ledger.report r JOIN ledger.reporter o ON o.id = r.reporter_id"
            " WHERE r.domain_id = %s AND r.day = %s::date AND r.id = ('x' || %s)::bit(64)::bigint", domain, day, key)[0]
        if origin == "demo" and day[-2:] != "01":
            continue  # they are all alike
        page = tables(url + link)
        assert " ".join(organization.split()) in " ".join(page.text.split()) and report_id.strip() in page.text
        assert "can no longer be read" not in page.text
        assert set(deviations) <= {row[0] for row in page.body("deviations")}, link
        deviating += bool(deviations)
        assert get(url + link + "/original").content
    assert deviating > 10


def test_original_is_what_was_sent(service):
    sent = changed(**{"report-id": "the one"})
    link = "/reports/" + post(service.https, gzip.compress(sent)).json()["id"]
    answer = get(service.web + link + "/original")
    assert answer.content == sent
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="tlsrpt-{link.rsplit("/", 1)[1]}.json"'
    assert link + "/original" in get(service.web + link).text


def test_arrivals_trust_and_conflicts(tlsrptd):
    with tlsrptd.serve(tokens=["open-sesame-0123"]) as service:
        link = service.web + "/reports/" + post(service.https + "/open-sesame-0123", changed()).json()["id"]
        assert "trusted: token" in tables(link).text
        post(service.https, changed())
        post(service.https, changed())
        assert "3 times, counted once" in tables(link).text
        assert "conflicts" not in tables(link).rows
        other = json.loads(json.dumps(REPORT))
        other["policies"][0]["summary"]["total-successful-session-count"] += 1
        post(service.https, json.dumps(other).encode())
        assert len(tables(link).body("conflicts")) == 1


# --- what strangers write ---

def test_nothing_becomes_markup(service):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>\'&amp;'
    report = changed(**{"organization-name": evil, "report-id": evil, "contact-info": evil})
    report = json.loads(report)
    report["policies"][0]["summary"]["total-failure-session-count"] = 1
    report["policies"][0]["failure-details"] = [{
        "result-type": evil, "failed-session-count": 1, "sending-mta-ip": evil, "receiving-mx-hostname": evil,
        "receiving-mx-helo": evil, "receiving-ip": evil, "additional-information": evil, "failure-reason-code": evil}]
    stored = post(service.https, json.dumps(report).encode()).json()
    assert post(service.https, ("{" + evil).encode()).status_code == 400
    for path in ("/", "/reports", "/reports/" + stored["id"], "/domains/" + stored["domain"], "/rejected", "/reports?domain=" + evil,
                 "/" + evil, "/domains/" + evil):
        answer = requests.get(service.web + path, timeout=60)
        assert "<script" not in answer.text and "<img src=x" not in answer.text, path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert evil in tables(service.web + "/reports/" + stored["id"]).text
    row = tables(service.web + "/rejected").body()[0]
    assert evil in row[6]


def test_rejected(service):
    assert post(service.https, b"\x1f\x8b\x08junk").status_code == 400
    assert post(service.https, b'{"policies": []}').status_code == 400
    assert post(service.https, b'{"policies": []}').status_code == 400
    newest, oldest = tables(service.web + "/rejected").body()
    assert newest[1] == "2" and "date-range.start-datetime: missing" in newest[4] and newest[5] == "16"
    assert newest[6].endswith('{"policies": []}')
    assert "https from 127.0.0.1" in newest[2]
    assert "\u00b7\u00b7\u00b7junk" in oldest[6]


def all_of(url):
    """Every item of a list of the API, and how many pages it took."""
    items, pages, after = [], 0, ""
    while after is not None:
        answer = get(url + after)
        assert answer.headers["Content-Type"] == "application/json"
        items += answer.json()["items"]
        pages += 1
        after = answer.json()["next"] and "&after=" + answer.json()["next"]
    return items, pages


def test_rejected_one(service):
    """Its bytes to look at and to take away, and what is known of it, on its page and from the API."""
    evil = b'From: <script>alert(1)</script>@reporter.example\r\nSubject: \x1b[31m \xe2\x80\xaegnp.exe\r\n\r\nno report\xff\r\n'
    assert post(service.https, evil, "application/tlsrpt+json").status_code == 400
    assert post(service.https, b"\x1f\x8b\x08junk" + bytes(range(256))).status_code == 400
    api = service.web + "/api/v1/rejected"
    gzipped, mail = all_of(api + "?limit=1")[0]
    assert all_of(api + "?limit=1")[1] == 2 and all_of(api + "?limit=2")[0] == [gzipped, mail]
    assert mail["source"] == "https" and mail["origin"] == "127.0.0.1" and mail["size"] == mail["kept"] == len(evil)
    assert "a mail without a report" in mail["reason"] and mail["times"] == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", mail["last_at"])
    one = get(f"{api}/{mail['id']}").json()
    assert base64.b64decode(one.pop("head_base64")) == evil and one == mail

    page = get(service.web + mail["url"])
    assert "<script" not in page.text and "\u202e" not in page.text and "\x1b" not in page.text
    text = Tables(page.text).text
    for words in ("<script>alert(1)</script>", "\u241b[31m \u27e8U+202E\u27e9gnp.exe", "no report\\xff", "127.0.0.1", mail["reason"]):
        assert words in text
    original = get(service.web + mail["url"] + "/original")
    assert original.content == evil and original.headers["Content-Type"] == "application/octet-stream"
    assert original.headers["Content-Disposition"].startswith("attachment;") and original.headers["X-Content-Type-Options"] == "nosniff"
    assert "000000  1f 8b 08 6a 75 6e 6b 00  01 02" in Tables(get(service.web + gzipped["url"]).text).text


def test_rejected_filter_and_pages(service, database):
    for i in range(60):
        assert post(service.https, b'{"policies": [], "organization-name": "Org %d"}' % i).status_code == 400
    first = get(service.web + "/rejected")
    more = re.search(r'<p class="more"><a href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    assert len(Tables(first.text).body()) == 50 and len(tables(service.web + more).body()) == 10
    database.query("DELETE FROM ledger.rejected WHERE id = %s", int(more.rsplit("-", 1)[1]))  # the cursor outlives its row
    assert len(tables(service.web + more).body()) == 10
    assert len(tables(service.web + "/rejected?source=https").body()) == 50
    assert "nothing like this" in tables(service.web + "/rejected?source=lmtp").text
    assert [row[3] for row in tables(service.web + "/rejected?text=oRG+42").body()] == ["Org 42"]
    assert [item["organization"] for item in all_of(service.web + "/api/v1/rejected?text=Org%2042&limit=1")[0]] == ["Org 42"]
    assert len(all_of(service.web + "/api/v1/rejected?limit=7")[0]) == 59


def test_api_problems(service, postgres):
    """RFC 9457: what is wrong is said in JSON, too."""
    api = service.web + "/api/v1/rejected"
    for path, status, words in (("?after=x", 400, "after"), ("?limit=0", 400, "limit"), ("?source=pigeon", 400, "source"),
                                ("/0", 404, "nothing here"), ("/x", 404, "nothing here"), ("/1/2", 404, "nothing here")):
        answer = get(api + path, status)
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status and problem["type"] == "about:blank" and words in problem["detail"]
    postgres.stop()
    answer = get(api, 503)
    assert answer.json()["status"] == 503 and answer.headers["Retry-After"]


def test_rejected_is_bounded(tlsrptd, database):
    """The oldest goes when more is kept than the settings allow, and what is too old goes anyway."""
    settings = {"limits": {"rejected_bytes": 1 << 20, "rejected_head_bytes": 300_000}, "retention": {"rejected": 10}}
    with tlsrptd.serve(settings=settings) as service:
        for i in range(12):
            post(service.https, b"%02d" % i + b"x" * 400_000, "application/tlsrpt+json")
        until(lambda: database.query("SELECT sum(octet_length(head) + 1024) <= 1048576, max(octet_length(head)) FROM ledger.rejected")
              == [(True, 300_000)], 30)
        kept = [bytes(head) for head, in database.query("SELECT substring(head FOR 2) FROM ledger.rejected ORDER BY id")]
        assert kept == [b"09", b"10", b"11"]
        assert "cannot be tried again" in tables(service.web + "/rejected/%d" % database.query(
            "SELECT max(id) FROM ledger.rejected")[0]).text
    database.query("UPDATE ledger.rejected SET last_at = now() - interval '11 days' WHERE head LIKE '09%'")
    with tlsrptd.serve(settings=settings):
        until(lambda: database.query("SELECT count(*) FROM ledger.rejected") == [(2,)], 30)


# --- the way there ---

def test_first_run(service):
    text = tables(service.web + "/").text
    for words in ("No report yet", "_smtp._tls.", "v=TLSRPTv1; rua=", "curl --data-binary", f"--insecure {service.https}",
                  f"rua=https://reports.example.org:{service.https.split(':')[2]}\"", "tlsrptd ingest report.json"):
        assert words in text
    assert "There are no reports here" in tables(service.web + "/reports").text
    assert "Nothing was rejected" in tables(service.web + "/rejected").text


@pytest.mark.parametrize("path", [
    "/nothing", "/domains/never.seen.example", "/domains/", "/domains/a/b", "/mx/never.seen.example", "/mx/a/b", "/mx/..%2fetc", "/domains/..%2f..%2fetc", "/reports/1-20260101-0",
    "/reports/1-20260101-0000000000000000", "/reports/1-20260101-0000000000000000/original", "/rejected?after=x", "/rejected/0", "/rejected/x", "/rejected/1/original",
    "/static/", "/static/none", "/healthz/"])
def test_not_found(service, path):
    assert "Not found" in get(service.web + path, 404).text


def test_methods(service):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = requests.request(method, service.web + "/", timeout=60)
        assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD"
    head = requests.head(service.web + "/", timeout=60)
    assert head.status_code == 200 and head.content == b"" and int(head.headers["Content-Length"]) > 500


def test_static_files_may_be_kept_under_their_version(service):
    text = get(service.web + "/").text
    for link in set(re.findall(r'"(/static/[^"]+)"', text)):
        assert "immutable" in get(service.web + link).headers["Cache-Control"]
        assert get(service.web + link.split("?")[0]).headers["Cache-Control"] == "no-cache"
    assert get(service.web + "/static/style.css").headers["Content-Type"].startswith("text/css")
    assert get(service.web + "/").headers["Cache-Control"] == "no-store"


def test_database_away_and_back(service, postgres):
    assert get(service.web + "/readyz").text == "ready\n"
    postgres.stop()
    answer = get(service.web + "/", 503)
    assert "The database is away" in answer.text and answer.headers["Retry-After"]
    get(service.web + "/readyz", 503)
    assert get(service.web + "/healthz").text == "ok\n"
    get(service.web + "/static/style.css")
    postgres.start()
    assert get(service.web + "/readyz").text == "ready\n"
    get(service.web + "/")


def test_what_waits_in_the_spool_is_said(service, database):
    """A database that is read only: pages show what was counted, and what is not."""
    assert 'id="notice"' not in get(service.web + "/").text
    assert post(service.https, changed()).status_code == 201
    database.query(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    for number in range(3):
        assert post(service.https, changed(**{"report-id": str(number)})).status_code == 202
    text = tables(service.web + "/").text
    assert "Nothing is counted at present" in text and re.search("read.only", text), text
    assert re.search(r"3 reports wait in the spool since 20\d\d-\d\d-\d\d \d\d:\d\d\sUTC, and will be counted", text)
    connection = psycopg2.connect(database.conninfo, options="-c default_transaction_read_only=off")
    connection.autocommit = True
    connection.cursor().execute(f"ALTER DATABASE {database.name} RESET default_transaction_read_only")
    connection.close()
    until(lambda: 'id="notice"' not in get(service.web + "/").text)
    assert database.query("SELECT count(*) FROM ledger.report") == [(4,)]


def test_absent_things_say_what_helps(service):
    for path, words in (("/domains/never.seen.example", '_smtp._tls.never.seen.example. IN TXT "v=TLSRPTv1; rua='), ("/mx/never.seen.example", "named a mail server"),
                        ("/reports/1-20260101-0000000000000000", "too old and was removed"), ("/rejected/99", "too old and was removed"),
                        ("/nothing", "There is nothing here")):
        answer = get(service.web + path, 404)
        assert words in Tables(answer.text).text, path
        assert 'name="name"' in answer.text and 'href="/mx"' in answer.text, "ways on"


def test_pages_only_on_loopback(tlsrptd):
    for address in ("0.0.0.0:0", "[::]:0"):
        done = subprocess.run(tlsrptd.command("serve", web=[address]), capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 78
        assert "web.listen" in done.stderr and "loopback" in done.stderr


def test_stops_while_pages_are_asked_for(tlsrptd):
    with tlsrptd.serve() as service:
        sessions = [requests.Session() for _ in range(20)]
        for session in sessions:
            assert session.get(service.web + "/", timeout=60).status_code == 200
        service.stop(signal.SIGINT, seconds=5)  # idle connections do not hold it up
