"""The summary of a week: as text, JSON, HTML and page it says what SQL says over the public views, over all
domains and in one; what is new, worse, better or gone; who fell silent.

SPDX-License-Identifier: MIT
"""
import collections
import datetime
import json
import re

import pytest
import requests
from conftest import Tlsrptd
from doors import until
from looks import Look
from test_pages import Tables, get, number, tables
from weeks import BEFORE, MONDAY, TODAY, WEEK, block, by_hand, report, seeded

KINDS = ["new", "worse", "going_on", "better", "gone"]


@pytest.fixture(scope="module")
def program(postgres_server, migrated, certificate, tmp_path_factory):
    """The program with a database of four weeks."""
    tlsrptd = Tlsrptd(postgres_server.create(migrated.name), tmp_path_factory.mktemp("weeks"), *certificate)
    found = seeded(60) + by_hand()
    for trusted in (True, False):
        directory = tmp_path_factory.mktemp("reports")
        for index, (each, vouched) in enumerate(found):
            if vouched == trusted:
                (directory / f"{index}.json").write_text(json.dumps(each))
        tlsrptd.run("ingest", *(["--trusted"] if trusted else []), directory)
    database = tlsrptd.database
    assert database.query("SELECT count(*) FROM ledger.report") == [(len(found),)]
    return tlsrptd


@pytest.fixture(scope="module")
def url(program):
    with program.serve() as service:
        until(lambda: program.database.query("SELECT count(*) FROM ledger.touched") == [(0,)])
        yield service.web


def summaries(program, *arguments, **settings):
    return json.loads(program.run("summary", "--format", "json", *arguments, **settings).stdout)


def kind_of(now, before):
    if not before:
        return "new"
    if not now:
        return "gone"
    if now - before >= 5 and now >= before * 1.25:
        return "worse"
    if before - now >= 5 and before >= now * 1.25:
        return "better"
    return "going_on"


def told(database, domain=None):
    """(mx, result) -> [now, before, untrusted now, {reporter: [now, before]}, {domain: now}, {domain: before}], by the views: of blocks that
    mirror each other one counts."""
    rows = database.query(
        "SELECT day >= %s, domain, mx, result_type, reporter, trusted, max(n)::bigint FROM ("
        " SELECT day, domain, mx, result_type, reporter, trusted, policy_type, sum(failed_sessions) AS n FROM tlsrpt.failure_daily"
        " WHERE day BETWEEN %s::date - 7 AND %s::date + 6 GROUP BY 1, 2, 3, 4, 5, 6, 7) t"
        " WHERE n > 0 AND (%s::text IS NULL OR domain = %s) GROUP BY day, domain, mx, result_type, reporter, trusted",
        MONDAY, MONDAY, MONDAY, domain, domain)
    lines = {}
    for now, name, mx, result, reporter, trusted, sessions in rows:
        line = lines.setdefault((mx, result), [0, 0, 0, collections.defaultdict(lambda: [0, 0]), collections.Counter(), collections.Counter()])
        line[0 if now else 1] += sessions
        line[2] += sessions if now and not trusted else 0
        line[3][reporter][0 if now else 1] += sessions
        line[4 if now else 5][name] += sessions
    return lines


def assert_equal(summary, lines, domain=None):
    """Every line of SUMMARY against LINES, and how many there are of each kind."""
    counts = collections.Counter(kind_of(line[0], line[1]) for line in lines.values())
    for kind in KINDS:
        found = summary["failures"][kind]
        assert found["count"] == counts[kind], kind
        assert len(found["items"]) == min(20, counts[kind])
        shown = [max(item["failed_sessions"], item["failed_sessions_before"]) for item in found["items"]]
        assert shown == sorted((max(line[:2]) for line in lines.values() if kind_of(*line[:2]) == kind), reverse=True)[:20], kind
        for item in found["items"]:
            now, before, untrusted, reporters, here, then = lines[item["mx"], item["result_type"]]
            assert [item["failed_sessions"], item["failed_sessions_before"], item["untrusted_sessions"]] == [now, before, untrusted]
            assert item["reporter_count"] == len(reporters)
            assert [[each["failed_sessions"], each["failed_sessions_before"]] for each in item["reporters"]] == [
                reporters[each["organization"]] for each in item["reporters"]]
            assert [max(reporters[each["organization"]]) for each in item["reporters"]] == sorted(map(max, reporters.values()), reverse=True)[:3]
            concerned = then if kind == "gone" else here
            if not domain:
                assert item["domain_count"] == len(concerned) and not item["domain_count_is_a_minimum"]
                assert [concerned[name] for name in item["domains"]] == sorted(concerned.values(), reverse=True)[:3]


