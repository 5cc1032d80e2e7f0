"""The weekly summary on its whole way: handed to a real Postfix over SMTP, delivered to a maildir, its HTML
part opened in a browser, light and dark, its text part read; both are kept beside the pictures. And what
goes wrong on that way, by exit code.

SPDX-License-Identifier: MIT
"""
import base64
import email
import email.policy
import email.utils
import json
import os
import pathlib
import re
import shutil
import socket
import socketserver
import tempfile
import threading

import pytest
from browser import CONTRAST, PICTURES, PROGRAM, Browser
from doors import Lmtp, until
from processes import Tlsrptd
import test_postfix
from weeks import BEFORE, MONDAY, WEEK, block, by_hand, report, seeded

needs_postfix = pytest.mark.skipif(test_postfix.missing() is not None, reason=test_postfix.missing() or "")


@pytest.fixture(scope="module")
def program(postgres_server, migrated, certificate, tmp_path_factory):
    """The program with a database of four weeks."""
    tlsrptd = Tlsrptd(postgres_server.create(migrated.name), tmp_path_factory.mktemp("weeks"), *certificate)
    directory = tmp_path_factory.mktemp("reports")
    for index, (each, _) in enumerate(seeded(30) + by_hand()):
        (directory / f"{index}.json").write_text(json.dumps(each))
    tlsrptd.run("ingest", directory)
    return tlsrptd


class Postfix(test_postfix.Postfix):
    """One that delivers all that comes for box.example to a maildir."""

    def __init__(self, directory):
        super().__init__(directory, "127.0.0.1:9", directory / "none")
        self.maildir = directory / "box" / "ops" / "new"
        (directory / "box").mkdir()
        shutil.chown(directory / "box", "nobody")
        with open(directory / "main.cf", "a", encoding="ascii") as main:
            main.write(f"virtual_mailbox_domains = box.example\nvirtual_mailbox_base = {directory}/box\n"
                       "virtual_mailbox_maps = inline:{ ops@box.example=ops/, anna@box.example=ops/ }\n"
                       "virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\nvirtual_minimum_uid = 1\n"
                       "message_size_limit = 10000000\nheader_checks =\n")
        with open(directory / "master.cf", "a", encoding="ascii") as master:
            master.write("virtual  unix  - n n -   - virtual\n")

    def mails(self):
        paths = sorted(self.maildir.glob("*")) if self.maildir.exists() else []
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]


@pytest.fixture
def postfix():
    with tempfile.TemporaryDirectory(prefix="tlsrptd-postfix.") as name:
        directory = pathlib.Path(name)
        directory.chmod(0o755)
        with Postfix(directory) as started:
            try:
                yield started
            finally:
                print(started.log)


def smtp(port, **more):
    return {"smtp": {"url": f"smtp://127.0.0.1:{port}", "from": "TLS reports <tlsrptd@sender.example>", "to": ["ops@box.example"], **more},
            "web": {"url": "https://pages.example"}}


def send(program, port, *arguments, **more):
    return program.run("summary", "--mail", *arguments, settings=smtp(port, **more), check=False)


@needs_postfix
@pytest.mark.skipif(not PROGRAM, reason="chromium is not installed")
def test_mail(program, postfix, tmp_path):
    done = send(program, postfix.port, to=["Gr\u00fc\u00dfe <ops@box.example>", "anna@box.example"], domains=["hand.example=anna@box.example"])
    assert done.returncode == 0, done.stderr
    assert done.stdout == (f"sent: all domains in week {WEEK} to ops@box.example, anna@box.example\n"
                           f"sent: hand.example in week {WEEK} to anna@box.example\n")
    until(lambda: len(postfix.mails()) == 3)  # the first to each of two
    mails = postfix.mails()
    whole = next(mail for mail in mails if "all domains" in mail["Subject"])
    hand = next(mail for mail in mails if "hand.example" in mail["Subject"])
    assert_headers(whole)
    assert whole["To"] == "Gr\u00fc\u00dfe <ops@box.example>, anna@box.example" and hand["To"] == "anna@box.example"
    assert hand["Message-ID"] != whole["Message-ID"]
    keep_and_look(program, whole, "weekly-mail", tmp_path)
    keep_and_look(program, hand, "weekly-mail-domain", tmp_path, "hand.example")


