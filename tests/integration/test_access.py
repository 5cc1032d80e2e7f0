"""Who may look at the pages: where it listens without log-in, users and passwords, proxies, the Host
that is asked for, headers of every answer, and that no secret is shown anywhere.

SPDX-License-Identifier: MIT
"""
import base64
import fcntl
import http.client
import os
import pty
import re
import select
import socket
import ssl
import subprocess
import termios
import time

import psycopg2
import pytest
import requests
from conftest import Tlsrptd
from doors import post, until

PASSWORD = "correct horse \u00fc"
BCRYPT = "$2b$05$abcdefghijklmnopqrstuuQDMb4kJzsEj9wR1xq0cxgAIBiWpzdZy"
PATHS = ["/", "/reports", "/rejected", "/domains/a.example", "/reports/x", "/readyz", "/nothing-here"]
OPEN = ["/healthz", "/static/style.css", "/static/favicon.svg"]

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
                               "frame-ancestors 'none'",
}
PAGES = {
    **ALWAYS,
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@pytest.fixture(scope="module")
def shared(postgres_server, migrated, certificate, tmp_path_factory):
    """The program with one database for all tests, none of which writes to it."""
    return Tlsrptd(postgres_server.create(migrated.name), tmp_path_factory.mktemp("shared"), *certificate)


@pytest.fixture
def tlsrptd(shared, postgres):
    del postgres
    return shared


def entry(tlsrptd, name="anna", password=PASSWORD):
    """The line that `tlsrptd user` prints."""
    done = tlsrptd.run("user", name, input=password + "\n")
    assert done.stdout.startswith(f"{name}:$y$"), done
    return done.stdout.strip()


def get(service, path="/", auth=None, **headers):
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(service.web + path, headers=fields, timeout=60, allow_redirects=False,
                        auth=(auth[0].encode(), auth[1].encode()) if auth else None)


def raw(service, request):
    """The answer to these bytes."""
    host, _, port = service.address("web").rpartition(":")
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(request)
        answer = b""
        while more := connection.recv(65536):
            answer += more
        return answer


# --- where it listens ---

@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
@pytest.mark.parametrize("web, says", [
    ({}, "anybody could read the pages there. Set web.users (`tlsrptd user NAME`), or web.trusted_proxies and"),
    ({"trusted_proxies": ["192.0.2.1"]}, "anybody could read"),
    ({"users": ["anna:" + BCRYPT]}, "passwords would be readable on the way there. Set web.certificate and web.key, or"),
    ({"proxy_user_header": "X-User"}, "web.proxy_user_header: needs web.trusted_proxies"),
])
def test_refuses_to_start(tlsrptd, address, web, says):
    """Off loopback it wants somebody to log in, and encryption; `config check` says so before."""
    for command in ("serve",), ("config", "check"):
        done = tlsrptd.run(*command, check=False, settings={"web": {"listen": [address], **web}})
        assert done.returncode == 78, done.stderr
        assert says in done.stderr, done.stderr


def test_config_check_takes_what_serves(tlsrptd):
    """No certificate is wanted where only this machine, or who systemd lets in, can connect."""
    listen = ["127.0.0.1:0", "[::1]:0", "localhost:8460", "unix:/run/tlsrptd/pages", "systemd:pages"]
    tlsrptd.run("config", "check", settings={"web": {"listen": listen}})


@pytest.mark.parametrize("web, says", [
    ({"users": ["anna"]}, "web.users, entry 1: must be name:hash"),
    ({"users": ["anna:" + BCRYPT, "anna:" + BCRYPT]}, "web.users, entry 2: the user anna is there already"),
    ({"users": ["anna:XXsecretsecre"]}, "web.users, entry 1: not a hash that is taken"),
    ({"users": ["anna:$1$abcdefgh$secretsecretsecretsecr"]}, "web.users, entry 1: not a hash that is taken"),
    ({"users": ["an na:" + BCRYPT]}, "web.users, entry 1: a user's name has"),
    ({"users": ["anna:" + BCRYPT[:-1]]}, "web.users, entry 1: the hash is damaged"),
    ({"users_file": "/nonexistent/users"}, "/nonexistent/users cannot be read: No such file"),
    ({"trusted_proxies": ["nonsense"]}, "web.trusted_proxies: "),
    ({"hosts": ["no name"]}, "web.hosts: \"no name\" is no host name"),
])
def test_bad_settings(tlsrptd, web, says):
    for command in ("serve",), ("config", "check"):
        done = tlsrptd.run(*command, check=False, settings={"web": {"listen": ["127.0.0.1:0"], **web}})
        assert done.returncode == 78
        assert says in done.stderr, done.stderr
        assert "secret" not in done.stderr and BCRYPT[:-1] not in done.stderr


def test_tls_and_users(tlsrptd, certificate):
    web = {"listen": ["0.0.0.0:0"], "users": [entry(tlsrptd)], "certificate": certificate[0], "key": certificate[1]}
    with tlsrptd.serve(settings={"web": web}) as service:
        port = int(service.address("web").rpartition(":")[2])
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=ssl._create_unverified_context())
        for authorization, status in ((None, 401), ("Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode(), 200)):
            connection.request("GET", "/", headers={"Authorization": authorization} if authorization else {})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        connection.close()


# --- users ---

def test_log_in(tlsrptd):
    """Pages want name and password; what is no secret does not. Right ones are remembered."""
    with tlsrptd.serve(settings={"web": {"listen": ["127.0.0.1:0"], "users": [entry(tlsrptd)], "login_failures_per_client": 1000}}) as service:
        for path in PATHS:
            for auth in None, ("anna", "wrong password"), ("nobody", PASSWORD), ("anna", ""), ("", ""), ("ann", PASSWORD):
                answer = get(service, path, auth)
                if path == "/readyz":
                    assert (answer.status_code, answer.text) == (200, "ready\n")
                    continue
                if path == "/nothing-here":
                    assert answer.status_code == 404
                    continue
                assert answer.status_code == 401, (path, auth)
                assert answer.headers["WWW-Authenticate"] == 'Basic realm="tlsrptd", charset="UTF-8"'
                assert "tlsrptd user NAME" in answer.text
        for path in OPEN:
            assert get(service, path).status_code == 200
        first = get(service, "/", ("anna", PASSWORD))
        assert first.status_code == 200
        assert "Logged in as <bdi>anna</bdi>" in first.text
        for authorization in "Basic", "Basic !!!!", "Basic YQ==", "Basic YW5uYTo", "Bearer x", "Basic " + "A" * 8000:
            assert get(service, "/", Authorization=authorization).status_code == 401, authorization
        for _ in range(50):
            assert get(service, "/", ("anna", PASSWORD)).status_code == 200
        assert len(re.findall("login .*result=passed", service.log)) == 1, "not fifty slow hashes"
        assert re.search(r'login client="?127\.0\.0\.1"? result=failed user=anna', service.log)
        assert re.search(r'login client="?127\.0\.0\.1"? result=failed user="?\(unknown\)', service.log)
        assert "nobody" not in service.log and "wrong password" not in service.log


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_hashes_of_other_programs(tlsrptd):
    """What htpasswd and mkpasswd make."""
    import crypt  # pylint: disable=import-outside-toplevel,deprecated-module
    users = ["b:" + crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=32)),
             "s:" + crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_SHA512))]
    users.append("y:" + users[0][2:].replace("$2b$", "$2y$"))
    with tlsrptd.serve(settings={"web": {"listen": ["127.0.0.1:0"], "users": users}}) as service:
        for name in "bsy":
            assert get(service, "/", (name, PASSWORD)).status_code == 200
            assert get(service, "/", (name, PASSWORD + "x")).status_code == 401


