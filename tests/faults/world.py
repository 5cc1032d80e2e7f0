"""One database, one or two services, senders at all doors; and the check that must hold whenever things have
settled: what was acknowledged is stored, each report once, and every count is what the originals say.

SPDX-License-Identifier: MIT
"""
import contextlib
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time

import load
import processes
import psycopg2
import urllib3

urllib3.disable_warnings()


class Broken(Exception):
    """What must not be."""


class World:
    """Made for one scenario and thrown away with it."""

    def __init__(self, postgres, seed, services=1, conninfo=None, env=None, settings=None, spool=None):
        self.postgres, self.rng, self.env = postgres, random.Random(seed), env
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd.faults.", dir="/tmp"))
        self.database = postgres.create()
        self.program = processes.Tlsrptd(self.database, self.directory, *processes.make_certificate(self.directory))
        self.sample = self.program.run("config", "sample").stdout
        self.spools = [pathlib.Path(spool) if spool else self.directory / f"spool{number}" for number in range(services)]
        self.maildirs = [self.directory / f"Maildir{number}" for number in range(services)]
        for maildir in self.maildirs:
            for name in ("tmp", "new", "cur"):
                (maildir / name).mkdir(parents=True)
        self.files = [self.settings_file(number, conninfo, settings or {}) for number in range(services)]
        self.program.run("migrate")
        self.services = [None] * services
        self.ports = {}
        self.book = load.Book(seed)
        self.senders = []
        self.checks = 0

    def knows(self, key):
        """True when the program has this setting."""
        section, name = key.split(".")
        return re.search(rf"^{section} {{\n(?:(?!}}).*\n)*? *#?{name} = ", self.sample, re.M) is not None

    def settings_file(self, number, conninfo, settings):
        layers = [{"maildir": {"path": self.maildirs[number], "rescan_seconds": 1}}, settings]
        for key, value in {"spool.path": self.spools[number], "collector.per_client": 0, "limits.client_per_hour": 0,
                           "limits.reporter_per_hour": 0, "limits.rejected_per_hour": 0}.items():
            if self.knows(key):
                section, name = key.split(".")
                layers.append({section: {name: value}})
        if conninfo:
            layers.append({"database": {"url": conninfo}})
        return self.program.write_settings(settings=processes.merged(*layers))

    @property
    def spooling(self):
        """True when the program can keep reports on the disk while the database is away."""
        return self.knows("spool.path")

    # --- services ---

    def start(self, number=0, ready=True):
        service = self.program.start(ready=ready, env=self.env, settings_file=self.files[number])
        self.services[number] = service if ready else None
        return service

    def kill(self, number=0):
        service, self.services[number] = self.services[number], None
        if service:
            service.kill()

    def service(self):
        """One of those that run, or None."""
        return self.book.rng.choice([*filter(None, self.services), None][:max(1, len([*filter(None, self.services)]))])

    # --- senders ---

    def load(self, https=3, lmtp=2, maildir=True, command=True):
        self.senders = [load.HttpsSender(self.book, self.service) for _ in range(https)]
        self.senders += [load.LmtpSender(self.book, self.service) for _ in range(lmtp)]
        if maildir:
            self.senders += [load.MaildirSender(self.book, path) for path in self.maildirs]
        if command:
            words = self.program.words("ingest", self.files[0], ["--json"])
            self.senders.append(load.CommandSender(self.book, words, self.directory / "ingest", self.rng.random()))
        for sender in self.senders:
            sender.start()

    def go(self, seconds, seen=lambda: True):
        """Everybody sends for so long, and until what is to be seen was seen, at most half a minute."""
        for sender in self.senders:
            sender.going.set()
        time.sleep(seconds)
        self.until(seen, 30, lambda: "what is to be tried did not happen")

    def answered(self, *wanted):
        """True when a door has given one of these answers."""
        with self.book.lock:
            return any(answer in wanted for _, answer in self.book.answers)

    def acknowledged(self, prefix=""):
        with self.book.lock:
            return sum(name.startswith(prefix) for name in self.book.acknowledged)

    def rest(self):
        """Nobody sends; returns when the last one has its answer."""
        for sender in self.senders:
            sender.going.clear()
        for sender in self.senders:
            time.sleep(0.01)
            if not sender.idle.wait(90):
                raise Broken(f"a sender at {sender.door} has no answer for 90 s")
            if sender.trouble:
                raise sender.trouble

    # --- the check ---

    def waiting(self):
        """Files that the services have yet to take."""
        spooled = sum(len(os.listdir(spool / "new")) for spool in self.spools if (spool / "new").is_dir())
        return spooled + sum(len(os.listdir(maildir / "new")) for maildir in self.maildirs)

    def settle(self, seconds=60):
        """Rests until everything that waits is taken and nothing is under way in the database."""
        self.rest()
        self.until(lambda: self.waiting() == 0, seconds, lambda: f"{self.waiting()} files are not taken")
        for sender in self.senders:
            if isinstance(sender, load.MaildirSender):
                sender.collect()

    def until(self, true, seconds, what):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise Broken(f"{what()} after {seconds} s; answers: {self.book.answers}\n{self.logs()}")
            time.sleep(0.02)

    def logs(self):
        return "\n".join(service.log[-3000:] for service in self.services if service)

    def stored(self):
        """report-id -> how often it is in the ledger, as a report, another sender's, or a conflict."""
        rows = self.database.query("SELECT report_id, count(*) FROM ledger.report GROUP BY 1")
        return dict(rows)

    def check(self):
        """Raises Broken unless all is as promised."""
        self.settle()
        self.checks += 1
        stored = self.stored()
        poisoned = {name for name in self.book.acknowledged if name.startswith("poison")}
        lost = sorted(set(self.book.acknowledged) - set(stored) - self.rejected(poisoned))
        doubled = sorted(name for name, times in stored.items() if times > 1)
        conflicts = self.database.query("SELECT count(*) FROM ledger.conflict")[0][0]
        self.result = {"acknowledged": len(self.book.acknowledged), "stored": len(stored), "lost": len(lost),
                       "doubled": len(doubled) + conflicts}
        if lost:
            raise Broken("lost: " + ", ".join(f"{name} ({self.book.acknowledged[name]})" for name in lost[:10]) + f"\n{self.logs()}")
        if doubled or conflicts:
            raise Broken(f"doubled: {doubled[:10]}, conflicts: {conflicts}")
        done = self.program.run("reingest", "--verify", check=False)
        if done.returncode != 0:
            raise Broken(f"the counts are not those of the originals:\n{done.stdout[-3000:]}{done.stderr}")

    def rejected(self, names):
        """Those of NAMES that lie among what was rejected."""
        if not names:
            return set()
        rows = self.database.query("SELECT convert_from(head, 'UTF8') FROM ledger.rejected WHERE position('poison'::bytea IN head) > 0")
        kept = {name for text, in rows for name in re.findall(r"poison-\d+", text)}
        return names & kept

    def close(self):
        for sender in self.senders:
            sender.ending = True
            sender.going.clear()
        for sender in self.senders:
            sender.join(30)
        for number, service in enumerate(self.services):
            if service:
                with contextlib.suppress(AssertionError):
                    service.stop()
                self.kill(number)
        self.postgres.drop(self.database)
        shutil.rmtree(self.directory, ignore_errors=True)


@contextlib.contextmanager
def small_disk(kilobytes):
    """A directory on a disk of its own, of so little room; None where that may not be made."""
    directory = processes.directory_of_account()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(directory)]
    made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        if made and processes.ROOT:
            os.chown(directory, processes.ACCOUNT.pw_uid, processes.ACCOUNT.pw_gid)
        yield directory if made else None
    finally:
        if made:
            subprocess.run(["umount", "-l", str(directory)], check=False)
        shutil.rmtree(directory, ignore_errors=True)


def asked(database, statement):
    """A statement on a server that may be away."""
    with contextlib.suppress(psycopg2.Error):
        database.query(statement)
        return True
    return False
