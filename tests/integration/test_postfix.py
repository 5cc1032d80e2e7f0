"""A real Postfix hands reports over by LMTP, on TCP and on a Unix socket, and keeps them while the
database is away.

An instance of its own: configuration, queue and data in a temporary directory, loopback only, never
the machine's mail server.

SPDX-License-Identifier: MIT
"""
import json
import os
import pathlib
import shutil
import smtplib
import socket
import subprocess
import tempfile

import corpus
import doors
import pytest

MAIN = """\
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
daemon_directory = {daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
myhostname = mx.receiver.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
transport_maps = inline:{{ {{ tcp.example = lmtp:inet:{tcp} }}, {{ unix.example = lmtp:unix:{unix} }} }}
default_transport = error:nothing leaves this test
lmtp_destination_recipient_limit = 10
"""

# Without chroot: the socket that reports go to lies outside the queue directory.
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup   unix  n - n 60  1 pickup
cleanup  unix  n - n -   0 cleanup
qmgr     unix  n - n 300 1 qmgr
rewrite  unix  - - n -   - trivial-rewrite
bounce   unix  - - n -   0 bounce
defer    unix  - - n -   0 bounce
trace    unix  - - n -   0 bounce
proxymap unix  - - n -   - proxymap
showq    unix  n - n -   - showq
error    unix  - - n -   - error
retry    unix  - - n -   - error
lmtp     unix  - - n -   - lmtp
anvil    unix  - - n -   1 anvil
scache   unix  - - n -   1 scache
flush    unix  n - n 1000? 0 flush
postlog  unix-dgram n - n - 1 postlogd
"""

DAEMONS = pathlib.Path("/usr/lib/postfix/sbin")


def missing():
    if not shutil.which("postfix") or not DAEMONS.exists():
        return "Postfix is not installed"
    if os.getuid() != 0:
        return "Postfix is started by root only"
    return None


pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")


class Postfix:
    def __init__(self, directory, tcp, unix):
        self.directory = directory
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        for name in ("queue", "data"):
            (directory / name).mkdir()
        shutil.chown(directory / "data", "postfix")
        (directory / "main.cf").write_text(MAIN.format(directory=directory, daemons=DAEMONS, tcp=tcp, unix=unix))
        (directory / "master.cf").write_text(MASTER.format(port=self.port))

    def __enter__(self):
        self.run("postfix", "start")
        doors.until(lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)
        return self

    def __exit__(self, *_):
        self.run("postfix", "stop")

    def run(self, program, *arguments):
        return subprocess.run([program, "-c", self.directory, *arguments], check=True, capture_output=True, text=True).stdout

    def send(self, message, recipient):
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as session:
            session.sendmail("tlsrpt@mail.example.net", [recipient], message)

    def queue(self):
        """What waits, with the reasons of the last attempt."""
        return [recipient for line in self.run("postqueue", "-j").splitlines()
                for recipient in json.loads(line)["recipients"]]

    def deliver(self):
        self.run("postqueue", "-f")

    @property
    def log(self):
        path = self.directory / "log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def site(tlsrptd, request):
    """Postfix and the service, connected by both kinds of socket. With the parameter "no spool": without one."""
    settings = {"spool": ""} if getattr(request, "param", None) == "no spool" else {}
    with tempfile.TemporaryDirectory(prefix="tlsrptd-postfix.") as name:
        directory = pathlib.Path(name)
        directory.chmod(0o755)
        sockets = directory / "sockets"
        sockets.mkdir()
        # The service's socket takes the directory's group and is open to it (mode 0660).
        shutil.chown(sockets, group="postfix")
        sockets.chmod(0o2750)
        with tlsrptd.serve(lmtp=["127.0.0.1:0", f"unix:{sockets}/lmtp"], **settings) as service:
            with Postfix(directory, service.lmtp, f"{sockets}/lmtp") as postfix:
                try:
                    yield postfix
                finally:
                    print(postfix.log)


def report_ids(database):
    return sorted(report_id for report_id, in database.query("SELECT report_id FROM ledger.report"))


def mail(number):
    return (corpus.OWN / "mail-report-json.eml").read_bytes().replace(b"mail-report-json-1", b"postfix-%d" % number)


def test_delivers_on_both_sockets(site, database):
    site.send(mail(1), "tlsrpt@tcp.example")
    site.send(mail(2), "tlsrpt@unix.example")
    doors.until(lambda: report_ids(database) == ["postfix-1", "postfix-2"])
    doors.until(lambda: site.queue() == [])
    assert site.log.count("status=sent (250 2.0.0") == 2
    assert database.query("SELECT DISTINCT source FROM ledger.report") == [("lmtp",)]


def test_several_recipients_of_one_mail(site, database):
    with smtplib.SMTP("127.0.0.1", site.port, timeout=30) as session:
        session.sendmail("tlsrpt@mail.example.net", ["a@tcp.example", "b@tcp.example", "c@tcp.example"], mail(1))
    doors.until(lambda: site.log.count("status=sent (250 2.0.0") == 3)
    assert database.query("SELECT arrivals FROM ledger.report") == [(1,)]


def test_every_mail_of_the_corpus(site, database):
    """Our samples as a real mail server passes them on."""
    samples = [sample for sample in corpus.own() if sample.is_mail]
    for number, sample in enumerate(samples):
        # It would not pass on a line of an mbox file as a header.
        data = sample.path.read_bytes()
        site.send(data.split(b"\n", 1)[1] if data.startswith(b"From ") else data, ("a@tcp.example", "a@unix.example")[number % 2])
    doors.until(lambda: site.log.count("status=sent (250 2.0.0") == len(samples), 60)
    assert corpus.faults_in(database, samples) == []


def test_mail_is_taken_while_the_database_is_away(site, database, postgres):
    """It is Postfix's no more: it waits in the spool, and is counted once when the database is back."""
    site.send(mail(1), "tlsrpt@tcp.example")
    doors.until(lambda: report_ids(database) == ["postfix-1"])
    postgres.stop()
    try:
        site.send(mail(2), "tlsrpt@tcp.example")
        site.send(mail(3), "tlsrpt@unix.example")
        doors.until(lambda: site.log.count("status=sent (250 2.0.0 spooled") == 2, 60)
        doors.until(lambda: site.queue() == [])
    finally:
        postgres.start()
    doors.until(lambda: report_ids(database) == ["postfix-1", "postfix-2", "postfix-3"], 60)
    assert database.query("SELECT sum(arrivals) FROM ledger.report") == [(3,)]


@pytest.mark.parametrize("site", ["no spool"], indirect=True)
def test_keeps_mail_while_the_database_is_away(site, database, postgres):
    site.send(mail(1), "tlsrpt@tcp.example")
    doors.until(lambda: report_ids(database) == ["postfix-1"])
    postgres.stop()
    try:
        site.send(mail(2), "tlsrpt@tcp.example")
        site.send(mail(3), "tlsrpt@unix.example")
        doors.until(lambda: site.log.count("status=deferred") == 2, 60)
        assert ["451 4.3.0" in waiting.get("delay_reason", "") for waiting in site.queue()] == [True, True]
    finally:
        postgres.start()

    def arrived():
        site.deliver()
        return report_ids(database) == ["postfix-1", "postfix-2", "postfix-3"]
    doors.until(arrived, 60)
    doors.until(lambda: site.queue() == [])
    assert database.query("SELECT sum(arrivals) FROM ledger.report") == [(3,)]
