"""The verdict from a report at the door to what a person, a program and a monitor read: the situations of
tests/unit/judge/verdict_test.c, made of reports with dates relative to today and of looks at live set-ups.

SPDX-License-Identifier: MIT
"""
import datetime
import email.message
import gzip
import html
import json
import re
import time
import warnings

import pytest
import requests
import urllib3
from conftest import Tlsrptd
from doors import Lmtp, post, until
from looks import FALSE, UNKNOWN, Look, ago

TOKEN = "verdict-token-0123456789"
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
CLOSED = TODAY - datetime.timedelta(days=3)  # of this day no more reports are expected
THREE = ("Google", "Microsoft", "Mox")
MX = ("mx1.a.example", "mx2.a.example")


def policy(domain, mode="testing", successful=0, failures=(), mx=MX, kind="sts", total=None, max_age=86400):
    """One policy block; FAILURES are (result type, MX or None, sessions, reason)."""
    text = ["version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in mx), f"max_age: {max_age}"]
    details = [{"result-type": result, "failed-session-count": sessions,
                **({"receiving-mx-hostname": host} if host else {}),
                **({"failure-reason-code": reason} if reason else {})}
               for result, host, sessions, reason in failures]
    return {
        "policy": {"policy-type": kind, "policy-domain": domain,
                   **({"policy-string": text} if kind == "sts" and mode else {}),
                   **({"mx-host": list(mx)} if kind == "sts" and mode else {})},
        "summary": {"total-successful-session-count": successful,
                    "total-failure-session-count": sum(detail[2] for detail in failures) if total is None else total},
        **({"failure-details": details} if details else {}),
    }


class World:
    """Reports of organizations and days, each with blocks of many domains."""

    def __init__(self):
        self.blocks = {}

    def add(self, back, reporter, block):
        """BACK: days before the newest closed one."""
        self.blocks.setdefault((CLOSED - datetime.timedelta(days=back), reporter), []).append(block)

    def clean(self, domain, days, successful, reporters=THREE, since=0, **options):
        for back in range(since, days):
            for reporter in reporters:
                self.add(back, reporter, policy(domain, successful=successful, **options))

    def reports(self):
        for (day, reporter), blocks in self.blocks.items():
            yield {
                "organization-name": reporter, "contact-info": f"tls@{reporter.lower()}.example", "report-id": f"{reporter}-{day}",
                "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
                "policies": blocks,
            }


# What looks at the live set-up saw, oldest first; each of a domain whose reports are clean, unless said.
BACKUP = {MX[0]: "", MX[1]: "", "backup.a.example": "certificate-expired"}
LOOKED = {
    "good.example": [(ago(days=20), Look()), (ago(minutes=30), Look())],
    "blocked25.example": [(ago(minutes=30), Look({MX[0]: None, MX[1]: None}, gates={"mx-tls": UNKNOWN}, steps={"servers": "unknown"}))],
    "backup.example": [(ago(minutes=30), Look(BACKUP, gates={"mx-tls": FALSE}, found={"mx-tls": "backup.a.example: it has expired."}))],
    "lately.example": [(ago(days=20), Look()), (ago(days=2), Look(gates={"policy-host": FALSE})), (ago(minutes=30), Look())],
    "flapping.example": [(ago(days=10, hours=hour), Look(gates={"record": FALSE} if hour % 10 == 0 else None)) for hour in range(30, 0, -1)]
                        + [(ago(minutes=30), Look())],
    "held.example": [(ago(days=20), Look()), (ago(days=4), Look(gates={"policy-host": FALSE})), (ago(minutes=30), Look())],
    "stale.example": [(ago(hours=25), Look())],
    "moved.example": [(ago(days=20), Look(MX[:1])), (ago(days=9), Look())],
    "outage.example": [(ago(days=12), Look(host=FALSE)), (ago(days=10), Look())],
    "short-outage.example": [(ago(days=20), Look()), (ago(days=10, hours=20), Look(host=FALSE)), (ago(days=10), Look())],
}
LOOKED["tv6.example"] = [(ago(days=20), Look(certificate="old")), (ago(days=13), Look(certificate="new")),
                         (ago(minutes=30), Look(certificate="new"))]
for again in "moved.example", "outage.example", "short-outage.example":
    LOOKED[again].append((ago(minutes=30), Look()))


def make():
    world = World()
    world.clean("tv1.example", 14, 17)
    for name in LOOKED:
        world.clean(name, 30, 17)
    world.clean("tv2.example", 14, 3)
    world.clean("tv3.example", 9, 100)
    world.clean("tv4.example", 14, 240)
    world.add(5, "Google", policy("tv4.example", failures=[("validation-failure", "mx3.a.example", 1, None)]))
    world.clean("tv5.example", 14, 100)
    for back in range(5):
        world.add(back, "Microsoft", policy("tv5.example", mode="", failures=[("sts-policy-fetch-error", None, 8, None)]))
    world.add(12, "Google", policy("tv6.example", failures=[("certificate-expired", MX[0], 3, None)]))
    world.clean("tv15.example", 14, 100)
    world.add(2, "Google", policy("tv15.example", failures=[("sts-policy-invalid", MX[0], 5, None)]))
    world.clean("tv7.example", 14, 100)
    world.add(6, "Google", policy("tv7.example", failures=[("validation-failure", MX[0], 2, "connection timed out")]))
    world.clean("tv8.example", 30, 17)
    world.add(20, "tiny.example", policy("tv8.example", failures=[("certificate-not-trusted", MX[0], 4, None)]))
    world.clean("tv9.example", 30, 50, reporters=("Mox", "Google"))
    world.add(4, "Mox", policy("tv9.example", failures=[("certificate-host-mismatch", MX[0], 7, None)], total=0))
    world.clean("tv10.example", 20, 250, reporters=("Google",), kind="no-policy-found")
    world.clean("tv11.example", 14, 17)
    world.add(2, "Posteo", policy("tv11.example", kind="tlsa", failures=[("tlsa-invalid", MX[0], 9, None)]))
    world.clean("tv12.example", 40, 50, reporters=("Google",), mx=(MX[0], "old.a.example"), max_age=604800)
    world.clean("tv12.example", 16, 50, reporters=("Microsoft", "Mox"))
    world.clean("tv12.example", 40, 50, reporters=("Microsoft", "Mox"), since=16, mx=(MX[0], "old.a.example"))
    world.clean("tv13.example", 40, 50, since=3)
    world.clean("tv16.example", 14, 100)
    world.add(2, "Google", policy("tv16.example", total=12))
    world.clean("tv17.example", 40, 100, mode="enforce")
    world.add(-2, "Google", policy("tv17.example", mode="enforce", failures=[("certificate-expired", MX[0], 9, None)]))
    world.clean("healthy.example", 40, 100, mode="enforce")
    world.clean("leaving.example", 20, 100, mode="none")
    return world


# domain: stage, verdict, exit code, reasons that must be there
WANTED = {
    "tv1.example": ("testing", "ready-limited", 1, {"not-checked", "clean"}),
    "good.example": ("testing", "ready", 0, {"clean"}),
    "blocked25.example": ("testing", "ready-limited", 1, {"not-checked"}),  # TV14
    "backup.example": ("testing", "not-yet", 2, {"gate-mx-tls"}),  # TV18
    "lately.example": ("testing", "not-yet", 2, {"gate-lately"}),
    "flapping.example": ("testing", "not-yet", 2, {"gate-lately"}),
    "held.example": ("testing", "ready", 0, {"clean"}),
    "stale.example": ("testing", "ready-limited", 1, {"not-checked"}),
    "moved.example": ("testing", "not-yet", 2, {"clean-days"}),
    "outage.example": ("testing", "not-yet", 2, {"clean-days"}),
    "short-outage.example": ("testing", "ready", 0, {"clean"}),
    "tv2.example": ("testing", "ready-limited", 1, {"thin-evidence"}),
    "tv3.example": ("testing", "not-yet", 2, {"clean-days"}),
    "tv4.example": ("testing", "not-yet", 2, {"unlisted-mx"}),
    "tv5.example": ("testing", "not-yet", 2, {"retrieval"}),
    "tv6.example": ("testing", "not-yet", 2, {"resolved", "clean-days"}),
    "tv15.example": ("testing", "not-yet", 2, {"sender-persists"}),  # at an MX, under a good policy: refused, not only not fetched
    "tv7.example": ("testing", "ready-limited", 1, {"transient"}),
    "tv8.example": ("testing", "ready-limited", 1, {"sender-side"}),
    "tv9.example": ("testing", "not-yet", 2, {"sender-persists"}),
    "tv10.example": ("reporting", "not-yet", 2, {"no-policy"}),
    "tv11.example": ("testing", "ready-limited", 2, {"dane-failing"}),
    "tv12.example": ("testing", "not-yet", 2, {"old-policy"}),
    "tv13.example": ("testing", "not-yet", 2, {"silent"}),
    "tv16.example": ("testing", "not-yet", 2, {"unexplained"}),
    "tv17.example": ("enforce", "failing", 2, {"sender-persists"}),
    "healthy.example": ("enforce", "healthy", 0, {"enforced"}),
    "leaving.example": ("removing", "unknown", 3, {"winding-down"}),
}


def send(service, reports):
    with requests.Session() as session, warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        for report in reports:
            answer = session.post(f"{service.https}/{TOKEN}", data=json.dumps(report), verify=False, timeout=60,
                                  headers={"Content-Type": "application/tlsrpt+json"})
            assert answer.status_code == 201, answer.text


def stored(database, domain):
    """(stage, verdict) as the overview has it."""
    return database.query("SELECT stage, verdict FROM ledger.domain_status WHERE name = %s", domain)


def settled(database):
    """Is every report that is stored in the verdicts?"""
    return database.query("SELECT EXISTS (SELECT FROM ledger.touched) OR EXISTS (SELECT FROM ledger.verdict_due)") == [(False,)]


@pytest.fixture(scope="module")
def running(postgres_server, migrated, certificate, tmp_path_factory):
    """(program, service, database) with the reports of all situations."""
    postgres_server.ensure()
    database = postgres_server.create(migrated.name)
    program = Tlsrptd(database, tmp_path_factory.mktemp("verdict"), *certificate)
    with program.serve(tokens=[TOKEN]) as service:
        send(service, make().reports())
        for domain, looks in LOOKED.items():
            for at, look in looks:
                look.store(database, domain, at)
        yield program, service, database
    postgres_server.drop(database)


@pytest.mark.parametrize("domain", WANTED)
def test_verdicts(running, domain):
    program, service, database = running
    stage, verdict, code, reasons = WANTED[domain]
    got = requests.get(f"{service.web}/api/v1/domains/{domain}/verdict", timeout=60).json()
    assert (got["domain"], got["stage"], got["verdict"]) == (domain, stage, verdict), got["reasons"]
    assert reasons <= {reason["code"] for reason in got["reasons"]}
    for reason in got["reasons"]:
        assert set(reason) == {"code", "weight", "text", "numbers", "url", "fix"}
        assert requests.get(service.web + reason["url"], timeout=60).status_code == 200
    assert {"refused_low", "refused_high", "sessions", "upper_bound", "by_mx"} <= set(got["counterfactual"])
    done = program.run("verdict", domain, "--format", "json", check=False)
    assert done.returncode == code
    said = json.loads(done.stdout)
    assert {**said, "evaluated_at": None} == {**got, "evaluated_at": None}
    until(lambda: stored(database, domain) == [(stage, verdict)])


def test_looks(running):
    """What a look said is told: what fails, when it last failed, when it was, since when nothing has changed."""
    _, service, database = running

    def verdict(domain):
        got = requests.get(f"{service.web}/api/v1/domains/{domain}/verdict", timeout=60).json()
        return got, {reason["code"]: reason for reason in got["reasons"]}

    _, good = verdict("good.example")
    assert "not-checked" not in good and "gate-lately" not in good
    _, backup = verdict("backup.example")
    assert backup["gate-mx-tls"]["text"] == "backup.a.example: it has expired." and backup["gate-mx-tls"]["weight"] == "blocks"
    _, lately = verdict("lately.example")
    assert "the policy host (until 20" in lately["gate-lately"]["text"] and lately["gate-lately"]["weight"] == "waits"
    _, flapping = verdict("flapping.example")
    assert "the _mta-sts record (in 3 of 31 looks of 14 days)" in flapping["gate-lately"]["text"]
    _, stale = verdict("stale.example")
    assert "were not checked since 20" in stale["not-checked"]["text"] and stale["not-checked"]["numbers"] == {"checks": 9}
    _, limited = verdict("blocked25.example")
    assert limited["not-checked"]["numbers"] == {"checks": 1} and "STARTTLS" in limited["not-checked"]["text"]
    for domain, days in ("moved.example", 9), ("outage.example", 10):
        got, _ = verdict(domain)
        assert got["clock_day"] == (TODAY - datetime.timedelta(days=days)).isoformat(), domain
    until(lambda: settled(database))
    kept = database.query("SELECT c.input -> 'live' -> 'gates' FROM ledger.verdict_change c JOIN ledger.domain d ON d.id = c.domain_id"
                          " WHERE d.name = 'backup.example' ORDER BY c.at DESC LIMIT 1")
    assert kept[0][0] is None or len(kept[0][0]) == 9


def test_look_changes_verdict(tlsrptd):
    """A look that tells something new has its domain judged at once; one that tells the same does not; one after a long pause does."""
    world = World()
    world.clean("a.example", 20, 100)
    with tlsrptd.serve(tokens=[TOKEN]) as service:
        send(service, world.reports())
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "ready-limited")])
        assert Look().store(tlsrptd.database, "a.example", ago(hours=30))
        until(lambda: settled(tlsrptd.database))
        assert stored(tlsrptd.database, "a.example") == [("testing", "ready-limited")]  # it is too old
        assert Look().store(tlsrptd.database, "a.example")
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "ready")])
        assert not Look().store(tlsrptd.database, "a.example")
        assert not Look(gates={"record": FALSE}).store(tlsrptd.database, "a.example", ago(hours=1))  # an older one
        assert Look(gates={"record": FALSE}).store(tlsrptd.database, "a.example")
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "not-yet")])