def assert_headers(mail):
    assert not mail.defects and mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"], "the last is the best (RFC 2046)"
    assert mail["From"] == "TLS reports <tlsrptd@sender.example>" and mail["Return-Path"] == "<tlsrptd@sender.example>"
    assert re.fullmatch(rf"<tlsrptd\.{WEEK}\.[0-9a-f]{{16}}@sender\.example>", mail["Message-ID"])
    assert mail["List-Id"].endswith("<tlsrptd-weekly.sender.example>") and mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk" and mail["X-Auto-Response-Suppress"] == "All" and mail["TLS-Required"] == "No"
    assert abs(email.utils.parsedate_to_datetime(mail["Date"]).timestamp() - os.stat("/proc/self").st_mtime) < 86400
    assert max(map(len, mail.as_bytes().split(b"\n"))) <= 998
    assert "TLS-Report-Domain" not in mail and not mail["Subject"].startswith("Report Domain"), "it is not taken for a report"


def keep_and_look(program, mail, name, directory, *domain):
    """The parts are what the command prints; both are kept; the HTML asks nobody for anything."""
    text, html = (part.get_content() for part in mail.iter_parts())
    for part, form in ((text, "text"), (html, "html")):
        printed = program.run("summary", "--format", form, *domain, settings={"web": {"url": "https://pages.example"}}).stdout
        assert part.replace("\r\n", "\n") == printed
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.txt").write_text(text)
    (PICTURES / f"{name}.html").write_text(html)
    (PICTURES / f"{name}.eml").write_bytes(mail.as_bytes())
    with Browser(directory / f"profile-{name}") as browser:
        for width in (320, 1440):
            for dark in (False, True):
                page = browser.open((PICTURES / f"{name}.html").as_uri(), width=width, dark=dark)
                page.screenshot(PICTURES / f"{name}-{width}-{'dark' if dark else 'light'}.png")
                assert page.trouble == []
                assert page.value("document.documentElement.scrollWidth") <= width
                assert page.value("document.title") == mail["Subject"]
                assert page.value("performance.getEntriesByType('resource').length") == 0
                assert page.value("document.querySelectorAll('script, link, img, style, form, iframe').length") == 0
                assert page.value("getComputedStyle(document.documentElement).colorScheme") == "light dark"
                assert page.value("[...document.querySelectorAll('a')].every(a => a.href.startsWith('https://pages.example/'))")
                if not dark:  # a ground of the reader's own is not seen by this
                    ratio, words = page.value(CONTRAST)
                    assert ratio >= 4.5, words


@needs_postfix
def test_a_summary_that_comes_to_our_own_doors(program, postfix, tlsrptd, tmp_path):
    """It is taken and forgotten: not kept as rejected, not bounced; and so is a bounce of it."""
    assert send(program, postfix.port).returncode == 0
    until(lambda: len(postfix.mails()) == 1)
    mail = postfix.mails()[0].as_bytes()
    bounce = (b"From: MAILER-DAEMON@sender.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
              b"--b\r\nContent-Type: text/plain\r\n\r\nundeliverable\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + mail + b"\r\n--b--\r\n")
    maildir = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    with tlsrptd.serve(maildir=maildir) as service:
        with Lmtp(service.lmtp) as session:
            session.hello()
            assert session.send(mail)[0].startswith("250 2.0.0 ignored")
            assert session.send(bounce)[0].startswith("250 2.0.0 ignored")
            assert session.send(re.sub(rb"(?m)^X-Tlsrptd.*\n", b"", mail))[0].startswith("250 2.0.0 rejected")
        (maildir / "tmp" / "1").write_bytes(mail)
        (maildir / "tmp" / "1").rename(maildir / "new" / "1")
        until(lambda: [path.name for path in (maildir / "cur").iterdir()] == ["1:2,S"])
    assert tlsrptd.database.query("SELECT count(*) FROM ledger.rejected") == [(1,)], "the one without our mark"
    assert tlsrptd.run("ingest", input=mail).returncode == 0


# --- what goes wrong ---

class Server(socketserver.ThreadingTCPServer):
    """An SMTP server that answers by a table: the first word of a command -> a reply; else 250."""
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, **replies):
        super().__init__(("127.0.0.1", 0), Session)
        self.replies, self.mails, self.commands = replies, [], []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    @property
    def port(self):
        return self.server_address[1]


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(self.server.replies.get("GREETING", "220 test"))
        for line in self.rfile:
            self.server.commands.append(line.decode().strip())
            word = line.split()[0].decode().upper()
            reply = self.server.replies.get(word, {"EHLO": "250-test\r\n250 SIZE 10000000", "DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 ok"))
            self.say(reply)
            if word == "DATA" and reply.startswith("354"):
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                self.server.mails.append(data)
                self.say(self.server.replies.get("END", "250 taken"))
            if word == "QUIT":
                return

    def say(self, reply):
        self.wfile.write(reply.encode() + b"\r\n")


