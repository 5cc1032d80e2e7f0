"""Senders at every door, who go on whatever happens and remember what was acknowledged.

A sender that gets no answer, or is told to come again, sends the same report again later, as real ones
do. What is acknowledged is a promise: 200, 201 and 202, the 250 after a message, a file moved to cur/,
a line of `ingest --json`.

SPDX-License-Identifier: MIT
"""
import base64
import gzip
import json
import pathlib
import random
import subprocess
import threading
import time

import doors
import requests

DOMAINS = [f"d{number}.example" for number in range(6)]
RESULTS = ["certificate-expired", "starttls-not-supported", "validation-failure"]


def report_body(rng, name):
    """One report whose report-id is NAME; its counts and shape are drawn."""
    domain = rng.choice(DOMAINS)
    day = rng.randrange(20, 23)
    policies = []
    for of in {domain, rng.choice(DOMAINS)} if rng.random() < 0.2 else {domain}:
        hosts = [f"mx{host}.{of}" for host in range(1, 3)]
        details = [{"result-type": rng.choice(RESULTS), "sending-mta-ip": "192.0.2.1", "receiving-mx-hostname": rng.choice(hosts),
                    "failed-session-count": rng.randint(1, 5)} for _ in range(rng.randrange(3))]
        policies.append({"policy": {"policy-type": "sts", "policy-domain": of, "mx-host": hosts,
                                    "policy-string": ["version: STSv1", "mode: enforce", "mx: *." + of, "max_age: 86400"]},
                         "summary": {"total-successful-session-count": rng.randrange(1000),
                                     "total-failure-session-count": sum(d["failed-session-count"] for d in details)},
                         "failure-details": details})
    return json.dumps({"organization-name": f"Org {rng.randrange(4)}", "contact-info": "tls@sender.example", "report-id": name,
                       "date-range": {"start-datetime": f"2026-11-{day}T00:00:00Z", "end-datetime": f"2026-11-{day}T23:59:59Z"},
                       "policies": policies}).encode()


def as_mail(body):
    """The report in a mail (RFC 8460 section 5.3); plain where it is to be found in what is rejected."""
    head = b"From: tlsrpt@sender.example\r\nTo: tlsrpt@receiver.example\r\nSubject: Report\r\nMIME-Version: 1.0\r\n"
    if b"poison" in body:
        return head + b"Content-Type: application/tlsrpt+json\r\n\r\n" + body + b"\r\n"
    return (head + b"Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(gzip.compress(body)).replace(b"\n", b"\r\n"))


class Book:
    """What was sent and what was acknowledged. Everything is under one lock."""

    def __init__(self, seed):
        self.lock = threading.Lock()
        self.rng = random.Random(seed)
        self.count = 0
        self.acknowledged = {}  # report-id -> how
        self.open = []  # (report-id, body): sent without an answer, or not taken
        self.answers = {}  # (door, answer) -> how often
        self.poison_share = 0
        self.known = []  # some that were acknowledged, to be sent once more

    def next(self):
        """A report to be sent: a new one, or one that nobody has acknowledged yet, or, now and then, a known one again."""
        with self.lock:
            if self.open and self.rng.random() < 0.4:
                return self.open.pop(self.rng.randrange(len(self.open)))
            if self.known and self.rng.random() < 0.05:
                return self.rng.choice(self.known)
            self.count += 1
            poison = self.rng.random() < self.poison_share
            name = f"{'poison' if poison else 'good'}-{self.count}"
            return name, report_body(self.rng, name)

    def note(self, report, door, answer, taken):
        with self.lock:
            self.answers[door, answer] = self.answers.get((door, answer), 0) + 1
            if taken:
                self.acknowledged.setdefault(report[0], f"{door} {answer}")
                self.known = self.known[-50:] + [report]
            elif report[0] not in self.acknowledged:
                self.open.append(report)


class Sender(threading.Thread):
    """One of them; goes on until it is stopped, and rests while it is paused."""

    def __init__(self, door, book, service, rate=0.0):
        super().__init__(daemon=True)
        self.door, self.book, self.service, self.rate = door, book, service, rate
        self.going, self.idle, self.ending = threading.Event(), threading.Event(), False
        self.trouble = None

    def run(self):
        try:
            while not self.ending:
                self.idle.set()
                if not self.going.wait(0.2):
                    continue
                self.idle.clear()
                self.once()
                if self.rate:
                    time.sleep(self.rate)
        except BaseException as trouble:  # pylint: disable=broad-exception-caught
            self.trouble = trouble  # of the suite itself; shown by whoever looks
        finally:
            self.idle.set()

    def once(self):
        report = self.book.next()
        address = self.service()
        answer, taken = "no service", False
        if address:
            try:
                answer, taken = self.send(address, report)
            except (OSError, requests.RequestException, EOFError, AssertionError, UnicodeDecodeError) as fault:
                answer = type(fault).__name__
                self.reset()
        self.book.note(report, self.door, answer, taken)
        if not taken:
            time.sleep(0.02)

    def reset(self):
        """The connection is of no use any more."""


class HttpsSender(Sender):
    """POSTs, a connection for many."""

    def __init__(self, book, service):
        super().__init__("https", book, service)
        self.reset()

    def reset(self):
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, address, report):
        name, body = report
        poison = name.startswith("poison")
        answer = self.session.post(address.https, data=body if poison else gzip.compress(body), timeout=10, verify=False,
                                   headers={"Content-Type": "application/tlsrpt+json" if poison else "application/tlsrpt+gzip"})
        return answer.status_code, answer.status_code in (200, 201, 202) or (poison and answer.status_code == 400)


