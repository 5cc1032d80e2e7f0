"""SIGHUP: settings, lists and certificates change while reports come in, and faults change nothing.

SPDX-License-Identifier: MIT
"""
import contextlib
import gzip
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

import conftest
import corpus
import doors
import pytest
import requests

REPORT = gzip.decompress((corpus.OWN / "sender-google-no-policy.json.gz").read_bytes())
pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
SENDERS = 4
RELOADS = 10


def report(number, domain="google-none.example", kind=None):
    content = json.loads(REPORT)
    content["report-id"] = str(number)
    content["policies"][0]["policy"]["policy-domain"] = domain
    if kind:
        content["policies"][0]["policy"]["policy-type"] = kind
    return json.dumps(content).encode()


class Reloaded:
    """A service whose settings file is written anew before each SIGHUP."""

    def __init__(self, tlsrptd, base):
        self.tlsrptd, self.base = tlsrptd, conftest.merged({"spool": {"path": tlsrptd.directory / "spool"}}, base)
        self.path = tlsrptd.directory / "reloaded.conf"
        self.write({})
        self.service = tlsrptd.start(settings_file=self.path)

    def write(self, over):
        shutil.copy(self.tlsrptd.write_settings(settings=conftest.merged(self.base, over)), self.path)

    def hup(self, pattern=r"^reloaded file="):
        """Sends SIGHUP; the first line of the log since then that holds the pattern."""
        seen = len(self.service.lines)
        self.service.hup()
        found = []

        def came():
            found.extend(line for line in list(self.service.lines)[seen:] if re.search(pattern, line))
            return found
        doors.until(came)
        return found[0]

    def change(self, over):
        self.write(over)
        return self.hup()

    def post(self, number, path="", **more):
        return doors.post(self.service.https + path, report(number, **more)).status_code


@pytest.fixture
def reloaded(tlsrptd):
    """reloaded(settings): a context with a service that can be told other settings."""
    @contextlib.contextmanager
    def start(base=None):
        running = Reloaded(tlsrptd, base or {})
        try:
            yield running
        except BaseException:
            print(running.service.log)
            running.service.kill()
            raise
        running.service.stop()
    return start


def shown(service, door="https"):
    """The certificate that a new connection gets, PEM."""
    host, _, port = service.address(door).rpartition(":")
    return ssl.get_server_certificate((host, int(port)))


class Sender(threading.Thread):
    """Posts on one connection that is kept, until told to end; a second thread of them comes anew each time."""

    def __init__(self, url, number, keep):
        super().__init__(daemon=True)
        self.url, self.number, self.keep = url, number, keep
        self.ended = threading.Event()
        self.statuses, self.faults, self.connections = [], [], 0

    def run(self):
        session = requests.Session()
        while not self.ended.is_set():
            try:
                body = report(f"{self.number}-{len(self.statuses)}")
                self.statuses.append(session.post(self.url, data=body, verify=False, timeout=60).status_code)
                if not self.keep:
                    session.close()
                    session = requests.Session()
            except requests.RequestException as fault:
                self.faults.append(fault)
        if self.keep:
            self.connections = sum(pool.num_connections for pool in session.adapters["https://"].poolmanager.pools._container.values())
        session.close()


