"""Looks at live set-ups and the ledger: what is kept of them, what they know from before, and when the service looks by
itself. What a look says of each fault is another test's.

SPDX-License-Identifier: MIT
"""
import hashlib
import json
import os
import pathlib
import time

import pytest

from conftest import PATIENCE
from setup_world import Domain, World, WorldTlsrptd

SQL = pathlib.Path(os.environ["TLSRPTD_SOURCE"]) / "schema" / "sql"
ID = "20261101000000"
DOMAINS = [
    Domain("good.example"),
    Domain("changing.example", ttl=1),
    Domain("moving.example", ttl=1),
    Domain("watched.example"),
    Domain("unlisted.example", patterns=("mx1.{d}",)),
    Domain("long.example", rpt=(("v=TLSRPTv1; rua=mailto:tlsrpt@long.example", *(hashlib.sha512(b"%d" % n).hexdigest() for n in range(60))),)),
    Domain("stopped.example", web={"": "deaf"}, smtp={"mx1": "mute", "mx2": "deaf"}),
    Domain("dead.example", web={"": "deaf"}, smtp={"mx1": "mute", "mx2": "deaf"}),
]


@pytest.fixture(scope="module")
def world():
    made = World(DOMAINS)
    yield made
    made.stop()


@pytest.fixture
def program(world, database, certificate, tmp_path):
    return WorldTlsrptd(world, database, tmp_path, *certificate)


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds * PATIENCE
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)


def age(database, seconds):
    """All that is kept is so much older."""
    back = f"- interval '{seconds} seconds'"
    for table, columns in {"setup": ("first_at", "checked_at", "probed_at", "host_failed_at"), "setup_run": ("at",),
                           "setup_finding": ("first_at", "last_at", "gone_at"), "setup_mx": ("last_at", "probed_at"),
                           "setup_value": ("first_at", "since_at", "last_at"), "setup_policy": ("first_at", "last_at"),
                           "setup_watch": ("look_at", "probe_at"), "probe": ("at",)}.items():
        database.query(f"UPDATE ledger.{table} SET " + ", ".join(f"{column} = {column} {back}" for column in columns))


def findings(database, domain):
    return {(code, gone) for code, gone in database.query(
        "SELECT code, gone_at IS NOT NULL FROM ledger.setup_finding f JOIN ledger.domain d ON d.id = f.domain_id WHERE d.name = %s", domain)}


# --- the ledger ---

def test_a_look_is_kept(world, program, database):
    code, (item,) = program.check("good.example")
    assert code == 0 and item["verdict"] == "ready"
    ((name, verdict, attention, errors, steps, gates, record, mode, age_, result),) = database.query(
        "SELECT name, verdict, attention, errors, steps, gates, record_id, mode, max_age_seconds, result FROM ledger.setup")
    assert (name, verdict, attention, errors, record, mode, age_) == ("good.example", "ready", 4, 0, ID, "testing", 86400)
    assert steps == list(item["steps"].values())
    assert gates == [1] * 9
    assert result == item
    mx = database.query("SELECT mx, address, preference, present, reach, starttls, tls, passes, fails_with, certificate_end::text "
                        "FROM ledger.setup_mx ORDER BY preference, position(':' IN address)")
    assert [row[:9] for row in mx] == [(f"mx{n}.good.example", world.addresses_of("good.example", f"mx{n}")[family], n * 10, True, "open",
                                        "offered", "TLSv1.3", 1, "") for n in (1, 2) for family in (0, 1)]
    values = database.query("SELECT kind, value, ttl_seconds FROM ledger.setup_value")
    assert {(kind, value) for kind, value, _ in values} == {
        ("id", ID), ("rpt", "v=TLSRPTv1; rua=https://reports.good.example/v1/tlsrpt"), ("mx", "mx1.good.example"), ("mx", "mx2.good.example"),
        ("mx-set", "mx1.good.example mx2.good.example")}
    assert all(0 < ttl <= 300 for _, _, ttl in values)
    assert database.query("SELECT record_id, policy_sha256, mode, max_age_seconds FROM ledger.setup_policy") == [
        (ID, item["policy"]["sha256"], "testing", 86400)]
    assert database.query("SELECT probed, verdict, errors, gates FROM ledger.setup_run") == [(True, "ready", 0, [1] * 9)]
    assert database.query("SELECT d.name, urgent FROM ledger.verdict_due v JOIN ledger.domain d ON d.id = v.domain_id") == [("good.example", True)]


def test_what_enforce_waits_for_is_to_be_mended(program, database):
    """One word for a domain everywhere, also where nothing is an error yet."""
    code, (item,) = program.check("unlisted.example")
    severities = {finding["severity"] for finding in item["findings"]}
    assert code == 2 and "warning" in severities and "error" not in severities
    assert database.query("SELECT verdict, attention, errors, warnings FROM ledger.setup") == [("not-yet", 1, 0, 1)]