def test_numbers(running):
    _, service, _ = running

    def counterfactual(domain):
        return requests.get(f"{service.web}/api/v1/domains/{domain}/verdict", timeout=60).json()["counterfactual"]

    assert counterfactual("tv1.example")["sessions"] == 14 * 3 * 17
    tv9 = counterfactual("tv9.example")
    assert (tv9["refused_low"], tv9["refused_high"]) == (7, 7)
    assert tv9["by_mx"] == [{"mx": MX[0], "refused_low": 7, "refused_high": 7}]
    assert counterfactual("tv10.example")["sessions"] == 0
    assert counterfactual("tv15.example")["refused_high"] == 5
    tv6 = requests.get(f"{service.web}/api/v1/domains/tv6.example/verdict", timeout=60).json()
    assert tv6["clean_days"] == 11 and tv6["counterfactual"]["refused_high"] == 3
    assert counterfactual("tv11.example")["refused_high"] == 0  # DANE is not mixed in
    assert counterfactual("tv5.example")["refused_high"] == 0


def test_text_and_plugin(running):
    program, *_ = running
    text = program.run("verdict", "tv4.example", check=False).stdout
    assert text.startswith("tv4.example: not yet (stage testing)\n")
    assert "!  unlisted-mx: validation-failure at mx3.a.example: 1 session of 1 reporter" in text
    assert "enforce would have refused 1." in text
    plugin = program.run("verdict", "tv17.example", "--format", "plugin", check=False)
    assert plugin.returncode == 2 and plugin.stdout.count("\n") == 1
    assert plugin.stdout.startswith("TLSRPT CRITICAL - tv17.example: failing, ")
    assert " | refused_low=" in plugin.stdout
    several = program.run("verdict", "healthy.example", "tv1.example", "nobody.example", check=False)
    assert several.returncode == 3
    assert program.run("verdict", "healthy.example", check=False).returncode == 0
    assert program.run("verdict", check=False).returncode == 64
    assert program.run("verdict", "a b", check=False).returncode == 65


