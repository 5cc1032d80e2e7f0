"""While PostgreSQL is away: reports are taken into the spool, with all that the door knew, and counted
exactly once when it is back (in order: unit/ingest/spool). What stops, kills, cuts off or fills a disk is real; only the network that
goes silent is played by a proxy between the service and its database.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import contextlib
import gzip
import os
import socket
import subprocess
import threading
import time

import conftest
import corpus
import doors
import pytest

REPORT = gzip.decompress((corpus.OWN / "sender-google-no-policy.json.gz").read_bytes())
MAIL = (corpus.OWN / "mail-report-json.eml").read_bytes()


def numbered(number):
    """A report of its own."""
    found = REPORT.replace(b'"report-id":"', b'"report-id":"n%d-' % number).replace(b'"report-id": "', b'"report-id": "n%d-' % number)
    assert found != REPORT
    return found


def post(service, number):
    return doors.post(service.https, numbered(number), "application/tlsrpt+json")


def count(database):
    return database.query("SELECT count(*) FROM ledger.report")[0][0]


def exactly(database, number):
    """So many reports, each counted once."""
    return database.query("SELECT count(*), count(DISTINCT report_id) FROM ledger.report") == [(number, number)] \
        and corpus.roll_up_faults(database) == []


def waiting(spool):
    return sorted(os.listdir(spool / "new"))


@pytest.fixture
def spool(tlsrptd):
    return tlsrptd.directory / "spool"


def test_away_and_back(tlsrptd, database, postgres, spool):
    """HTTPS with a token and LMTP: 202 and 250, nothing lost, source and time of arrival kept; counted in order."""
    with tlsrptd.serve(spool=spool, tokens=["s3cret-of-this-test"]) as service:
        assert post(service, 0).status_code == 201
        postgres.stop()
        before = time.time()
        answer = doors.post(service.https + "/s3cret-of-this-test", numbered(1), "application/tlsrpt+json")
        assert (answer.status_code, answer.json()["outcome"]) == (202, "spooled"), answer.text
        assert "database" not in answer.text and "socket" not in answer.text, "how our database is reached is not for strangers"
        assert answer.json()["domain"] == "google-none.example"
        for number in range(2, 12):
            assert post(service, number).status_code == 202
        with doors.Lmtp(service.lmtp) as session:
            session.hello()
            assert session.send(MAIL)[0].startswith("250 2.0.0 spooled")
        bad = doors.post(service.https, b"no report at all", "application/tlsrpt+json")
        assert bad.status_code == 202
        after = time.time()
        assert len(waiting(spool)) == 13
        service.wait_for("database state=away")
        time.sleep(2)
        postgres.start()
        doors.until(lambda: waiting(spool) == [], 40)
        service.wait_for("database state=back")
        doors.until(lambda: exactly(database, 13))
        assert post(service, 99).status_code == 201
    rows = database.query("SELECT source, extract(epoch FROM received_at), trusted FROM ledger.report WHERE report_id LIKE 'n1-%%'")
    assert [row[0::2] for row in rows] == [("https", True)]
    assert before - 1 <= rows[0][1] <= after
    assert database.query("SELECT source FROM ledger.report WHERE report_id LIKE 'mail-%%'") == [("lmtp",)]
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(1,)]
    assert database.query("SELECT count(*) FROM ledger.report WHERE received_at > to_timestamp(%s)", after) == [(1,)]
    drained = [line for line in service.lines if line.startswith("spool file=")]
    assert len(drained) == len({line.split()[1] for line in drained}) == 13
    assert os.listdir(spool / "cur") == os.listdir(spool / "tmp") == []


def test_killed_while_spooling(tlsrptd, database, postgres, spool):
    """kill -9 under load while PostgreSQL is away: what was answered 202 is counted after a restart, once."""
    service = tlsrptd.start(spool=spool)
    postgres.stop()
    taken, stop = [], threading.Event()

    def client(first):
        for number in range(first, first + 10000):
            if stop.is_set():
                return
            with contextlib.suppress(Exception):
                if post(service, number).status_code == 202:
                    taken.append(number)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(client, 10000 * index) for index in range(1, 7)]
        doors.until(lambda: len(taken) > 60, 60)
        service.kill()
        stop.set()
    assert all(future.exception() is None for future in futures)
    assert len(waiting(spool)) >= len(taken)
    postgres.start()
    with tlsrptd.serve(spool=spool):
        doors.until(lambda: waiting(spool) == [], 60)
    assert os.listdir(spool / "tmp") == []
    stored = {int(row[0][1:].split("-")[0]) for row in database.query("SELECT report_id FROM ledger.report")}
    assert set(taken) <= stored
    assert exactly(database, len(stored))


def test_read_only(tlsrptd, database, spool):
    """As a standby after a switch-over: reports wait; recovery needs no traffic."""
    with tlsrptd.serve(spool=spool) as service:
        assert post(service, 1).status_code == 201
        database.query(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
        database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        for number in range(2, 8):
            assert post(service, number).status_code == 202
        assert count(database) == 1
        time.sleep(3)
        connection = conftest.psycopg2.connect(database.conninfo, options="-c default_transaction_read_only=off")
        connection.autocommit = True
        connection.cursor().execute(f"ALTER DATABASE {database.name} RESET default_transaction_read_only")
        connection.close()
        doors.until(lambda: waiting(spool) == [], 40)
    assert exactly(database, 7)


def test_start_without_database(tlsrptd, database, postgres, migrated, spool):
    """As after a reboot, on a database that has no tables yet: the doors open, all is kept, migrations come later."""
    database.query("DROP SCHEMA ledger CASCADE; DROP SCHEMA IF EXISTS tlsrpt CASCADE; DROP TABLE public.ledger_migration")
    postgres.stop()
    with tlsrptd.serve(spool=spool) as service:
        assert [post(service, number).status_code for number in range(3)] == [202] * 3
        postgres.start()
        service.wait_for("schema migrations_applied=", 40)
        doors.until(lambda: waiting(spool) == [], 40)
        assert post(service, 3).status_code == 201
    assert exactly(database, 4)
    assert migrated


def test_wrong_database_ends_the_start(tlsrptd, postgres, spool):
    """What only the operator can help is not waited for."""
    done = tlsrptd.run("serve", check=False, spool=spool, timeout=60,
                       settings={"database": {"url": f"host={postgres.directory} user=tests dbname=nothing_here"}})
    assert done.returncode == 78 and "does not exist" in done.stderr, done.stderr


def test_spool_full(tlsrptd, database, postgres, spool):
    """503 with Retry-After and 451, never an acknowledgement; and room again later."""
    large = REPORT.rstrip()[:-1] + b"," + b'"x": "' + b"y" * 300000 + b'"}'
    with tlsrptd.serve(spool=spool, settings={"spool": {"max_bytes": 1 << 20}}) as service:
        postgres.stop()
        statuses, answers = [], []
        for number in range(5):
            answers.append(doors.post(service.https, large.replace(b'"report-id":"', b'"report-id":"n%d-' % number), "application/tlsrpt+json"))
            statuses.append(answers[-1].status_code)
        assert statuses == [202, 202, 202, 503, 503]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert len(waiting(spool)) == 3
        assert post(service, 100).status_code == 202  # a small one fits
        os.truncate(spool / "new" / waiting(spool)[0], 5)  # and a damaged one does not vanish
        postgres.start()
        doors.until(lambda: waiting(spool) == [], 40)
        assert post(service, 101).status_code == 201
    assert [name[-4:] for name in os.listdir(spool / "cur")] == [":2,F"]
    assert database.query("SELECT count(*) FROM ledger.rejected WHERE reason LIKE '%%head is damaged%%'") == [(1,)]
    assert "kept_in=cur" in service.log


@pytest.mark.skipif(not conftest.ROOT, reason="mounts a small file system")
def test_spool_disk_full(tlsrptd, database, postgres, spool):
    """ENOSPC: nothing is acknowledged that is not kept, nothing half remains."""
    spool.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "spool", spool], check=True)
    try:
        with tlsrptd.serve(spool=spool) as service:
            postgres.stop()
            statuses = [doors.post(service.https, numbered(number) + b" " * 30000, "application/tlsrpt+json").status_code
                        for number in range(12)]
            assert set(statuses) == {202, 503} and statuses == sorted(statuses)
            assert os.listdir(spool / "tmp") == []
            assert len(waiting(spool)) == statuses.count(202)
            assert "No space left" in service.log
            postgres.start()
            doors.until(lambda: waiting(spool) == [], 40)
        assert exactly(database, statuses.count(202))
    finally:
        subprocess.run(["umount", "-l", spool], check=True)


def test_rules_changed_meanwhile(tlsrptd, database, postgres, spool):
    """Acknowledged, and refused by the new rules: kept aside and said in the log."""
    service = tlsrptd.start(spool=spool)
    postgres.stop()
    assert post(service, 1).status_code == 202
    service.stop()
    postgres.start()
    with tlsrptd.serve(spool=spool, domains=["ours.example"]) as service:
        doors.until(lambda: waiting(spool) == [], 40)
        service.wait_for("spool file=.* result=refused .*kept_in=cur")
    assert [name[-4:] for name in os.listdir(spool / "cur")] == [":2,T"]
    assert numbered(1) in (spool / "cur" / os.listdir(spool / "cur")[0]).read_bytes()
    assert count(database) == 0


def test_one_service_for_each_spool(tlsrptd, spool):
    with tlsrptd.serve(spool=spool):
        done = tlsrptd.run("serve", check=False, spool=spool, timeout=60)
        assert done.returncode == 78 and "spool.path" in done.stderr and "another" in done.stderr
    done = tlsrptd.run("serve", check=False, spool="/dev/null/x", timeout=60)
    assert done.returncode == 78 and "spool.path" in done.stderr and "/dev/null" in done.stderr


# --- a network that goes silent ---

class Proxy:
    """Between the service and PostgreSQL's socket; `silent` lets nothing through, in either direction, and says nothing."""

    def __init__(self, postgres):
        self.target = str(postgres.directory / ".s.PGSQL.5432")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.listener.getsockname()[1]
        self.silent = threading.Event()
        self.loses_commit = False  # silent when the server says that a batch of reports is committed
        self.ended = False
        self.pairs, self.batches = [], set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                try:
                    far.connect(self.target)
                except OSError:
                    near.close()
                    continue
                self.pairs.append((near, far))
                for source, sink, back in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self.copy, args=(source, sink, back), daemon=True).start()

    def copy(self, source, sink, back):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.loses_commit and not back and b"store_tally" in data:
                    self.batches.add(sink)
                if self.loses_commit and back and source in self.batches and b"COMMIT\0" in data:
                    self.silent.set()
                while self.silent.is_set() and not self.ended:
                    time.sleep(0.05)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.ended = True
        self.listener.close()
        for pair in self.pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


