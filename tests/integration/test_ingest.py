"""`tlsrptd ingest`: files, directories, maildirs, mboxes, stdin; what it prints and how it ends.

SPDX-License-Identifier: MIT
"""
import json
import os
import pty
import random
import re
import shutil
import subprocess

import corpus
import pytest

OK, DATAERR, NOINPUT, UNAVAILABLE, TEMPFAIL, NOPERM, USAGE = 0, 65, 66, 69, 75, 77, 64

GOOD = corpus.OWN / "sender-google.json"
PACKED = corpus.OWN / "sender-google-no-policy.json.gz"
MAIL = corpus.OWN / "mail-report-gzip.eml"
BAD = corpus.OWN / "rejected-policies-empty.json"


def reports(database):
    return database.query("SELECT count(*) FROM ledger.report")[0][0]


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_files(tlsrptd, database):
    done = tlsrptd.run("ingest", GOOD, PACKED, MAIL)
    assert re.search(r"stored 3\b.*duplicate 0\b.*rejected 0\b.*refused 0\b", done.stdout), done.stdout
    done = tlsrptd.run("ingest", GOOD, PACKED, MAIL)
    assert re.search(r"stored 0\b.*duplicate 3\b", done.stdout), done.stdout
    assert reports(database) == 3
    assert database.query("SELECT DISTINCT source FROM ledger.report") == [("command",)]


def test_json_lines(tlsrptd):
    told = {line["path"]: line for line in lines(tlsrptd.run("ingest", "--json", GOOD, BAD, check=False))}
    good, bad = told[str(GOOD)], told[str(BAD)]
    assert good["outcome"] == "stored" and good["id"]
    assert (good["organization"], good["domain"], good["successful"], good["failed"]) == (
        "Google Inc.", "google-like.example", 412, 3)
    assert bad["outcome"] == "rejected" and bad["reason"].startswith("policies")


def test_exit_codes(tlsrptd, database, postgres, tmp_path):
    def code(*words, **how):
        return tlsrptd.run(*words, check=False, **how).returncode

    assert code("ingest", GOOD) == OK
    assert code("ingest", GOOD, BAD) == DATAERR
    assert code("ingest", GOOD, domains=["ours.example"]) == NOPERM
    assert code("ingest", tmp_path / "nothing-here") == NOINPUT
    assert code("ingest", "--no-such-option") == USAGE
    postgres.stop()
    try:
        assert code("ingest", GOOD) in (UNAVAILABLE, TEMPFAIL)
        assert code("ingest", "-", input=MAIL.read_bytes()) == TEMPFAIL
    finally:
        postgres.start()
    assert code("ingest", "-", input=MAIL.read_bytes()) == OK
    assert reports(database) == 2


def test_unknown_path_is_named(tlsrptd, tmp_path):
    done = tlsrptd.run("ingest", GOOD, tmp_path / "nothing-here", check=False)
    assert done.returncode == NOINPUT
    assert "nothing-here" in done.stderr


def test_trusted(tlsrptd, database):
    """Reports are believed only when the operator says so."""
    tlsrptd.run("ingest", GOOD)
    tlsrptd.run("ingest", "--trusted", PACKED)
    assert database.query("SELECT o.name, r.report_id LIKE %s, trusted FROM ledger.report r JOIN ledger.reporter o"
                          " ON o.id = r.reporter_id ORDER BY trusted", "%none%") == [
        ("Google Inc.", False, False), ("Google Inc.", True, True)]


def test_stdin(tlsrptd, database):
    """One message from a mail server: kept even when it cannot be counted, so that it is not bounced."""
    assert tlsrptd.run("ingest", "-", input=MAIL.read_bytes()).returncode == OK
    assert tlsrptd.run("ingest", input=PACKED.read_bytes()).returncode == OK
    assert tlsrptd.run("ingest", "-", input=BAD.read_bytes()).returncode == OK
    assert reports(database) == 2
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(1,)]


def test_directory(tlsrptd, database, tmp_path):
    """All below it; hidden files and links into nothing are left out."""
    deep = tmp_path / "reports" / "2026" / "09"
    deep.mkdir(parents=True)
    for source in (GOOD, PACKED, MAIL):
        shutil.copy(source, deep)
    shutil.copy(BAD, tmp_path / "reports")
    (deep / "dangling.json").symlink_to("/nonexistent")
    (deep / "loop").symlink_to(tmp_path / "reports")
    (deep / ".hidden.json").write_text("{")
    done = tlsrptd.run("ingest", "--json", tmp_path / "reports", check=False)
    told = {os.path.basename(line["path"]): line["outcome"] for line in lines(done)}
    assert {name: told[name] for name in (GOOD.name, PACKED.name, MAIL.name)} == dict.fromkeys(
        (GOOD.name, PACKED.name, MAIL.name), "stored")
    assert told[BAD.name] == "rejected"
    assert reports(database) == 3