def test_history(running):
    """Each change is kept once, with what it was made of."""
    _, _, database = running
    until(lambda: settled(database))
    rows = database.query(
        "SELECT d.name, c.from_verdict, c.verdict, jsonb_array_length(c.input -> 'rows') > 0"
        "  FROM ledger.verdict_change c JOIN ledger.domain d ON d.id = c.domain_id ORDER BY d.name, c.at")
    for domain, (_, verdict, _, _) in WANTED.items():
        own = [row for row in rows if row[0] == domain]
        assert own[-1][2] == verdict and own[0][1] is None and all(row[3] for row in own)
        assert all(before[2] == after[1] for before, after in zip(own, own[1:]))


def test_replay(running):
    """Every change that is kept is made again to the same verdict; another input makes another one, and what is damaged is told."""
    program, _, database = running
    until(lambda: settled(database))
    changes = database.query("SELECT to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), array_agg(d.name::text) FROM"
                             " ledger.verdict_change c JOIN ledger.domain d ON d.id = c.domain_id GROUP BY 1")
    assert sum(len(names) for _, names in changes) >= len(WANTED)
    for at, names in changes:
        done = program.run("verdict", "replay", "--at", at, *names)
        assert done.stdout.count(": made again it is the same\n") == len(names), done.stdout
    newest = json.loads(program.run("verdict", "replay", "tv4.example", "--format", "json").stdout)
    kept = database.query("SELECT stage, verdict, code, sentence FROM ledger.verdict_change c JOIN ledger.domain d ON d.id = c.domain_id"
                          " WHERE d.name = 'tv4.example' ORDER BY at DESC LIMIT 1")
    heaviest = newest["reasons"][0]
    assert [(newest["stage"], newest["verdict"], heaviest["code"], heaviest["text"])] == kept
    assert program.run("verdict", "replay", "tv4.example", "--at", "2020-01-01T00:00:00Z", check=False).returncode == 3
    assert program.run("verdict", "replay", "nobody.example", check=False).returncode == 3
    assert program.run("verdict", "replay", "tv4.example", "--at", "yesterday", check=False).returncode == 64
    kept = database.query("SELECT at, input::text FROM ledger.verdict_change WHERE domain_id ="
                          " (SELECT id FROM ledger.domain WHERE name = 'tv4.example') ORDER BY at DESC LIMIT 1")[0]

    def changed(text):
        database.query("UPDATE ledger.verdict_change SET input = %s WHERE at = %s AND domain_id ="
                       " (SELECT id FROM ledger.domain WHERE name = 'tv4.example')", text, kept[0])
        return program.run("verdict", "replay", "tv4.example", check=False)

    try:
        without = json.loads(kept[1])
        without["rows"] = [row for row in without["rows"] if row[5] != "validation-failure" and row[5] != "total-failure"]
        done = changed(json.dumps(without))
        assert done.returncode == 2 and "made again it is ANOTHER\ntv4.example: ready, limited" in done.stdout
        assert changed(json.dumps({**without, "rows": [[1, 2]]})).returncode == 65
        assert changed(None).returncode == 3
    finally:
        changed(kept[1])


