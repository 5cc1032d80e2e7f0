"""kill -9 in the middle of 10,000 reports: what was there stays whole, and reading everything once
more gives the counts of a run that was never disturbed.

SPDX-License-Identifier: MIT
"""
import base64
import email.message
import email.policy
import os
import pickle
import signal
import subprocess

import conftest
import corpus
import doors
import pytest

REPORTS = int(os.environ.get("TLSRPTD_CRASH_REPORTS", "10000"))


@pytest.fixture(scope="module")
def reports(generated):
    return generated(REPORTS)


@pytest.fixture(scope="module")
def clean(reports, postgres_server, migrated, certificate, tmp_path_factory):
    """What a run without any disturbance leaves in a database."""
    directory, made = reports
    database = postgres_server.create(migrated.name)
    conftest.Tlsrptd(database, tmp_path_factory.mktemp("clean"), *certificate).run("ingest", directory, timeout=600)
    found = corpus.content(database)
    assert len(found["reports"]) == made["reports"]
    postgres_server.drop(database)
    return found


def count(database):
    return database.query("SELECT count(*) FROM ledger.report")[0][0]


def is_whole(database):
    """No half report: what the tally says is what the reports say, per domain, and so does each MX."""
    assert corpus.roll_up_faults(database) == []
    assert corpus.counter_faults(database) == []
    assert database.query("SELECT domain_id FROM ledger.report GROUP BY 1 EXCEPT SELECT domain_id FROM ledger.tally") == []
    assert database.query(
        "SELECT count(*) FROM (SELECT domain_id, day, sum(successful_sessions) AS n FROM ledger.report GROUP BY 1, 2) r"
        " FULL JOIN (SELECT domain_id, day, sum(sessions) AS n FROM ledger.tally WHERE result = 'successful' GROUP BY 1, 2) t"
        " USING (domain_id, day) WHERE r.n IS DISTINCT FROM t.n") == [(0,)]
    assert database.query(
        "SELECT count(*) FROM (SELECT domain_id, day, sum(failed_sessions) AS n FROM ledger.failure GROUP BY 1, 2) f"
        " FULL JOIN (SELECT domain_id, day, sum(sessions) AS n FROM ledger.tally"
        " WHERE result NOT IN ('successful', 'total-failure', 'unexplained') GROUP BY 1, 2) t"
        " USING (domain_id, day) WHERE f.n IS DISTINCT FROM t.n") == [(0,)]


def kill_in_the_middle(process, database, wanted):
    """Waits until a part is stored, then kill -9; asserts that it was in the middle."""
    doors.until(lambda: count(database) >= wanted or process.poll() is not None, 300)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert process.returncode == -signal.SIGKILL, "it had ended before it could be killed"


def settled(database):
    """Until the killed program's last transaction has ended one way or the other."""
    doors.until(lambda: database.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                       " AND pid <> pg_backend_pid() AND backend_type = 'client backend'") == [(0,)], 60)


def test_ingest(tlsrptd, database, reports, clean):
    directory, made = reports
    for part in (1, made["reports"] // 3, made["reports"] * 2 // 3):
        process = subprocess.Popen(tlsrptd.command("ingest", directory), stdout=subprocess.DEVNULL)
        kill_in_the_middle(process, database, part)
        settled(database)
        is_whole(database)
    tlsrptd.run("ingest", directory, timeout=600)
    assert corpus.content(database) == clean
    is_whole(database)


def fill(directory, maildir):
    """All reports as mails in new/; the service may watch already."""
    for path in directory.rglob("*.json.gz"):
        mail = email.message.EmailMessage(email.policy.SMTP)
        mail["From"], mail["To"] = "tlsrpt@reporter.example", "tlsrpt@receiver.example"
        mail["Content-Type"] = "application/tlsrpt+gzip"
        mail["Content-Transfer-Encoding"] = "base64"
        mail.set_payload(base64.encodebytes(path.read_bytes()).decode("ascii"))
        (maildir / "tmp" / path.name).write_bytes(mail.as_bytes())
        (maildir / "tmp" / path.name).rename(maildir / "new" / path.name)


def test_service_with_maildir(tlsrptd, database, reports, clean):
    """The service is killed twice while it reads a maildir; what it moved to cur/ is in the ledger."""
    directory, made = reports
    maildir = tlsrptd.directory / "Maildir"
    for name in ("tmp", "new", "cur"):
        (maildir / name).mkdir(parents=True)
    fill(directory, maildir)
    for part in (1, made["reports"] // 2):
        service = tlsrptd.start(maildir=maildir)
        kill_in_the_middle(service.process, database, part)
        settled(database)
        is_whole(database)
        moved = len(os.listdir(maildir / "cur"))
        assert moved <= count(database)
    with tlsrptd.serve(maildir=maildir):
        doors.until(lambda: os.listdir(maildir / "new") == [], 300)
    assert len(os.listdir(maildir / "cur")) == made["reports"]
    assert corpus.content(database) == clean
    is_whole(database)


def test_postgres_is_killed(tlsrptd, database, postgres, reports, clean):
    """The database itself dies (kill -9) and recovers; what was told stored is there."""
    directory, made = reports
    process = subprocess.Popen(tlsrptd.command("ingest", directory), stdout=subprocess.PIPE)
    doors.until(lambda: count(database) >= made["reports"] // 3 or process.poll() is not None, 300)
    postgres.kill()
    process.communicate(timeout=300)
    postgres.start()
    is_whole(database)
    tlsrptd.run("ingest", directory, timeout=600)
    assert corpus.content(database) == clean


# The socket of a private PostgreSQL lets in nobody but the account that owns it.
ASK = """
import pickle, psycopg2, sys
conninfo, statement, values = pickle.load(sys.stdin.buffer)
connection = psycopg2.connect(conninfo)
with connection, connection.cursor() as cursor:
    cursor.execute(statement, values or None)
    rows = [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in cursor.fetchall()]
pickle.dump(rows, sys.stdout.buffer)
"""


class PrivateDatabase:
    """The database of a standalone service, asked under its account."""

    def __init__(self, standalone):
        self.conninfo = standalone.run("db", "url").stdout.strip()

    def query(self, statement, *values):
        done = subprocess.run(conftest.as_account("/usr/bin/python3", "-c", ASK), input=pickle.dumps((self.conninfo, statement, values)),
                              capture_output=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr
        return pickle.loads(done.stdout)


def test_standalone(standalone, reports, clean):
    """The service with its private PostgreSQL is killed in the middle; started again it recovers by itself."""
    directory, made = reports
    service = standalone.start()
    database = PrivateDatabase(standalone)
    process = subprocess.Popen(standalone.command("ingest", directory), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    doors.until(lambda: count(database) >= made["reports"] // 3 or process.poll() is not None, 300)
    assert process.poll() is None, "it had ended before it could be killed"
    service.kill()
    process.kill()
    process.wait(30)
    with standalone.serve():
        is_whole(database)
        standalone.run("ingest", directory, timeout=600)
        assert corpus.content(database) == clean