class LmtpSender(Sender):
    """A session for many messages."""

    def __init__(self, book, service):
        super().__init__("lmtp", book, service)
        self.session, self.address = None, None

    def reset(self):
        if self.session:
            self.session.socket.close()
        self.session = None

    def send(self, address, report):
        if self.session is None or self.address is not address:
            self.reset()
            self.session, self.address = doors.Lmtp(address.lmtp, timeout=10), address
            self.session.hello()
        reply, = self.session.send(as_mail(report[1]))
        if not reply:
            raise EOFError
        return reply[:3], reply.startswith("250")


class MaildirSender(Sender):
    """Drops files, and sees what was moved; its door is the file system and so is there even without the service."""

    def __init__(self, book, maildir):
        super().__init__("maildir", book, lambda: self, rate=0.01)
        self.maildir = pathlib.Path(maildir)
        self.dropped, self.number = {}, 0  # file name -> report
        for name in ("tmp", "new", "cur"):
            (self.maildir / name).mkdir(parents=True, exist_ok=True)

    def once(self):
        report = self.book.next()
        self.number += 1
        name = f"{report[0]}.{self.number}"
        (self.maildir / "tmp" / name).write_bytes(as_mail(report[1]))
        self.dropped[name] = report
        (self.maildir / "tmp" / name).rename(self.maildir / "new" / name)

    def collect(self):
        """Notes what lies in cur/ by now, and takes it away."""
        for path in list((self.maildir / "cur").iterdir()):
            name, _, flags = path.name.partition(":2,")
            poison = name.startswith("poison")
            self.book.note(self.dropped.pop(name), "maildir", flags, flags == "S" or (poison and flags == "F"))
            path.unlink()

    def waiting(self):
        return sum(1 for _ in (self.maildir / "new").iterdir())


class CommandSender(Sender):
    """`tlsrptd ingest`, some of which are killed."""

    def __init__(self, book, words, directory, seed):
        super().__init__("ingest", book, lambda: self)
        self.words, self.directory, self.rng = words, pathlib.Path(directory), random.Random(seed)
        self.directory.mkdir()

    def once(self):
        reports = {}
        for _ in range(self.rng.randrange(1, 30)):
            report = self.book.next()
            reports[report[0]] = report
            (self.directory / (report[0] + ".json")).write_bytes(report[1])
        process = subprocess.Popen([*self.words, *(str(self.directory / (name + ".json")) for name in reports)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        timer = threading.Timer(self.rng.random() * 0.6, process.kill)
        if self.rng.random() < 0.5:
            timer.start()
        output, _ = process.communicate(timeout=120)
        timer.cancel()
        for line in output.decode("utf-8", "replace").splitlines():
            try:
                answer = json.loads(line)
            except ValueError:
                continue  # cut off by the kill
            name = pathlib.Path(answer["path"]).stem
            taken = answer["outcome"] in ("stored", "duplicate") or (name.startswith("poison") and answer["outcome"] == "rejected")
            self.book.note(reports.pop(name), "ingest", answer["outcome"], taken)
        for report in reports.values():
            self.book.note(report, "ingest", "killed", False)
        for path in self.directory.iterdir():
            path.unlink()
