"""What the ledger promises: each report counted once whoever sends it and however it comes, poison
isolated, counts per MX as honest as the reports are, and all of it with several writers at once.

SPDX-License-Identifier: MIT
"""
import datetime
import email.message
import email.policy
import gzip
import io
import json
import random
import re
import struct
import subprocess

import conftest
import corpus
import doors
import psycopg2
import pytest

OK, DATAERR, UNAVAILABLE, TEMPFAIL, CONFIG = 0, 65, 69, 75, 78

TODAY = datetime.datetime.now(datetime.timezone.utc).date()
DAY = TODAY - datetime.timedelta(days=3)
DOMAIN = "ledger.example"


# --- reports ---

def detail(count=2, mx="mx1.ledger.example", ip="192.0.2.1", result="certificate-expired", **more):
    fields = {"result-type": result, "sending-mta-ip": ip, "receiving-mx-hostname": mx, "receiving-ip": "192.0.2.200",
              "failed-session-count": count, **more}
    return {name: value for name, value in fields.items() if value is not None}


def block(good=10, bad=None, details=(), domain=DOMAIN, kind="sts", hosts=("mx1.ledger.example", "mx2.ledger.example")):
    policy = {"policy-type": kind, "policy-domain": domain}
    if kind == "sts":
        policy["policy-string"] = ["version: STSv1", "mode: enforce", *(f"mx: {host}" for host in hosts), "max_age: 86400"]
    if kind == "tlsa":
        policy["policy-string"] = ["3 1 1 " + "ab" * 32]
    if hosts:
        policy["mx-host"] = list(hosts)
    total = sum(one["failed-session-count"] for one in details) if bad is None else bad
    return {"policy": policy, "failure-details": list(details),
            "summary": {"total-successful-session-count": good, "total-failure-session-count": total}}


def report(*blocks, organization="Sender", report_id="one", contact="tlsrpt@sender.example", day=DAY):
    return {"organization-name": organization, "contact-info": contact, "report-id": report_id,
            "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
            "policies": list(blocks) or [block(details=[detail()])]}


def write(directory, reports):
    directory.mkdir()
    for number, one in enumerate(reports):
        (directory / f"{number:05d}.json").write_text(json.dumps(one))
    return directory