def test_an_unknown_user_takes_as_long_as_a_known_one(tlsrptd):
    with tlsrptd.serve(settings={"web": {"listen": ["127.0.0.1:0"], "users": [entry(tlsrptd)], "login_failures_per_client": 0,
                                         "login_failures": 0}}) as service:
        times = {}
        for _ in range(7):
            for name in "anna", "nobody":
                start = time.monotonic()
                assert get(service, "/", (name, "wrong password")).status_code == 401
                times.setdefault(name, []).append(time.monotonic() - start)
        known, unknown = min(times["anna"]), min(times["nobody"])
        assert 0.5 < known / unknown < 2, times


def test_too_many_failures(tlsrptd):
    """They are told to wait, also when the next guess is right and its owner is logged in; others are not disturbed."""
    with tlsrptd.serve(settings={"web": {"listen": ["127.0.0.1:0", "[::1]:0"], "users": [entry(tlsrptd)], "login_failures_per_client": 3}}) as service:
        other = "http://" + service.addresses("web")[1]
        assert requests.get(other, auth=("anna", PASSWORD.encode()), timeout=30).status_code == 200
        assert [get(service, "/", ("anna", f"wrong {i}")).status_code for i in range(6)] == [401] * 3 + [429] * 3
        answer = get(service, "/", ("anna", PASSWORD))
        assert answer.status_code == 429 and 1 <= int(answer.headers["Retry-After"]) <= 21
        assert requests.get(other, auth=("anna", PASSWORD.encode()), timeout=30).status_code == 200
        assert len(re.findall("login .*result=limited", service.log)) == 1, "told once, not for each"
        assert requests.get(other, auth=("anna", "wrong"), timeout=30).status_code == 401