@pytest.fixture
def proxy(postgres):
    between = Proxy(postgres)
    yield between
    between.close()


def through(proxy, database):
    return {"database": {"url": f"host=127.0.0.1 port={proxy.port} user=tests dbname={database.name} sslmode=disable"}}


def test_stop_while_the_database_is_silent(tlsrptd, database, proxy, spool):
    """SIGTERM with reports in the middle of a batch that is never answered: over in ten seconds, all answered, none lost."""
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        service = tlsrptd.start(spool=spool, settings=through(proxy, database))
        assert post(service, 0).status_code == 201
        proxy.silent.set()
        answers = [pool.submit(post, service, number) for number in range(1, 11)]
        with doors.Lmtp(service.lmtp) as session:
            session.hello()
            session.command("MAIL FROM:<>")
            session.command("RCPT TO:<a@receiver.example>")
            session.command("DATA")
            session.write(doors.stuffed(MAIL))
            time.sleep(2)
            assert not any(answer.done() for answer in answers)
            begin = time.monotonic()
            service.stop(seconds=10)
            taken = time.monotonic() - begin
            assert session.reply().startswith("250 2.0.0 spooled")
        taken_ones = [answer.result().status_code for answer in answers].count(202)
        assert {answer.result().status_code for answer in answers} <= {202, 503}  # 503: had not yet sent its request
        assert taken_ones > 0
    assert taken < 10 * conftest.PATIENCE, f"{taken:.1f} s"
    assert len(waiting(spool)) == taken_ones + 1
    proxy.close()
    with tlsrptd.serve(spool=spool):
        doors.until(lambda: waiting(spool) == [], 40)
    assert exactly(database, taken_ones + 2)


