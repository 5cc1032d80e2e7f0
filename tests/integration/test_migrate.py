"""`tlsrptd migrate` and `tlsrptd db`: again, at once, on an empty and on a foreign database.

SPDX-License-Identifier: MIT
"""
import subprocess

import conftest
import corpus
import psycopg2
import pytest


@pytest.fixture
def empty(postgres, certificate, tmp_path):
    """The program with a database in which there is nothing at all."""
    fresh = postgres.create()
    yield conftest.Tlsrptd(fresh, tmp_path, *certificate)
    postgres.drop(fresh)


def schema(database):
    """What migrations make, without the partitions of months."""
    return database.query("""
        SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE n.nspname IN ('ledger', 'tlsrpt') AND a.attnum > 0 AND NOT c.relispartition ORDER BY 1, 2, a.attnum""")


def test_again(empty):
    empty.run("migrate")
    first = schema(empty.database)
    assert ("tlsrpt", "mx_daily", "domain", "text", False) in first
    empty.run("migrate")
    assert schema(empty.database) == first


def test_at_once(empty):
    """Several programs start after an upgrade: one of them migrates, all of them succeed."""
    processes = [subprocess.Popen(empty.command("migrate"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                 for _ in range(8)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert ("tlsrpt", "mx_daily", "domain", "text", False) in schema(empty.database)


def test_ingest_on_an_empty_database(empty):
    """Nobody has to think of `migrate`, and two that begin together do not disturb each other."""
    samples = [corpus.OWN / "sender-google.json", corpus.OWN / "mail-report-gzip.eml"]
    processes = [subprocess.Popen(empty.command("ingest", sample), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                 for sample in samples]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert empty.database.query("SELECT count(*) FROM ledger.report") == [(2,)]


def test_data_survives(tlsrptd, database):
    tlsrptd.run("ingest", corpus.OWN / "sender-google.json")
    before = corpus.counts(database)
    tlsrptd.run("migrate")
    assert corpus.counts(database) == before


def test_db_url(tlsrptd, database):
    """What it prints can be given to any client of PostgreSQL."""
    tlsrptd.run("ingest", corpus.OWN / "sender-google.json")
    url = tlsrptd.run("db", "url").stdout.strip()
    assert "\n" not in url
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT sum(failed_sessions) FROM tlsrpt.mx_daily")
        assert cursor.fetchone() == (3,)
    connection.close()
    done = subprocess.run(["psql", "-X", "-A", "-t", "-d", url, "-c", "SELECT count(*) FROM ledger.report"],
                          capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_newer_database(tlsrptd, database):
    """A program that is older than the database says so and touches nothing."""
    database.query("INSERT INTO ledger_migration (number, name) SELECT max(number) + 1000, 'of the future' FROM ledger_migration")
    done = tlsrptd.run("migrate", check=False)
    assert done.returncode == 78
    assert "newer" in done.stderr
    done = tlsrptd.run("ingest", corpus.OWN / "sender-google.json", check=False)
    assert done.returncode != 0
    assert database.query("SELECT count(*) FROM ledger.report") == [(0,)]
