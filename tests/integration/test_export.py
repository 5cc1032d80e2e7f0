"""`tlsrptd export`: what it prints is what SQL says and what the API gives, in memory that does not grow.

SPDX-License-Identifier: MIT
"""
import csv
import io
import json
import os
import pathlib
import pty
import re
import subprocess

import corpus
import pytest
import requests
from conftest import PATIENCE, Tlsrptd

OK, USAGE, NO_INPUT, AWAY, WRITE, SETUP = 0, 64, 66, 69, 74, 78
KINDS = ("tally", "failures", "reports")


@pytest.fixture(scope="module")
def filled(postgres_server, migrated, certificate, tmp_path_factory, generated):
    """(program, database) with generated reports and our corpus, hostile texts and all."""
    database = postgres_server.create(migrated.name)
    program = Tlsrptd(database, tmp_path_factory.mktemp("export"), *certificate)
    directory, _ = generated(2000)
    program.run("ingest", directory)
    for sample in sorted(corpus.OWN.glob("*.json*")):
        if sample.suffix != ".expect":
            program.run("ingest", sample, check=False)
    yield program, database
    postgres_server.drop(database)


def export(program, *words, check=True):
    done = program.run("export", *words, check=check, text=False)
    return (done.stdout.decode() if check else done)


def rows_of(text):
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert all(len(row) == len(head) for row in rows)
    return [dict(zip(head, row)) for row in rows]


def test_default_is_the_tally_as_csv(filled):
    program, database = filled
    rows = rows_of(export(program))
    (want,) = database.query("SELECT sum(successful_sessions), sum(shared_successful_sessions), sum(failed_sessions) FROM tlsrpt.mx_daily")
    found = [sum(int(row[name]) for row in rows) for name in ("successful_sessions", "shared_successful_sessions", "failed_sessions")]
    assert found == [int(n) for n in want] and all(found)
    assert len(rows) > 3000  # several pages


@pytest.mark.parametrize("what", KINDS)
def test_json_and_csv_are_the_same(filled, what):
    program, _ = filled
    items = json.loads(export(program, "--what", what, "--format", "json"))
    rows = rows_of(export(program, f"--what={what}", "--format=csv"))
    assert len(items) == len(rows) > 1500
    for item, row in zip(items, rows):
        assert list(item) == list(row)
        for key, value in item.items():
            text = str(value).lower() if isinstance(value, bool) else " ".join(value) if isinstance(value, list) else str(value)
            text = "" if value is None else text
            assert row[key] in (text, "'" + text) and not re.match(r"[=+\-@\t\r\n]", row[key])


def test_one_object_a_line(filled):
    lines = export(filled[0], "--format", "json", "--to", "2024-12-31").splitlines()
    assert lines[0] == "[" and lines[-1] == "]" and all(json.loads(line.removesuffix(",")) for line in lines[1:-1])