def test_failures_of_all(tlsrptd):
    with tlsrptd.serve(settings={"web": {"listen": ["127.0.0.1:0"], "users": [entry(tlsrptd)], "trusted_proxies": ["127.0.0.1"],
                                         "login_failures": 5}}) as service:
        got = [get(service, "/", ("anna", "wrong"), X_Forwarded_For=f"192.0.2.{i}").status_code for i in range(8)]
        assert got == [401] * 5 + [429] * 3
        assert "client=192.0.2.0" in service.log.replace('"', "")


def test_users_change_while_it_runs(tlsrptd):
    """SIGHUP: a new password counts at once, also against what is remembered; bad files change nothing."""
    path = tlsrptd.directory / "live-users"
    settings = {"web": {"listen": ["127.0.0.1:0"], "users_file": path}}
    tlsrptd.run("user", "anna", "--write", input="first password", settings=settings)
    with tlsrptd.serve(settings=settings) as service:
        def reloaded(pattern):
            before = len(service.lines)
            service.hup()
            until(lambda: any(re.search(pattern, line) for line in service.lines[before:]))

        assert get(service, "/", ("anna", "first password")).status_code == 200
        tlsrptd.run("user", "anna", "--write", input="second password", settings=settings)
        tlsrptd.run("user", "bert", "--write", input="another password", settings=settings)
        reloaded("^reloaded")
        assert [get(service, "/", auth).status_code for auth in (("anna", "first password"), ("anna", "second password"),
                                                                 ("bert", "another password"))] == [401, 200, 200]
        good = path.read_text()
        path.write_text("anna:nonsense\n")
        reloaded("not reloaded, the old settings stay.*live-users:1: not a hash")
        assert get(service, "/", ("anna", "second password")).status_code == 200
        path.write_text(good.splitlines()[1] + "\n")
        reloaded("^reloaded")
        assert [get(service, "/", auth).status_code for auth in (("anna", "second password"), ("bert", "another password"))] == [401, 200]


def test_many_wrong_passwords_hold_up_nobody(tlsrptd):
    """The slow hashes have threads of their own."""
    settings = {"web": {"listen": ["127.0.0.1:0"], "users": [entry(tlsrptd)], "login_failures_per_client": 0, "login_failures": 0}}
    with tlsrptd.serve(settings=settings) as service:
        assert get(service, "/", ("anna", PASSWORD)).status_code == 200
        host, _, port = service.address("web").rpartition(":")
        crowd = []
        for i in range(120):
            guess = base64.b64encode(f"anna:wrong {i}".encode())
            connection = socket.create_connection((host, int(port)), 60)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic " + guess + b"\r\n\r\n")
            crowd.append(connection)
        for path in "/", "/healthz", "/static/style.css":
            assert get(service, path, ("anna", PASSWORD)).status_code == 200
        assert len(select.select(crowd, [], [], 0)[0]) < len(crowd), "who came later has not waited for them all"
        got = [connection.recv(100).split()[1] for connection in crowd]
        assert set(got) == {b"401", b"503"} and got.count(b"401") >= 20, "some are looked at, the others come again"
        for connection in crowd:
            connection.close()


# --- proxies ---

