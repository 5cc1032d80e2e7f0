"""The policy host by raw TLS and HTTP: which certificate, which answer, for which name (RFC 8461 sections 3.3
and 7.1).

SPDX-License-Identifier: MIT
"""
import contextlib
import hashlib
import shutil
import ssl
import time

import conftest
import corpus
import hosting
import pytest
import requests

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
A, B = hosting.text(mx=["mx.a.example"]), hosting.text("enforce", ["mx1.b.example", "*.b.example"], 604800)


def until(condition, seconds=20):
    end = time.monotonic() + seconds * conftest.PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "it never became so"
        time.sleep(0.05)
    return found


def make_certificates(directory):
    for domain in ("a", "b", "none", "mta-sts.a"):
        hosting.certificate(directory, f"mta-sts.{domain}.example")
    return directory


@contextlib.contextmanager
def serving(tlsrptd, settings):
    for domain, policy in (("a", A), ("b", B), ("plain", A)):
        hosting.publish(tlsrptd.database, f"{domain}.example", policy)
    with tlsrptd.serve(settings=settings) as service:
        yield service


@pytest.fixture(scope="module")
def host(postgres_server, migrated, certificate, tmp_path_factory):
    """One for all that only ask."""
    postgres_server.ensure()
    tlsrptd = conftest.Tlsrptd(postgres_server.create(migrated.name), tmp_path_factory.mktemp("host"), *certificate)
    with serving(tlsrptd, {"policy": {"certificates": make_certificates(tlsrptd.directory / "live")}}) as service:
        yield service
    postgres_server.drop(tlsrptd.database)


@pytest.fixture
def certificates(tmp_path):
    return make_certificates(tmp_path / "live")


@pytest.fixture
def settings(certificates):
    return {"policy": {"certificates": certificates}}


@pytest.fixture
def own(tlsrptd, settings):
    """One to which something is done."""
    with serving(tlsrptd, settings) as service:
        yield service


# --- H1: which policy ---

@pytest.mark.parametrize("name", ["mta-sts.a.example", "MTA-STS.A.Example", "mta-sts.a.example:443", "mta-sts.a.example.",
                                  "mta-sts.a.example.:8443"])
def test_each_host_has_its_policy(host, name):
    answer = hosting.fetch(host, name)
    assert (answer.status, answer.body) == (200, A)


def test_another_host_has_another_policy(host):
    assert hosting.fetch(host, "mta-sts.b.example").body == B


@pytest.mark.parametrize("name", ["mta-sts.none.example", "mta-sts.mta-sts.a.example", "a.example", "localhost",
                                  "mta-sts.a.example:https", "mta-sts.a.example..", "mta-sts.", "mta-sts", "xmta-sts.a.example",
                                  "mta-sts.ä.example", "mta-sts.a.example/"])
def test_an_unknown_host_has_none(host, name):
    """Neither somebody else's nor a default one; the prefix is taken off once."""
    known = name if name in ("mta-sts.none.example", "mta-sts.mta-sts.a.example") else "localhost"
    answer = hosting.fetch(host, name, sni=known)
    assert answer.status in (404, 421, 400), name
    assert b"STSv1" not in answer.body
    if name == known:
        assert answer.status == 404


@pytest.mark.parametrize("path", ["/", "/.well-known/", "/.well-known/mta-sts.txt/", "/.well-known/mta-sts", "/mta-sts.txt",
                                  "/.well-known/MTA-STS.txt", "//.well-known/mta-sts.txt", "/.well-known/../.well-known/mta-sts.txt"])
def test_only_that_path(host, path):
    answer = hosting.fetch(host, "mta-sts.a.example", path=path)
    assert answer.status == 404 and b"STSv1" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_only_reading(host, method):
    answer = hosting.fetch(host, "mta-sts.a.example", method=method)
    assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD"


def test_http_1_0_goes_by_the_handshake(host):
    answer = hosting.exchange(hosting.connect(host, "mta-sts.b.example"), b"GET /.well-known/mta-sts.txt HTTP/1.0\r\n\r\n")
    assert (answer.status, answer.body) == (200, B)


# --- H2: which certificate ---

