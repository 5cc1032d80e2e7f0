"""Real processes for the tests between which the program stands: PostgreSQL, tlsrptd itself.

    def test_x(database, tlsrptd):
        with tlsrptd.serve(domains=["ours.example"]) as service:
            requests.post(service.https, data=…, verify=False)
        assert database.query("SELECT count(*) FROM ledger.report") == [(1,)]

Every process has its own directory and ports that the kernel chose, so that test files can run side
by side. From the environment, set by ctest: TLSRPTD (the program), TLSRPTD_SOURCE, and TLSRPTD_WRAPPER
(a command put before the program, such as valgrind).

SPDX-License-Identifier: MIT
"""
import contextlib
import functools
import itertools
import os
import pathlib
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2
import pytest

SOURCE = pathlib.Path(os.environ.get("TLSRPTD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
PROGRAM = pathlib.Path(os.environ.get("TLSRPTD", SOURCE / "build" / "asan" / "tlsrptd"))
WRAPPER = shlex.split(os.environ.get("TLSRPTD_WRAPPER", ""))
PATIENCE = 10 if WRAPPER else 1  # factor for every deadline

ROOT = os.geteuid() == 0
ACCOUNT = pwd.getpwnam("nobody")  # stands in for root where PostgreSQL refuses root


def as_account(*command):
    """The command under an account that is not root's."""
    if not ROOT:
        return [*map(str, command)]
    return ["setpriv", f"--reuid={ACCOUNT.pw_uid}", f"--regid={ACCOUNT.pw_gid}", "--clear-groups", "--", *map(str, command)]


def directory_of_account():
    """A directory with a short path (Unix sockets ask for one) that the account owns."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd.", dir="/tmp"))
    directory.chmod(0o755)
    if ROOT:
        os.chown(directory, ACCOUNT.pw_uid, ACCOUNT.pw_gid)
    return directory


# --- PostgreSQL ---

def postgres_program(name):
    """The newest of Debian's, else the one in PATH."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1] if found else shutil.which(name))


class Database:
    """One database of the server."""

    def __init__(self, postgres, name):
        self.name = name
        self.conninfo = f"host={postgres.directory} user=tests dbname={name}"

    def query(self, statement, *values):
        """All rows as tuples, [] for a statement without rows; committed at once."""
        connection = psycopg2.connect(self.conninfo)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                rows = cursor.fetchall() if cursor.description else []
                # bytea comes as memoryview, which does not compare with bytes
                return [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in rows]
        finally:
            connection.close()


class Postgres:
    """A private server; its user `tests` needs no password. INITDB: more options for it; SETTINGS: more of the server's."""

    def __init__(self, directory=None, initdb=(), **settings):
        self.directory = directory or directory_of_account()
        self.settings = settings
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.process = None
        self.numbers = itertools.count()
        subprocess.run(as_account(postgres_program("initdb"), "-D", self.data, "-U", "tests", "-A", "trust", "-E", "UTF8",
                                  "--locale=C.UTF-8", "--no-sync", *initdb),
                       check=True, stdout=subprocess.DEVNULL, cwd=self.directory)

    def start(self):
        """Returns when connections are accepted."""
        settings = {"listen_addresses": "", "unix_socket_directories": self.directory, "fsync": "off", "shared_buffers": "64MB",
                    "max_connections": "80", "jit": "off", **self.settings}
        options = [f"--{key}={value}" for key, value in settings.items()]
        command = as_account("setpriv", "--pdeathsig", "INT", "--", postgres_program("postgres"), "-D", self.data, *options)
        end = time.monotonic() + 60
        with open(self.log, "ab") as log:
            while True:
                # A process group of its own: Ctrl-C is for the tests, which then stop it.
                self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                                                process_group=0)
                while self.process.poll() is None:
                    if self.ready():
                        return
                    assert time.monotonic() < end, self.log.read_text()
                    time.sleep(0.02)
                # A killed server's last processes may still hold its memory.
                assert time.monotonic() < end, self.log.read_text()
                time.sleep(0.2)

    def ready(self):
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].startswith("ready")

    def end(self, how):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def stop(self):
        """Disconnects everybody and stops."""
        self.end(signal.SIGINT)

    def kill(self):
        """As a crash does."""
        self.end(signal.SIGKILL)

    def create(self, template="template0"):
        """A new database."""
        name = f"test{next(self.numbers)}"
        Database(self, "postgres").query(f"CREATE DATABASE {name} TEMPLATE {template}")
        return Database(self, name)

    def ensure(self):
        """Starts it unless it runs."""
        if not self.process or self.process.poll() is not None:
            self.start()

    def drop(self, database):
        self.ensure()
        Database(self, "postgres").query(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


# --- settings ---

def value_text(value):
    """As the settings file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "{" + ", ".join(map(value_text, value)) + "}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def settings_text(sections):
    return "".join(f"{name} {{\n" + "".join(f"    {key} = {value_text(value)}\n" for key, value in keys.items()) + "}\n"
                   for name, keys in sections.items())


def merged(*layers):
    """Sections of keys; later layers win."""
    sections = {}
    for layer in layers:
        for name, keys in layer.items():
            sections.setdefault(name, {}).update(keys)
    return sections


# --- tlsrptd ---

class Service:
    """A running `tlsrptd serve`."""

    def __init__(self, command, env, directory):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env=env, cwd=directory, text=True, errors="replace")
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.lines.append(re.sub(r"^<\d>", "", line.rstrip("\n")))

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return "\n".join(self.lines)

    def wait_for(self, pattern, seconds=30):
        """The match of the first line of the log that holds the pattern."""
        end = time.monotonic() + seconds * PATIENCE
        while True:
            ended = self.process.poll() is not None
            if ended:
                self.reader.join(10)
            for line in list(self.lines):
                match = re.search(pattern, line)
                if match:
                    return match
            assert not ended, f"ended with {self.process.returncode} before {pattern!r}:\n{self.log}"
            assert time.monotonic() < end, f"no {pattern!r} within {seconds} s:\n{self.log}"
            time.sleep(0.02)

    def addresses(self, door):
        """Where a door listens, in the order of its settings."""
        found = [re.search(rf'^listening\b.* door={door}\b.* ?address="?([^ "]+)', line) for line in list(self.lines)]
        return [match[1] for match in found if match]

    def address(self, door):
        found = self.addresses(door)
        assert found, f"no {door} listener:\n{self.log}"
        return found[0]

    @property
    def web(self):
        """URL of the pages, without a slash at the end."""
        return "http://" + self.address("web")

    @property
    def https(self):
        """URL that takes reports."""
        return f"https://{self.address('https')}/v1/tlsrpt"

    @property
    def lmtp(self):
        """host:port or unix:/path"""
        return self.address("lmtp")

    def hup(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self, how=signal.SIGTERM, seconds=30):
        """Asks it to stop; it must end well (also what sanitizers and valgrind say at the end)."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not stop within {seconds} s:\n{self.log}") from None
        self.reader.join(10)
        assert self.process.returncode in (0, -signal.SIGKILL), f"ended with {self.process.returncode}:\n{self.log}"

    def kill(self):
        self.process.kill()
        self.process.wait(60)
        self.reader.join(10)