def test_a_proxy_names_the_user(tlsrptd):
    web = {"listen": ["127.0.0.1:0", "[::1]:0"], "trusted_proxies": ["127.0.0.0/8"], "proxy_user_header": "X-Remote-User"}
    with tlsrptd.serve(settings={"web": web}) as service:
        answer = get(service, "/", X_Remote_User="<anna>")
        assert answer.status_code == 200
        assert "Logged in as <bdi>&lt;anna&gt;</bdi>" in answer.text
        assert get(service, "/").status_code == 403
        assert get(service, "/", X_Remote_User="").status_code == 403
        other = requests.get("http://" + service.addresses("web")[1], headers={"X-Remote-User": "anna"}, timeout=30)
        assert other.status_code == 403, "the header is believed of trusted proxies only"
        assert "web.trusted_proxies" in other.text
        twice = raw(service, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Remote-User: anna\r\nX-Remote-User: bert\r\n\r\n")
        assert twice.startswith(b"HTTP/1.1 403"), "one line is the client's: which?"


def test_a_proxy_and_users(tlsrptd):
    """A proxy that does TLS only, or that names some users."""
    web = {"listen": ["0.0.0.0:0"], "trusted_proxies": ["127.0.0.1"], "proxy_user_header": "X-Remote-User", "users": [entry(tlsrptd)]}
    with tlsrptd.serve(settings={"web": web}) as service:
        service.lines = [line.replace("0.0.0.0:", "127.0.0.1:") for line in service.lines]
        assert get(service, "/").status_code == 401
        assert get(service, "/", ("anna", PASSWORD)).status_code == 200
        assert get(service, "/", X_Remote_User="bert").status_code == 200


def own_address():
    """An address of this machine that is not loopback; None if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def test_plain_text_is_for_the_proxy_only(tlsrptd):
    address = own_address()
    if not address:
        pytest.skip("no address but loopback")
    web = {"listen": ["0.0.0.0:0"], "trusted_proxies": ["127.0.0.1"], "users": [entry(tlsrptd)]}
    with tlsrptd.serve(settings={"web": web}) as service:
        port = service.address("web").rpartition(":")[2]
        answer = requests.get(f"http://{address}:{port}/", auth=("anna", PASSWORD), timeout=30)
        assert answer.status_code == 403
        assert "web.trusted_proxies" in answer.text


def test_unix_socket(tlsrptd):
    path = tlsrptd.directory / "web"
    web = {"listen": [f"unix:{path}"], "trusted_proxies": ["unix"], "proxy_user_header": "X-Remote-User"}
    with tlsrptd.serve(settings={"web": web}):
        def ask(more):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(path))
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more + b"\r\n")
                return connection.recv(100).split()[1]
        assert ask(b"X-Remote-User: anna\r\n") == b"200"
        assert ask(b"") == b"403"


# --- hosts ---

@pytest.mark.parametrize("host, status", [
    ("localhost", 200), ("LOCALHOST:8460", 200), ("127.0.0.1", 200), ("127.0.0.1:1", 200), ("[::1]:8460", 200), ("192.0.2.1", 200),
    ("reports.example.org", 200), ("Reports.Example.org.:443", 200), ("evil.example", 421), ("127.0.0.1.evil.example", 421),
    ("localhost.evil.example", 421), ("evil.example:8460", 421), ("reports.example.org.evil.example", 421), ("<script>", 421),
    ("0x7f.1", 421),
])
def test_host(tlsrptd_open, host, status):
    """No other site can read the pages through a visitor's browser by a name that points here."""
    for path in "/", "/healthz", "/static/style.css", "/nothing":
        answer = get(tlsrptd_open, path, Host=host)
        assert answer.status_code == (404 if status == 200 and path == "/nothing" else status), path
        if status == 421:
            assert "web { hosts = {" in answer.text
            assert "<script>" not in answer.text


@pytest.fixture(scope="module")
def tlsrptd_open(shared):
    """A service without users, with a host name."""
    with shared.serve(settings={"web": {"listen": ["127.0.0.1:0"], "hosts": ["reports.example.org"]}}) as service:
        yield service


def test_old_clients_name_no_host(tlsrptd_open):
    assert raw(tlsrptd_open, b"GET /healthz HTTP/1.0\r\n\r\n").split()[1] == b"200"


# --- headers ---

@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_headers_of_every_answer(tlsrptd_open, tlsrptd):
    answers = [get(tlsrptd_open, path) for path in PATHS + OPEN]
    answers += [requests.request(method, tlsrptd_open.web + "/", data=b"x" * size, timeout=30)
                for method, size in (("POST", 1), ("PUT", 1), ("DELETE", 0), ("POST", 1 << 17), ("OPTIONS", 0))]
    answers += [requests.head(tlsrptd_open.web + "/", timeout=30), get(tlsrptd_open, "/", Host="evil.example"),
                get(tlsrptd_open, "/?after=%ff&failed=9"), get(tlsrptd_open, "/static/../etc/passwd")]
    with tlsrptd.serve(settings={"web": {"listen": ["127.0.0.1:0"], "users": ["anna:" + BCRYPT], "login_failures": 1}}) as service:
        answers += [get(service, "/"), get(service, "/", ("anna", "wrong")), get(service, "/", ("anna", "wrong"))]
        reports = [post(service.https, b"x"), post(service.https, b"x", media="text/html"), requests.get(service.https, verify=False, timeout=30)]
    assert {answer.status_code for answer in answers} >= {200, 401, 404, 405, 413, 421, 429}
    for answer in answers:
        for name, value in PAGES.items():
            assert answer.headers.get(name) == value, (answer.url, answer.status_code, name)
        assert "Strict-Transport-Security" not in answer.headers
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert answer.headers["Cache-Control"] == "no-store", answer.url
    assert {answer.status_code for answer in reports} == {400, 415, 405}
    for answer in reports:
        for name, value in ALWAYS.items():
            assert answer.headers.get(name) == value, (answer.url, answer.status_code, name)


# --- the database ---

def sessions_does(database, body):
    """Puts code of ours into what every page's query calls."""
    database.query(f"""CREATE OR REPLACE FUNCTION ledger.sessions(total numeric) RETURNS bigint LANGUAGE plpgsql AS
                       $$ BEGIN {body} RETURN 0; END $$""")


TELL = "RAISE EXCEPTION 'I am % by %, % %', current_user, session_user, current_setting('work_mem'), current_setting('temp_file_limit');"
WRITE = "INSERT INTO ledger.touched (domain_id) VALUES (1);"
MAY_WRITE = "PERFORM set_config('default_transaction_read_only', 'off', false);"


def expect_no_writing(service, database, role):
    """Through the connections of the pages themselves."""
    sessions_does(database, WRITE)
    answer = get(service)
    assert answer.status_code == 503 and "cannot execute INSERT in a read-only transaction" in answer.text
    if role:
        sessions_does(database, MAY_WRITE)
        assert get(service).status_code == 200
        sessions_does(database, WRITE)
        answer = get(service)
        assert answer.status_code == 503 and "permission denied for table touched" in answer.text
    assert database.query("SELECT count(*) FROM ledger.touched") == [(0,)]


@pytest.fixture
def own(database, certificate, tmp_path):
    """The program with a database that the test may change."""
    return Tlsrptd(database, tmp_path, *certificate)


def test_pages_cannot_write(own, database):
    with own.serve() as service:
        assert get(service).status_code == 200
        assert "web.database" not in service.log
        sessions_does(database, TELL)
        assert "I am tlsrptd_reader by tests, 16MB 1GB" in get(service).text
        expect_no_writing(service, database, True)
        database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                       " AND application_name = 'tlsrptd'")
        sessions_does(database, TELL)
        assert "I am tlsrptd_reader by tests, 16MB 1GB" in get(service).text, "also after connecting again"


