"""/metrics, /healthz and /readyz: what Prometheus reads is well-formed, equals what SQL says, never falls,
and costs the same however many domains there are.

SPDX-License-Identifier: MIT
"""
import json
import pathlib
import re
import subprocess
import time

import conftest
import corpus
import pytest
import requests
from conftest import Tlsrptd
from doors import post, until

SOURCE = conftest.SOURCE
METRICS = [name for name in re.findall(r'\.name = "(tlsrpt_\w+)"', (SOURCE / "web" / "metrics.c").read_text())]


def settled(database):
    """Waits until all marks are added up."""
    until(lambda: database.query("SELECT (SELECT count(*) FROM ledger.touched) + (SELECT count(*) FROM ledger.touched_mx)") == [(0,)])


def scrape(service):
    answer = requests.get(service.web + "/metrics", timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


def unescaped(text):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def samples(text):
    """{(name, ((label, value), …) in order of labels): number}"""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = re.fullmatch(r'(\w+)(?:\{((?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)', line)
        assert match, line
        labels = tuple(sorted((name, unescaped(value)) for name, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or "")))
        assert (match[1], labels) not in found, f"twice: {line}"
        found[match[1], labels] = float(match[3])
    return found


def of(found, metric):
    """The samples of one metric: {values of its labels, in the order of their names: number}"""
    return {tuple(value for _, value in labels): number for (name, labels), number in found.items() if name == metric}


@pytest.fixture(scope="module")
def demo(postgres_server, migrated, certificate, tmp_path_factory):
    """(service, database) with the sample reports and the corpus."""
    database = postgres_server.create(migrated.name)
    with Tlsrptd(database, tmp_path_factory.mktemp("metrics"), *certificate).serve("--demo", domains=None) as service:
        service.wait_for("^demo .*stored=")
        for sample in sorted(corpus.OWN.glob("*.json*")):
            if sample.suffix != ".expect":
                post(service.https, sample.read_bytes())
        settled(database)
        yield service, database


# --- form ---