class Tlsrptd:
    """The program with one database and one directory for its files."""

    def __init__(self, database, directory, certificate, key):
        self.database = database
        self.directory = pathlib.Path(directory)
        self.certificate, self.key = certificate, key
        self.numbers = itertools.count()
        self.program = PROGRAM

    def defaults(self):
        return {
            "collector": {"listen": ["127.0.0.1:0"], "certificate": self.certificate, "key": self.key},
            "lmtp": {"listen": ["127.0.0.1:0"]},
            "web": {"listen": ["127.0.0.1:0"]},
            "check": {"enabled": False},  # nothing goes out, unless there is a world of its own to look at
            **({"database": {"url": self.database.conninfo}} if self.database else {}),
        }

    def write_settings(self, settings=None, domains=None, tokens=None, https=None, lmtp=None, web=None, maildir=None, spool=None):
        """A settings file: SETTINGS ({section: {key: value}}) over short names over defaults."""
        path = self.directory / f"tlsrptd{next(self.numbers)}.conf"
        if spool is None and self.database:
            spool = path.with_suffix(".spool")  # one of its own, as two services ask for
        short = {
            "spool": {"path": spool} if spool is not None else {},
            "domains": {"names": domains} if domains is not None else {},
            "collector": {**({"tokens": tokens} if tokens is not None else {}), **({"listen": https} if https is not None else {})},
            "lmtp": {"listen": lmtp} if lmtp is not None else {},
            "web": {"listen": web} if web is not None else {},
            "maildir": {"path": maildir} if maildir is not None else {},
        }
        sections = merged(self.defaults(), {name: keys for name, keys in short.items() if keys}, settings or {})
        path.write_text(settings_text(sections))
        return path

    def command(self, *arguments, **settings):
        """The words of a command, with a settings file of its own."""
        command, *rest = map(str, arguments)
        return [*WRAPPER, str(self.program), command, "-c", str(self.write_settings(**settings)), *rest]

    def words(self, name, settings_file, options):
        """A command line, but for the account that it is to be run under."""
        return [*WRAPPER, str(self.program), name, "-c", str(settings_file), *map(str, options)]

    def under_account(self, words):
        return words

    def command(self, name, *options, **settings):
        """A command line for subprocess, with a settings file of its own."""
        return self.under_account(self.words(name, self.write_settings(**settings), options))

    def environment(self, more):
        return {**os.environ, **(more or {})}

    def run(self, name, *options, check=True, input=None, env=None, timeout=300, text=True, **settings):
        """A command to its end, with a settings file of its own; INPUT is text or bytes."""
        if isinstance(input, str):
            input = input.encode()
        done = subprocess.run(self.command(name, *options, **settings), input=input or b"", capture_output=True,
                              env=self.environment(env), timeout=timeout * PATIENCE, check=False, cwd=self.directory)
        if text:
            done.stdout, done.stderr = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        assert not check or done.returncode == 0, f"{name} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *options, ready=True, env=None, settings_file=None, **settings):
        """`serve` in the background; the caller stops it."""
        path = settings_file or self.write_settings(**settings)
        # Killed, not asked, should the tests themselves be killed: there is nobody left to wait.
        words = ["setpriv", "--pdeathsig", "KILL", "--", *self.words("serve", path, options)]
        service = Service(self.under_account(words), self.environment(env), self.directory)
        if ready:
            try:
                service.wait_for(r"^ready\b", 90)
            except BaseException:
                service.kill()
                raise
        return service

    @contextlib.contextmanager
    def serve(self, *options, **settings):
        """`serve` until the block ends."""
        service = self.start(*options, **settings)
        try:
            yield service
        except BaseException:
            print(service.log)  # pytest shows it with the failure
            service.kill()
            raise
        service.stop()