def test_maildir(tlsrptd, database, tmp_path):
    """Read, and left as it is: moving files is the service's work."""
    maildir = tmp_path / "Maildir"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    shutil.copy(MAIL, maildir / "new" / "1788220800.M1.receiver")
    shutil.copy(corpus.OWN / "mail-mixed.eml", maildir / "cur" / "1788220800.M2.receiver:2,S")
    shutil.copy(corpus.OWN / "mail-inline.eml", maildir / "tmp" / "1788220800.M3.receiver")
    tlsrptd.run("ingest", maildir)
    assert sorted(d for d, in database.query("SELECT name FROM ledger.domain")) == [
        "mail-mixed.example", "mail-report-gzip.example"]
    assert os.listdir(maildir / "new") == ["1788220800.M1.receiver"]


def mbox(path, samples):
    """As delivery agents write it: a From line before each message, such lines in it quoted."""
    with open(path, "wb") as file:
        for sample in samples:
            file.write(b"From tlsrpt@mail.example.net Wed Sep  2 00:41:07 2026\n")
            for line in sample.read_bytes().replace(b"\r\n", b"\n").splitlines(keepends=True):
                file.write((b">" if re.match(rb">*From ", line) else b"") + line)
            file.write(b"\n")


def test_mbox(tlsrptd, database, tmp_path):
    samples = [sample for sample in corpus.own() if sample.is_mail and not sample.name.startswith("mail-mbox")]
    mbox(tmp_path / "mbox", [sample.path for sample in samples])
    done = tlsrptd.run("ingest", "--json", tmp_path / "mbox", check=False)
    assert done.returncode == DATAERR
    outcomes = [line["outcome"] for line in lines(done)]
    assert len(outcomes) == len(samples)
    assert corpus.faults_in(database, samples) == []
    again = tlsrptd.run("ingest", "--json", tmp_path / "mbox", check=False)
    assert "stored" not in [line["outcome"] for line in lines(again)]


def test_empty_directory(tlsrptd, tmp_path):
    (tmp_path / "empty").mkdir()
    assert tlsrptd.run("ingest", tmp_path / "empty").returncode == OK


def on_a_terminal(tlsrptd, *words):
    """Runs it with a terminal as its output and errors; returns all that it wrote there."""
    master, slave = pty.openpty()
    process = subprocess.Popen(tlsrptd.command(*words), stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
    os.close(slave)
    written = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the last writer is gone
            break
        if not piece:
            break
        written += piece
    os.close(master)
    return process.wait(60), written.decode()


def test_progress(tlsrptd, database, generated):
    """On a terminal a bar with count, rate and time left, overwritten in place; the sums stay at the end."""
    directory, made = generated(2000)
    code, written = on_a_terminal(tlsrptd, "ingest", directory)
    assert code == OK
    assert "\r" in written
    bars = re.findall(r"\r\[[#-]+\] +(\d+) % +(\d+) reports +\d+/s +\d+:\d\d left", written)
    assert len(bars) >= 2, written
    assert bars == sorted(bars, key=lambda bar: (int(bar[0]), int(bar[1]))), written
    last = written.rstrip().splitlines()[-1]
    assert re.search(r"stored 2000\b", last), last
    assert reports(database) == made["reports"]


def test_no_progress_elsewhere(tlsrptd, generated):
    directory, _ = generated(300)
    done = tlsrptd.run("ingest", directory)
    assert "\r" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_beside_a_running_service(tlsrptd, service, database, generated):
    """Both write; nothing is lost or counted twice."""
    directory, made = generated(500)
    processes = [subprocess.Popen(tlsrptd.command("ingest", directory), stdout=subprocess.PIPE) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == OK
    assert reports(database) == made["reports"]
    rows = database.query("SELECT sum(successful_sessions + shared_successful_sessions) FROM tlsrpt.mx_daily")
    assert int(rows[0][0]) == made["successful"]


@pytest.mark.parametrize("size", [1, 1000, 70000])
def test_garbage(tlsrptd, database, tmp_path, size):
    """Bytes of any kind are kept with a reason, never a crash."""
    (tmp_path / "garbage").mkdir()
    for number in range(5):
        (tmp_path / "garbage" / str(number)).write_bytes(random.Random(number).randbytes(size))
    done = tlsrptd.run("ingest", "--json", tmp_path / "garbage", check=False)
    assert done.returncode == DATAERR
    assert {line["outcome"] for line in lines(done)} == {"rejected"}
