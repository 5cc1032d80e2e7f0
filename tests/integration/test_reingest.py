"""`tlsrptd reingest`: what is kept, read again. `--verify` sees every kind of damage and changes nothing;
`--rejected` counts what can be counted by now.

SPDX-License-Identifier: MIT
"""
import contextlib
import gzip
import json
import os
import re
import subprocess

import corpus
import pytest
from conftest import Tlsrptd
from doors import post, until

GOOD = [sample.path for sample in corpus.own() if sample.stored]


def verify(tlsrptd, *options, **settings):
    """(exit code, what it printed)"""
    done = tlsrptd.run("reingest", "--verify", *options, check=False, **settings)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout


def changed(**over):
    report = json.loads((corpus.OWN / "sender-google.json").read_bytes())
    return json.dumps({**report, **over}).encode()


@pytest.fixture(scope="module")
def filled(postgres_server, migrated, certificate, tmp_path_factory):
    """A database with every report of the corpus, some of them twice, a conflict and another sender's report."""
    database = postgres_server.create(migrated.name)
    tlsrptd = Tlsrptd(database, tmp_path_factory.mktemp("filled"), *certificate)
    with tlsrptd.serve(tokens=["sesame-open-yourself"]) as service:
        tlsrptd.run("ingest", *GOOD, check=False)
        for end in ("T23:59:59Z", "T20:00:00Z"):  # the second is in conflict with the first
            report = changed(**{"report-id": "again"})
            assert post(service.https + "/sesame-open-yourself", report.replace(b"T23:59:59Z", end.encode())).status_code in (200, 201)
        assert post(service.https, changed(**{"report-id": "again", "contact-info": "else@where.example"})).status_code == 201
        until(lambda: database.query("SELECT count(*) FROM ledger.touched") == [(0,)], 60)
    assert database.query("SELECT (SELECT count(*) FROM ledger.conflict), max(variant) FROM ledger.report") == [(1, 1)]
    yield database
    postgres_server.drop(database)


@pytest.fixture
def copy(postgres, filled, certificate, tmp_path):
    """The program with a copy of that database."""
    fresh = postgres.create(filled.name)
    yield Tlsrptd(fresh, tmp_path, *certificate)
    postgres.drop(fresh)


@pytest.fixture(scope="module")
def damaged(postgres_server, filled, certificate, tmp_path_factory):
    """The same for all tests of damage, each of which is undone by restored()."""
    fresh = postgres_server.create(filled.name)
    fresh.query("CREATE SCHEMA backup")
    for table in damaged_tables():
        fresh.query(f"CREATE TABLE backup.{table} AS SELECT * FROM ledger.{table}")
    yield Tlsrptd(fresh, tmp_path_factory.mktemp("damaged"), *certificate)
    postgres_server.drop(fresh)


def damaged_tables():
    return sorted({re.search(r"(?:UPDATE|DELETE FROM|INSERT INTO) ledger\.(\w+)", statement)[1] for statement in DAMAGE.values()})


@contextlib.contextmanager
def restored(database):
    """What is in the block leaves the tables as they were."""
    try:
        yield
    finally:
        database.query("TRUNCATE ledger.touched, " + ", ".join("ledger." + table for table in damaged_tables()))
        for table in damaged_tables():
            columns = ", ".join(name for name, in database.query("SELECT column_name FROM information_schema.columns WHERE table_schema = 'ledger'"
                                                                 " AND table_name = %s AND is_generated = 'NEVER'", table))
            database.query(f"INSERT INTO ledger.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM backup.{table}")


def everything(database):
    """Every row of every table; of a roll-up with slots their sums, since it does not matter in which slot a count stands."""
    slots = {"reporter_day": "(SELECT day, reporter_id, mx_id, result, trusted, sum(sessions) FROM ledger.reporter_day GROUP BY 1, 2, 3, 4, 5) s"}
    tables = database.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'ledger'"
                            " AND table_type = 'BASE TABLE' ORDER BY 1")
    return {table: sorted(map(repr, database.query("SELECT * FROM " + slots.get(table, f"ledger.{table}")))) for table, in tables}


def test_verify_agrees_and_changes_nothing(copy):
    before = everything(copy.database)
    code, text = verify(copy)
    assert code == 0, text
    assert f"recounted {len(before['report_other']) + sum(len(rows) for name, rows in before.items() if name.startswith('report_2'))} reports" in text
    assert "differences 0" in text
    assert everything(copy.database) == before