def test_what_was_seen_before_counts(world, program, database):
    """The policy is edited and the id stays: only who saw the one before can know."""
    assert program.check("changing.example")[0] == 0
    age(database, 7200)
    world.change("changing.example", max_age="172800")
    code, (item,) = program.check("changing.example")
    assert code == 2 and "x.id-not-bumped" in [finding["code"] for finding in item["findings"]]
    assert ("x.id-not-bumped", False) in findings(database, "changing.example")
    age(database, 3600)
    world.change("changing.example", sts=("v=STSv1; id=20261102000000;",))
    # Resolvers keep the old one for its TTL.
    wait_until(lambda: program.check("changing.example")[1][0]["record"]["id"] == "20261102000000")
    assert ("x.id-not-bumped", True) in findings(database, "changing.example")
    assert len(database.query("SELECT 1 FROM ledger.setup_policy")) == 3  # old, new with the old id, new
    assert database.query("SELECT count(*) FROM ledger.verdict_due") > [(1,)]


def test_mail_servers_are_looked_at_once_an_hour(world, program, database):
    program.check("good.example")
    world.visits()
    for again, visits in ((False, 0), (True, 4)):
        age(database, 2)  # "again" means: no look from before this second
        done = program.run("check", "good.example", *(["--again"] if again else []))
        assert done.returncode == 0
        assert len(world.visits()) == visits
    age(database, 3599 + 10)
    program.check("good.example")
    assert len(world.visits()) == 4


def test_looks_of_one_second_have_an_order(program, database):
    """As many as are kept, each at a moment of its own, and the newest is the one that counts."""
    for _ in range(4):
        program.check("good.example")
    moments = [at for at, in database.query("SELECT at FROM ledger.setup_run ORDER BY at")]
    assert len(moments) == 4 and any(at.microsecond for at in moments)
    assert database.query("SELECT checked_at FROM ledger.setup") == [(moments[-1],)]
    assert set(database.query("SELECT last_at FROM ledger.setup_value")) == {(moments[-1],)}


def test_one_address_is_not_gone_to_for_ever_new_hosts(world, program, database):
    """Whoever names somebody else's address as that of his MX hosts."""
    address = world.addresses_of("good.example", "mx1")[0]
    database.query("INSERT INTO ledger.probe (address, mx, at, known) SELECT %s, 'mx' || n || '.other.example', now() - interval '1 minute', true"
                   " FROM generate_series(1, 120) n", address)
    world.visits()
    _, (item,) = program.check("good.example")
    assert len(world.visits()) == 3
    assert ("mx.later", f"mx1.good.example ({address})") in [(finding["code"], finding["subject"]) for finding in item["findings"]]
    age(database, 3660)
    program.check("good.example")
    assert len(world.visits()) == 4


def test_a_look_under_way_says_nothing(program, database):
    """What was seen before is not given out as seen now."""
    program.check("good.example")
    age(database, 7200)
    statement = (SQL / "setup_probe_take.sql").read_text()
    database.query(f"PREPARE take AS {statement}; EXECUTE take ('mx1.good.example', %s, now(), now() - interval '1 hour', 120)",
                   database.query("SELECT address FROM ledger.probe WHERE mx = 'mx1.good.example'")[0][0])
    assert database.query("SELECT count(*) FROM ledger.probe WHERE NOT known AND at > now() - interval '1 minute'") == [(1,)]


def test_mx_set_that_changes(world, program, database):
    program.check("moving.example")
    age(database, 7200)
    before = database.query("SELECT since_at FROM ledger.setup_value WHERE kind = 'mx-set'")
    world.change("moving.example", mx=("10 mx2.{d}.",))
    wait_until(lambda: program.check("moving.example")[1][0]["mx"][0]["host"] == "mx2.moving.example")
    rows = database.query("SELECT mx, bool_and(present) FROM ledger.setup_mx GROUP BY mx ORDER BY mx")
    assert rows == [("mx1.moving.example", False), ("mx2.moving.example", True)]
    ((since, newest),) = database.query("SELECT since_at, value FROM ledger.setup_value WHERE kind = 'mx-set' ORDER BY last_at DESC LIMIT 1")
    assert newest == "mx2.moving.example" and since > before[0][0]


def test_a_record_longer_than_an_index_takes(program, database):
    program.check("long.example")
    assert database.query("SELECT length(value) > 7000 FROM ledger.setup_value WHERE kind = 'rpt'") == [(True,)]
    assert program.check("long.example")[1][0]["domain"] == "long.example"
    assert database.query("SELECT count(*) FROM ledger.setup_value WHERE kind = 'rpt'") == [(1,)]