@pytest.fixture
def plain_user(database):
    """A user who owns the database and may do nothing else."""
    database.query("DROP ROLE IF EXISTS plain")
    database.query("CREATE ROLE plain LOGIN")
    database.query(f"ALTER DATABASE {database.name} OWNER TO plain")
    for schema in "ledger", "tlsrpt":
        database.query(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    database.query("DROP TABLE ledger_migration")
    yield database.conninfo.replace("user=tests", "user=plain")
    database.query("REASSIGN OWNED BY plain TO tests")
    database.query("DROP OWNED BY plain")
    database.query("DROP ROLE plain")


def test_without_the_role(own, database, plain_user):
    """Who may not take the role's place reads with his own rights, is told so, and cannot write either."""
    settings = {"database": {"url": plain_user}}
    assert "GRANT tlsrptd_reader TO that user" in own.run("migrate", settings=settings).stdout
    with own.serve(settings=settings) as service:
        service.wait_for("web.database .*may not take the place of tlsrptd_reader")
        assert get(service).status_code == 200
        sessions_does(database, TELL)
        assert "I am plain by plain, 16MB -1" in get(service).text
        expect_no_writing(service, database, False)
    database.query("GRANT tlsrptd_reader TO plain")
    with own.serve(settings=settings) as service:
        sessions_does(database, TELL)
        assert "I am tlsrptd_reader by plain, 16MB -1" in get(service).text
        assert "web.database" not in service.log


def test_a_connection_of_their_own(own, database, plain_user):
    del plain_user
    database.query("GRANT tlsrptd_reader TO plain")
    settings = {"web": {"listen": ["127.0.0.1:0"], "database": database.conninfo.replace("user=tests", "user=plain")}}
    with own.serve(settings=settings) as service:
        assert get(service).status_code == 200
        sessions_does(database, TELL)
        assert "I am tlsrptd_reader by plain, 16MB -1" in get(service).text
        expect_no_writing(service, database, True)


def test_standalone_has_the_role(standalone):
    with standalone.serve() as service:
        assert get(service).status_code == 200
        standalone.query("CREATE OR REPLACE FUNCTION ledger.sessions(total numeric) RETURNS bigint LANGUAGE plpgsql AS"
                         f" $$ BEGIN {TELL} RETURN 0; END $$")
        assert "I am tlsrptd_reader by " in get(service).text
        assert "web.database" not in service.log


GIVEN_UP = "canceling statement due to statement timeout"


def test_slow_pages_are_given_up(own, database, postgres):
    settings = {"web": {"listen": ["127.0.0.1:0"], "statement_timeout_seconds": 1}}
    with own.serve(settings=settings) as service:
        assert get(service).status_code == 200
        connection = psycopg2.connect(database.conninfo)
        connection.cursor().execute("LOCK TABLE ledger.domain_status IN ACCESS EXCLUSIVE MODE")
        start, before = time.monotonic(), postgres.log.read_text().count(GIVEN_UP)
        answer = get(service)
        assert time.monotonic() - start > 0.9
        assert postgres.log.read_text().count(GIVEN_UP) == before + 1, "once, not twice"
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "10"
        assert "This page took too long" in answer.text and "web.statement_timeout_seconds" in answer.text
        connection.close()
        assert get(service).status_code == 200


# --- secrets ---

def test_secrets_are_nowhere(tlsrptd):
    """Neither in logs nor pages nor what commands print."""
    hashed = entry(tlsrptd)
    database = tlsrptd.database
    web = {"listen": ["127.0.0.1:0"], "users": [hashed], "database": database.conninfo + " password=TheDatabasesSecret3"}
    settings = {"database": {"url": database.conninfo + " password=TheDatabasesSecret1"}, "web": web,
                "collector": {"tokens": ["TheTokensSecret2"]}}
    secrets = ["TheDatabasesSecret", "TheTokensSecret", hashed.partition(":")[2], PASSWORD, "another password"]
    with tlsrptd.serve(settings=settings) as service:
        post(service.https + "/TheTokensSecret2", b"no report")
        post(service.https + "/TheTokensSecret2x", b"no report")
        get(service, "/", ("anna", PASSWORD + " no"))
        get(service, "/", ("anna another password", "x"))
        texts = [get(service, path, ("anna", PASSWORD)).text for path in PATHS]
        service.hup()
        texts.append(service.log)
    for command in ("config", "dump"), ("config", "dump", "--all"), ("config", "check"), ("config", "sample"):
        done = tlsrptd.run(*command, settings=settings)
        texts += [done.stdout, done.stderr]
    assert "users = \"\u2026\"" in texts[-8]
    for option in "web.user=" + hashed, "web.users=TheTokensSecret", "database.url=host=TheTokensSecret=x =":
        done = tlsrptd.run("serve", "-o", option, check=False, settings=settings)
        assert done.returncode != 0
        texts.append(done.stderr)
    for secret in secrets:
        for text in texts:
            assert secret not in text


@pytest.mark.parametrize("url", [
    "password=top secret host=/nowhere", "password='secret", "postgresql://user:secret@[::1/x", "postgresql://u:p%zzsecret@h/x",
    "postgresql://user:pass@secret@/nowhere/x", "host=/nowhere secret", "postgresql://u:secret@h:1x/y?z",
])
def test_a_damaged_connection_string_is_not_shown(tlsrptd, url):
    done = tlsrptd.run("migrate", check=False, settings={"database": {"url": url}})
    assert done.returncode in (69, 78)
    assert "secret" not in done.stdout + done.stderr, done.stderr


# --- tlsrptd user ---

def on_terminal(tlsrptd, name, typed, *options, **settings):
    """(exit code, what the terminal showed) of `tlsrptd user` with these lines typed."""
    ours, theirs = pty.openpty()

    def take_terminal():
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    with subprocess.Popen(tlsrptd.command("user", name, *options, **settings), stdin=theirs, stdout=theirs, stderr=theirs,
                          preexec_fn=take_terminal) as process:  # pylint: disable=subprocess-popen-preexec-fn
        shown = b""
        for line in typed:
            while not shown.rstrip(b" ").endswith(b":"):
                shown += os.read(ours, 1000)
            os.write(ours, line)
            shown += b"|"
        process.wait(60)
        os.close(theirs)
        try:
            while more := os.read(ours, 1000):
                shown += more
        except OSError:
            pass
        os.close(ours)
        return process.returncode, shown.decode()


def test_user_on_a_terminal(tlsrptd):
    code, shown = on_terminal(tlsrptd, "anna", [b"correct horse\n", b"correct horse\n"])
    assert code == 0
    assert "Password for anna:" in shown and "The same again:" in shown and "correct horse" not in shown
    assert re.search(r"anna:\$y\$j9T\$\S+", shown)
    code, shown = on_terminal(tlsrptd, "anna", [b"correct horse\n", b"wrong horse\n"])
    assert code == 65 and "the two passwords differ" in shown and "horse" not in shown
    code, shown = on_terminal(tlsrptd, "anna", [b"correct horse\n", b"\x03"])
    assert code == 130 and "horse" not in shown


@pytest.mark.parametrize("name, password, code, says", [
    ("anna", "short", 65, "8 bytes or more"), ("anna", "", 65, "8 bytes or more"), ("anna", "x" * 512, 65, "at most 511 bytes"),
    ("anna", "x" * 100000, 65, "at most 511 bytes"), ("an:na", PASSWORD, 65, "a user's name has"), ("", PASSWORD, 65, "a user's name has"),
    ("x" * 65, PASSWORD, 65, "1 to 64"), ("anna", "eight\0bytes", 65, "no zero byte"), ("an na", PASSWORD, 65, "a user's name has"),
    ("--wrote", PASSWORD, 64, "no option --wrote"), ("--write", PASSWORD, 64, "say who"),
])
def test_user_refuses(tlsrptd, name, password, code, says):
    done = tlsrptd.run("user", name, check=False, input=password + "\n")
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr


def test_users_file(tlsrptd):
    path = tlsrptd.directory / "users"
    settings = {"web": {"listen": ["127.0.0.1:0"], "users_file": path}}
    assert "--write needs the setting web.users_file" in tlsrptd.run("user", "anna", "--write", check=False).stderr
    for name, password in (("anna", "first password"), ("bert", "second password"), ("anna", "third password")):
        tlsrptd.run("user", name, "--write", input=password, settings=settings)
    path.write_text("# who may look\n\n" + path.read_text())
    path.chmod(0o604)
    tlsrptd.run("user", "anna", "--write", input="fourth password", settings=settings)
    assert [line.partition(":")[0] for line in path.read_text().splitlines()] == ["# who may look", "", "anna", "bert"]
    assert path.stat().st_mode & 0o777 == 0o604
    assert [file.name for file in tlsrptd.directory.glob("users*")] == ["users"]
    with tlsrptd.serve(settings=settings) as service:
        for name, password, status in (("anna", "fourth password", 200), ("anna", "third password", 401), ("bert", "second password", 200)):
            assert get(service, "/", (name, password)).status_code == status
    path.write_text("anna:nonsense\n")
    assert f"{path}:1: not a hash" in tlsrptd.run("serve", check=False, settings=settings).stderr