@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_certificate_of_the_host(host, version):
    for domain in "ab":
        with hosting.connect(host, f"mta-sts.{domain}.example", version) as connection:
            assert hosting.names(connection) == [f"mta-sts.{domain}.example"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_certificate_no_handshake(host, version):
    """Whatever does not fit is not shown: RFC 8461 section 7.1; also where there is a policy."""
    for name in ("mta-sts.plain.example", "mta-sts.strange.example"):
        with pytest.raises(ssl.SSLError) as refused:
            hosting.connect(host, name, version)
        assert "UNRECOGNIZED_NAME" in str(refused.value), refused.value


@pytest.mark.parametrize("name", [None, "reports.example", "localhost"])
def test_reports_get_the_collector_certificate(host, name):
    with hosting.connect(host, name) as connection:
        assert hosting.names(connection) == ["localhost"]


def test_reports_are_taken_beside_it(host):
    body = (corpus.OWN / "sender-google-no-policy.json.gz").read_bytes()
    assert requests.post(host.https, data=body, verify=False, timeout=30).status_code == 201


@pytest.mark.parametrize("sni", [None, "localhost", "mta-sts.b.example"])
def test_misdirected(host, sni):
    """Who shook hands with another host has checked another certificate."""
    answer = hosting.fetch(host, "mta-sts.a.example", sni=sni)
    assert answer.status == 421 and b"STSv1" not in answer.body


def test_certificate_under_other_names(tlsrptd, certificates, settings):
    """HOST.pem and HOST.key; the domain's own directory, for a wildcard."""
    made = hosting.certificate(certificates, "flat.example", "mta-sts.flat.example")
    shutil.copy(made, certificates / "mta-sts.flat.example.pem")
    shutil.copy(made.with_name("privkey.pem"), certificates / "mta-sts.flat.example.key")
    hosting.certificate(certificates, "wild.example", "*.wild.example")
    with tlsrptd.serve(settings=settings) as service:
        for name, shown in (("mta-sts.flat.example", "mta-sts.flat.example"), ("mta-sts.wild.example", "*.wild.example")):
            with hosting.connect(service, name) as connection:
                assert hosting.names(connection) == [shown]
        with pytest.raises(ssl.SSLError):  # a wildcard stands for one label
            hosting.connect(service, "mta-sts.sub.wild.example")


def test_certificate_that_does_not_fit_is_not_shown(tlsrptd, certificates, settings):
    hosting.certificate(certificates, "mta-sts.wrong.example", "mta-sts.other.example")
    (certificates / "mta-sts.broken.example").mkdir()
    for name in ("fullchain.pem", "privkey.pem"):
        (certificates / "mta-sts.broken.example" / name).write_text("nothing")
    with tlsrptd.serve(settings=settings) as service:
        for name, why in (("wrong", "is not for mta-sts.wrong.example"), ("broken", "is not a PEM file")):
            for _ in range(2):
                with pytest.raises(ssl.SSLError):
                    hosting.connect(service, f"mta-sts.{name}.example")
            service.wait_for(f"certificate host=mta-sts.{name}.example .*{why}")


def test_names_of_strangers_are_not_looked_for(tlsrptd, certificates, settings):
    """Whoever makes up names below a domain neither makes its files be read nor lines be logged."""
    hosting.certificate(certificates, "one.example", "one.example")
    hosting.certificate(certificates, "wild.example", "*.wild.example")
    with tlsrptd.serve(settings=settings) as service:
        for name in ("x1.one.example", "x2.one.example", "x3.wild.example"):
            with hosting.connect(service, name) as connection:
                assert hosting.names(connection) == ["localhost"]
        with pytest.raises(ssl.SSLError):
            hosting.connect(service, "mta-sts.one.example")
        service.wait_for("certificate host=mta-sts.one.example .*is not for mta-sts.one.example")
        assert service.log.count("certificate host=") == 1


def serial(service, name):
    with hosting.connect(service, name) as connection:
        return hashlib.sha256(connection.getpeercert(True)).hexdigest()


def test_renewal_needs_no_restart(own, certificates):
    """Files are written one after the other; the old certificate stays until both belong together."""
    there = certificates / "mta-sts.a.example"
    before = serial(own, "mta-sts.a.example")
    fresh = hosting.certificate(certificates.parent / "fresh", "mta-sts.a.example")
    shutil.copy(fresh, there / "fullchain.pem")
    until(lambda: serial(own, "mta-sts.a.example") == before and "certificate host=mta-sts.a.example" in own.log)
    assert serial(own, "mta-sts.a.example") == before
    shutil.copy(fresh.with_name("privkey.pem"), there / "privkey.pem")
    until(lambda: serial(own, "mta-sts.a.example") != before)


def test_sighup_takes_another_directory(tlsrptd, certificates, settings, tmp_path):
    hosting.publish(tlsrptd.database, "a.example", A)
    path = tlsrptd.write_settings(settings=settings)
    service = tlsrptd.start(settings_file=path)
    try:
        first = serial(service, "mta-sts.a.example")
        hosting.certificate(tmp_path / "other", "mta-sts.a.example")
        path.write_text(path.read_text().replace(str(certificates), str(tmp_path / "other")))
        service.hup()
        service.wait_for("^reloaded file=.*policy.certificates")
        assert serial(service, "mta-sts.a.example") != first
    finally:
        service.stop()


# --- H4: the answer ---

def test_answer_of_a_policy(host):
    answer = hosting.fetch(host, "mta-sts.a.example")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-length"] == str(len(A))
    assert answer.headers["cache-control"] == "max-age=60"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["etag"] == f'"{hashlib.sha256(A).hexdigest()}"'
    assert not {"content-encoding", "transfer-encoding", "location", "set-cookie", "www-authenticate"} & answer.headers.keys()


def test_no_compression(host):
    answer = hosting.fetch(host, "mta-sts.a.example", Accept_Encoding="gzip, br, *")
    assert answer.body == A and "content-encoding" not in answer.headers


def test_head_is_get_without_a_body(host):
    head, get = (hosting.fetch(host, "mta-sts.a.example", method=method) for method in ("HEAD", "GET"))
    assert (head.status, head.body) == (200, b"")
    for headers in (head.headers, get.headers):
        headers.pop("date")
    assert head.headers == get.headers


def test_not_modified(host):
    tag = f'"{hashlib.sha256(A).hexdigest()}"'
    for value, status in ((tag, 304), (f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200)):
        answer = hosting.fetch(host, "mta-sts.a.example", If_None_Match=value)
        assert answer.status == status and answer.body == (A if status == 200 else b""), value
        assert answer.headers["etag"] == tag


def test_many_fetches_of_one_client(host):
    """A large sender has few addresses: nobody is limited by his."""
    with hosting.connect(host, "mta-sts.a.example") as connection:
        request = b"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.a.example\r\n\r\n"
        connection.sendall(request * 2000)
        raw = b""
        while raw.count(b"max_age: 86400\r\n") < 2000:
            piece = connection.recv(1 << 20)
            assert piece, raw[-500:]
            raw += piece
        assert raw.count(b"HTTP/1.1 200") == 2000


def test_proxy(tlsrptd, settings):
    """A proxy that we trust shook hands in its own name, and says who asks."""
    hosting.publish(tlsrptd.database, "a.example", A)
    trust = conftest.merged(settings, {"collector": {"trusted_proxies": ["127.0.0.1"]}})
    with tlsrptd.serve(settings=trust) as service:
        for sni in (None, "localhost"):
            answer = hosting.fetch(service, "mta-sts.a.example", sni=sni, X_Forwarded_For="192.0.2.77", User_Agent="x")
            assert (answer.status, answer.body) == (200, A)
        row = until(lambda: tlsrptd.database.query("SELECT client, network, sni, fetches FROM ledger.hosted_fetch WHERE fetches = 2"))
        assert row == [("192.0.2.77", "192.0.2.0/24", "", 2)]


def test_it_can_be_switched_off(tlsrptd, settings):
    hosting.publish(tlsrptd.database, "a.example", A)
    with tlsrptd.serve(settings=conftest.merged(settings, {"policy": {"serve": False}})) as service:
        answer = hosting.fetch(service, "mta-sts.a.example")
        assert answer.status == 404 and b"STSv1" not in answer.body
        service.wait_for(r'^https .*status=404 .*reason="Policies are not served here')


def test_what_is_logged_of_other_paths_fits_what_was_asked(tlsrptd, settings):
    hosting.publish(tlsrptd.database, "a.example", A)
    with tlsrptd.serve(settings=settings) as service:
        answer = hosting.fetch(service, "mta-sts.a.example", path="/")
        assert answer.status == 404 and b"/.well-known/mta-sts.txt only" in answer.body
        service.wait_for(r'^https .*status=404 .*reason="A policy host has /.well-known/mta-sts.txt only')
        answer = hosting.fetch(service, "localhost", path="/v2")
        assert answer.status == 404 and b"Reports are taken at /v1/tlsrpt only" in answer.body


# --- changes, and what is remembered ---

def body(service, domain):
    answer = hosting.fetch(service, f"mta-sts.{domain}.example")
    return answer.body if answer.status == 200 else answer.status


def test_changes_count_within_seconds(own, database):
    hosting.publish(database, "none.example", A)
    hosting.publish(database, "a.example", B, version=2)
    until(lambda: body(own, "none") == A and body(own, "a") == B)
    hosting.publish(database, "a.example", A, version=3, served=False)
    until(lambda: body(own, "a") == 404)
    assert body(own, "b") == B


def test_database_away(own, postgres):
    """A policy host that goes down with the database would be a disaster."""
    postgres.stop()
    for _ in range(3):
        assert (body(own, "a"), body(own, "b"), body(own, "none")) == (A, B, 404)
    postgres.start()


def test_restart_while_the_database_is_away(tlsrptd, settings, postgres):
    """What was served before is served then; of others it cannot be told whether they have one."""
    hosting.publish(tlsrptd.database, "a.example", A)
    hosting.publish(tlsrptd.database, "b.example", B)
    path = tlsrptd.write_settings(settings=settings)
    service = tlsrptd.start(settings_file=path)
    assert body(service, "a") == A
    service.stop()
    postgres.stop()
    service = tlsrptd.start(settings_file=path)
    try:
        assert (body(service, "a"), body(service, "b"), body(service, "none")) == (A, B, 503)
        postgres.start()
        hosting.publish(tlsrptd.database, "b.example", A, version=2)
        until(lambda: body(service, "none") == 404 and body(service, "b") == A)
        assert body(service, "a") == A
    finally:
        service.stop()


def test_a_ledger_that_cannot_be_read_is_told_of(tlsrptd, settings):
    """The database is there, and its table is not: clients are told to come again, and the operator why."""
    tlsrptd.database.query("ALTER TABLE ledger.hosted_domain RENAME TO gone")
    with tlsrptd.serve(settings=settings) as service:
        service.wait_for("warning: policies: not read yet")
        assert body(service, "a") == 503
        tlsrptd.database.query("ALTER TABLE ledger.gone RENAME TO hosted_domain")
        until(lambda: body(service, "a") == 404)


def test_damaged_copy(tlsrptd, settings, postgres):
    hosting.publish(tlsrptd.database, "a.example", A)
    hosting.publish(tlsrptd.database, "b.example", B)
    path = tlsrptd.write_settings(settings=settings)
    tlsrptd.start(settings_file=path).stop()
    copy = path.with_suffix(".spool") / "policies"
    assert A in copy.read_bytes()
    copy.write_bytes(copy.read_bytes().replace(b"mx.a.example\r", b"mx.x.example\r"))
    postgres.stop()
    service = tlsrptd.start(settings_file=path)
    try:
        service.wait_for("policies .*damaged=1")
        assert (body(service, "a"), body(service, "b")) == (503, B)
    finally:
        service.stop()


# --- who fetched ---

FETCHES = ("SELECT d.name, f.version, f.network, f.client, f.user_agent, f.sni, f.fetches FROM ledger.hosted_fetch f"
           " JOIN ledger.domain d ON d.id = f.domain_id ORDER BY 1, 2, 3")


def test_fetches_are_kept(own, database):
    hosting.fetch(own, "mta-sts.a.example", User_Agent="one")
    hosting.fetch(own, "mta-sts.a.example", User_Agent="two \xff\xfe" + "x" * 300)
    hosting.fetch(own, "mta-sts.b.example", method="HEAD")
    hosting.fetch(own, "mta-sts.none.example")
    rows = until(lambda: (rows := database.query(FETCHES)) and sum(row[-1] for row in rows) == 3 and rows)
    a, b = rows
    assert a[:4] == ("a.example", 1, "127.0.0.0/24", "127.0.0.1") and a[5:] == ("mta-sts.a.example", 2)
    assert a[4].startswith("two \ufffd") and len(a[4]) == 200
    assert b == ("b.example", 1, "127.0.0.0/24", "127.0.0.1", "", "mta-sts.b.example", 1)
    served = database.query("SELECT fetches, first_served <= last_served FROM ledger.hosted_policy ORDER BY fetches")
    assert served == [(0, None), (1, True), (2, True)]


def test_fetches_wait_for_the_database(own, postgres, database):
    postgres.stop()
    for _ in range(5):
        hosting.fetch(own, "mta-sts.a.example")
    postgres.start()
    until(lambda: database.query(FETCHES) and database.query(FETCHES)[0][-1] == 5)


def test_fetches_at_the_end(tlsrptd, settings, database):
    hosting.publish(database, "a.example", A)
    with tlsrptd.serve(settings=settings) as service:
        for _ in range(3):
            hosting.fetch(service, "mta-sts.a.example")
    assert database.query(FETCHES)[0][-1] == 3