def as_one_mail(reports):
    """All of them in one delivery, and therefore in one batch."""
    mail = email.message.EmailMessage(email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "tlsrpt@sender.example", "tlsrpt@ledger.example", "reports"
    for number, one in enumerate(reports):
        mail.add_attachment(json.dumps(one).encode(), "application", "tlsrpt+json", filename=f"{number}.json")
    return mail.as_bytes()


class Bringer:
    """Brings reports in one of several ways; all of them must leave the same."""

    def __init__(self, tlsrptd, tmp_path, way):
        self.tlsrptd, self.tmp_path, self.way, self.number = tlsrptd, tmp_path, way, 0

    def ingest(self, *words, **how):
        done = self.tlsrptd.run("ingest", "--json", *words, check=False, **how)
        assert done.returncode == OK, (done.returncode, done.stdout, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def __call__(self, reports):
        """What was told, if it was told for each report."""
        order, _, shape = self.way.partition(" ")
        reports = list(reports)
        if order == "backward":
            reports.reverse()
        elif order == "shuffled":
            random.Random(len(reports)).shuffle(reports)
        self.number += 1
        if shape == "mail":
            self.ingest("-", input=as_one_mail(reports))
            return None
        directory = write(self.tmp_path / f"set{self.number}", reports)
        if shape == "directory":
            return self.ingest(directory)
        return [line for path in sorted(directory.iterdir()) for line in self.ingest(path)]


WAYS = ["forward apart", "backward apart", "forward directory", "backward directory", "shuffled directory",
        "forward mail", "backward mail", "shuffled mail"]


@pytest.fixture(params=WAYS)
def bring(request, tlsrptd, tmp_path):
    return Bringer(tlsrptd, tmp_path, request.param)


# --- what the database must hold whatever was brought ---

def value(database, statement, *values):
    (found,), = database.query(statement, *values)
    return found


def status_faults(database):
    """Domains whose status is not what the tally says of the last 30 days, or that wait for it."""
    return database.query("""
        WITH wanted AS (
            SELECT d.id,
                   coalesce(sum(t.sessions - t.mirrored_sessions) FILTER (WHERE t.result = 'successful'), 0) AS good,
                   coalesce(sum(t.sessions - t.mirrored_sessions) FILTER (WHERE t.result = 'total-failure'), 0) AS bad
              FROM ledger.domain d LEFT JOIN ledger.tally t ON t.domain_id = d.id AND t.day BETWEEN %s - 30 AND %s
             WHERE EXISTS (SELECT FROM ledger.tally x WHERE x.domain_id = d.id) GROUP BY 1)
        SELECT coalesce(w.id, s.domain_id), w.good, s.successful_sessions, w.bad, s.failed_sessions
          FROM wanted w FULL JOIN ledger.domain_status s ON s.domain_id = w.id
         WHERE (w.good, w.bad) IS DISTINCT FROM (s.successful_sessions::numeric, s.failed_sessions::numeric)
        UNION ALL SELECT domain_id, NULL, NULL, NULL, NULL FROM ledger.touched""", TODAY, TODAY)


def faults(database):
    """What does not fit together: reports, failures, tally, the MX roll-up, the counters, the status."""
    return {
        "reports and tally": database.query("""
            SELECT r.good, r.bad, t.good, t.bad
              FROM (SELECT coalesce(sum(successful_sessions), 0) AS good, coalesce(sum(failed_sessions), 0) AS bad
                      FROM ledger.report) r,
                   (SELECT coalesce(sum(sessions - mirrored_sessions) FILTER (WHERE result = 'successful'), 0) AS good,
                           coalesce(sum(sessions - mirrored_sessions) FILTER (WHERE result = 'total-failure'), 0) AS bad
                      FROM ledger.tally) t
             WHERE (r.good, r.bad) IS DISTINCT FROM (t.good, t.bad)"""),
        "failures and tally": database.query("""
            SELECT f.n, t.n
              FROM (SELECT coalesce(sum(failed_sessions), 0) AS n FROM ledger.failure) f,
                   (SELECT coalesce(sum(sessions), 0) AS n FROM ledger.tally
                     WHERE result NOT IN ('successful', 'total-failure', 'unexplained')) t
             WHERE f.n <> t.n"""),
        "mx_day": corpus.roll_up_faults(database),
        "reporter_day": corpus.reporter_faults(database),
        "counters": corpus.counter_faults(database),
        "status": status_faults(database),
        "policies": database.query("""
            SELECT domain_id, policy_id FROM ledger.tally EXCEPT SELECT domain_id, id FROM ledger.policy"""),
    }


def assert_whole(database):
    assert {what: found for what, found in faults(database).items() if found} == {}


# --- identity ---

def note(text, ip="192.0.2.1"):
    """A report whose content is its own but whose counts are those of all others."""
    return [block(details=[detail(ip=ip, **{"additional-information": text})])]


def crowd(network, text=None):
    """A block of 200 addresses of a network, and one that all crowds have."""
    return block(details=[detail(0, ip=f"{network}.{number}") for number in range(200)]
                 + [detail(ip="203.0.113.1", **{"additional-information": text})])


A = report()
FROM_ELSEWHERE = report(block(details=[detail(ip="198.51.100.7")]))
SENDERS = [report(contact=f"tlsrpt@sender{number}.example") for number in range(9)]

# name: (reports, outcomes, counted reports, highest variant, kept conflicts)
IDENTITIES = {
    "the same again": ([A, A, A], ["duplicate"] * 2 + ["stored"], 1, 0, 0),
    "the same, written otherwise": (
        [A, {name: A[name] for name in reversed(A)} | {"unknown": [1, 2, {"policies": None}]}],
        ["duplicate", "stored"], 1, 0, 0),
    "same sender, other content": ([report(*note("x")), report(*note("y"))], ["duplicate", "stored"], 1, 0, 1),
    "same sender, three contents, each twice": (
        [report(*note(text)) for text in "xyzxyz"], ["duplicate"] * 5 + ["stored"], 1, 0, 2),
    "another contact": ([A, report(contact="tlsrpt@other.example")], ["stored"] * 2, 2, 1, 0),
    "another mailbox of one domain": ([A, report(contact="postmaster@sender.example")], ["stored"] * 2, 2, 1, 0),
    "contact in other letter case": ([A, report(*note("x"), contact="TLSRPT@Sender.Example")],
                                     ["duplicate", "stored"], 1, 0, 1),
    "other sending addresses": ([A, FROM_ELSEWHERE], ["stored"] * 2, 2, 1, 0),
    "other sending addresses, both again": ([A, FROM_ELSEWHERE, A, FROM_ELSEWHERE],
                                            ["duplicate"] * 2 + ["stored"] * 2, 2, 1, 0),
    "one address in common": (
        [A, report(block(details=[detail(1, ip="198.51.100.7"), detail(1, ip="192.0.2.1")]))],
        ["duplicate", "stored"], 1, 0, 1),
    "addresses in one of two": ([A, report(block(details=[detail(ip=None)]))], ["duplicate", "stored"], 1, 0, 1),
    "an address that another begins with": (
        [A, report(block(details=[detail(ip="192.0.2.11")]))], ["stored"] * 2, 2, 1, 0),
    # What is compared is bounded: a known report of 50,000 details, met by a batch of others, would else cost gigabytes.
    "an address behind those that are compared": (
        [report(crowd(network)) for network in ("192.0.2", "198.51.100")], ["stored"] * 2, 2, 1, 0),
    "many addresses": ([report(crowd("192.0.2")), report(crowd("192.0.2", "x"))], ["duplicate", "stored"], 1, 0, 1),
    "long texts are no addresses": (
        [report(block(details=[detail(ip=letter * 65)])) for letter in "xy"], ["duplicate", "stored"], 1, 0, 1),
    "short texts are": (
        [report(block(details=[detail(ip=letter * 64)])) for letter in "xy"], ["stored"] * 2, 2, 1, 0),
    "addresses of a further domain tell nothing": (
        [report(block(), block(details=[detail(ip=ip)], domain="further.example"))
         for ip in ("192.0.2.1", "198.51.100.7")], ["duplicate", "stored"], 1, 0, 1),
    "another sender's report again": (
        [A, SENDERS[1], SENDERS[1], A, SENDERS[1]], ["duplicate"] * 3 + ["stored"] * 2, 2, 1, 0),
    "eight senders": (SENDERS[:8], ["stored"] * 8, 8, 7, 0),
    "nine senders": (SENDERS, ["duplicate"] + ["stored"] * 8, 8, 7, 1),
    "eight senders twice": (SENDERS[:8] + SENDERS[:8], ["duplicate"] * 8 + ["stored"] * 8, 8, 7, 0),
    "another report-id": ([A, report(report_id="two")], ["stored"] * 2, 2, 0, 0),
    "another organization": ([A, report(organization="sender")], ["stored"] * 2, 2, 0, 0),
    "another day": ([A, report(day=DAY - datetime.timedelta(days=1))], ["stored"] * 2, 2, 0, 0),
    "another domain": ([A, report(block(details=[detail()], domain="other.example"))], ["stored"] * 2, 2, 0, 0),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identity(database, bring, name):
    reports, outcomes, stored, variant, conflicts = IDENTITIES[name]
    told = bring(reports)
    if told is not None:
        assert sorted(line["outcome"] for line in told) == outcomes
        assert all(line["id"] for line in told)
        with_reason = [line for line in told if line["reason"]]
        assert all(line["outcome"] == "duplicate" and "other content" in line["reason"] for line in with_reason)
        assert (len(with_reason) > 0) == (conflicts > 0)
    assert database.query("SELECT count(*), max(variant) FROM ledger.report") == [(stored, variant)]
    assert value(database, "SELECT count(*) FROM ledger.conflict") == conflicts
    # Nothing that came is without a trace.
    assert value(database, "SELECT (SELECT sum(arrivals) FROM ledger.report)"
                           " + (SELECT coalesce(sum(arrivals), 0) FROM ledger.conflict)") == len(reports)
    good = 10 * stored
    if "further" in name:
        good = 20 * stored
    assert database.query("SELECT sum(successful_sessions), sum(failed_sessions) FROM tlsrpt.domain_daily") == [
        (good, 2 * stored)]
    assert database.query("SELECT sum(failed_sessions) FROM tlsrpt.failure_daily") == [(2 * stored,)]
    assert value(database, "SELECT sum(reports) FROM tlsrpt.domain_daily WHERE domain <> 'further.example'") == stored
    assert_whole(database)

    # All of it once more changes no count.
    before = corpus.counts(database)
    again = bring(reports)
    assert again is None or {line["outcome"] for line in again} == {"duplicate"}
    assert corpus.counts(database) == before
    if name != "nine senders" and "same sender" not in name:  # there another one may be the first to come
        assert value(database, "SELECT count(*) FROM ledger.conflict") == conflicts
    assert_whole(database)


def test_identity_through_other_doors(database, service):
    """What holds for files holds for HTTPS and LMTP, and from one door to the next."""
    body = json.dumps(A).encode()
    assert [doors.post(service.https, body, "application/tlsrpt+json").status_code for _ in range(2)] == [201, 200]
    with doors.Lmtp(service.lmtp) as session:
        session.hello()
        assert session.send(as_one_mail([A]))[0].startswith("250")
        assert session.send(as_one_mail([SENDERS[1]]))[0].startswith("250")
    answer = doors.post(service.https, json.dumps(report(*note("x"))).encode(), "application/tlsrpt+json")
    assert answer.status_code == 200
    assert doors.post(service.https, json.dumps(SENDERS[1]).encode(), "application/tlsrpt+json").status_code == 200
    assert database.query("SELECT variant, arrivals, source, last_arrival_source FROM ledger.report ORDER BY 1") == [
        (0, 3, "https", "lmtp"), (1, 2, "lmtp", "https")]
    assert database.query("SELECT source, arrivals, contact FROM ledger.conflict") == [("https", 1, A["contact-info"])]
    assert database.query("SELECT sum(successful_sessions) FROM tlsrpt.domain_daily") == [(20,)]


def test_the_original_is_kept(database, tlsrptd, tmp_path):
    """Of a report and of a conflict, so that both can be read again."""
    reports = [report(*note("x")), report(*note("y"))]
    Bringer(tlsrptd, tmp_path, "forward apart")(reports)
    kept = [value(database, f"SELECT original FROM ledger.{table}") for table in ("report", "conflict")]
    assert [json.loads(gzip.decompress(original)) for original in kept] == reports


# --- poison ---

def many(count=200, poison=None, **fields):
    """COUNT reports, of which number POISON is another."""
    reports = [report(block(details=[detail()] if number % 4 == 0 else (), domain=f"d{number % 20}.example"),
                      report_id=f"r{number}") for number in range(count)]
    if poison is not None:
        blocks = fields.pop("blocks", ())
        reports[poison] = report(*blocks, **fields)
    return reports


POISONS = {
    "trigger": ("""
        CREATE FUNCTION ledger.poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.report_id = 'poison' THEN RAISE EXCEPTION 'the poison of this test'; END IF;
            RETURN NEW; END $$;
        CREATE TRIGGER poison BEFORE INSERT ON ledger.report FOR EACH ROW EXECUTE FUNCTION ledger.poison()""",
                {"report_id": "poison"}, "the poison of this test"),
    "trigger at the end of the transaction": ("""
        CREATE FUNCTION ledger.poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.report_id = 'poison' THEN RAISE EXCEPTION 'the poison of this test'; END IF;
            RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER poison AFTER INSERT ON ledger.report DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION ledger.poison()""",
                                              {"report_id": "poison"}, "the poison of this test"),
    "constraint on reports": ("ALTER TABLE ledger.report ADD CONSTRAINT poison CHECK (report_id <> 'poison')",
                              {"report_id": "poison"}, "violates check constraint"),
    "constraint on failures": ("ALTER TABLE ledger.failure ADD CONSTRAINT poison CHECK (failed_sessions <> 666)",
                               {"blocks": [block(details=[detail(666)])]}, "violates check constraint"),
    "constraint on the tally": ("ALTER TABLE ledger.tally ADD CONSTRAINT poison CHECK (sessions <> 666)",
                                {"blocks": [block(666)]}, "violates check constraint"),
    "constraint on the roll-up": ("ALTER TABLE ledger.mx_day ADD CONSTRAINT poison CHECK (sessions <> 666)",
                                  {"blocks": [block(666, hosts=["only.example"])]}, "violates check constraint"),
    "constraint on names": ("ALTER TABLE ledger.mx ADD CONSTRAINT poison CHECK (name <> 'poison.example')",
                            {"blocks": [block(details=[detail(mx="poison.example")])]}, "violates check constraint"),
    "constraint on policies": ("ALTER TABLE ledger.policy ADD CONSTRAINT poison CHECK (mx <> ARRAY['poison.example'])",
                               {"blocks": [block(hosts=["poison.example"])]}, "violates check constraint"),
}


@pytest.mark.parametrize("at", [0, 117, 199])
@pytest.mark.parametrize("name", POISONS)
def test_poison_is_rejected_alone(database, tlsrptd, tmp_path, name, at):
    statement, fields, reason = POISONS[name]
    database.query(statement)
    directory = write(tmp_path / "reports", many(200, at, **fields))
    done = tlsrptd.run("ingest", "--json", directory, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    bad = [line for line in told if line["outcome"] != "stored"]
    assert [(line["path"].rsplit("/", 1)[1], line["outcome"]) for line in bad] == [(f"{at:05d}.json", "rejected")]
    assert reason in bad[0]["reason"]
    assert done.returncode == DATAERR
    assert value(database, "SELECT count(*) FROM ledger.report") == 199
    assert database.query("SELECT times, organization, reason LIKE %s FROM ledger.rejected", f"%{reason}%") == [
        (1, "Sender", True)]
    assert value(database, "SELECT sum(arrivals) FROM ledger.report") == 199
    assert_whole(database)


def test_poison_in_one_mail(database, tlsrptd):
    """Within one delivery too: the good ones are stored, the mail is taken."""
    database.query(POISONS["constraint on reports"][0])
    tlsrptd.run("ingest", "-", input=as_one_mail(many(30, 17, report_id="poison")))
    assert value(database, "SELECT count(*) FROM ledger.report") == 29
    assert value(database, "SELECT count(*) FROM ledger.rejected") == 1
    assert_whole(database)


def test_several_poisons(database, tlsrptd, tmp_path):
    database.query("ALTER TABLE ledger.report ADD CONSTRAINT poison CHECK (report_id NOT LIKE '%poison')")
    reports = many()
    for number in (0, 1, 50, 51, 100, 199):
        reports[number]["report-id"] += "poison"
    done = tlsrptd.run("ingest", write(tmp_path / "reports", reports), check=False)
    assert re.search(r"stored 194\b.*rejected 6\b", done.stdout), done.stdout
    assert value(database, "SELECT count(*) FROM ledger.report") == 194
    assert value(database, "SELECT count(*) FROM ledger.rejected") == 6
    assert_whole(database)


def test_what_cannot_even_be_rejected_is_tried_again(database, tlsrptd, tmp_path):
    database.query(POISONS["constraint on reports"][0])
    database.query("ALTER TABLE ledger.rejected ADD CONSTRAINT poison CHECK (reason NOT LIKE '%poison%')")
    done = tlsrptd.run("ingest", "--json", write(tmp_path / "reports", many(50, 20, report_id="poison")), check=False)
    told = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
    assert told.count("retry") == 1 and set(told) == {"retry", "stored"}
    assert done.returncode == UNAVAILABLE
    assert value(database, "SELECT count(*) FROM ledger.report") == told.count("stored")
    assert_whole(database)


def fail_at(database, condition, state):
    """Makes the insert of the reports whose running number fulfils CONDITION fail with a SQLSTATE; numbers
    are never given twice, not even after a rollback."""
    database.query(f"""
        CREATE SEQUENCE ledger.inserts;
        CREATE FUNCTION ledger.fail() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n bigint := nextval('ledger.inserts'); BEGIN
            IF {condition} THEN RAISE EXCEPTION 'try again' USING ERRCODE = '{state}'; END IF;
            RETURN NEW; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON ledger.report FOR EACH ROW EXECUTE FUNCTION ledger.fail()""")


@pytest.mark.parametrize("state", ["40001", "40P01", "53200", "57014", "26000", "XX002"])
def test_one_failure_costs_nothing(database, tlsrptd, tmp_path, state):
    """Serialization failure, deadlock, out of memory, cancelled, a pooler that changes connections, damaged
    index: the batch is written again."""
    fail_at(database, "n = 150", state)
    done = tlsrptd.run("ingest", write(tmp_path / "reports", many()))
    assert re.search(r"stored 200\b.*rejected 0\b", done.stdout), done.stdout
    assert value(database, "SELECT count(*) FROM ledger.report") == 200
    assert value(database, "SELECT last_value FROM ledger.inserts") > 200
    assert_whole(database)


@pytest.mark.parametrize("state", ["40001", "XX001", "42703"])
def test_lasting_failure_is_tried_again(database, tlsrptd, tmp_path, state):
    """What fails again is no report's fault, nor is a column that is not there: nothing is rejected, and
    the next run brings the rest."""
    fail_at(database, "n >= 50", state)
    directory = write(tmp_path / "reports", many())
    done = tlsrptd.run("ingest", directory, check=False)
    assert done.returncode == UNAVAILABLE, done.stdout
    assert "try again" in done.stderr
    assert value(database, "SELECT count(*) FROM ledger.rejected") == 0
    stored = value(database, "SELECT count(*) FROM ledger.report")
    assert stored < 200
    assert_whole(database)
    database.query("DROP TRIGGER fail ON ledger.report")
    done = tlsrptd.run("ingest", directory)
    assert re.search(rf"stored {200 - stored} .*duplicate {stored}\b", done.stdout), done.stdout
    assert_whole(database)


def test_tables_changed_while_serving(database, service):
    """A migration by another program makes what this one has prepared useless; no report is rejected for it."""
    def post():
        return doors.post(service.https, json.dumps(A).encode(), "application/tlsrpt+json").status_code

    assert [post() for _ in range(4)] == [201, 200, 200, 200]
    database.query("ALTER TABLE ledger.report ALTER contact TYPE varchar(3000)")
    assert [post() for _ in range(4)] == [200] * 4
    assert value(database, "SELECT count(*) FROM ledger.rejected") == 0


def test_names_of_a_failed_batch(database, tlsrptd, postgres):
    """What a batch asked for while the database was away is not asked for by a later one, whose memory
    is another."""
    def post(number):
        one = report(block(details=[detail(mx=f"mx{number}.away.example")], domain=f"d{number}.away.example"),
                     organization=f"Away {number}")
        return doors.post(service.https, json.dumps(one).encode(), "application/tlsrpt+json").status_code

    with tlsrptd.serve(spool="") as service:
        assert post(0) == 201
        postgres.stop()
        assert [post(number) for number in range(1, 4)] == [503] * 3
        postgres.start()
        doors.until(lambda: post(0) == 200, 30)
        assert [post(number) for number in range(4, 8)] == [201] * 4
    wanted = {0, 4, 5, 6, 7}
    assert {name for name, in database.query("SELECT name FROM ledger.domain")} == {f"d{n}.away.example" for n in wanted}
    assert {name for name, in database.query("SELECT name FROM ledger.reporter")} == {f"Away {n}" for n in wanted}


# --- per MX ---

def views(database):
    """The three views, by what is asked of them here."""
    return (
        {(domain, mx, kind): (good, shared, bad) for domain, mx, kind, good, shared, bad in database.query(
            "SELECT domain, mx, policy_type, successful_sessions, shared_successful_sessions, failed_sessions FROM tlsrpt.mx_daily")},
        {(domain, mx, kind, result): bad for domain, mx, kind, result, bad in database.query(
            "SELECT domain, mx, policy_type, result_type, failed_sessions FROM tlsrpt.failure_daily")},
        {(domain, kind): (good, bad, reports) for domain, kind, good, bad, reports in database.query(
            "SELECT domain, policy_type, successful_sessions, failed_sessions, reports FROM tlsrpt.domain_daily")})


ONE, TWO = "mx1.ledger.example", "mx2.ledger.example"
EXPIRED, MISMATCH = "certificate-expired", "certificate-host-mismatch"

# name: (blocks, mx_daily, failure_daily, domain_daily, status (good, bad, worst MX, its failures))
TRUTHS = {
    "successes of several hosts are shared": (
        [block(100)], {(None, "sts"): (0, 100, 0)}, {}, {"sts": (100, 0, 1)}, (100, 0, None, 0)),
    "successes of the only host are its own": (
        [block(100, hosts=[ONE])], {(ONE, "sts"): (100, 0, 0)}, {}, {"sts": (100, 0, 1)}, (100, 0, None, 0)),
    "a pattern is no host": (
        [block(100, hosts=["*.ledger.example"])], {(None, "sts"): (0, 100, 0)}, {}, {"sts": (100, 0, 1)}, (100, 0, None, 0)),
    "failures belong to the host that the detail names": (
        [block(100, details=[detail(3, ONE), detail(4, TWO), detail(5, TWO, result=MISMATCH)])],
        {(None, "sts"): (0, 100, 0), (ONE, "sts"): (0, 0, 3), (TWO, "sts"): (0, 0, 9)},
        {(ONE, "sts", EXPIRED): 3, (TWO, "sts", EXPIRED): 4, (TWO, "sts", MISMATCH): 5},
        {"sts": (100, 12, 1)}, (100, 12, TWO, 9)),
    "details of one host and result are one number": (
        [block(100, hosts=[ONE], details=[detail(3, ip="192.0.2.7"), detail(4, ip="192.0.2.8")])],
        {(ONE, "sts"): (100, 0, 7)}, {(ONE, "sts", EXPIRED): 7}, {"sts": (100, 7, 1)}, (100, 7, ONE, 7)),
    "a detail without a host belongs to none": (
        [block(100, details=[detail(3, None)])],
        {(None, "sts"): (0, 100, 3)}, {(None, "sts", EXPIRED): 3}, {"sts": (100, 3, 1)}, (100, 3, None, 0)),
    "no details: all is unexplained": (
        [block(100, 9)], {(None, "sts"): (0, 100, 9)}, {(None, "sts", "unexplained"): 9},
        {"sts": (100, 9, 1)}, (100, 9, None, 0)),
    "some details: the rest is unexplained": (
        [block(100, 9, [detail(4, ONE)])], {(None, "sts"): (0, 100, 5), (ONE, "sts"): (0, 0, 4)},
        {(ONE, "sts", EXPIRED): 4, (None, "sts", "unexplained"): 5}, {"sts": (100, 9, 1)}, (100, 9, ONE, 4)),
    "details beyond the total stand as they are": (
        [block(100, 5, [detail(4, ONE), detail(4, TWO)])],
        {(None, "sts"): (0, 100, 0), (ONE, "sts"): (0, 0, 4), (TWO, "sts"): (0, 0, 4)},
        {(ONE, "sts", EXPIRED): 4, (TWO, "sts", EXPIRED): 4}, {"sts": (100, 5, 1)}, (100, 5, ONE, 4)),
    "details of a total of none": (
        [block(100, 0, [detail(4, ONE)])], {(None, "sts"): (0, 100, 0), (ONE, "sts"): (0, 0, 4)},
        {(ONE, "sts", EXPIRED): 4}, {"sts": (100, 0, 1)}, (100, 0, ONE, 4)),
    "nothing but failures": (
        [block(0, details=[detail(3, ONE)])], {(None, "sts"): (0, 0, 0), (ONE, "sts"): (0, 0, 3)},
        {(ONE, "sts", EXPIRED): 3}, {"sts": (0, 3, 1)}, (0, 3, ONE, 3)),
    "policy types stand apart": (
        [block(100, details=[detail(3, ONE)]), block(40, kind="no-policy-found", hosts=())],
        {(None, "sts"): (0, 100, 0), (ONE, "sts"): (0, 0, 3), (None, "no-policy-found"): (0, 40, 0)},
        {(ONE, "sts", EXPIRED): 3}, {"sts": (100, 3, 1), "no-policy-found": (40, 0, 1)}, (140, 3, ONE, 3)),
    "one DANE policy per host": (
        [block(100, kind="tlsa", hosts=[ONE], details=[detail(3, ONE)]), block(50, kind="tlsa", hosts=[TWO])],
        {(ONE, "tlsa"): (100, 0, 3), (TWO, "tlsa"): (50, 0, 0)}, {(ONE, "tlsa", EXPIRED): 3},
        {"tlsa": (150, 3, 1)}, (150, 3, ONE, 3)),
    "mirrored blocks are counted once in all": (
        [block(100, kind="tlsa", details=[detail(3, ONE)], hosts=[ONE]), block(100, details=[detail(3, ONE)])],
        {(ONE, "tlsa"): (100, 0, 3), (None, "sts"): (0, 100, 0), (ONE, "sts"): (0, 0, 3)},
        {(ONE, "tlsa", EXPIRED): 3, (ONE, "sts", EXPIRED): 3},
        {"tlsa": (100, 3, 1), "sts": (100, 3, 1)}, (100, 3, ONE, 3)),
    "other numbers are no mirror": (
        [block(100, kind="tlsa", hosts=[ONE]), block(101, hosts=[ONE])],
        {(ONE, "tlsa"): (100, 0, 0), (ONE, "sts"): (101, 0, 0)}, {},
        {"tlsa": (100, 0, 1), "sts": (101, 0, 1)}, (201, 0, None, 0)),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_per_mx(database, tlsrptd, tmp_path, name):
    blocks, mx, failure, domain, status = TRUTHS[name]
    tlsrptd.run("ingest", write(tmp_path / "one", [report(*blocks)]))
    assert views(database) == (
        {(DOMAIN, *key): numbers for key, numbers in mx.items()},
        {(DOMAIN, *key): number for key, number in failure.items()},
        {(DOMAIN, key): numbers for key, numbers in domain.items()})
    assert database.query("SELECT successful_sessions, failed_sessions, m.name, worst_mx_failed FROM ledger.domain_status s"
                          " LEFT JOIN ledger.mx m ON m.id = s.worst_mx_id") == [status]
    assert_whole(database)

    # A second report of another sender adds to the same rows of the tally.
    tlsrptd.run("ingest", write(tmp_path / "two", [report(*blocks, report_id="two")]))
    assert views(database) == (
        {(DOMAIN, *key): tuple(2 * number for number in numbers) for key, numbers in mx.items()},
        {(DOMAIN, *key): 2 * number for key, number in failure.items()},
        {(DOMAIN, key): tuple(2 * number for number in numbers) for key, numbers in domain.items()})
    assert_whole(database)


def test_several_domains_in_one_report(database, tlsrptd, tmp_path):
    """Each domain has its own; the report is found from each."""
    names = ["a.example", "b.example", "c.example"]
    blocks = [block(10 ** at, details=[detail(at + 1)], domain=name) for at, name in enumerate(names)]
    tlsrptd.run("ingest", write(tmp_path / "one", [report(*blocks, block(5000, domain="a.example", kind="no-policy-found"))]))
    _, failure, domain = views(database)
    assert domain == {("a.example", "sts"): (1, 1, 1), ("b.example", "sts"): (10, 2, 1), ("c.example", "sts"): (100, 3, 1),
                      ("a.example", "no-policy-found"): (5000, 0, 1)}
    assert failure == {(name, ONE, "sts", EXPIRED): at + 1 for at, name in enumerate(names)}
    assert database.query("SELECT d.name, s.successful_sessions, s.failed_sessions FROM ledger.domain_status s"
                          " JOIN ledger.domain d ON d.id = s.domain_id ORDER BY 1") == [
        ("a.example", 5001, 1), ("b.example", 10, 2), ("c.example", 100, 3)]
    assert database.query("SELECT d.name, o.name FROM ledger.report_domain x JOIN ledger.domain d ON d.id = x.domain_id"
                          " JOIN ledger.domain o ON o.id = x.report_domain_id ORDER BY 1") == [
        ("b.example", "a.example"), ("c.example", "a.example")]
    assert_whole(database)


def test_strangers_of_a_report(database, tlsrptd, tmp_path):
    """Policies of domains that are not ours leave nothing behind, not even their names."""
    one = report(block(7, domain="theirs.example"), block(20, details=[detail()], domain="ours.example"))
    tlsrptd.run("ingest", write(tmp_path / "one", [one]), domains=["ours.example"])
    assert views(database)[2] == {("ours.example", "sts"): (20, 2, 1)}
    assert database.query("SELECT successful_sessions, 'policy-skipped' = ANY (deviations) FROM ledger.report") == [(20, True)]
    assert database.query("SELECT name FROM ledger.domain") == [("ours.example",)]
    assert_whole(database)


def test_trusted_and_not_stand_apart(database, tlsrptd, tmp_path):
    tlsrptd.run("ingest", "--trusted", write(tmp_path / "one", [report()]))
    tlsrptd.run("ingest", write(tmp_path / "two", [report(report_id="two")]))
    assert database.query("SELECT trusted, successful_sessions, failed_sessions FROM tlsrpt.domain_daily ORDER BY 1") == [
        (False, 10, 2), (True, 10, 2)]
    assert_whole(database)


def test_largest_counts(database, tlsrptd, tmp_path):
    """A count may be 2^53; thousands of them are still a number that every query can show."""
    most = 2 ** 53
    reports = [report(block(most, most, [detail(most)]), report_id=str(number), organization=f"Large {number % 3}")
               for number in range(3000)]
    assert "stored 3000" in tlsrptd.run("ingest", write(tmp_path / "many", reports)).stdout
    for view in ("mx_daily", "failure_daily", "domain_daily"):
        assert value(database, f"SELECT max(failed_sessions) FROM tlsrpt.{view}") == 10 ** 18
    assert database.query("SELECT successful_sessions, failed_sessions FROM ledger.domain_status") == [(10 ** 18, 10 ** 18)]


CONTRACT = {
    "mx_daily": "day domain mx policy_type reporter trusted successful_sessions shared_successful_sessions failed_sessions",
    "failure_daily": "day domain mx policy_type result_type reporter trusted failed_sessions",
    "domain_daily": "day domain policy_type trusted successful_sessions failed_sessions reports",
    "accepted_domain": "name",
}


def test_columns_of_the_views(database):
    """They are public: scripts and dashboards name them."""
    types = {"day": "date", "trusted": "boolean", "reports": "bigint", "successful_sessions": "bigint",
             "shared_successful_sessions": "bigint", "failed_sessions": "bigint"}
    found = {}
    for view, column, kind in database.query(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'tlsrpt'"
            " ORDER BY table_name, ordinal_position"):
        found.setdefault(view, []).append(column)
        assert kind == types.get(column, "text"), (view, column)
    assert found == {view: columns.split() for view, columns in CONTRACT.items()}


def test_reader_role(database, tlsrptd, tmp_path):
    """Dashboards read the views, pages the ledger; neither can write."""
    tlsrptd.run("ingest", write(tmp_path / "one", [report()]))
    relations = [f"{schema}.{name}" for schema, name in database.query(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT LIKE 'pg%%' AND n.nspname <> 'information_schema'")]
    assert "ledger.report" in relations and "public.ledger_migration" in relations
    connection = psycopg2.connect(database.conninfo)
    connection.autocommit = True
    with connection.cursor() as cursor:
        def denied(statement):
            try:
                cursor.execute(statement)
            except (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.FeatureNotSupported,
                    psycopg2.errors.ObjectNotInPrerequisiteState):
                return True
            return False

        cursor.execute("INSERT INTO tlsrpt.accepted_domain VALUES ('ours.example')")
        cursor.execute("SET ROLE tlsrptd_reader")
        for view in CONTRACT:
            cursor.execute(f"SELECT * FROM tlsrpt.{view}")
            assert cursor.fetchall()
            assert denied(f"DELETE FROM tlsrpt.{view}")
        readable = [name for name in relations if not denied(f"SELECT * FROM {name}")]
        assert {name.partition(".")[0] for name in readable} == {"tlsrpt", "ledger"}, "pages are read by it too"
        assert "ledger.rejected" in readable and "public.ledger_migration" not in readable
        assert all(denied(f"DELETE FROM {name}") and denied(f"INSERT INTO {name} DEFAULT VALUES") for name in relations)
        assert denied("CREATE TABLE tlsrpt.mine (x int)")
        assert denied("CREATE TABLE ledger.mine (x int)")
        assert denied("SELECT ledger.ensure_month('report', '2030-01-01')")
    connection.close()


# --- several programs at once ---

def at_once(tlsrptd, directories):
    """Exit codes and outcomes of one `ingest` per directory, all running at the same time."""
    processes = [subprocess.Popen(tlsrptd.command("ingest", "--json", directory), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) for directory in directories]
    outputs = [process.communicate(timeout=300 * conftest.PATIENCE) for process in processes]
    codes = [process.returncode for process in processes]
    return codes, [json.loads(line)["outcome"] for out, _ in outputs for line in out.splitlines()], outputs


@pytest.mark.parametrize("seed", range(3))
def test_programs_at_once(database, tlsrptd, tmp_path, generated, seed):
    """Overlapping sets of the same files, in other orders: each report once, each sum exact."""
    directory, made = generated(2000)
    files = sorted(directory.rglob("*.json.gz"))
    rng = random.Random(seed)
    sets, given = [], 0
    for number, share in enumerate((1.0, 0.7, 0.4)):
        target = tmp_path / f"set{number}"
        target.mkdir()
        chosen = rng.sample(files, int(len(files) * share))
        for at, file in enumerate(chosen):  # names decide the order of reading
            (target / f"{at:05d}.json.gz").symlink_to(file)
        sets.append(target)
        given += len(chosen)
    codes, outcomes, outputs = at_once(tlsrptd, sets)
    assert codes == [OK] * 3, outputs
    assert outcomes.count("stored") == made["reports"]
    assert outcomes.count("duplicate") == given - made["reports"]
    assert database.query("SELECT count(*), sum(arrivals), sum(successful_sessions), sum(failed_sessions) FROM ledger.report") == [
        (made["reports"], given, made["successful"], made["failed"])]
    assert value(database, "SELECT count(*) FROM ledger.failure") == made["details"]
    assert value(database, "SELECT count(*) FROM ledger.conflict") == 0
    assert value(database, "SELECT count(*) FROM ledger.rejected") == 0
    assert_whole(database)


@pytest.mark.parametrize("seed", range(3))
def test_senders_that_share_identities_at_once(database, tlsrptd, tmp_path, seed):
    """Forty identities, six senders each, every report in two programs at once."""
    reports = [report(contact=f"tlsrpt@sender{sender}.example", report_id=f"r{number}")
               for number in range(40) for sender in range(6)]
    rng = random.Random(seed)
    sets = []
    for number in range(2):
        rng.shuffle(reports)
        sets.append(write(tmp_path / f"set{number}", reports))
    codes, outcomes, outputs = at_once(tlsrptd, sets)
    assert set(codes) <= {OK, UNAVAILABLE}, outputs
    for directory in sets if UNAVAILABLE in codes else []:  # promised: the same once more is good
        outcomes += [json.loads(line)["outcome"] for line in tlsrptd.run("ingest", "--json", directory).stdout.splitlines()]
    assert outcomes.count("stored") == 240
    assert database.query("SELECT count(*), sum(successful_sessions) FROM ledger.report") == [(240, 2400)]
    assert database.query("SELECT DISTINCT n FROM (SELECT count(DISTINCT variant) AS n FROM ledger.report"
                          " GROUP BY report_id) x") == [(6,)]
    assert value(database, "SELECT count(*) FROM ledger.conflict") == 0
    assert_whole(database)


# --- months ---

def month(of, plus=0):
    number = of.year * 12 + of.month - 1 + plus
    return datetime.date(number // 12, number % 12 + 1, 1)


def partitions(database, parent):
    return {name for name, in database.query(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
        f"ledger.{parent}")}


def test_months(database, tlsrptd, tmp_path):
    """A partition for each month of the window; what lies outside shares one, and moves when its month comes."""
    for parent in ("report", "failure"):
        wanted = {f"{parent}_{month(TODAY, plus):%Y%m}" for plus in range(-7, 3)} | {f"{parent}_other"}
        assert partitions(database, parent) == wanted
    far = [datetime.date(2019, 5, 31), datetime.date(2019, 6, 1), month(TODAY, 3), datetime.date(9999, 12, 31)]
    near = [TODAY, month(TODAY, -7), month(TODAY, 3) - datetime.timedelta(days=1)]
    tlsrptd.run("ingest", write(tmp_path / "reports", [report(day=day) for day in far + near]))
    for parent in ("report", "failure"):
        assert {day.isoformat() for day in far} == {day for day, in database.query(
            f"SELECT to_char(day, 'YYYY-MM-DD') FROM ledger.{parent}_other")}
        assert value(database, f"SELECT count(*) FROM ledger.{parent}") == len(far + near)
    before = corpus.content(database)

    for parent in ("report", "failure"):
        assert value(database, "SELECT ledger.ensure_month(%s, '2019-06-01')", parent) is True
        assert value(database, "SELECT ledger.ensure_month(%s, '2019-06-01')", parent) is False
        assert value(database, f"SELECT count(*) FROM ledger.{parent}_other") == len(far) - 1
        assert value(database, f"SELECT count(*) FROM ledger.{parent}_201906") == 1
    assert corpus.content(database) == before
    done = tlsrptd.run("ingest", tmp_path / "reports")
    assert re.search(rf"stored 0\b.*duplicate {len(far + near)}\b", done.stdout), done.stdout
    assert corpus.content(database) == before


def test_month_while_reports_come(database, tlsrptd, tmp_path):
    """A month is made while its reports are being written to the shared partition."""
    day = month(TODAY, 5)
    directory = write(tmp_path / "reports", [report(block(details=[detail()], domain=f"d{number % 50}.example"),
                                                    report_id=str(number), day=day) for number in range(1500)])
    process = subprocess.Popen(tlsrptd.command("ingest", "-o", "database.batch_reports=20", directory),
                               stdout=subprocess.PIPE, text=True)
    doors.until(lambda: value(database, "SELECT count(*) FROM ledger.report") > 0 or process.poll() is not None)
    connection = psycopg2.connect(database.conninfo)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT ledger.ensure_month('report', %s), ledger.ensure_month('failure', %s)", (day, day))
    connection.close()
    out, _ = process.communicate(timeout=120 * conftest.PATIENCE)
    assert process.returncode == OK, out
    assert value(database, f"SELECT count(*) FROM ledger.report_{day:%Y%m}") == 1500
    assert value(database, f"SELECT count(*) FROM ledger.failure_{day:%Y%m}") == 1500
    assert_whole(database)


# --- statements ---

STATEMENTS = sorted((conftest.SOURCE / "schema" / "sql").glob("*.sql"))
SCRIPTS = {path for path in STATEMENTS if path.stem in ("recount_tables", "recount_analyze")}


def test_statements_prepare(database):
    """Every file of schema/sql is good on a migrated database, with the types that PostgreSQL infers."""
    bad = []
    connection = psycopg2.connect(database.conninfo)
    connection.autocommit = True
    with connection.cursor() as cursor:
        # What cannot be prepared is run; others work on the tables that it makes.
        cursor.execute("BEGIN;" + "".join(path.read_text() for path in sorted(SCRIPTS, reverse=True)))
        for path in set(STATEMENTS) - SCRIPTS:
            text = path.read_text()
            cursor.execute("SAVEPOINT statement")
            try:
                if re.search(r"^COPY\b", text, re.MULTILINE):
                    nothing = b"PGCOPY\n\xff\r\n\0" + struct.pack("!iih", 0, 0, -1)
                    cursor.copy_expert(text, io.BytesIO(nothing))
                else:
                    cursor.execute(f"PREPARE {path.stem} AS {text}")
            except psycopg2.Error as error:
                bad.append(f"{path.name}: {error}")
                cursor.execute("ROLLBACK TO statement")
        cursor.execute("SELECT name, 'unknown' = ANY (parameter_types::text[]) FROM pg_prepared_statements")
        bad += [f"{name}: a parameter without a type" for name, unknown in cursor.fetchall() if unknown]
    connection.close()
    assert len(STATEMENTS) > 20
    assert bad == []


def test_statements_are_used():
    """Each file by the sources, and each that they name is there."""
    used = set()
    for source in (conftest.SOURCE / "schema").glob("*.c"):
        used |= set(re.findall(r"\bSQL\((\w+)\)", source.read_text()))
        used |= set(re.findall(r"\bpg_run\(.*?\b(\w+)_sql\b", source.read_text()))
    assert used == {path.stem for path in STATEMENTS}


# --- when the database cannot be had ---

@pytest.fixture
def secret_role(postgres):
    """A role that needs a password."""
    admin = conftest.Database(postgres, "postgres")
    rules = postgres.data / "pg_hba.conf"
    before = rules.read_text()
    admin.query("CREATE ROLE locked LOGIN PASSWORD 'right'")
    rules.write_text("local all locked scram-sha-256\nlocal all stranger reject\n" + before)
    admin.query("SELECT pg_reload_conf()")
    yield "locked"
    rules.write_text(before)
    admin.query("SELECT pg_reload_conf()")
    admin.query("DROP ROLE locked")


@pytest.mark.parametrize("command", [["migrate"], ["ingest", corpus.OWN / "sender-google.json"]])
def test_database_that_refuses(tlsrptd, database, secret_role, tmp_path, command):
    """What waiting heals ends with 69, what only the operator can heal with 78; no message tells a password."""
    base = database.conninfo
    cases = {
        "nobody listens": (f"host={tmp_path} dbname=x", UNAVAILABLE, str(tmp_path)),
        "nobody listens on a port": ("host=127.0.0.1 port=1 dbname=x connect_timeout=5", UNAVAILABLE, "127.0.0.1"),
        "wrong password": (base.replace("user=tests", f"user={secret_role} password=wrongsecret"), CONFIG, "locked"),
        "no password": (base.replace("user=tests", f"user={secret_role}"), CONFIG, "password"),
        "not let in": (base.replace("user=tests", "user=stranger"), CONFIG, "stranger"),
        "no such database": (base.replace(database.name, "nosuchdatabase"), CONFIG, "nosuchdatabase"),
        "no such role": (base.replace("user=tests", "user=nosuchrole"), CONFIG, "nosuchrole"),
        "not understood": ("host=x nosuchoption=1", CONFIG, "cannot be read"),
    }
    wrong = {}
    for name, (url, code, text) in cases.items():
        done = tlsrptd.run(*command, check=False, settings={"database": {"url": url}})
        if done.returncode != code or text not in done.stderr or "database" not in done.stderr or "wrongsecret" in done.stderr:
            wrong[name] = (done.returncode, done.stderr)
    assert wrong == {}
    assert value(database, "SELECT count(*) FROM ledger.report") == 0


def test_role_without_rights(tlsrptd, database, secret_role):
    """Not migrated by it, not readable for it: the operator's, with the name of what it wanted."""
    url = database.conninfo.replace("user=tests", f"user={secret_role} password=right")
    done = tlsrptd.run("ingest", corpus.OWN / "sender-google.json", check=False, settings={"database": {"url": url}})
    assert done.returncode == CONFIG, done.stderr
    assert "permission denied" in done.stderr


def test_newer_schema(tlsrptd, database):
    database.query("INSERT INTO ledger_migration (number, name) VALUES (1000, 'of the future')")
    for command in (["migrate"], ["ingest", corpus.OWN / "sender-google.json"],
                    ["ingest", "-"]):
        done = tlsrptd.run(*command, check=False, input=b"{}")
        assert done.returncode == CONFIG
        assert "1000" in done.stderr and "newer" in done.stderr
    assert value(database, "SELECT count(*) FROM ledger.report") == 0


def read_only(postgres, database, on):
    """For all connections from now on, of which those that are open are ended."""
    admin = conftest.Database(postgres, "postgres")
    admin.query(f"ALTER DATABASE {database.name} SET default_transaction_read_only = {'on' if on else 'off'}")
    admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", database.name)


def test_read_only_database(tlsrptd, database, postgres):
    """A standby that is about to be promoted: try again."""
    read_only(postgres, database, True)
    done = tlsrptd.run("ingest", corpus.OWN / "sender-google.json", check=False)
    assert done.returncode == UNAVAILABLE, done.stderr
    assert "read-only" in done.stderr
    assert tlsrptd.run("ingest", "-", input=b"{}", check=False).returncode == TEMPFAIL
    read_only(postgres, database, False)
    assert tlsrptd.run("ingest", corpus.OWN / "sender-google.json").returncode == OK


def test_read_only_while_serving(database, service, postgres):
    """What comes meanwhile waits in the spool, and afterwards everything goes on."""
    def post(number):
        return doors.post(service.https, json.dumps(report(report_id=str(number))).encode(), "application/tlsrpt+json").status_code

    assert post(1) == 201
    read_only(postgres, database, True)
    assert post(2) == 202
    read_only(postgres, database, False)
    doors.until(lambda: database.query("SELECT count(*) FROM ledger.report") == [(2,)], 60)
    assert post(2) == 200
    assert post(3) == 201