def test_pages_and_metrics(running):
    """The domain's page has the reasons first; the overview shows and filters; /metrics has one series a domain."""
    program, service, database = running
    until(lambda: settled(database))
    page = requests.get(f"{service.web}/domains/tv4.example", timeout=60).text
    assert page.index('id="reasons"') < page.index('id="totals"')
    assert "No mx line of the policy fits this host" in page and "enforce would have refused 1." in page
    assert 'id="changes"' in page and "A letter to this sender" not in page
    for domain, sender in ("tv8.example", "tiny.example"), ("tv9.example", "Mox"):  # who alone tells of it
        page = requests.get(f"{service.web}/domains/{domain}", timeout=60).text
        assert f"Those of {sender} alone tell of failures with {domain}" in page
    leaving = requests.get(f"{service.web}/domains/tv12.example", timeout=60).text
    assert "reporters have the present policy" in leaving and "not yet" in leaving
    for verdict in {verdict for _, verdict, _, _ in WANTED.values()}:
        listed = requests.get(f"{service.web}/", params={"verdict": verdict}, timeout=60).text
        for domain, (_, own, _, _) in WANTED.items():
            assert (f">{domain}</a>" in listed) == (own == verdict), (domain, verdict)
    assert requests.get(f"{service.web}/?verdict=perhaps", timeout=60).status_code == 400
    metrics = requests.get(f"{service.web}/metrics", timeout=60).text
    for domain, (_, verdict, _, _) in WANTED.items():
        assert f'tlsrpt_verdict{{domain="{domain}",verdict="{verdict}"}} 1\n' in metrics