@pytest.mark.parametrize("what", KINDS)
def test_equals_the_api(filled, what):
    """The same rows, whichever way they are asked for."""
    program, database = filled
    (domain,), = database.query("SELECT domain FROM tlsrpt.failure_daily GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
    items = json.loads(export(program, "--what", what, "--format", "json", "--domain", domain))
    with program.serve() as service:
        answer = requests.get(f"{service.web}/api/v1/{what}", params={"domain": domain, "limit": 10000}, timeout=60).json()
    assert items == answer["items"] and items and answer["next"] is None


def test_failures_and_reports(filled):
    program, database = filled
    failures = rows_of(export(program, "--what", "failures"))
    assert [(len(failures), sum(int(row["failed_sessions"]) for row in failures))] == database.query(
        "SELECT count(*), sum(failed_sessions)::bigint FROM ledger.failure")
    reports = rows_of(export(program, "--what", "reports"))
    assert [(len(reports), len({row["id"] for row in reports}), sum(int(row["failed_sessions"]) for row in reports))] == database.query(
        "SELECT count(*), count(*), sum(failed_sessions)::bigint FROM ledger.report")


def test_span(filled):
    """Both days included; none of them needs to be given."""
    program, database = filled
    whole = rows_of(export(program))
    days = sorted({row["day"] for row in whole if row["day"] > "2026"})
    begin, end = days[len(days) // 3], days[len(days) // 2]
    for words, fits in ((["--from", begin, "--to", end], lambda day: begin <= day <= end), (["--from", begin], lambda day: day >= begin),
                        (["--to", end], lambda day: day <= end), (["--from", end, "--to", end], lambda day: day == end)):
        assert rows_of(export(program, *words)) == [row for row in whole if fits(row["day"])]


def test_nothing_fits(filled):
    program, _ = filled
    empty = ["--from", "1985-01-01", "--to", "1985-12-31"]
    (head,) = csv.reader(io.StringIO(export(program, *empty)))
    assert head[0] == "day"
    assert json.loads(export(program, *empty, "--format", "json")) == []


# --- faults ---

@pytest.mark.parametrize("words, said", [
    (["--from", "2026-02-30"], "--from: must be a date that exists, such as 2026-10-01"),
    (["--from", "yesterday"], "--from: must be a date that exists"),
    (["--to", "2026-1-1"], "--to: must be a date that exists, such as 2026-10-31"),
    (["--to", ""], "--to: must be a date"),
    (["--from", "2026-10-02", "--to", "2026-10-01"], "--from: must not be later than --to"),
    (["--domain", "no name"], "--domain: must be a domain"),
    (["--format", "xml"], "--format: must be csv or json"),
    (["--what", "all"], "--what: must be tally, failures or reports"),
    (["--fun"], "there is no option --fun"),
    (["--from"], "--from lacks its value"),
    (["-xy"], "there is no option -x"),
    (["tally"], "takes options only"),
])
def test_wrong_options(tlsrptd, words, said):
    done = export(tlsrptd, *words, check=False)
    assert (done.returncode, done.stdout) == (USAGE, b"")
    assert said in done.stderr.decode() and "Usage: tlsrptd export" in done.stderr.decode()


def test_unknown_domain(filled):
    """Not an empty table: it is mistyped, more often than not."""
    done = export(filled[0], "--domain", "unknown.example", check=False)
    assert (done.returncode, done.stdout) == (NO_INPUT, b"") and b"unknown.example" in done.stderr


def test_database_away(tlsrptd, postgres):
    postgres.stop()
    done = export(tlsrptd, check=False)
    postgres.start()
    assert (done.returncode, done.stdout) == (AWAY, b"") and done.stderr.startswith(b"tlsrptd: export: database: ")


def test_database_without_tables(postgres, certificate, tmp_path):
    """It reads, and makes nothing."""
    fresh = postgres.create()
    done = export(Tlsrptd(fresh, tmp_path, *certificate), check=False)
    assert (done.returncode, done.stdout) == (SETUP, b"")
    assert fresh.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'ledger'") == [(0,)]
    postgres.drop(fresh)


def test_disk_full(filled):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(filled[0].command("export"), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == WRITE and b"No space left" in done.stderr


def test_nowhere_to_write(filled):
    """With standard output closed the database's connection must not take its number."""
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *filled[0].command("export")], stderr=subprocess.PIPE, check=False)
    assert done.returncode == WRITE and b"standard output: Bad file descriptor" in done.stderr


def test_reader_has_seen_enough(filled):
    process = subprocess.Popen(filled[0].command("export"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"day,domain,")
    process.stdout.close()
    assert (process.wait(60 * PATIENCE), process.stderr.read()) == (OK, b"")
    process.stderr.close()


# --- long ones ---

def peak(program, *words):
    """Most memory of one export, in KiB, and how many lines it printed. (What wait4() tells is never less
    than what the tests themselves had when they forked.)"""
    # Without the memory that AddressSanitizer holds back to find its use after free.
    environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"}
    process = subprocess.Popen(program.command("export", *words), stdout=subprocess.PIPE, env=environment)
    lines = most = 0
    for _ in process.stdout:
        lines += 1
        if lines % 100 == 0:  # it lives: a pipe holds less than what is left, but at the very end
            found = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{process.pid}/status").read_text())
            most = int(found[1]) if found else most
    process.stdout.close()
    assert process.wait(60 * PATIENCE) == 0 and most
    return most, lines


def test_constant_memory(filled):
    """Fifty times the rows, no more memory."""
    program, database = filled
    _, before = peak(program, "--format", "json")
    database.query("""
        INSERT INTO ledger.tally
        SELECT domain_id, day - 1000 * n, reporter_id, policy_id, mx_id, result, trusted, policy_type, sessions, mirrored_sessions, reports
          FROM ledger.tally, generate_series(1, 3) n WHERE day > '2025-01-01'""")
    few, small = peak(program, "--format", "json", "--from", "2025-01-01")
    database.query("""
        INSERT INTO ledger.tally
        SELECT domain_id, day - 30 * n, reporter_id, policy_id, mx_id, result, trusted, policy_type, sessions, mirrored_sessions, reports
          FROM ledger.tally, generate_series(1, 60) n WHERE day > '2026-09-01' AND day < '2030-01-01'
            ON CONFLICT DO NOTHING""")
    try:
        many, large = peak(program, "--format", "json")
        print(f"{small} lines {few} KiB, {large} lines {many} KiB")
        assert large > 20 * small >= before / 2
        assert many < few * 1.3 + 4096
    finally:
        database.query("DELETE FROM ledger.tally WHERE day < '2026-09-01' AND day > '2010-01-01'")


def test_progress(filled):
    """On a terminal, and only where it does not run into the output: how far, how many, how long still."""
    program, _ = filled
    for output, shown in ((subprocess.DEVNULL, True), (None, False)):
        master, slave = pty.openpty()
        process = subprocess.Popen(program.command("export", "--what", "tally"), stdin=subprocess.DEVNULL,
                                   stdout=slave if output is None else output, stderr=slave)
        os.close(slave)
        written = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            written += piece
        os.close(master)
        assert process.wait(60 * PATIENCE) == OK
        bars = re.findall(r"\r\[[#-]+\] +(\d+) % +(\d+) rows +\d+/s +\d+:\d\d left", written.decode())
        assert bool(bars) == shown, written[-500:]
        assert bars == sorted(bars, key=lambda bar: int(bar[1]))
    assert "\x1b" not in program.run("export").stderr


def test_standalone(standalone):
    """With the database of a running service's own."""
    with standalone.serve("--demo") as service:
        service.wait_for("^demo .*stored=")
        done = standalone.run("export", "--what", "reports", "--format", "json")
        assert len(json.loads(done.stdout)) == int(standalone.query("SELECT count(*) FROM ledger.report")[0][0])