def test_promtool(demo):
    done = subprocess.run(["promtool", "check", "metrics"], input=scrape(demo[0]), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_metric_is_there(demo):
    """Each row of the table has samples, with its help and type before them."""
    text = scrape(demo[0])
    named = re.findall(r"^# TYPE (\w+) (counter|gauge|histogram)$", text, re.M)
    assert [name for name, _ in named] == METRICS
    assert re.findall(r"^# HELP (\w+) \S", text, re.M) == METRICS
    shown = {re.sub(r"^(tlsrpt_commit_duration_seconds)_(bucket|sum|count)$", r"\1", name) for name, _ in samples(text)}
    assert shown == set(METRICS)


def test_no_stranger_makes_labels(demo):
    labels = {name for _, labels in samples(scrape(demo[0])) for name, _ in labels}
    assert labels == {"domain", "policy_type", "result", "result_type", "mx", "source", "outcome", "le", "version", "verdict", "check", "state",
                      "severity"}


# --- figures ---

RESULT_TYPE = """CASE WHEN result_type = ANY (%s) THEN result_type ELSE 'other' END"""
KNOWN = ["unexplained", *re.findall(r'\.name = "([\w-]+)"', (SOURCE / "ingest" / "result.c").read_text())]


def test_sessions(demo):
    service, database = demo
    want = {(domain, kind, "successful"): good for domain, kind, good, _ in database.query(
        "SELECT domain, policy_type, sum(successful_sessions), sum(failed_sessions) FROM tlsrpt.domain_daily GROUP BY 1, 2")}
    want |= {(domain, kind, "failed"): bad for domain, kind, _, bad in database.query(
        "SELECT domain, policy_type, 0, sum(failed_sessions) FROM tlsrpt.domain_daily GROUP BY 1, 2") if bad}
    found = samples(scrape(service))
    assert of(found, "tlsrpt_sessions_total") == pytest.approx({key: float(number) for key, number in want.items()})
    alls = {}
    for (_, kind, result), number in want.items():
        alls[kind, result] = alls.get((kind, result), 0) + number
    assert of(found, "tlsrpt_all_sessions_total") == pytest.approx({key: float(number) for key, number in alls.items()})


def test_failures(demo):
    service, database = demo
    rows = database.query("""
        SELECT d.name, CASE WHEN t.result = ANY (%s) THEN t.result ELSE 'other' END, sum(t.sessions - t.mirrored_sessions)
          FROM ledger.tally t JOIN ledger.domain d ON d.id = t.domain_id
         WHERE t.result NOT IN ('successful', 'total-failure') GROUP BY 1, 2""", KNOWN)
    found = samples(scrape(service))
    assert of(found, "tlsrpt_failed_sessions_total") == pytest.approx({row[:2]: float(row[2]) for row in rows})
    assert {kind for _, kind in of(found, "tlsrpt_failed_sessions_total")} >= {"other", "unexplained", "certificate-expired"}
    alls = {}
    for _, kind, number in rows:
        alls[kind,] = alls.get((kind,), 0) + float(number)
    assert of(found, "tlsrpt_all_failed_sessions_total") == pytest.approx(alls)


def test_mx(demo):
    service, database = demo
    rows = database.query("""
        SELECT m.name, sum(t.sessions - t.mirrored_sessions) AS n FROM ledger.tally t JOIN ledger.mx m ON m.id = t.mx_id
         WHERE t.result <> 'successful' GROUP BY 1 HAVING sum(t.sessions - t.mirrored_sessions) > 0""")
    found = samples(scrape(service))
    assert of(found, "tlsrpt_mx_failed_sessions_total") == pytest.approx({(mx,): float(n) for mx, n in rows})


def test_reports(demo):
    service, database = demo
    rows = database.query("""
        SELECT source, 'stored', count(*) FROM ledger.report GROUP BY source
        UNION ALL SELECT source, 'rejected', sum(times) FROM ledger.rejected GROUP BY source""")
    found = of(samples(scrape(service)), "tlsrpt_reports_total")
    for source, outcome, number in rows:
        assert found[outcome, source] == number, (source, outcome)
    before = found.get(("duplicate", "https"), 0)
    assert post(service.https, (corpus.OWN / "sender-google.json").read_bytes()).status_code == 200
    assert of(samples(scrape(service)), "tlsrpt_reports_total")["duplicate", "https"] == before + 1


def test_gauges(demo):
    service, database = demo
    found = samples(scrape(service))
    rows = database.query("""SELECT d.name, extract(epoch FROM s.last_report_at) FROM ledger.domain_status s
                               JOIN ledger.domain d ON d.id = s.domain_id WHERE s.last_report_at IS NOT NULL""")
    assert of(found, "tlsrpt_last_report_timestamp_seconds") == {(name,): float(int(at)) for name, at in rows}
    assert of(found, "tlsrpt_domains") == {(): float(database.query("SELECT count(*) FROM ledger.domain_status")[0][0])}
    assert of(found, "tlsrpt_domains_left_out") == of(found, "tlsrpt_mx_left_out") == {(): 0.0}
    assert of(found, "tlsrpt_db_up") == {(): 1.0}


def test_commits(demo):
    """A cumulative histogram, whose count is that of the batches."""
    service, _ = demo
    found = samples(scrape(service))
    buckets = sorted((float(bound), number) for (bound,), number in of(found, "tlsrpt_commit_duration_seconds_bucket").items())
    assert buckets[-1][0] == float("inf")
    assert [number for _, number in buckets] == sorted(number for _, number in buckets)
    count = of(found, "tlsrpt_commit_duration_seconds_count")[()]
    assert buckets[-1][1] == count > 10
    assert 0 < of(found, "tlsrpt_commit_duration_seconds_sum")[()] < count * 10
    post(service.https, (corpus.OWN / "sender-google.json").read_bytes())
    assert of(samples(scrape(service)), "tlsrpt_commit_duration_seconds_count")[()] == count + 1


# --- counters never fall ---

def test_retention(demo):
    """Rows go, counters stay; what comes afterwards is added."""
    service, database = demo
    before = samples(scrape(service))
    counters = ("tlsrpt_sessions_total", "tlsrpt_failed_sessions_total", "tlsrpt_mx_failed_sessions_total",
                "tlsrpt_all_sessions_total", "tlsrpt_all_failed_sessions_total", "tlsrpt_reports_total")
    kept = {table: database.query(f"CREATE TABLE kept_{table} AS TABLE ledger.{table}") for table in ("tally", "mx_day", "report")}
    database.query("TRUNCATE ledger.tally, ledger.mx_day, ledger.report")
    try:
        after = samples(scrape(service))
        assert {key: after[key] for key in before if key[0] in counters} == {key: before[key] for key in before if key[0] in counters}
    finally:
        for table in kept:
            database.query(f"INSERT INTO ledger.{table} TABLE kept_{table}")
            database.query(f"DROP TABLE kept_{table}")


def test_other_programs_count_too(tlsrptd, database):
    """`tlsrptd ingest` beside a service, and after a restart."""
    with tlsrptd.serve() as service:
        tlsrptd.run("ingest", corpus.OWN / "sender-google.json")
        found = of(samples(scrape(service)), "tlsrpt_reports_total")
        assert found["stored", "command"] == 1
        first = of(samples(scrape(service)), "tlsrpt_all_sessions_total")
        assert first
    with tlsrptd.serve() as service:
        assert of(samples(scrape(service)), "tlsrpt_all_sessions_total") == first
        assert post(service.https, b"{}").status_code == 400
        assert of(samples(scrape(service)), "tlsrpt_reports_total")["rejected", "https"] == 1
    assert corpus.counter_faults(database) == []


def test_refused(tlsrptd):
    with tlsrptd.serve(domains=["ours.example"]) as service:
        assert of(samples(scrape(service)), "tlsrpt_reports_total")["refused", "https"] == 0
        assert post(service.https, (corpus.OWN / "sender-google.json").read_bytes()).status_code == 403
        assert of(samples(scrape(service)), "tlsrpt_reports_total")["refused", "https"] == 1


def test_counted_before(tlsrptd, database):
    """An older database's rows are counted by the migration as if they had come today."""
    for sample in ("sender-google.json", "sender-mailru.json", "sender-microsoft.json", "deviation-result-type-unknown.json"):
        tlsrptd.run("ingest", corpus.OWN / sample)
    tables = ("counter", "mx_counter", "total")
    want = {table: sorted(database.query(f"TABLE ledger.{table}")) for table in tables}
    (migration,) = (SOURCE / "schema" / "migrations").glob("*_counters.sql")
    fill = migration.read_text().split("-- What was counted before.")[1]
    database.query("TRUNCATE ledger.counter, ledger.mx_counter, ledger.total, ledger.report_counter")
    database.query(fill)
    assert {table: sorted(database.query(f"TABLE ledger.{table}")) for table in tables} == want
    assert corpus.counter_faults(database) == []


# --- size ---

def quickest(service):
    """(seconds, samples) of the quickest of some scrapes: what the machine does beside them counts less."""
    took = []
    for _ in range(7):
        begin = time.monotonic()
        text = scrape(service)
        took.append(time.monotonic() - begin)
    return min(took), samples(text)


def test_bounded(tlsrptd, database):
    """With very many domains the worst are shown, the rest is in the totals, and it takes no longer."""
    reports = corpus.OWN / "sender-google.json"
    tlsrptd.run("ingest", reports)
    with tlsrptd.serve(settings={"web": {"metrics_domains": 10}}) as service:
        few, _ = quickest(service)
        database.query("""
            INSERT INTO ledger.domain (name) SELECT 'd' || n || '.example' FROM generate_series(1, 200000) n;
            INSERT INTO ledger.domain_status
                   (domain_id, name, successful_sessions, failed_sessions, reporters, worst_mx_id, worst_mx_failed, mode,
                    evaluated_at, today, last_day)
            SELECT id, name, 100, id, 1, 0, 0, '', now(), now(), now() FROM ledger.domain WHERE name LIKE 'd%.example';
            INSERT INTO ledger.counter SELECT domain_id, 'sts', 'successful', 100, 0 FROM ledger.domain_status
                ON CONFLICT DO NOTHING;
            INSERT INTO ledger.mx (name) SELECT 'mx' || n || '.example' FROM generate_series(1, 200000) n;
            INSERT INTO ledger.mx_counter SELECT id, id FROM ledger.mx ON CONFLICT DO NOTHING;
            UPDATE ledger.total SET number = number + 200000;
            ANALYZE""")
        many, found = quickest(service)
    domains = {domain for domain, *_ in of(found, "tlsrpt_sessions_total")}
    assert domains == {f"d{n}.example" for n in range(200000, 199990, -1)}
    assert len(of(found, "tlsrpt_mx_failed_sessions_total")) == 10
    assert of(found, "tlsrpt_domains") == {(): 200001.0}
    assert of(found, "tlsrpt_domains_left_out") == {(): 199991.0}
    assert of(found, "tlsrpt_mx_left_out")[()] > 199000
    print(f"one domain {few * 1000:.1f} ms, 200,000 domains {many * 1000:.1f} ms")
    assert many < few * 5 + 0.1


# --- health ---

def get(url):
    answer = requests.get(url, timeout=60)
    return answer.status_code, answer.text


def test_health(service):
    assert get(service.web + "/healthz") == (200, "ok\n")
    for query in ("", "?for=reports", "?for=pages"):
        assert get(service.web + "/readyz" + query) == (200, "ready\n")
    assert get(service.web + "/readyz?for=fun")[0] == 400


def test_away(service, postgres):
    """The process lives and metrics say so; reports are taken into the spool; pages cannot be made."""
    report = (corpus.OWN / "sender-google.json").read_bytes()
    postgres.stop()
    try:
        assert get(service.web + "/healthz") == (200, "ok\n")
        assert get(service.web + "/readyz?for=reports") == (200, "ready\n")
        assert get(service.web + "/readyz?for=pages") == (503, "not ready\npages: the database cannot be read\n")
        assert get(service.web + "/readyz") == (503, "not ready\npages: the database cannot be read\n")
        assert post(service.https, report).status_code == 202
        found = samples(scrape(service))
        assert of(found, "tlsrpt_db_up") == {(): 0.0}
        assert not of(found, "tlsrpt_sessions_total")
        assert of(found, "tlsrpt_reports_total")["spooled", "https"] == 1
        assert of(found, "tlsrpt_spool_reports") == {(): 1.0}
        assert 0 < of(found, "tlsrpt_spool_bytes")[()] < of(found, "tlsrpt_spool_limit_bytes")[()]
    finally:
        postgres.start()
    until(lambda: get(service.web + "/readyz") == (200, "ready\n"), 60)
    until(lambda: of(samples(scrape(service)), "tlsrpt_spool_reports") == {(): 0.0}, 60)
    found = samples(scrape(service))
    assert of(found, "tlsrpt_db_up") == {(): 1.0}
    assert of(found, "tlsrpt_reports_total")["stored", "https"] == 1


def test_away_without_spool(tlsrptd, postgres):
    with tlsrptd.serve(spool="") as service:
        assert get(service.web + "/readyz") == (200, "ready\n")
        postgres.stop()
        try:
            status, text = get(service.web + "/readyz")
            assert status == 503 and "reports: the database is away, and there is no spool" in text
            assert get(service.web + "/readyz?for=reports")[0] == 503
            assert post(service.https, (corpus.OWN / "sender-google.json").read_bytes()).status_code == 503
            found = samples(scrape(service))
            assert of(found, "tlsrpt_reports_total")["retry", "https"] == 1
            assert of(found, "tlsrpt_spool_limit_bytes") == {(): 0.0}
        finally:
            postgres.start()
        until(lambda: get(service.web + "/readyz") == (200, "ready\n"), 60)


def test_who_may_look(tlsrptd):
    """With users, /metrics asks for one, unless the settings say otherwise; health checks never do."""
    user = tlsrptd.run("user", "ops", input="correct horse battery\n").stdout.strip().splitlines()[-1]
    user = json.loads(user) if user.startswith('"') else user
    with tlsrptd.serve(settings={"web": {"users": [user]}}) as service:
        assert requests.get(service.web + "/metrics", timeout=60).status_code == 401
        assert requests.get(service.web + "/metrics", timeout=60, auth=("ops", "correct horse battery")).status_code == 200
        assert get(service.web + "/healthz")[0] == get(service.web + "/readyz")[0] == 200
    with tlsrptd.serve(settings={"web": {"users": [user], "metrics_public": True}}) as service:
        assert requests.get(service.web + "/metrics", timeout=60).status_code == 200
        assert requests.get(service.web + "/", timeout=60).status_code == 401


def test_documented():
    """Every metric is named in the list for operators."""
    text = (SOURCE / "deploy" / "dashboards" / "REFERENCE.md").read_text()
    assert [name for name in METRICS if f"`{name}" not in text] == []
    assert pathlib.Path(SOURCE / "deploy" / "dashboards").is_dir()