def test_all_domains(program):
    summary, = summaries(program)
    assert (summary["week"], summary["week_before"], summary["from"], summary["domain"]) == (WEEK, BEFORE, MONDAY.isoformat(), None)
    lines = told(program.database)
    assert_equal(summary, lines)
    assert min(summary["failures"][kind]["count"] for kind in KINDS) > 0 and max(summary["failures"][kind]["count"] for kind in KINDS) > 20
    for name, index in (("week", 4), ("week_before", 5)):
        concerned = set().union(*(line[index] for line in lines.values()))
        assert summary["totals"][name]["domain_count"] == len(concerned)


def test_each_domain(program):
    names = [name for name, in program.database.query("SELECT name FROM ledger.domain ORDER BY id")]
    found = summaries(program, *names)
    assert [summary["domain"] for summary in found] == names and len(names) > 60
    for summary in found:
        assert_equal(summary, told(program.database, summary["domain"]), summary["domain"])


def test_totals(program):
    """Sums of policy types are those of the view, of blocks that mirror each other one."""
    want = {}
    for now, name, successful, failed in program.database.query(
            "SELECT day >= %s, domain, max(s)::bigint, max(f)::bigint FROM (SELECT day, domain, trusted, policy_type, sum(successful_sessions) AS s,"
            " sum(failed_sessions) AS f FROM tlsrpt.domain_daily WHERE day BETWEEN %s::date - 7 AND %s::date + 6 GROUP BY 1, 2, 3, 4) t"
            " GROUP BY day, domain, trusted", MONDAY, MONDAY, MONDAY):
        for key in ((None, now), (name, now)):
            sums = want.setdefault(key, [0, 0])
            sums[0] += successful
            sums[1] += failed
    untrusted, = program.database.query("SELECT sum(successful_sessions + failed_sessions)::bigint FROM tlsrpt.domain_daily"
                                        " WHERE day BETWEEN %s AND %s::date + 6 AND NOT trusted", MONDAY, MONDAY)[0]
    summary, mirror, hand = summaries(program)[0], *summaries(program, "mirror.example", "hand.example")
    assert summary["totals"]["week"]["untrusted_sessions"] == untrusted > 0
    for found in (summary, mirror, hand):
        for name, now in (("week", True), ("week_before", False)):
            assert [found["totals"][name][what] for what in ("successful_sessions", "failed_sessions")] == want.get((found["domain"], now), [0, 0])
    assert mirror["totals"]["week"]["failed_sessions"] == 6 and mirror["totals"]["week"]["successful_sessions"] == 60
    assert [item["failed_sessions"] for item in mirror["failures"]["new"]["items"]] == [6]


def test_kinds_and_silence_by_hand(program):
    hand, = summaries(program, "hand.example")
    found = {item["mx"]: kind for kind in KINDS for item in hand["failures"][kind]["items"]}
    assert found == {"mx-new.hand.example": "new", "mx-worse.hand.example": "worse", "mx-hardly-worse.hand.example": "going_on",
                     "mx-going-on.hand.example": "going_on", "mx-better.hand.example": "better", "mx-gone.hand.example": "gone",
                     "mx-untold.hand.example": "gone"}
    assert {item["mx"]: item["its_reporters_are_silent"] for item in hand["failures"]["gone"]["items"]} == {
        "mx-gone.hand.example": False, "mx-untold.hand.example": True}
    assert [(each["organization"], each["days"], each["sessions"]) for each in hand["silent"]["items"]] == [("quiet.example", 3, 3015)]
    assert hand["state"] == "look" and "1 reporter silent" in hand["headline"]
    assert "quiet.example" in [each["organization"] for each in summaries(program)[0]["silent"]["items"]]


