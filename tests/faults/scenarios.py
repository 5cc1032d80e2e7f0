"""What goes wrong, each as one function: SCENARIO(world-making context, cycles) → yields after each cycle.

To add one: a function with @scenario. Its first line of text is its title. It makes a World, loads it, and
in each cycle breaks something, mends it, and yields; whoever runs it checks the world then.

SPDX-License-Identifier: MIT
"""
import glob
import os
import signal
import time

import processes
from proxy import Proxy
from world import Broken, World, asked, small_disk

SCENARIOS = {}


def scenario(cycles):
    """CYCLES: how many, as a share of what --cycles says."""
    def keep(function):
        SCENARIOS[function.__name__.replace("_", "-")] = (function, cycles)
        return function
    return keep


class Skipped(Exception):
    """Cannot be done here; says why."""


def kill_and_start(world, number=0):
    """kill -9 in the middle, once in a while in the middle of the start too."""
    world.kill(number)
    if world.rng.random() < 0.2:
        starting = world.start(number, ready=False)
        time.sleep(world.rng.random() * 0.4)
        starting.kill()
    world.start(number)


@scenario(cycles=1)
def kill(postgres, seed, cycles):
    """kill -9 of the service at random moments, all doors loaded"""
    world = World(postgres, seed)
    world.start()
    world.load()
    for _ in range(cycles):
        world.go(0.1 + world.rng.random() * 0.5)
        kill_and_start(world)
        yield world


@scenario(cycles=0.25)
def two_services(postgres, seed, cycles):
    """two services on one database, each killed at random moments"""
    world = World(postgres, seed, services=2)
    world.start(0)
    world.start(1)
    world.load(https=4, lmtp=2)
    for _ in range(cycles):
        world.go(0.1 + world.rng.random() * 0.5)
        for number in world.rng.sample((0, 1), world.rng.choice((1, 1, 2))):
            kill_and_start(world, number)
            world.go(world.rng.random() * 0.2)
        yield world


def away(postgres, seed, cycles, end):
    """The database goes by END and comes back; sometimes the service is killed while it is away."""
    world = World(postgres, seed)
    world.start()
    world.load()
    for _ in range(cycles):
        world.go(0.1 + world.rng.random() * 0.3)
        end()
        world.go(0.2 + world.rng.random() * 0.5, lambda: world.answered(202 if world.spooling else 503))
        if world.spooling and world.rng.random() < 0.3:
            world.kill()
            first = [postgres.start, world.start]
            world.rng.shuffle(first)
            first[0]()
            world.go(world.rng.random() * 0.3)
            first[1]()
        else:
            postgres.start()
        yield world


@scenario(cycles=0.05)
def postgres_fast(postgres, seed, cycles):
    """PostgreSQL stopped (fast) and started"""
    yield from away(postgres, seed, cycles, postgres.stop)


@scenario(cycles=0.05)
def postgres_immediate(postgres, seed, cycles):
    """PostgreSQL stopped (immediate) and started"""
    yield from away(postgres, seed, cycles, lambda: postgres.end(signal.SIGQUIT))


@scenario(cycles=0.05)
def postgres_killed(postgres, seed, cycles):
    """kill -9 of PostgreSQL"""
    yield from away(postgres, seed, cycles, postgres.kill)


@scenario(cycles=0.05)
def read_only(postgres, seed, cycles):
    """PostgreSQL made read-only, and writable again"""
    world = World(postgres, seed)
    world.start()
    world.load()
    name = world.database.name
    for _ in range(cycles):
        world.go(0.1 + world.rng.random() * 0.3)
        # For sessions of this database that begin later, and for those that run.
        world.database.query(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        world.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                             " AND pid <> pg_backend_pid() AND application_name = 'tlsrptd'")
        world.go(0.2 + world.rng.random() * 0.5)
        processes.Database(postgres, "postgres").query(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        world.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                             " AND pid <> pg_backend_pid() AND application_name = 'tlsrptd'")
        yield world


@scenario(cycles=0.05)
def postgres_disk_full(_, seed, cycles):
    """the disk of PostgreSQL full, and room again"""
    with small_disk(120_000) as disk:
        if not disk:
            raise Skipped("a small disk can be mounted by root only")
        small = processes.Postgres(directory=disk, initdb=["--wal-segsize=1"], min_wal_size="2MB", max_wal_size="8MB")
        small.start()
        try:
            world = World(small, seed)
            world.start()
            world.load()
            full = 0
            for _ in range(cycles):
                world.go(0.1 + world.rng.random() * 0.2)
                filler = disk / "filler"
                room = os.statvfs(disk)
                left = world.rng.randrange(0, 200) * 1024
                try:
                    with open(filler, "wb") as file:
                        file.write(bytes(max(0, room.f_bavail * room.f_frsize - left)))
                except OSError:
                    pass
                world.go(0.5 + world.rng.random() * 0.7)
                full += not asked(world.database, "CREATE TABLE room AS SELECT repeat('x', 500) FROM generate_series(1, 2000)")
                filler.unlink()
                # A full disk may have ended it, or may be ending it still.
                world.until(lambda: small.ensure() or asked(world.database, "DROP TABLE IF EXISTS room"), 60,
                            lambda: "the server is not back")
                yield world
            if not full:
                raise Broken("the disk was never full")
            world.close()
        finally:
            small.stop()