ONE = "ctid = (SELECT ctid FROM ledger.{0} WHERE {1} ORDER BY ctid LIMIT 1)"
DAMAGE = {
    "a report is lost": "DELETE FROM ledger.report WHERE (domain_id, day, id) = (SELECT domain_id, day, id FROM ledger.report LIMIT 1)",
    "sessions of a report": "UPDATE ledger.report SET successful_sessions = successful_sessions + 1 WHERE variant = 1",
    "content of a report": "UPDATE ledger.report SET content = decode(repeat('00', 32), 'hex') WHERE variant = 1",
    "a report's id": "UPDATE ledger.report SET id = id + 1 WHERE variant = 1",
    "a report's day": "UPDATE ledger.report SET day = day + 1 WHERE variant = 1",
    "a report's variant": "UPDATE ledger.report SET variant = 0 WHERE variant = 1",
    "a report's reporter": "UPDATE ledger.report SET reporter_id = (SELECT max(id) FROM ledger.reporter) WHERE variant = 1",
    "a report's deviations": "UPDATE ledger.report SET deviations = '{ip-odd}' WHERE variant = 1",
    "a report's trust": "UPDATE ledger.report SET trusted = NOT trusted WHERE variant = 1",
    "an original is cut": "UPDATE ledger.report SET original = substring(original FOR 40) WHERE variant = 1",
    "an original is another's": "UPDATE ledger.report SET original = (SELECT original FROM ledger.report WHERE variant = 0 LIMIT 1)"
                                " WHERE variant = 1",
    "a failure is lost": "DELETE FROM ledger.failure WHERE (domain_id, day, report_id, policy_number, detail_number) ="
                         " (SELECT domain_id, day, report_id, policy_number, detail_number FROM ledger.failure LIMIT 1)",
    "a failure's count": "UPDATE ledger.failure SET failed_sessions = failed_sessions + 1 WHERE report_id = (SELECT max(report_id) FROM ledger.failure)",
    "a failure's address": "UPDATE ledger.failure SET sending_mta_ip = NULL WHERE sending_mta_ip IS NOT NULL",
    "a failure of no report": "INSERT INTO ledger.failure SELECT domain_id, day, report_id + 1, policy_number, detail_number, policy_id,"
                              " reporter_id, mx_id, result_type, failed_sessions, trusted FROM ledger.failure LIMIT 1",
    "a further domain is lost": "DELETE FROM ledger.report_domain WHERE " + ONE.format("report_domain", "true"),
    "a further domain of no report": "INSERT INTO ledger.report_domain SELECT domain_id, day, report_id + 1, report_domain_id"
                                     " FROM ledger.report_domain LIMIT 1",
    "a row of the tally is lost": "DELETE FROM ledger.tally WHERE " + ONE.format("tally", "sessions > 0"),
    "a count of the tally": "UPDATE ledger.tally SET sessions = sessions + 1 WHERE " + ONE.format("tally", "sessions = 0"),
    "a count twice in the tally": "UPDATE ledger.tally SET sessions = sessions * 2 WHERE " + ONE.format("tally", "sessions > 0"),
    "mirrored sessions": "UPDATE ledger.tally SET mirrored_sessions = mirrored_sessions - 1 WHERE " + ONE.format("tally", "mirrored_sessions > 0"),
    "blocks of the tally": "UPDATE ledger.tally SET reports = reports + 1 WHERE " + ONE.format("tally", "true"),
    "a policy type of the tally": "UPDATE ledger.tally SET policy_type = 'other' WHERE " + ONE.format("tally", "policy_type = 'sts'"),
    "a row of the tally of no report": "INSERT INTO ledger.tally SELECT domain_id, day - 1, reporter_id, policy_id, mx_id, result, trusted,"
                                       " policy_type, 1, 0, 1 FROM ledger.tally WHERE reporter_id = 1 LIMIT 1",
    "the roll-up of an MX": "UPDATE ledger.mx_day SET sessions = sessions + 1 WHERE " + ONE.format("mx_day", "true"),
    "the roll-up of an MX is lost": "DELETE FROM ledger.mx_day WHERE " + ONE.format("mx_day", "sessions > 0"),
    "the roll-up of a reporter": "UPDATE ledger.reporter_day SET sessions = sessions + 1 WHERE " + ONE.format("reporter_day", "true"),
    "the roll-up of a reporter is lost": "DELETE FROM ledger.reporter_day WHERE " + ONE.format("reporter_day", "sessions > 0"),
    "the roll-up of a clean reporter is lost": "DELETE FROM ledger.reporter_day WHERE result = 'successful'",
    "a policy is lost": "DELETE FROM ledger.policy WHERE " + ONE.format("policy", "type = 'sts'"),
    "a policy's mode": "UPDATE ledger.policy SET mode = 'none' WHERE " + ONE.format("policy", "mode = 'enforce'"),
    "a domain's name": "UPDATE ledger.domain SET name = 'x.' || name WHERE id = (SELECT min(domain_id) FROM ledger.report)",
    "an MX's name": "UPDATE ledger.mx SET name = 'x.' || name WHERE id = (SELECT min(mx_id) FROM ledger.failure WHERE mx_id > 0)",
    "a status": "UPDATE ledger.domain_status SET reporters = reporters + 1 WHERE " + ONE.format("domain_status", "true"),
    "a status is lost": "DELETE FROM ledger.domain_status WHERE " + ONE.format("domain_status", "true"),
    "a status has a newer report": "UPDATE ledger.domain_status SET last_report_at = last_report_at + interval '1 s'",
    "a conflict's content": "UPDATE ledger.conflict SET content = decode(repeat('00', 32), 'hex')",
    "a conflict's original": "UPDATE ledger.conflict SET original = '\\x00'",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_verify_sees_damage(damaged, damage):
    with restored(damaged.database):
        found = damaged.database.query("WITH done AS (" + DAMAGE[damage] + " RETURNING 1) SELECT count(*) > 0 FROM done")
        assert found == [(True,)], "nothing was damaged"
        code, text = verify(damaged)
        assert code == 1 and "kept: " in text, text


def test_verify_a_part(copy):
    """Domain and days narrow it down to what is asked for."""
    domain, day = copy.database.query("SELECT d.name, r.day FROM ledger.report r JOIN ledger.domain d ON d.id = r.domain_id"
                                      " WHERE r.variant = 1")[0]
    other = copy.database.query("SELECT name FROM ledger.domain WHERE name <> %s LIMIT 1", domain)[0][0]
    copy.database.query("UPDATE ledger.tally SET sessions = sessions + 1 WHERE day = %s AND domain_id = (SELECT id FROM ledger.domain"
                        " WHERE name = %s)", day, domain)
    assert verify(copy, "--domain", domain)[0] == 1
    assert verify(copy, "--domain", other)[0] == 0
    assert verify(copy, "--from", day, "--to", day)[0] == 1
    assert verify(copy, "--from", "2031-01-01")[0] == 0
    assert copy.run("reingest", "--verify", "--domain", "never.seen.example", check=False).returncode == 65


def while_reports_come(copy, directory, act):
    """Calls ACT beside one ingest after another of parts of DIRECTORY: they begin together, however fast both are."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    for part in range(4):
        process = subprocess.Popen(copy.command("ingest", *files[part::4]), stdout=subprocess.DEVNULL)
        try:
            act()
        finally:
            assert process.wait(300) == 0


def test_verify_while_reports_come(copy, generated):
    """It reads one moment of the database."""
    def act():
        code, text = verify(copy)
        assert code == 0, text
    while_reports_come(copy, generated(1000)[0], act)


def reingest(tlsrptd, *options, **settings):
    """What it printed."""
    return tlsrptd.run("reingest", *options, **settings).stdout


def test_reingest_of_what_is_right_changes_nothing(copy):
    before = everything(copy.database)
    assert "changed 0 · counts of 0 domains and days corrected" in reingest(copy)
    assert everything(copy.database) == before


@pytest.mark.parametrize("damage", [
    ("sessions of a report", "a failure's count", "a further domain is lost", "mirrored sessions", "the roll-up of an MX", "the roll-up of a reporter", "a policy's mode"),
    ("a report's id", "a failure of no report", "a count twice in the tally", "a conflict's content"),
    ("a report's day", "the roll-up of a clean reporter is lost"), ("a report's variant", "the roll-up of a reporter is lost"),
    ("a report's reporter", "a further domain of no report", "a row of the tally is lost", "a policy type of the tally")])
def test_reingest_corrects(damaged, damage):
    """As if an older version had counted in another way."""
    with restored(damaged.database):
        before = {**everything(damaged.database), "touched": []}
        for one in damage:
            damaged.database.query(DAMAGE[one])
        broken = everything(damaged.database)
        reingest(damaged, "--dry-run")
        assert everything(damaged.database) == broken
        text = reingest(damaged)
        assert {**everything(damaged.database), "touched": []} == before, text
        assert "changed 0 · counts of 0 domains" in reingest(damaged)


def test_reingest_leaves_a_day_that_cannot_be_read(copy):
    copy.database.query(DAMAGE["an original is cut"])
    copy.database.query("UPDATE ledger.tally SET sessions = sessions + 1")
    before = copy.database.query("SELECT sum(sessions) FROM ledger.tally")
    done = copy.run("reingest", check=False)
    assert done.returncode == 65 and "cannot be read" in done.stdout and "1 days are left" in done.stdout
    day = copy.database.query("SELECT day FROM ledger.report WHERE variant = 1")[0][0]
    assert copy.database.query("SELECT sum(sessions) FROM ledger.tally") < before  # the other days
    assert verify(copy, "--from", day, "--to", day)[0] == 1


def fresh(postgres, migrated, certificate, path, *files, **settings):
    """What a database holds that was given these files by these settings."""
    database = postgres.create(migrated.name)
    path.mkdir()
    Tlsrptd(database, path, *certificate).run("ingest", *files, check=False, **settings)
    found = corpus.content(database)
    postgres.drop(database)
    return found


def test_reingest_with_other_ids(tlsrptd, database, postgres, migrated, certificate, tmp_path):
    """Texts were cut short; read whole, reports get other ids, and two of them are no longer taken for one."""
    long = "x" * 100
    files = []
    for number, (of, contact, end) in enumerate([(0, "a", "T23:59:59Z"), (1, "b", "T23:59:59Z"), (2, "c", "T23:59:59Z"),
                                                 (2, "d", "T23:59:59Z"), (4, "a", "T20:00:00Z")]):
        files.append(tmp_path / f"{number}.json")
        report = changed(**{"organization-name": "An organization", "report-id": f"{long}-{of}", "contact-info": f"{contact}@sender.example"})
        files[-1].write_bytes(report.replace(b"T23:59:59Z", end.encode()))
    tight = {"limits": {"text_bytes": 64}}
    tlsrptd.run("ingest", *files, *GOOD, check=False, settings=tight)
    assert verify(tlsrptd, settings=tight)[0] == 0
    assert database.query("SELECT count(*) FROM ledger.conflict") == [(1,)]
    received = database.query("UPDATE ledger.report SET received_at = (SELECT min(received_at) FROM ledger.report) - interval '1 day',"
                              " arrivals = 3, last_arrival_at = now(), last_arrival_source = 'lmtp' RETURNING received_at")[0]
    text = reingest(tlsrptd)
    assert "now: id " in text
    assert database.query("SELECT count(*) FROM ledger.conflict") == [(0,)]
    found, wanted = corpus.content(database), fresh(postgres, migrated, certificate, tmp_path / "whole", *files, *GOOD)
    for of in (found, wanted):
        of["reports"].sort(key=repr)  # two share all that they are ordered by
    assert found == wanted
    assert database.query("SELECT DISTINCT received_at, last_arrival_source FROM ledger.report WHERE arrivals = 3") == [(*received, "lmtp")]
    database.query("UPDATE ledger.domain_status SET last_report_at = %s", received[0])
    code, text = verify(tlsrptd)
    assert code == 0, text


def test_reingest_after_the_domains_grew(tlsrptd, database, postgres, migrated, certificate, tmp_path):
    """Policies that were left out as strangers' are counted once their domains are ours."""
    sample = corpus.OWN / "sender-comcast-several-policies.json"
    names = [policy["policy"]["policy-domain"] for policy in json.loads(sample.read_bytes())["policies"]]
    assert len(set(names)) > 1
    tlsrptd.run("ingest", sample, domains=names[-1:])
    assert verify(tlsrptd)[0] == 0  # with other settings, too: what counts is how it was admitted
    assert database.query("SELECT count(DISTINCT domain_id) FROM ledger.tally") == [(1,)]
    reingest(tlsrptd, domains=names)
    assert corpus.content(database) == fresh(postgres, migrated, certificate, tmp_path / "grown", sample)
    assert verify(tlsrptd)[0] == 0
    reingest(tlsrptd, domains=names[:1])  # a list that shrinks takes nothing away
    assert corpus.content(database) == fresh(postgres, migrated, certificate, tmp_path / "again", sample)


def test_reingest_while_reports_come(copy, generated):
    """Two programs that write to the same rows: nothing is lost, nothing counted twice."""
    directory, made = generated(1000)
    before = copy.database.query("SELECT count(*) FROM ledger.report")[0][0]

    def act():
        copy.database.query("UPDATE ledger.tally SET sessions = sessions + 1 WHERE day < '2026-10-01'")
        reingest(copy)
    while_reports_come(copy, directory, act)
    reingest(copy)
    assert copy.database.query("SELECT count(*) FROM ledger.report") == [(before + made["reports"],)]
    code, text = verify(copy)
    assert code == 0, text


def test_rejected_again(tlsrptd, database):
    """What a limit kept out is counted once the limit is raised: with the source, the moment and the trust of its arrival."""
    report = changed(**{"organization-name": "x" * 3000})
    tight = {"limits": {"inflated_bytes": 2048}}
    with tlsrptd.serve(settings=tight, tokens=["sesame-open-yourself"]) as service:
        assert post(service.https + "/sesame-open-yourself", gzip.compress(report)).status_code == 400
        assert post(service.https, gzip.compress(changed(**{"organization-name": "y" * 3000}))).status_code == 400
        assert post(service.https, b"junk").status_code == 400
    database.query("UPDATE ledger.rejected SET first_at = '2026-10-01 12:00+00', last_at = '2026-10-02 12:00+00'")
    done = tlsrptd.run("reingest", "--rejected", settings=tight)
    assert "tried 3 · counted now 0 · still rejected 3" in done.stdout
    assert database.query("SELECT count(*), max(times) FROM ledger.rejected") == [(3, 1)]
    done = tlsrptd.run("reingest", "--rejected")
    assert "tried 3 · counted now 2 · still rejected 1" in done.stdout
    assert database.query("SELECT trusted, source, origin, received_at = '2026-10-01 12:00+00', arrivals FROM ledger.report ORDER BY 1") == [
        (False, "https", "127.0.0.1", True, 1), (True, "https", "127.0.0.1", True, 1)]
    assert database.query("SELECT size, times FROM ledger.rejected") == [(4, 1)]
    assert verify(tlsrptd)[0] == 0
    tlsrptd.run("reingest", "--rejected")
    assert database.query("SELECT max(arrivals) FROM ledger.report") == [(1,)]


def test_rejected_with_a_good_one_beside_it(tlsrptd, database):
    """A mail whose other report was counted at once stays as long as one of it cannot be counted."""
    tlsrptd.run("ingest", corpus.OWN / "mail-one-good-one-bad.eml", check=False)
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(1,)]
    done = tlsrptd.run("reingest", "--rejected")
    assert "still rejected 1" in done.stdout
    assert database.query("SELECT (SELECT count(*) FROM ledger.rejected), count(*), max(arrivals) FROM ledger.report") == [(1, 1, 1)]


def test_rejected_and_cut_is_left_alone(tlsrptd, database):
    settings = {"limits": {"inflated_bytes": 2048, "rejected_head_bytes": 1024}}
    body = gzip.compress(changed(**{"organization-name": os.urandom(2000).hex()}))
    with tlsrptd.serve(settings=settings) as service:
        assert post(service.https, body).status_code == 400
    assert "tried 0 " in tlsrptd.run("reingest", "--rejected").stdout
    assert database.query("SELECT size, octet_length(head) FROM ledger.rejected") == [(len(body), 1024)]


def test_usage(tlsrptd):
    for options in (("--verify", "--rejected"), ("--verify", "--dry-run"), ("--rejected", "--domain", "a.example"), ("--verify", "--from", "yesterday"),
                    ("--verify", "x")):
        assert tlsrptd.run("reingest", *options, check=False).returncode == 64