def test_other_weeks_and_states(program):
    assert summaries(program, "--week", BEFORE)[0]["totals"]["week"] == {**summaries(program)[0]["totals"]["week_before"]}
    empty, = summaries(program, "--week", "2020-W53")
    assert (empty["state"], empty["from"], empty["over"], empty["settled"]) == ("empty", "2020-12-28", True, True)
    now = TODAY.strftime("%G-W%V")
    assert summaries(program, "--week", now)[0]["over"] is False
    mirror, = summaries(program, "mirror.example", "--week", BEFORE)
    assert mirror["state"] == "empty"
    for wrong in ("2026-W54", "2026-54", "2026", "9999-W01", "x"):
        assert program.run("summary", "--week", wrong, check=False).returncode == 64
    assert program.run("summary", "--format", "csv", check=False).returncode == 64
    assert program.run("summary", "not a name", check=False).returncode == 64
    assert program.run("summary", "nobody.example", check=False).returncode == 66


def test_all_is_well(tlsrptd, database):
    """A calm week says so in one sentence."""
    for week in (0, 7):
        clean = report("one.example", str(week), MONDAY - datetime.timedelta(week), block("calm.example", "sts", ["version: STSv1"], 12345))
        path = tlsrptd.directory / f"{week}.json"
        path.write_text(json.dumps(clean))
        tlsrptd.run("ingest", path)
    summary, = summaries(tlsrptd)
    assert summary["state"] == "calm" and summary["silent"]["count"] == 0 == sum(summary["failures"][kind]["count"] for kind in KINDS)
    text = tlsrptd.run("summary").stdout
    assert "All is well, there is nothing to do: no session failed." in text and "12,345" in text
    with tlsrptd.serve() as service:
        page = tables(f"{service.web}/weeks/{WEEK}").text
        assert "all is well" in page and "No session failed in these two weeks." in page


def test_text(program):
    text = program.run("summary", settings={"web": {"url": "https://pages.example/"}}).stdout
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 76
    assert text.startswith(f"TLS reports of week {WEEK} ({MONDAY} to {MONDAY + datetime.timedelta(6)}), all domains\n====")
    assert "\x1b" not in text and "\u202e" not in text and "\r" not in text
    assert f"https://pages.example/weeks/{WEEK}\n" in text and "  and 1 more\n" not in text
    hand = program.run("summary", "hand.example").stdout
    assert f"\n  /domains/hand.example?week={WEEK}\n" in hand and f"\n  /domains/hand.example?week={BEFORE}\n" in hand
    assert "Beware: none of those that told of it sent a report this week." in " ".join(hand.split())
    assert "3 sessions failed, none the week before." in hand and " ".join(hand.split()).count("To do (") == 1 and "Told by one.example 3." in hand
    evil = program.run("summary", "evil.example").stdout
    assert "evil" in evil and "\x1b" not in evil and "\u202e" not in evil and not re.search("^Bcc", evil, re.M)


def test_html_holds_all_it_needs(program):
    page = program.run("summary", "evil.example", "--format", "html", settings={"web": {"url": "https://pages.example"}}).stdout
    assert "<b>" not in page and "<i>" not in page and "<script" not in page and "\u202e" not in page
    assert set(re.findall(r'(?:href|src)="([^"?]+)', page)) == {"https://pages.example/domains/evil.example", f"https://pages.example/weeks/{WEEK}"}
    assert not re.search(r"<(img|link|style|script|object|iframe|form)|url\(|@import", page)
    assert "color-scheme" in page and 'lang="en"' in page
    assert "href" not in program.run("summary", "evil.example", "--format", "html").stdout
    assert program.run("summary", "evil.example", "hand.example", "--format", "html", check=False).returncode == 64