def test_overview_order(running):
    """Whose mail is refused today comes first, then who has something to mend; then failures that are not ours to mend or are to be
    decided on, then who only waits. The list of each verdict is in the same order."""
    _, service, database = running
    until(lambda: settled(database))
    url = service.web + "/"
    names = re.findall(r'<th scope="row"><a href="/domains/([^"]+)"', requests.get(url, timeout=60).text)
    want = [{"tv11.example", "tv17.example"}, {"tv4.example", "tv5.example", "tv9.example", "tv15.example", "tv16.example", "backup.example"},
            {"tv6.example", "tv7.example", "tv8.example"},
            {"tv3.example", "tv10.example", "tv12.example", "tv13.example", "lately.example", "flapping.example", "moved.example",
             "outage.example"},
            {"tv1.example", "tv2.example", "healthy.example", "leaving.example", "good.example", "blocked25.example", "held.example",
             "stale.example", "short-outage.example"}]
    assert sum(map(len, want)) == len(WANTED)
    for group in want:
        assert set(names[:len(group)]) == group, names
        names = names[len(group):]
    assert names == []
    waiting = re.findall(r'<th scope="row"><a href="/domains/([^"]+)"', requests.get(url, params={"verdict": "not-yet"}, timeout=60).text)
    assert set(waiting[:len(want[1])]) == want[1] and set(waiting[len(want[1]):]) == want[3] | {"tv6.example"}
    # The order of a page comes from an index alone, whatever else is asked for, so that a million domains cost the same.
    for condition in "true", "attention = 1", "mode = 'testing'", "verdict = 'not-yet'":
        plan = "\n".join(line for line, in database.query(
            f"SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN SELECT * FROM ledger.domain_status WHERE {condition}"
            " AND (urgency, -failed_sessions, name) > (2, -5, 'a') ORDER BY urgency, -failed_sessions, name LIMIT 50"))
        assert "Sort" not in plan and "Index Scan" in plan, plan