@pytest.mark.parametrize("replies, code, text", [
    ({}, 0, ""),
    ({"GREETING": "421 busy"}, 75, "421"), ({"MAIL": "451 later"}, 75, "451"), ({"RCPT": "450 greylisted"}, 75, "450"), ({"END": "452 full"}, 75, "452"),
    ({"MAIL": "550 no"}, 69, "550"), ({"RCPT": "550 nobody"}, 69, "550"), ({"END": "554 spam"}, 69, "554"),
])
def test_exit_codes(program, replies, code, text):
    with Server(**replies) as server:
        done = send(program, server.port)
        assert (done.returncode, text in done.stderr) == (code, True), done.stderr
        assert "Traceback" not in done.stderr and "ops@box.example" not in done.stderr
        assert len(server.mails) == (1 if code == 0 or "END" in replies else 0)


def test_nobody_listens(program):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert send(program, port).returncode == 75


def test_some_are_sent_and_some_are_not(program):
    """To try again would send the first one twice: not 75."""
    with Server() as server:
        server.replies["RCPT"] = "250 ok"
        done = send(program, server.port, domains=["hand.example=anna@box.example", "nobody.example=ops@box.example"], quiet_weeks=False)
        assert done.returncode == 0 and len(server.mails) == 3
        assert "nobody.example in week" in done.stdout, "no report at all is worth telling"
    with Server() as server:
        class Second(dict):
            def get(self, word, otherwise=None):
                return "450 later" if word == "RCPT" and len(server.mails) == 1 else otherwise
        server.replies = Second()
        done = send(program, server.port, domains=["hand.example=anna@box.example"])
        assert done.returncode == 69 and "hand.example: " in done.stderr and len(server.mails) == 1


def test_quiet_weeks(tlsrptd, tmp_path):
    """Told by default, and not when that is not wanted."""
    path = tmp_path / "calm.json"
    path.write_text(json.dumps(report("one.example", "1", MONDAY, block("calm.example", "sts", ["version: STSv1"], 5))))
    tlsrptd.run("ingest", path)
    with Server() as server:
        assert "quiet: " in send(tlsrptd, server.port, quiet_weeks=False).stdout and not server.commands
        assert send(tlsrptd, server.port).returncode == 0
        assert b"nothing to do" in server.mails[0]
        assert "sent: calm.example" in send(tlsrptd, server.port, "calm.example", "--week", BEFORE).stdout


def test_the_same_mail_has_the_same_id(program):
    with Server() as server:
        for _ in range(2):
            assert send(program, server.port).returncode == 0
        ids = [re.search(rb"Message-ID: (\S+)", mail)[1] for mail in server.mails]
        assert ids[0] == ids[1]
        assert server.commands.count("MAIL FROM:<tlsrptd@sender.example> SIZE=%d" % (len(server.mails[0]) - 3)) == 2 or "MAIL FROM:" in server.commands[1]


def test_settings(program, tmp_path):
    for more, key in (({"url": ""}, "smtp.url"), ({"from": ""}, "smtp.from"), ({"to": []}, "smtp.to"), ({"tls": "x"}, "smtp.tls"),
                      ({"to": ["a@example.org\nBcc: b@example.org"]}, "smtp.to"), ({"domains": ["example.org"]}, "smtp.domains"),
                      ({"from": "a b <c>"}, "smtp.from"), ({"password_file": "/nowhere"}, "smtp.password_file")):
        done = send(program, 9, **more)
        assert done.returncode == 78 and key in done.stderr, (more, done.stderr)
    # TLS is asked of a server that has none.
    with Server() as server:
        assert send(program, server.port, tls="required").returncode == 78
        secret = tmp_path / "secret"
        secret.write_text("pass word\n")
        word = base64.b64encode(b"\0anna\0pass word").decode().upper()
        server.replies.update({"EHLO": "250-test\r\n250 AUTH PLAIN", "AUTH": "334 ", word: "535 no"})
        done = send(program, server.port, user="anna", password_file=secret)
        assert done.returncode == 77 and "pass word" not in done.stderr + done.stdout, done.stderr
        server.replies[word] = "235 come in"
        assert send(program, server.port, user="anna", password_file=secret).returncode == 0
    dump = program.run("config", "dump", settings=smtp(9, password="pass word")).stdout
    assert "pass word" not in dump and "tlsrptd@sender.example" in dump