def page_rows(page):
    """Rows of the table of failures: (host, kind, cause, now, before, untrusted)."""
    return [(row[0], row[1].split(" ", 1)[1], row[2], *map(number, row[3:6])) for row in page.body("failures")]


@pytest.mark.parametrize("domain", [None, "hand.example", "d3.example", "mirror.example"])
def test_page(program, url, domain):
    """The page shows the same lines; each leads to where the same figure stands."""
    summary, = summaries(program, *([domain] if domain else []))
    address = f"{url}/weeks/{WEEK}" + (f"?domain={domain}" if domain else "")
    page = tables(address)
    want = [(item["mx"] or "no host named", kind.replace("_", " "), item["result_type"], item["failed_sessions"], item["failed_sessions_before"],
             item["untrusted_sessions"]) for kind in KINDS for item in summary["failures"][kind]["items"]]
    assert [row[:2] + row[3:] for row in page_rows(page)] == [row[:2] + row[3:] for row in want]
    sums = {row[0]: row[1:] for row in page.body("sums")}
    for column, name in enumerate(("week", "week_before")):
        totals = summary["totals"][name]
        assert number(sums["Sessions"][column]) == totals["successful_sessions"] + totals["failed_sessions"]
        assert [number(sums[label][column]) for label in ("Failed", "Not verified", "Reporters")] == [
            totals[key] for key in ("failed_sessions", "untrusted_sessions", "reporters")]
    assert [(row[0], number(row[1])) for row in page.body("silent")] == [(each["organization"], each["sessions"]) for each in summary["silent"]["items"]]
    assert summary["headline"] in page.text
    for kind in KINDS:
        left_out = summary["failures"][kind]["count"] - len(summary["failures"][kind]["items"])
        title = {"new": "New failures"}.get(kind, kind.replace("_", " ").capitalize())
        assert (f"{left_out} smaller ones under \u201c{title}\u201d" in page.text) == (left_out > 0)
    for item in [item for kind in KINDS for item in summary["failures"][kind]["items"]][::7]:
        assert_evidence(url, item)


def assert_evidence(url, item):
    """Its page of that week has the same host and cause, with no fewer sessions."""
    page = tables(url + item["url"])
    found = [number(row[2]) for row in page.body("failures") if row[0] == item["result_type"]]
    assert found and sum(found) >= max(1, item["failed_sessions"] or item["failed_sessions_before"]), item


def change(database, domain, day, hour, before, verdict, stage="testing", sentence="Why."):
    """A change of verdict as the service keeps it."""
    database.query(
        "INSERT INTO ledger.verdict_change (domain_id, at, from_stage, from_verdict, stage, verdict, code, sentence)"
        " SELECT id, %s::timestamptz, %s, %s, %s, %s, 'x', %s FROM ledger.domain WHERE name = %s RETURNING 1",
        f"{day}T{hour}Z", before and "testing", before, stage, verdict, sentence, domain)


@pytest.fixture(scope="module")
def changed(program, url):
    """The same database with changes of verdicts in and beside the week; the service has told its own before."""
    database, day = program.database, datetime.timedelta(1)
    until(lambda: database.query("SELECT count(*) FROM ledger.verdict_due") == [(0,)])
    database.query("DELETE FROM ledger.verdict_change RETURNING 1")
    last = MONDAY + 6 * day
    change(database, "d0.example", MONDAY - day, "23:59:59", "not-yet", "ready")
    change(database, "d0.example", last, "23:59:59", "ready", "not-yet", sentence="Because of <b>x\u202e.")
    change(database, "d0.example", last + day, "00:00:00", "not-yet", "ready")
    change(database, "d1.example", MONDAY, "00:00:00", "not-yet", "ready-limited")
    change(database, "d1.example", MONDAY, "01:00:00", "ready-limited", "not-yet")
    change(database, "d1.example", MONDAY, "02:00:00", "not-yet", "ready")
    change(database, "d2.example", MONDAY, "12:00:00", None, "not-yet")
    change(database, "d3.example", MONDAY, "12:00:00", None, "failing", "enforce")
    change(database, "d4.example", MONDAY, "12:00:00", "failing", "healthy", "enforce")
    change(database, "d5.example", MONDAY - day, "12:00:00", None, "not-yet")
    change(database, "d6.example", MONDAY, "12:00:00", "healthy", "failing", "enforce")
    change(database, "d6.example", MONDAY, "13:00:00", "failing", "healthy", "enforce")
    change(database, "d7.example", MONDAY, "12:00:00", "ready-limited", "ready")
    return program