def test_every_door(tlsrptd):
    """The same verdict whichever way reports come in: posted, by mail, or read from files."""
    world = World()
    for door in "posted", "mailed", "read":
        world.clean(f"{door}.example", 14, 240)
        world.add(5, "Google", policy(f"{door}.example", failures=[("validation-failure", "mx3.a.example", 1, None)]))
    reports = list(world.reports())

    def of(door):
        for report in reports:
            blocks = [block for block in report["policies"] if block["policy"]["policy-domain"] == f"{door}.example"]
            yield {**report, "report-id": f"{door}-{report['report-id']}", "policies": blocks}

    def mail(report):
        message, sender = email.message.EmailMessage(), report["contact-info"].partition("@")[2]
        message["From"], message["To"] = f"noreply@{sender}", "tlsrpt@receiver.example"
        message["Subject"] = f"Report Domain: mailed.example Submitter: {sender}"
        message["TLS-Report-Domain"], message["TLS-Report-Submitter"] = "mailed.example", sender
        message.set_content("A report.")
        message.add_attachment(gzip.compress(json.dumps(report).encode()), maintype="application", subtype="tlsrpt+gzip", filename="report.json.gz")
        return f"Authentication-Results: mx.ours.example; dkim=pass header.d={sender}\r\n".encode() + message.as_bytes()

    for report in of("read"):
        (tlsrptd.directory / f"{report['report-id']}.json").write_text(json.dumps(report))
    with tlsrptd.serve(tokens=[TOKEN], settings={"trust": {"mail": "authres", "authserv_ids": ["mx.ours.example"]}}) as service:
        send(service, of("posted"))
        with Lmtp(service.lmtp) as client:
            client.hello()
            for report in of("mailed"):
                assert client.send(mail(report))[0].startswith("250 2.0.0")
        tlsrptd.run("ingest", "--trusted", *sorted(tlsrptd.directory.glob("read-*.json")))
        told = []
        for door in "posted", "mailed", "read":
            name = f"{door}.example"
            until(lambda name=name: stored(tlsrptd.database, name) == [("testing", "not-yet")])
            got = requests.get(f"{service.web}/api/v1/domains/{name}/verdict", timeout=60).json()
            page = requests.get(f"{service.web}/domains/{name}", timeout=60).text
            said = tlsrptd.run("verdict", name, "--format", "json", check=False)
            assert said.returncode == 2 and {**json.loads(said.stdout), "evaluated_at": None} == {**got, "evaluated_at": None}
            assert got["reasons"][0]["code"] == "unlisted-mx" and got["reasons"][0]["text"] in html.unescape(page)
            told.append(json.dumps({**got, "evaluated_at": None}).replace(door, "DOOR"))
        assert told[0] == told[1] == told[2]


def test_untrusted_left_out(tlsrptd):
    """What anybody may have sent makes no verdict, unless the settings say so."""
    world = World()
    world.clean("a.example", 20, 100)
    with tlsrptd.serve() as service:
        for report in world.reports():
            assert post(service.https, json.dumps(report), "application/tlsrpt+json").status_code == 201
        until(lambda: stored(tlsrptd.database, "a.example") == [("none", "unknown")]
              and tlsrptd.database.query("SELECT count(*) FROM ledger.verdict_due") == [(0,)])
    assert tlsrptd.run("verdict", "a.example", check=False).returncode == 3
    assert tlsrptd.run("verdict", "a.example", check=False, settings={"verdict": {"include_untrusted": True}}).returncode == 1
    # Our own reports, about the mails that bring reports, are none either.
    own = {"verdict": {"include_untrusted": True, "own_reporters": list(THREE)}}
    assert tlsrptd.run("verdict", "a.example", check=False, settings=own).returncode == 3


def test_acknowledged(tlsrptd):
    """A failure that cannot be told to be ours is waited for until somebody says otherwise, or it recurs."""
    world = World()
    world.clean("a.example", 30, 100)
    world.add(20, "Elsewhere", policy("a.example", failures=[("certificate-not-trusted", MX[0], 900, None)]))
    with tlsrptd.serve(tokens=[TOKEN]) as service:
        send(service, world.reports())
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "not-yet")])
        assert "needs-decision" in tlsrptd.run("verdict", "a.example", check=False).stdout
        ack = ("verdict", "ack", "a.example", "--result", "certificate-not-trusted")
        assert tlsrptd.run(*ack, "--mx", MX[1], "--note", "no", check=False).returncode == 65
        assert tlsrptd.run(*ack, "--mx", MX[0], check=False).returncode == 64
        tlsrptd.run(*ack, "--mx", MX[0], "--note", "their root certificates are of 2015")
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "ready-limited")])
        withdraw = ("verdict", "withdraw", "a.example", "--result", "certificate-not-trusted")
        assert tlsrptd.run(*withdraw, check=False).returncode == 65
        tlsrptd.run(*withdraw, "--mx", MX[0])
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "not-yet")])
        tlsrptd.run(*ack, "--mx", MX[0], "--note", "their root certificates are of 2015")
        assert "their root certificates are of 2015" in tlsrptd.run("verdict", "a.example", check=False).stdout
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "ready-limited")])
        again = World()
        again.add(19, "Elsewhere", policy("a.example", failures=[("certificate-not-trusted", MX[0], 900, None)]))
        send(service, again.reports())
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "not-yet")])