def test_what_a_domain_makes_appear_is_bounded(program, database):
    """New MX hosts at each look leave findings and rows behind, which are not kept for ever."""
    program.check("good.example")
    domain = database.query("SELECT domain_id FROM ledger.setup")[0][0]
    database.query("INSERT INTO ledger.setup_finding SELECT %s, 'mx.noreach', 'mx' || n, now() - n * interval '1 minute', now(), now(), 1, 'error',"
                   " 'servers', '', '', '', '', true FROM generate_series(1, 1500) n", domain)
    database.query("INSERT INTO ledger.setup_mx (domain_id, mx, address, preference, present, last_at, reach, starttls, tls, dane, passes, fails_with, why)"
                   " SELECT %s, 'mx' || n, '', 0, false, now() - interval '1 day', 'none', 'none', '', 'none', 0, '', '' FROM generate_series(1, 3000) n", domain)
    statement = (SQL / "setup_purge.sql").read_text()
    database.query(f"PREPARE purge AS {statement}; EXECUTE purge (now())")
    assert database.query("SELECT count(*) FROM ledger.setup_finding") == [(1000,)]
    assert database.query("SELECT count(*), count(*) FILTER (WHERE present) FROM ledger.setup_mx") == [(2000, 4)]


def test_a_look_that_is_older_changes_nothing(program, database):
    program.check("good.example")
    age(database, -7200)
    kept = database.query("SELECT checked_at, result FROM ledger.setup")
    program.check("good.example")
    assert database.query("SELECT checked_at, result FROM ledger.setup") == kept
    assert database.query("SELECT count(*) FROM ledger.setup_run") == [(1,)]


def test_without_a_database(world, certificate, tmp_path):
    alone = WorldTlsrptd(world, None, tmp_path, *certificate)
    done = alone.run("check", "good.example", "--format", "json", "--progress", check=False,
                     settings={"database": {"url": f"host={tmp_path} dbname=none"}})
    assert done.returncode == 0
    (item,) = json.loads(done.stdout)["items"]
    assert item["verdict"] == "ready" and item["findings"] == []  # whether reports come is not known
    assert "no database: nothing is known from before" in done.stderr
    for part in ("DNS", "policy host", "mail servers"):
        assert f"good.example: {part} looked at" in done.stderr