WORSE, READY, OTHER = ["d3.example", "d0.example"], ["d1.example"], ["d6.example", "d4.example", "d7.example"]


def test_verdicts(changed, url):
    """Worse, then ready, then the rest, each with its verdict at the week's two ends; first ones only when failing."""
    summary, = summaries(changed)
    verdicts = summary["verdicts"]
    assert (verdicts["changed"], verdicts["worse"], verdicts["ready"]) == (6, 2, 1)
    found = {item["domain"]: item for item in verdicts["items"]}
    assert list(found)[:3] == WORSE + READY and sorted(list(found)[3:]) == sorted(OTHER)
    assert [found[name]["change"] for name in WORSE + READY + OTHER] == ["worse"] * 2 + ["ready"] + ["other"] * 3
    ends = {name: (item["from_verdict"], item["verdict"], item["changes"]) for name, item in found.items()}
    assert ends == {"d0.example": ("ready", "not-yet", 1), "d1.example": ("not-yet", "ready", 3), "d3.example": (None, "failing", 1),
                    "d4.example": ("failing", "healthy", 1), "d6.example": ("healthy", "healthy", 2),
                    "d7.example": ("ready-limited", "ready", 1)}
    assert found["d0.example"]["at"] == f"{MONDAY + datetime.timedelta(6)}T23:59:59Z"
    assert summary["headline"].endswith("2 verdicts worse, 1 domain ready to enforce.") and summary["state"] == "look"
    text = " ".join(changed.run("summary").stdout.split())
    assert "Verdicts that changed (6)" in text and "Because: Because of <b>x" in text and "\u202e" not in text
    page = tables(f"{url}/weeks/{WEEK}")
    assert [row[0] for row in page.body("verdicts")] == list(found)
    row = {row[0]: row for row in page.body("verdicts")}["d1.example"]
    assert row[2:4] == [str(MONDAY), "\u201cnot yet\u201d, 3 changes since"] and "<b>" in page.text


def test_verdict_of_one_domain(changed, url):
    """It has one even in a week without a change: the one that held at its end."""
    for domain, verdict, changes, headline in (("d5.example", "not-yet", 0, False), ("d2.example", "not-yet", 0, False),
                                               ("d0.example", "not-yet", 1, True)):
        summary, = summaries(changed, domain)
        item, = summary["verdicts"]["items"]
        assert (item["domain"], item["verdict"], item["changes"], summary["verdicts"]["changed"]) == (domain, verdict, changes, changes)
        assert ("1 verdict worse" in summary["headline"]) == headline
    assert [row[0] for row in tables(f"{url}/weeks/{WEEK}?domain=d5.example").body("verdicts")] == ["d5.example"]
    before, = summaries(changed, "d0.example", "--week", BEFORE)
    assert [item["verdict"] for item in before["verdicts"]["items"]] == ["ready"]
    assert summaries(changed, "d8.example")[0]["verdicts"]["items"] == []


def test_many_verdicts_are_bounded(changed, url):
    """Twenty are told, and how many there are."""
    for number in range(20, 45):
        change(changed.database, f"d{number}.example", MONDAY, "05:00:00", "ready", "failing", "enforce")
    summary, = summaries(changed)
    assert (summary["verdicts"]["changed"], summary["verdicts"]["worse"]) == (31, 27) and len(summary["verdicts"]["items"]) == 20
    assert "* and 11 more" in changed.run("summary").stdout
    assert "11 further domains" in tables(f"{url}/weeks/{WEEK}").text