def test_two_services_judge_once(tlsrptd):
    """Two services on one database: every domain is judged, and no change is told twice; and each is current
    within seconds of its report."""
    with tlsrptd.serve(tokens=[TOKEN]) as first, tlsrptd.serve(tokens=[TOKEN]) as second:
        for number in range(40):
            world = World()
            world.clean(f"d{number}.example", 1, 5, reporters=(f"R{number}",))
            send(second if number % 2 else first, world.reports())
        sent = time.monotonic()
        until(lambda: tlsrptd.database.query("SELECT count(*) FROM ledger.verdict WHERE verdict = 'not-yet'") == [(40,)])
        print(f"current after {time.monotonic() - sent:.1f} s")
        until(lambda: tlsrptd.database.query("SELECT count(*) FROM ledger.verdict_due") == [(0,)])
        assert tlsrptd.database.query("SELECT count(*) FROM ledger.verdict_change") == [(40,)]


def test_killed_service_forgets_nothing(tlsrptd):
    """Marks are gone only with the verdict that they led to."""
    world = World()
    world.clean("a.example", 20, 100)
    service = tlsrptd.start(tokens=[TOKEN])
    send(service, world.reports())
    service.kill()
    with tlsrptd.serve(tokens=[TOKEN]):
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "ready-limited")])


def test_own_gaps(tlsrptd):
    """Reporters who are silent while we could not take reports raise no alarm, and the page says why; the hours in which a service
    can take reports are noted."""
    world = World()
    world.clean("a.example", 40, 50, since=3)
    hours = "INSERT INTO ledger.collecting SELECT day * 24 + n FROM generate_series(0, 23) n, generate_series(%s, %s) day ON CONFLICT DO NOTHING"
    today = (TODAY - datetime.date(1970, 1, 1)).days

    def codes(service):
        got = requests.get(f"{service.web}/api/v1/domains/a.example/verdict", timeout=60).json()
        return {reason["code"] for reason in got["reasons"]}

    with tlsrptd.serve(tokens=[TOKEN]) as service:
        send(service, world.reports())
        until(lambda: tlsrptd.database.query("SELECT count(*) FROM ledger.collecting") == [(1,)])
        assert "silent" in codes(service)
        # The last three closed days' reports came while nobody was there for half of each day.
        tlsrptd.database.query(hours, today - 90, today)
        assert codes(service) & {"silent", "own-gap"} == {"silent"}
        tlsrptd.database.query("DELETE FROM ledger.collecting WHERE hour / 24 BETWEEN %s AND %s AND hour %% 24 < 12", today - 4, today - 2)
        assert codes(service) & {"silent", "own-gap"} == {"own-gap"}
        page = requests.get(f"{service.web}/domains/a.example", timeout=60).text
        assert "Reports about 3 of the last 28 complete days came while this collector could not take any" in page
        # An hour or two of a day are none.
        tlsrptd.database.query(hours, today - 4, today - 2)
        tlsrptd.database.query("DELETE FROM ledger.collecting WHERE hour / 24 BETWEEN %s AND %s AND hour %% 24 < 2", today - 4, today - 2)
        assert "silent" in codes(service)


