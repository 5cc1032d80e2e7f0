"""The maildir door: files that appear in new/ are counted and moved to cur/ with the right flags.

SPDX-License-Identifier: MIT
"""
import os

import corpus
import doors
import pytest


class Maildir:
    def __init__(self, path):
        self.path = path
        self.sent = 0
        for name in ("tmp", "new", "cur"):
            (path / name).mkdir(parents=True)

    def deliver(self, data):
        """As a delivery agent does: written in tmp/, then renamed; returns the file's name."""
        self.sent += 1
        name = f"1788220800.M{self.sent}P{os.getpid()}.receiver"
        (self.path / "tmp" / name).write_bytes(data)
        (self.path / "tmp" / name).rename(self.path / "new" / name)
        return name

    def new(self):
        return sorted(os.listdir(self.path / "new"))

    def cur(self):
        """name -> flags"""
        return dict(name.split(":2,") for name in os.listdir(self.path / "cur"))


@pytest.fixture
def maildir(tlsrptd):
    return Maildir(tlsrptd.directory / "Maildir")


def sample(name):
    return (corpus.OWN / name).read_bytes()


def numbered(number):
    return sample("mail-report-json.eml").replace(b"mail-report-json-1", b"maildir-%d" % number)


def test_flags(tlsrptd, database, maildir):
    """Seen when counted or known, flagged when it cannot be counted."""
    with tlsrptd.serve(maildir=maildir.path):
        good = maildir.deliver(sample("mail-report-gzip.eml"))
        again = maildir.deliver(sample("mail-report-gzip.eml"))
        bad = maildir.deliver(sample("rejected-mail-zip.eml"))
        mixed = maildir.deliver(sample("mail-one-good-one-bad.eml"))
        doors.until(lambda: maildir.new() == [])
        doors.until(lambda: maildir.cur() == {good: "S", again: "S", bad: "F", mixed: "S"})
    assert database.query("SELECT count(*), sum(arrivals) FROM ledger.report") == [(2, 3)]
    assert database.query("SELECT DISTINCT source FROM ledger.report") == [("maildir",)]
    assert os.listdir(maildir.path / "tmp") == []


def test_what_lay_there_before(tlsrptd, database, maildir):
    names = {maildir.deliver(numbered(number)) for number in range(50)}
    with tlsrptd.serve(maildir=maildir.path):
        doors.until(lambda: set(maildir.cur()) == names)
    assert database.query("SELECT count(*) FROM ledger.report") == [(50,)]


def test_refused(tlsrptd, database, maildir):
    with tlsrptd.serve(maildir=maildir.path, domains=["ours.example"]):
        name = maildir.deliver(sample("mail-report-gzip.eml"))
        doors.until(lambda: maildir.cur() == {name: "T"})
    assert database.query("SELECT count(*) FROM ledger.report") == [(0,)]


def test_corpus(tlsrptd, database, maildir):
    samples = [sample for sample in corpus.own() if sample.is_mail]
    with tlsrptd.serve(maildir=maildir.path):
        flags = {maildir.deliver(sample.path.read_bytes()): "S" if sample.outcome == "stored" else "F" for sample in samples}
        doors.until(lambda: len(maildir.cur()) == len(samples))
    assert maildir.cur() == flags
    assert corpus.faults_in(database, samples) == []


def test_two_services_on_one_maildir(tlsrptd, database, maildir):
    """Both read; each file is counted once and moved once."""
    with tlsrptd.serve(maildir=maildir.path), tlsrptd.serve(maildir=maildir.path):
        names = {maildir.deliver(numbered(number)) for number in range(300)}
        doors.until(lambda: set(maildir.cur()) == names, 60)
        assert maildir.new() == []
    assert set(maildir.cur().values()) == {"S"}
    assert database.query("SELECT count(*) FROM ledger.report") == [(300,)]
    successful = 10 * 300
    assert corpus.sums(database, ["mail-report-json.example"]) == (successful, 0, 0)


def test_database_away(tlsrptd, database, maildir, postgres):
    """What could not be stored stays in new/ and is taken when the database is back."""
    with tlsrptd.serve(maildir=maildir.path):
        first = maildir.deliver(numbered(1))
        doors.until(lambda: maildir.cur() == {first: "S"})
        postgres.stop()
        try:
            second = maildir.deliver(numbered(2))
            third = maildir.deliver(sample("rejected-mail-zip.eml"))
            doors.until(lambda: maildir.new() == sorted([second, third]))
        finally:
            postgres.start()
        doors.until(lambda: maildir.cur() == {first: "S", second: "S", third: "F"}, 90)
    assert database.query("SELECT count(*), sum(arrivals) FROM ledger.report") == [(2, 2)]


def test_odd_entries(tlsrptd, database, maildir):
    """A subdirectory, a link into nothing and an empty file do not stop the rest."""
    (maildir.path / "new" / "folder").mkdir()
    (maildir.path / "new" / "dangling").symlink_to("/nonexistent")
    (maildir.path / "new" / ".hidden").write_bytes(b"x")
    empty = maildir.deliver(b"")
    with tlsrptd.serve(maildir=maildir.path):
        good = maildir.deliver(numbered(1))
        doors.until(lambda: maildir.cur().get(good) == "S")
        doors.until(lambda: maildir.cur().get(empty) == "F")
    assert (maildir.path / "new" / "folder").is_dir()
    assert (maildir.path / "new" / ".hidden").exists()