def test_setups(changed, url):
    """What came in the week and is there at its end, what went, and certificates that run out within 21 days; errors first."""
    database = changed.database

    def at(days):
        return datetime.datetime.combine(MONDAY, datetime.time(12), datetime.timezone.utc) + datetime.timedelta(days)

    long, other, brief = (("dns.sts.ttl-high", "", "warning", "record", "The TTL is long"),
                          ("mx.name", "mx2.a.example", "error", "servers", "It names another host"),
                          ("host.timeout", "192.0.2.80", "error", "policy-host", "No answer"))
    soon, late = at(6 + 21), at(6 + 22)  # the week ends twelve hours after the sixth day's noon
    Look(findings=[long, other]).store(database, "d51.example", at(-2))
    Look(findings=[other], hosts=["mx9.a.example"], expires=late).store(database, "d51.example", at(2))
    Look(findings=[]).store(database, "d50.example", at(-2))
    Look(findings=[brief]).store(database, "d50.example", at(1))
    Look(findings=[other, long], hosts=["mx1.a.example"], expires=soon).store(database, "d50.example", at(3))
    Look(findings=[other, long, brief], hosts=["mx1.a.example"], expires=soon).store(database, "d50.example", at(7))
    summary, = summaries(changed)
    setup = summary["setup"]
    assert [(item["domain"], item["code"], item["subject"], item["at"][:10]) for item in setup["new"]["items"]] == [
        ("d50.example", "mx.name", "mx2.a.example", str(at(3).date())), ("d50.example", "dns.sts.ttl-high", "", str(at(3).date()))]
    assert [(item["domain"], item["code"]) for item in setup["gone"]["items"]] == [("d51.example", "dns.sts.ttl-high")]
    assert [(item["mx"], item["ends_at"], item["domain_count"]) for item in setup["certificates"]["items"]] == [
        ("mx1.a.example", soon.strftime("%Y-%m-%dT%H:%M:%SZ"), 1)]
    assert [setup[kind]["count"] for kind in ("new", "gone", "certificates")] == [2, 1, 1]
    assert summary["headline"].endswith("2 new faults of set-ups, 1 certificate running out.") and summary["state"] == "look"
    text = " ".join(changed.run("summary").stdout.split())
    assert f"d50.example: error since {at(3).date()}: It names another host (mx2.a.example)" in text
    page = tables(f"{url}/weeks/{WEEK}")
    assert [row[0] for row in page.body("setup-new")] == ["d50.example"] * 2
    assert page.body("setup-certificates") == [["mx1.a.example", f"its certificate runs out on {soon.date()}; 1 domain"]]
    assert requests.get(url + "/setup/d50.example", timeout=60).status_code == 200
    alone, = summaries(changed, "d51.example")
    assert [alone["setup"][kind]["count"] for kind in ("new", "gone", "certificates")] == [0, 1, 0]


def test_weeks_lead_on(program, url):
    first = requests.get(url + "/weeks", timeout=60)
    assert first.url == f"{url}/weeks/{WEEK}" and [answer.status_code for answer in first.history] == [302]
    assert requests.get(url + "/weeks?domain=Hand.example", timeout=60).url == f"{url}/weeks/{WEEK}?domain=hand.example"
    before, after = re.findall(r'href="(/weeks/[^"]+)" rel="(?:prev|next)"', first.text)
    assert before == f"/weeks/{BEFORE}" and f'href="/weeks/{WEEK}" rel="next"' in get(url + before).text
    assert "not over yet" in get(url + after).text and 'rel="next"' not in get(url + after).text
    assert "/weeks" in get(url + "/").text
    for path in ("/weeks/2026-W60", "/weeks/9998-W10", "/weeks/x", f"/weeks/{WEEK}?domain=nobody.example"):
        get(url + path, 404)
    assert "domain" in Tables(get(f"{url}/weeks/{WEEK}?domain=a..b", 400).text).text