def test_one_that_cannot_be_stored(tlsrptd):
    """It keeps no other waiting, is told of once, is tried again later and later, and is judged when the fault is gone."""
    tlsrptd.database.query("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT name FROM ledger.domain WHERE id = NEW.domain_id) = 'poison.example' THEN
                RAISE EXCEPTION 'no verdict on this one';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON ledger.verdict FOR EACH ROW EXECUTE FUNCTION refuse()""")
    world = World()
    others = [f"{letter}{number}.example" for letter in "az" for number in range(12)]
    for name in "poison.example", *others:
        world.clean(name, 20, 100)

    def due():
        return tlsrptd.database.query("SELECT tries, not_before > now() FROM ledger.verdict_due")

    with tlsrptd.serve(tokens=[TOKEN]) as service:
        send(service, world.reports())
        until(lambda: all(stored(tlsrptd.database, name) == [("testing", "ready-limited")] for name in others))
        until(lambda: due() == [(1, True)] and tlsrptd.database.query("SELECT count(*) FROM ledger.touched") == [(0,)])
        assert tlsrptd.database.query("SELECT count(*) FROM ledger.verdict") == [(len(others),)]
        tlsrptd.database.query("UPDATE ledger.verdict_due SET not_before = now()")
        until(lambda: due() == [(2, True)])
        assert tlsrptd.database.query("SELECT not_before > now() + interval '90 seconds' FROM ledger.verdict_due") == [(True,)]
        told = [line for line in service.lines if "poison.example: its verdict cannot be stored" in line]
        assert len(told) == 1 and "no verdict on this one" in told[0]
        tlsrptd.database.query("DROP TRIGGER refuse ON ledger.verdict; UPDATE ledger.verdict_due SET not_before = now()")
        until(lambda: stored(tlsrptd.database, "poison.example") == [("testing", "ready-limited")])
        assert due() == []


def test_many_failures(tlsrptd):
    """A vouched-for report with as many failures as there may be, and with names as long and odd as may be, is judged; what is
    shown of it is bounded, and no other domain waits."""
    kinds = 20000
    name = "\u20ac" * 341  # 1023 bytes
    world = World()
    world.clean("other.example", 20, 100)
    world.clean("a.example", 20, 100, reporters=(name, "Google"))
    for shift in range(3):  # so that a cut anywhere in the sentence would be inside a character
        failures = [("x" * shift + name, MX[0], 2, None)] + [("validation-failure", f"mx{shift}-{number}.a.example", 1, "timed out")
                                                             for number in range(kinds)]
        world.add(5 + shift, name, policy("a.example", failures=failures))
    with tlsrptd.serve(tokens=[TOKEN]) as service:
        send(service, world.reports())
        until(lambda: stored(tlsrptd.database, "a.example") == [("testing", "not-yet")], 120)
        until(lambda: stored(tlsrptd.database, "other.example") == [("testing", "ready-limited")])
        until(lambda: tlsrptd.database.query("SELECT count(*) FROM ledger.verdict_due") == [(0,)])
        got = requests.get(f"{service.web}/api/v1/domains/a.example/verdict", timeout=120).json()
        assert len(got["failures"]) == 1000 < got["failure_count"]
        assert [each["counts"] for each in got["failures"]] == sorted((each["counts"] for each in got["failures"]), reverse=True)
        page = requests.get(f"{service.web}/domains/a.example", timeout=120)
        assert page.status_code == 200 and len(page.text) < 1 << 20
        assert "smaller kinds of failures are not listed here" in page.text


def test_demo_has_every_verdict(tlsrptd):
    """The sample data show every stage, every verdict, every state of a step, and what came and went in a week."""
    query = tlsrptd.database.query
    with tlsrptd.serve("--demo") as service:
        service.wait_for("^demo .*stored=")
        until(lambda: settled(tlsrptd.database))
        found = {name: words for name, *words in query(
            "SELECT d.name, v.stage, v.verdict, v.dane FROM ledger.verdict v JOIN ledger.domain d ON d.id = v.domain_id")}
        for name in found:
            page = requests.get(f"{service.web}/domains/{name}", timeout=60)
            assert page.status_code == 200 and "1970" not in page.text
            assert requests.get(f"{service.web}/setup/{name}", timeout=60).status_code == 200
    steady = {"bank.example": ["enforce", "healthy", "unknown"], "city.example": ["testing", "not-yet", "unknown"],
              "dane.example": ["enforce", "healthy", "healthy"], "example.com": ["testing", "not-yet", "unknown"],
              "example.org": ["testing", "ready", "unknown"], "former.example": ["removing", "unknown", "unknown"],
              "library.example": ["testing", "not-yet", "unknown"], "museum.example": ["testing", "ready-limited", "unknown"],
              "plain.example": ["reporting", "not-yet", "unknown"], "shop.example": ["enforce", "failing", "unknown"],
              "start.example": ["none", "unknown", "unknown"]}
    assert {name: found[name] for name in steady} == steady
    # Whose story comes and goes with the days.
    assert set(found) - set(steady) == {"club.example", "example.net"}
    states = {state for (steps,) in query("SELECT steps FROM ledger.setup") for state in steps}
    assert states == {"good", "warned", "faulty", "unknown", "absent"}
    assert {attention for (attention,) in query("SELECT attention FROM ledger.setup")} == {1, 2, 3, 4}
    assert query("SELECT count(*) FROM ledger.setup_finding WHERE gone_at IS NOT NULL") > [(0,)]
    # A look that is nobody's to make: no domain is watched, and no server was gone to.
    assert query("SELECT (SELECT count(*) FROM ledger.setup_watch), (SELECT count(*) FROM ledger.probe)") == [(0, 0)]
    looks = query("SELECT domain_id, checked_at FROM ledger.setup ORDER BY domain_id")
    with tlsrptd.serve("--demo") as service:  # again: only what is newer
        service.wait_for("^demo .*stored=")
    again = query("SELECT domain_id, checked_at FROM ledger.setup ORDER BY domain_id")
    assert len(again) == len(looks) and all(new[1] > old[1] for old, new in zip(looks, again))