@scenario(cycles=0.25)
def commit_lost(postgres, seed, cycles):
    """the network cut in the middle of COMMIT: the answer, or the request, is lost"""
    proxy = Proxy(postgres.directory / ".s.PGSQL.5432", seed)
    name = f"host=127.0.0.1 port={proxy.port} user=tests sslmode=disable gssencmode=disable dbname="
    world = World(postgres, seed, conninfo=None)
    world.files = [world.settings_file(0, name + world.database.name, {})]
    world.start()
    world.load()
    for _ in range(cycles):
        proxy.cutting, before = world.rng.choice((0.05, 0.2, 0.5)), proxy.cut["answer lost"]
        world.go(0.3 + world.rng.random() * 0.5, lambda: proxy.cut["answer lost"] > before)  # pylint: disable=cell-var-from-loop
        proxy.cutting = 0
        if world.rng.random() < 0.2:
            kill_and_start(world)
        yield world
    proxy.close()
    world.note = f"{proxy.cut['answer lost']} answers and {proxy.cut['request lost']} requests lost"


@scenario(cycles=0.05)
def spool_full(postgres, seed, cycles):
    """the disk of the spool full while PostgreSQL is away"""
    with small_disk(256) as disk:
        if not disk:
            raise Skipped("a small disk can be mounted by root only")
        os.chown(disk, 0, 0)
        world = World(postgres, seed, spool=disk / "spool")
        if not world.spooling:
            world.close()
            raise Skipped("this program has no spool")
        world.start()
        world.load(maildir=False, command=False)
        for _ in range(cycles):
            world.go(0.1 + world.rng.random() * 0.2)
            postgres.stop()
            world.go(0.6 + world.rng.random() * 0.4, lambda: world.answered(202) and world.answered(503))
            if world.rng.random() < 0.3:
                kill_and_start(world)
            postgres.start()
            yield world


# What the clock is told in each cycle, one of each: three of them at least are different days.
JUMPS = [["+0", "-3600"], ["+1d", "-1d", "+86399"], ["+40d", "-400d"], ["+5y"]]


def answered_anew(world):
    """A condition: more was acknowledged since than can have been under way."""
    before = world.acknowledged()
    return lambda: world.acknowledged() > before + len(world.senders)


@scenario(cycles=0.05)
def clock(postgres, seed, cycles):
    """the clock jumping by days and years, back and forth"""
    library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not library:
        raise Skipped("libfaketime is not installed")
    world = World(postgres, seed)
    told = world.directory / "clock"
    told.write_text("+0\n")
    sanitizer = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS", ""), "verify_asan_link_order=0"]))
    world.env = {"LD_PRELOAD": library[0], "FAKETIME_TIMESTAMP_FILE": str(told), "FAKETIME_NO_CACHE": "1",
                 "DONT_FAKE_MONOTONIC": "1", "ASAN_OPTIONS": sanitizer}
    world.start()
    world.load(command=False)
    for _ in range(cycles):
        for jump in world.rng.sample(JUMPS, len(JUMPS)):
            told.write_text(world.rng.choice(jump) + "\n")
            world.go(0.1 + world.rng.random() * 0.2, answered_anew(world))
        if world.rng.random() < 0.3:
            kill_and_start(world)
        yield world
    dates = world.database.query("SELECT count(DISTINCT received_at::date) FROM ledger.report")[0][0]
    if dates < 3:
        raise Broken(f"the clock did not jump: reports came on {dates} days")


@scenario(cycles=0.05)
def poison(postgres, seed, cycles):
    """reports that the database does not take, in batches with others; counted once it does"""
    world = World(postgres, seed)
    world.database.query("ALTER TABLE ledger.report ADD CONSTRAINT poison CHECK (report_id NOT LIKE 'poison%')")
    world.book.poison_share = 0.1
    world.start()
    world.load()
    for number in range(cycles):
        world.go(0.3 + world.rng.random() * 0.3, lambda: world.acknowledged("poison"))
        if world.rng.random() < 0.5:
            kill_and_start(world)
        if number + 1 == cycles:
            world.settle()
            world.database.query("ALTER TABLE ledger.report DROP CONSTRAINT poison")
            world.program.run("reingest", "--rejected")
            if world.database.query("SELECT count(*) FROM ledger.rejected") != [(0,)]:
                raise Broken("not all that was rejected is counted now")
        yield world