def test_answer_to_commit_is_lost(tlsrptd, database, proxy, spool):
    """COMMIT is done and nobody hears of it: the report waits in the spool and is then known already."""
    with tlsrptd.serve(spool=spool, settings=through(proxy, database)) as service:
        assert post(service, 0).status_code == 201
        proxy.loses_commit = True
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(post, service, 1)
            doors.until(proxy.silent.is_set)
            service.stop(seconds=10)
            assert answer.result().status_code == 202
    proxy.close()
    assert (count(database), len(waiting(spool))) == (2, 1)
    with tlsrptd.serve(spool=spool) as service:
        doors.until(lambda: waiting(spool) == [], 40)
        service.wait_for("spool file=.* result=duplicate")
    assert exactly(database, 2)


# --- two services on one database ---

def test_two_services_on_one_database(tlsrptd, database):
    """Under load, with names, policies and identities that both meet; one of them is killed and started again."""
    database.query("DROP SCHEMA ledger CASCADE; DROP SCHEMA IF EXISTS tlsrpt CASCADE; DROP TABLE public.ledger_migration")
    spools = [tlsrptd.directory / "spool-a", tlsrptd.directory / "spool-b"]
    services = [tlsrptd.start(spool=path, ready=False) for path in spools]  # both make the tables
    try:
        for service in services:
            service.wait_for(r"^ready\b", 60)
        acknowledged, lock = set(), threading.Lock()

        def client(index):
            for number in range(index % 3, 60, 3):  # each report through several clients and both services
                for which in (index % 2, 1 - index % 2):
                    with contextlib.suppress(Exception):
                        if post(services[which], number).status_code in (200, 201, 202):
                            with lock:
                                acknowledged.add(number)

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            futures = [pool.submit(client, index) for index in range(6)]
            for part in (15, 40):
                doors.until(lambda part=part: len(acknowledged) >= part, 60)
                services[0].kill()
                services[0] = tlsrptd.start(spool=spools[0])
            assert all(future.exception() is None for future in futures)
        doors.until(lambda: not waiting(spools[0]) + waiting(spools[1]), 40)
    finally:
        for service in services:
            service.stop()
    assert acknowledged == set(range(60))
    assert exactly(database, 60)
    assert database.query("SELECT count(*) FROM ledger.touched") == [(0,)]


@pytest.mark.skipif(subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0,
                    reason="needs a /etc/resolv.conf of its own: root")
def test_stop_while_a_name_server_is_silent(tlsrptd):
    """The database has a host name that nobody answers for; the C library's resolver cannot be cut short."""
    resolv = tlsrptd.directory / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.99\noptions timeout:30 attempts:1\n")
    path = tlsrptd.write_settings(settings={"database": {"url": "host=db.silent.example dbname=x user=y"}})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.99", 53))
        silent.settimeout(30)
        command = ["unshare", "--mount", "--", "sh", "-c", f'mount --bind {resolv} /etc/resolv.conf && exec "$@"', "sh",
                   *tlsrptd.words("serve", path, [])]
        service = conftest.Service(command, tlsrptd.environment(None), tlsrptd.directory)
        silent.recv(512)
        start = time.monotonic()
        service.stop(seconds=10)
    assert time.monotonic() - start > 5, "it was not asking: nothing is shown"
    assert "without waiting any longer for a name server" in service.log