def test_one_that_cannot_be_kept_hinders_no_other(program, database):
    database.query("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.name = 'changing.example' THEN
                RAISE EXCEPTION 'not this one';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON ledger.setup FOR EACH ROW EXECUTE FUNCTION refuse()""")
    done = program.run("check", "changing.example", "good.example", "--format", "json")
    assert [item["verdict"] for item in json.loads(done.stdout)["items"]] == ["ready", "ready"]
    assert "changing.example: this look is not kept: " in done.stderr and "not this one" in done.stderr
    assert database.query("SELECT name FROM ledger.setup") == [("good.example",)]


def test_what_cannot_be_remembered_ends_no_finding(program, database):
    """A look that knows nothing from before is told, and not kept: the findings of those before it stay as they are."""
    program.check("good.example", "changing.example")
    kept = dict(database.query("SELECT name, checked_at FROM ledger.setup"))
    database.query("""
        CREATE FUNCTION refuse(number int) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
            IF number = (SELECT id FROM ledger.domain WHERE name = 'changing.example') THEN
                RAISE EXCEPTION 'not to be read';
            END IF;
            RETURN true;
        END $$;
        ALTER TABLE ledger.setup_value ENABLE ROW LEVEL SECURITY;
        CREATE POLICY refuse ON ledger.setup_value USING (refuse(domain_id))""")
    done = program.run("check", "good.example", "changing.example", "--format", "json")
    assert [item["verdict"] for item in json.loads(done.stdout)["items"]] == ["ready", "ready"]
    assert "changing.example: nothing is known from before, and this look is not kept: " in done.stderr
    assert "not to be read" in done.stderr and "good.example: " not in done.stderr
    now = dict(database.query("SELECT name, checked_at FROM ledger.setup"))
    assert now["good.example"] > kept["good.example"] and now["changing.example"] == kept["changing.example"]


def test_a_look_ends_whatever_servers_do(program):
    _, (item,) = program.check("dead.example", settings={"check": {"connect_seconds": 60, "step_seconds": 60, "total_seconds": 5}})
    assert item["steps"]["policy-host"] == "faulty"
    assert item["verdict"] != "ready"
    assert 4000 < item["milliseconds"] < 20000  # with 5 s


def test_options(program):
    assert program.run("check", check=False).returncode == 64
    assert program.run("check", "good.example", "--format", "xml", check=False).returncode == 64
    assert program.run("check", "no name", check=False).returncode == 65


# --- the service ---

WATCHING = {"check": {"enabled": True, "step_seconds": 60, "total_seconds": 60, "connect_seconds": 60}}


def test_the_service_looks(world, program, database):
    settings = {**WATCHING, "domains": {"names": ["watched.example", "*.suffix.example"]}}
    with program.serve(settings=settings):
        wait_until(lambda: database.query("SELECT verdict FROM ledger.setup") == [("ready",)])
        ((name, look, probe, wanted),) = database.query(
            "SELECT d.name, look_at - now(), probe_at - now(), now() - wanted_at FROM ledger.setup_watch w JOIN ledger.domain d ON d.id = w.domain_id")
        assert name == "watched.example"
        assert 0 < look.total_seconds() < 3600 * 1.25 and 0 < probe.total_seconds() < 21600 * 1.25 and wanted.total_seconds() < 60
        world.visits()
        database.query("UPDATE ledger.setup_watch SET look_at = now()")
        wait_until(lambda: database.query("SELECT count(*) FROM ledger.setup_run") == [(2,)])
        assert world.visits() == []  # DNS and policy only
        assert database.query("SELECT DISTINCT passes FROM ledger.setup_mx") == [(1,)]  # as they were
        wait_until(lambda: database.query("SELECT count(*) FROM ledger.verdict") == [(1,)])


def test_faults_are_told_of_each_domain_once(program, database):
    """What is wrong with one domain neither hides what is wrong with the next nor keeps it waiting."""
    names = ["good.example", "moving.example", "watched.example"]
    database.query("CREATE SEQUENCE ledger.tries")
    database.query("ALTER TABLE ledger.setup ADD CONSTRAINT broken CHECK (name = 'watched.example' OR nextval('ledger.tries') < 0)")
    with program.serve(settings={**WATCHING, "domains": {"names": names}}) as service:
        for name in names[:2]:
            service.wait_for(f"error: checks.*{name}: this look is not kept")
        for tries in (3, 5):  # the second round is over when the third has begun
            database.query("UPDATE ledger.setup_watch SET look_at = now()")
            wait_until(lambda: database.query("SELECT last_value FROM ledger.tries")[0][0] >= tries)
        assert service.log.count("this look is not kept") == 2
        assert database.query("SELECT name FROM ledger.setup") == [("watched.example",)]
        database.query("ALTER TABLE ledger.setup DROP CONSTRAINT broken")
        database.query("UPDATE ledger.setup_watch SET look_at = now()")
        wait_until(lambda: [name for (name,) in database.query("SELECT name FROM ledger.setup ORDER BY 1")] == names)


def test_very_many_faults_are_told_of_in_number(program, database):
    names = [f"none{number}.example" for number in range(103)]
    database.query("ALTER TABLE ledger.setup ADD CONSTRAINT broken CHECK (false)")
    with program.serve(settings={**WATCHING, "domains": {"names": names}}) as service:
        service.wait_for("error: checks.*domains=100 .*the others are not named")
        wait_until(lambda: database.query("SELECT count(*) FROM ledger.setup_watch WHERE look_at <= now()") == [(0,)])
        assert service.log.count("this look is not kept") == 100
        assert service.log.count("the others are not named") == 1


def test_two_services_share_the_work(program, database):
    settings = {**WATCHING, "domains": {"names": ["watched.example", "good.example"]}}
    with program.serve(settings=settings), program.serve(settings=settings):
        wait_until(lambda: len(database.query("SELECT 1 FROM ledger.setup")) == 2)
        time.sleep(5)  # the other one would look by now
    assert database.query("SELECT count(*) FROM ledger.setup_run") == [(2,)]


def test_looks_do_not_delay_the_stop(program, database):
    settings = {**WATCHING, "domains": {"names": ["stopped.example"]}}
    with program.serve(settings=settings) as service:
        wait_until(lambda: database.query("SELECT count(*) FROM ledger.probe WHERE NOT known") > [(0,)])
        begin = time.monotonic()
        service.stop()
        assert time.monotonic() - begin < 8 * PATIENCE
        assert "hang" not in service.log
    assert database.query("SELECT count(*) FROM ledger.setup") == [(0,)]  # what was broken off says nothing


def test_looks_go_on_after_the_database_was_away(program, database, postgres):
    settings = {**WATCHING, "domains": {"names": ["watched.example"]}}
    with program.serve(settings=settings) as service:
        wait_until(lambda: len(database.query("SELECT 1 FROM ledger.setup_run")) == 1)
        postgres.stop()
        service.wait_for("warning: checks")
        postgres.start()
        database.query("UPDATE ledger.setup_watch SET look_at = now()")
        wait_until(lambda: len(database.query("SELECT 1 FROM ledger.setup_run")) == 2)