class Standalone(Tlsrptd):
    """The same with a PostgreSQL of its own: `--standalone`. Never as root."""

    def __init__(self, certificate, key):
        super().__init__(None, directory_of_account(), certificate, key)
        self.state = self.directory / "state"
        self.program = self.directory / "tlsrptd"  # where the account can read it
        self.certificate, self.key = self.directory / "tls.crt", self.directory / "tls.key"
        for original, copy in ((PROGRAM, self.program), (certificate, self.certificate), (key, self.key)):
            shutil.copy(original, copy)
            if ROOT:
                os.chown(copy, ACCOUNT.pw_uid, ACCOUNT.pw_gid)

    def words(self, name, settings_file, options):
        return super().words(name, settings_file, ["--standalone", self.state, *options])

    def under_account(self, words):
        return as_account(*words)

    def environment(self, more):
        return {**super().environment(more), "HOME": str(self.directory)}

    def query(self, statement):
        """Rows of texts, by psql under the account, while the service runs."""
        done = subprocess.run(as_account("psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", self.state / "run", "-d", "tlsrptd",
                                         "-c", statement),
                              capture_output=True, text=True, cwd=self.directory, check=False)
        assert done.returncode == 0, done.stderr
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


# --- fixtures ---

def make_certificate(directory, name="localhost"):
    """Self-signed; gives the paths of certificate and key."""
    certificate, key = pathlib.Path(directory) / f"{name}.crt", pathlib.Path(directory) / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "30", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"],
                   check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """(certificate, key) for localhost and 127.0.0.1"""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def postgres_server():
    server = Postgres()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.directory, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server):
    """The server; running again after the test, whatever that did to it."""
    yield postgres_server
    postgres_server.ensure()


@pytest.fixture(scope="session")
def migrated(postgres_server, certificate, tmp_path_factory):
    """A database with the newest tables and no rows, from which each test gets a copy."""
    template = postgres_server.create()
    Tlsrptd(template, tmp_path_factory.mktemp("migrated"), *certificate).run("migrate")
    return template


@pytest.fixture
def database(postgres, migrated):
    """An empty database of the test's own."""
    fresh = postgres.create(migrated.name)
    yield fresh
    postgres.drop(fresh)


@pytest.fixture
def tlsrptd(database, certificate, tmp_path):
    """The program with that database."""
    return Tlsrptd(database, tmp_path, *certificate)


@pytest.fixture
def service(tlsrptd):
    """The program, serving at every door but the maildir."""
    with tlsrptd.serve() as running:
        yield running


@pytest.fixture
def standalone(certificate):
    """The program with a PostgreSQL of its own, in a directory of its own."""
    program = Standalone(*certificate)
    yield program
    shutil.rmtree(program.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def generated():
    """generated(N): a directory with N reports as many senders make them, and the sums of what they hold."""
    sys.path.insert(0, str(SOURCE / "tests" / "bench"))
    import generate  # pylint: disable=import-outside-toplevel

    @functools.cache
    def make(reports):
        directory = directory_of_account()  # PostgreSQL's account reads it too
        directories.append(directory)
        return directory, generate.generate(directory, reports)

    directories = []
    yield make
    for directory in directories:
        shutil.rmtree(directory)