def test_certificate_changes_under_load(reloaded, database, tmp_path, certificate):
    other = conftest.make_certificate(tmp_path)
    pairs = [certificate, other]
    with reloaded() as running:
        senders = [Sender(running.service.https, number, keep=number % 2 == 0) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        for number in range(RELOADS):
            pem, key = pairs[(number + 1) % 2]
            line = running.change({"collector": {"certificate": pem, "key": key}})
            assert "collector.certificate" in line and "collector.key" in line
            assert shown(running.service) == pem.read_text()
            before = [len(sender.statuses) for sender in senders]
            doors.until(lambda before=before: all(len(s.statuses) > b + 1 for s, b in zip(senders, before)))
        for sender in senders:
            sender.ended.set()
        for sender in senders:
            sender.join(60)
        # As certbot does: the files themselves are replaced.
        shutil.copy(certificate[0], tmp_path / "live.crt")
        shutil.copy(certificate[1], tmp_path / "live.key")
        running.change({"collector": {"certificate": tmp_path / "live.crt", "key": tmp_path / "live.key"}})
        shutil.copy(other[0], tmp_path / "live.crt")
        shutil.copy(other[1], tmp_path / "live.key")
        assert shown(running.service) == certificate[0].read_text()
        running.hup()
        assert shown(running.service) == other[0].read_text()
    assert [fault for sender in senders for fault in sender.faults] == []
    assert {status for sender in senders for status in sender.statuses} == {201}
    assert [sender.connections for sender in senders if sender.keep] == [1] * (SENDERS // 2)
    assert database.query("SELECT count(*), sum(arrivals) FROM ledger.report") == [(sum(len(s.statuses) for s in senders),) * 2]


def test_faults_keep_the_old_settings(reloaded, tmp_path, certificate):
    """Each fault is told with its place, and everything stays as it was, also what was good in the new file."""
    domains, tokens = tmp_path / "domains", tmp_path / "tokens"
    other = conftest.make_certificate(tmp_path, "other")
    (tmp_path / "empty").write_text("")
    good = {"domains": {"names": ["ours.example"]}}
    faults = [
        ({"lmtp": {"no_such": 1}}, r"reloaded\.conf:\d+: no such option 'no_such'"),
        ({"limits": {"policies": 0}}, r"field=limits\.policies .*must be from 1 to"),
        ({"domains": {"names": ["not a name"]}}, r"field=domains\.names .*not a name"),
        ({"domains": {"file": domains}}, r"field=domains\.file .*domains:3: .*is no domain name"),
        ({"domains": {"file": tmp_path / "empty"}}, r"field=domains\.file .*empty names no domain"),
        ({"domains": {"file": tmp_path / "none"}}, r"field=domains\.file .*none: No such file"),
        ({"collector": {"tokens_file": tokens}}, r"field=collector\.tokens_file .*tokens:1 is no token"),
        ({"collector": {"trusted_clients": ["10.0.0.1/8"]}}, r"field=collector\.trusted_clients .*bits beyond /8"),
        ({"collector": {"certificate": tmp_path / "none"}}, r"field=collector\.certificate .*none cannot be read"),
        ({"collector": {"certificate": domains}}, r"field=collector\.certificate .*domains is not a PEM file"),
        ({"collector": {"certificate": other[0]}}, r"field=collector\.certificate .*the key belongs to another"),
        ({"collector": {"certificate": ""}}, r"field=collector\.certificate .*must name a PEM file|only the key is set"),
        ({"web": {"users": ["anna"]}}, r"web\.users"),
    ]
    domains.write_text("a.example\n\nhttps://b.example/\n")
    tokens.write_text("hunter2\n")
    with reloaded(good) as running:
        for number, (over, want) in enumerate(faults):
            running.write(conftest.merged({"domains": {"names": ["new.example"]}}, over))
            line = running.hup(r"^error: not reloaded, the old settings stay")
            assert re.search(want, line), line
            if "must name" not in want:  # what a private installation need not
                checked = subprocess.run([conftest.PROGRAM, "config", "check", "-c", running.path], capture_output=True, text=True, check=False)
                assert checked.returncode == 78 and re.search(want.replace("field=", "").replace(" .*", ".*"), checked.stderr), checked.stderr
            assert running.post(f"ours {number}", domain="ours.example") == 201
            assert running.post(f"new {number}", domain="new.example") == 403
        assert shown(running.service) == certificate[0].read_text()
        running.path.unlink()
        assert "cannot read" in running.hup(r"^error: not reloaded")
        assert "domains.names" in running.change({"domains": {"names": ["new.example"]}})
        assert running.post("new", domain="new.example") == 201
        assert running.post("ours", domain="ours.example") == 403
        assert "hunter2" not in running.service.log


def test_domains_of_a_file(reloaded, tmp_path):
    path = tmp_path / "domains"
    path.write_text("a.example\n")
    with reloaded({"domains": {"file": path}}) as running:
        assert running.post(1, domain="a.example") == 201
        assert running.post(2, domain="x.b.example") == 403
        path.write_text("*.b.example  # moved to us\nMÜLLER.example.\n")
        running.hup()
        assert running.post(2, domain="x.b.example") == 201
        assert running.post(3, domain="xn--mller-kva.example") == 201
        assert running.post(4, domain="b.example") == 403
        assert running.post(5, domain="a.example") == 403
        problem = doors.post(running.service.https, report(5, domain="a.example")).json()
        assert "domains.names" in problem["detail"] and "a.example" in problem["detail"]
        running.change({"domains": {"mx": ["*.mx.example"]}})
        assert running.post(6, domain="one.mx.example", kind="tlsa") == 201
        assert running.post(7, domain="one.mx.example", kind="sts") == 403
        # A list that is gone from the settings shuts nobody out any more, and the log says so.
        running.write({"domains": {"file": ""}})
        running.hup(r"^warning: domains note=")
        assert running.post(8, domain="anything.example") == 201


def test_trust_changes(reloaded, database):
    with reloaded({"collector": {"tokens": ["first-0123456789"]}}) as running:
        running.post(1, "/first-0123456789")
        running.post(2, "/second-0123456789")
        line = running.change({"collector": {"tokens": ["second-0123456789"], "trusted_proxies": ["127.0.0.1"]}})
        assert "collector.tokens" in line and "0123456789" not in line
        running.post(3, "/first-0123456789")
        running.post(4, "/second-0123456789")
        running.change({"collector": {"tokens": [], "trusted_clients": ["127.0.0.0/8"]}})
        running.post(5)
        running.post(6, "/second-0123456789")
        assert "0123456789" not in running.service.log
    assert database.query("SELECT report_id::int, trusted, trust_ground FROM ledger.report WHERE trusted ORDER BY 1") == [
        (1, True, "token"), (4, True, "token"), (5, True, "listed client"), (6, True, "listed client")]


def test_sessions_keep_what_they_began_with(reloaded):
    """LMTP: the limit that was announced holds to the session's end; the next session has the new one."""
    message = b"Subject: x\n\n" + b"x" * 3000
    with reloaded({"limits": {"message_bytes": 5000}}) as running:
        with doors.Lmtp(running.service.lmtp) as old:
            assert "SIZE 5000" in old.hello()
            line = running.change({"limits": {"message_bytes": 2000}, "lmtp": {"recipients": 7}})
            assert "lmtp.recipients, limits.message_bytes" in line
            assert old.send(message)[0].startswith("250")
            with doors.Lmtp(running.service.lmtp) as new:
                assert "SIZE 2000" in new.hello()
                assert new.send(message)[0].startswith("552")
        assert doors.post(running.service.https, b"x" * 3000).status_code == 413


def test_what_needs_a_restart_is_named(reloaded):
    with reloaded() as running:
        running.write({"collector": {"listen": ["127.0.0.1:1"]}, "database": {"writers": 3}, "lmtp": {"listen": []},
                       "limits": {"details": 77}})
        line = running.hup(r"^warning: reloaded restart_to_change=")
        assert '"database.writers, collector.listen, lmtp.listen"' in line
        assert running.post(1) == 201
        assert running.hup().endswith("changed=\"nothing but perhaps files\"")


def test_overrides_stay(tlsrptd):
    with tlsrptd.serve("-o", "domains.names=a.example", domains=["b.example"]) as service:
        service.hup()
        service.wait_for("^reloaded file=")
        assert doors.post(service.https, report(1, domain="a.example")).status_code == 201
        assert doors.post(service.https, report(2, domain="b.example")).status_code == 403


def test_systemd_is_told(tlsrptd, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(60)
        with tlsrptd.serve(env={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as service:
            while listener.recv(1000) != b"READY=1":
                pass
            before = time.monotonic_ns() // 1000
            service.hup()
            found = re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=(\d+)", listener.recv(1000))
            assert found and before <= int(found[1]) <= time.monotonic_ns() // 1000
            assert listener.recv(1000) == b"READY=1"


def test_certificate_of_the_pages(reloaded, tmp_path, certificate):
    other = conftest.make_certificate(tmp_path)
    with reloaded({"web": {"certificate": certificate[0], "key": certificate[1]}}) as running:
        assert shown(running.service, "web") == certificate[0].read_text()
        assert "web.certificate, web.key" in running.change({"web": {"certificate": other[0], "key": other[1]}})
        assert shown(running.service, "web") == other[0].read_text()
        assert shown(running.service) == certificate[0].read_text()
        running.write({"web": {"certificate": other[0]}})
        assert re.search(r"field=web\.certificate .*another", running.hup(r"^error: not reloaded"))
        running.write({"web": {"certificate": "", "key": ""}})
        assert "web.certificate" in running.hup(r"^warning: reloaded restart_to_change=")
        assert shown(running.service, "web") == other[0].read_text()


def test_private_installation(standalone):
    """Its own certificate stays; one that is set later takes its place."""
    path = standalone.write_settings(settings={"collector": {"certificate": "", "key": ""}})
    with standalone.serve(settings_file=path) as service:
        own = shown(service)
        assert own != standalone.certificate.read_text()
        service.hup()
        service.wait_for(r"^reloaded file=.*changed=.nothing")
        assert shown(service) == own
        path.write_text(path.read_text().replace('certificate = ""', f'certificate = "{standalone.certificate}"')
                        .replace('key = ""', f'key = "{standalone.key}"'))
        service.hup()
        service.wait_for(r'^reloaded file=.*changed="collector.certificate, collector.key"')
        assert shown(service) == standalone.certificate.read_text()


def test_expired_certificate_is_taken_with_a_warning(reloaded, tmp_path):
    """Better an expired one than none: a sender may ignore it (RFC 8460 section 5.4)."""
    fresh, key = conftest.make_certificate(tmp_path)
    pem = tmp_path / "expired.crt"
    subprocess.run(["openssl", "x509", "-in", fresh, "-signkey", key, "-days", "-1", "-out", pem], check=True, capture_output=True)
    with reloaded() as running:
        running.write({"collector": {"certificate": pem, "key": key}})
        line = running.hup(r"^warning: certificate ")
        assert re.search(r"serial=[0-9A-F]+ expires=20\d\d-.* note=\"expired", line), line
        assert shown(running.service) == pem.read_text()


# --- the list in the database ---

def accept(database, *names):
    database.query("INSERT INTO tlsrpt.accepted_domain SELECT unnest(%s)", list(names))


def test_domains_of_the_table(reloaded, database, postgres):
    accept(database, "a.example", "*.B.example.")
    with reloaded({"domains": {"names": ["fixed.example"], "table": True}}) as running:
        posts = {"a.example": 201, "x.b.example": 201, "b.example": 403, "fixed.example": 201, "c.example": 403}
        assert {name: running.post(name, domain=name) for name in posts} == posts
        accept(database, "c.example", "not a name", "Müller.example")
        database.query("DELETE FROM tlsrpt.accepted_domain WHERE name = 'a.example'")
        # No signal: it is looked at every few seconds.
        running.service.wait_for(r'^warning: domains note="1 of tlsrpt\.accepted_domain are no domain names, first: not a name"', 10)
        posts = {"a.example": 403, "c.example": 201, "xn--mller-kva.example": 201, "x.b.example": 201}
        assert {name: running.post("then " + name, domain=name) for name in posts} == posts
        # What another program changes in place is seen too, though the number of names stays.
        database.query("UPDATE tlsrpt.accepted_domain SET name = 'd.example' WHERE name = 'c.example'")
        doors.until(lambda: running.post("later", domain="c.example") == 403, 10)
        assert running.post("later", domain="d.example") == 201
        # While the database is away the last list stays: what is not ours is refused, ours is not.
        postgres.stop()
        doors.until(lambda: "domains: table not read, the last list stays" in running.service.log, 20)
        assert running.post("away", domain="c.example") == 403
        assert running.post("away", domain="d.example") in (202, 503)
        postgres.start()
        accept(database, "e.example")
        doors.until(lambda: running.post("back", domain="e.example") == 201, 30)
        database.query("TRUNCATE tlsrpt.accepted_domain")
        running.service.wait_for(r"^warning: domains table=0 note=.*empty: it lets nobody", 10)
        assert running.post("last", domain="e.example") == 403
        assert running.post("last", domain="fixed.example") == 201


def test_table_wanted_by_reload(reloaded, database):
    """From the first request after the reload on it counts."""
    accept(database, "a.example")
    with reloaded() as running:
        assert running.post(1, domain="c.example") == 201
        assert "domains.table" in running.change({"domains": {"table": True}})
        assert running.post(2, domain="c.example") == 403
        assert running.post(3, domain="a.example") == 201
        accept(database, "c.example")
        running.hup(r"^domains table=2")
        assert running.post(4, domain="c.example") == 201
        assert running.post(5, domain="b.example") == 403
        running.change({"domains": {"table": False}})
        assert running.post(6, domain="b.example") == 201


def test_a_view_and_the_ingest_command(tlsrptd, database, tmp_path):
    """A provider has his domains in a table of his own."""
    database.query("DROP TABLE tlsrpt.accepted_domain")
    database.query("CREATE TABLE mail_domains (id int, domain text)")
    database.query("CREATE VIEW tlsrpt.accepted_domain AS SELECT domain AS name FROM mail_domains")
    database.query("INSERT INTO mail_domains VALUES (1, 'a.example'), (2, 'a.example'), (3, NULL)")
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_bytes(report(name, domain=f"{name}.example"))
    done = tlsrptd.run("ingest", tmp_path / "a.json", tmp_path / "b.json", settings={"domains": {"table": True}}, check=False)
    assert done.returncode == 77, done.stderr
    assert database.query("SELECT name FROM ledger.domain") == [("a.example",)]


def test_many_in_the_table(tlsrptd, database):
    database.query("INSERT INTO tlsrpt.accepted_domain SELECT 'customer-' || n || '.example' FROM generate_series(1, 100000) n")
    with tlsrptd.serve(settings={"domains": {"table": True}}) as service:
        service.wait_for(r"^domains table=100000")
        assert doors.post(service.https, report(1, domain="customer-77777.example")).status_code == 201
        assert doors.post(service.https, report(2, domain="customer-100001.example")).status_code == 403
        accept(database, "customer-100001.example")  # how long the reading took is no reason to look seldom
        service.wait_for(r"^domains table=100001", 15)
        assert doors.post(service.https, report(2, domain="customer-100001.example")).status_code == 201


def test_nothing_is_refused_while_the_list_is_not_known(tlsrptd, database):
    """Whether reports are ours is decided once the table can be read; until then they wait, here or with their senders."""
    database.query("ALTER TABLE tlsrpt.accepted_domain RENAME TO elsewhere")
    accept_to = "INSERT INTO tlsrpt.elsewhere VALUES ('a.example')"
    database.query(accept_to)
    with tlsrptd.serve(settings={"domains": {"table": True}}) as service:
        service.wait_for("domains: table not read, reports wait until it is")
        statuses = [doors.post(service.https, report(name, domain=f"{name}.example")).status_code for name in ("a", "b")]
        assert statuses[0] == statuses[1] and statuses[0] in (202, 503)
        with doors.Lmtp(service.lmtp) as client:
            client.hello()
            assert client.send(b"Subject: x\n\n" + report("c", domain="b.example"))[0].startswith("250" if statuses[0] == 202 else "451")
        assert database.query("SELECT count(*) FROM ledger.report") == [(0,)]
        database.query("ALTER TABLE tlsrpt.elsewhere RENAME TO accepted_domain")
        doors.until(lambda: doors.post(service.https, report("b", domain="b.example")).status_code == 403)
        assert doors.post(service.https, report("a", domain="a.example")).status_code in (200, 201)
    assert database.query("SELECT name FROM ledger.domain") == [("a.example",)]
