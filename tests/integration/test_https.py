"""The HTTPS door as curl and other clients meet it: statuses, details, limits, odd requests.

SPDX-License-Identifier: MIT
"""
import functools
import gzip
import json
import re
import socket
import ssl
import subprocess

import corpus
import pytest

GOOD = corpus.OWN / "sender-google-no-policy.json.gz"
REPORT = gzip.decompress(GOOD.read_bytes())


@pytest.fixture
def curl_of(tmp_path):
    """The real curl against one service: (status, headers, body as JSON or text)."""
    def run(service, *arguments, path="/v1/tlsrpt", data=None):
        if data is not None:
            (tmp_path / "body").write_bytes(data)
            arguments += ("--data-binary", f"@{tmp_path}/body")
        url = re.sub("/v1/.*", path, service.https)
        done = subprocess.run(["curl", "-sS", "-k", "-i", "--max-time", "60", *map(str, arguments), url],
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        while re.match(rb"HTTP/\S+ 1\d\d", head):
            head, _, body = body.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        if body and "json" in headers.get("content-type", ""):
            body = json.loads(body)
        return int(lines[0].split()[1]), headers, body
    return lambda service: functools.partial(run, service)


@pytest.fixture
def curl(curl_of, service):
    return curl_of(service)


def problem(answer, status, *words):
    """A problem document (RFC 9457) with that status whose detail holds these words."""
    found, headers, body = answer
    assert found == status, answer
    assert headers["content-type"].startswith("application/problem+json"), answer
    assert body["status"] == status and body["title"], body
    for word in words:
        assert word in body["detail"], body
    return headers


def changed(**over):
    return json.dumps({**json.loads(REPORT), **over}).encode()


def with_failures(count):
    report = json.loads(REPORT)
    report["policies"][0]["summary"]["total-failure-session-count"] = count
    return json.dumps(report).encode()


def test_stored_then_duplicate(curl, database):
    status, headers, body = curl("--data-binary", f"@{GOOD}")  # labelled as a form, as curl does
    assert status == 201
    assert headers["content-type"].startswith("application/json")
    assert body["outcome"] == "stored" and body["id"]
    status, _, again = curl("--data-binary", f"@{GOOD}", "-H", "Content-Type: application/tlsrpt+gzip")
    assert (status, again["outcome"], again["id"]) == (200, "duplicate", body["id"])
    assert database.query("SELECT count(*), sum(arrivals) FROM ledger.report") == [(1, 2)]
    assert database.query("SELECT trusted FROM ledger.report") == [(False,)]


def test_without_any_label(curl):
    assert curl("-H", "Content-Type:", data=REPORT)[0] == 201


@pytest.mark.parametrize("label", ["application/tlsrpt+json", "application/tlsrpt+json; charset=utf-8",
                                   "application/json", "APPLICATION/TLSRPT+JSON"])
def test_labels(curl, label):
    assert curl("-H", f"Content-Type: {label}", data=REPORT)[0] == 201


def test_truncated_gzip(curl, database):
    data = GOOD.read_bytes()
    problem(curl(data=data[:len(data) // 2]), 400, "gzip")
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(1,)]


def test_wrong_media_type(curl, database):
    problem(curl("-H", "Content-Type: text/html", data=b"<p>hello</p>"), 415, "application/tlsrpt+gzip")
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(0,)]


def test_negative_count(curl):
    problem(curl(data=with_failures(-1)), 400, "policies[0].summary.total-failure-session-count", "negative")


def test_no_policies(curl):
    problem(curl(data=changed(policies=[])), 400, "policies")


def test_not_json(curl):
    problem(curl(data=b"hello"), 400)
    problem(curl(data=b""), 400)


def test_too_large(curl, database):
    data = b" " * (20 << 20)
    headers = problem(curl(data=data), 413, "limit")
    assert headers
    problem(curl("-H", "Transfer-Encoding: chunked", data=data), 413, "limit")
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(0,)]
    assert curl(data=REPORT)[0] == 201


def test_methods_and_paths(curl):
    for method in ("GET", "PUT", "DELETE"):
        assert "POST" in problem(curl("-X", method), 405)["allow"]
    assert curl("-I")[0] == 405
    for path in ("/", "/v1", "/v1/tlsrptx", "/domains/example.org", "/metrics"):
        problem(curl(path=path, data=REPORT), 404)


def test_not_our_domain(tlsrptd, database, curl_of):
    with tlsrptd.serve(domains=["ours.example", "*.ours.test"]) as service:
        curl = curl_of(service)
        problem(curl(data=REPORT), 403, "google-none.example")
        ours = REPORT.replace(b"google-none.example", b"deep.er.ours.test")
        assert curl(data=ours)[0] == 201
    assert database.query("SELECT name FROM ledger.domain") == [("deep.er.ours.test",)]
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(0,)]


def test_token(tlsrptd, database, curl_of):
    with tlsrptd.serve(tokens=["s3cret-of-example"]) as service:
        curl = curl_of(service)
        # One that is not ours is taken too: a sender that ignores the status would lose its report.
        for number, path in enumerate(("s3cret-of-example", "s3cret-of-exampl", "s3cret-of-example/", "S3cret-of-example", "")):
            status, _, body = curl(path=f"/v1/tlsrpt/{path}", data=changed(**{"report-id": str(number)}))
            assert (status, body["outcome"]) == (201, "stored")
        rows = database.query("SELECT report_id, trusted, trust_ground FROM ledger.report ORDER BY report_id")
        assert [row[1] for row in rows] == [True, False, False, False, False]
        assert rows[0][2] == "token" and "without a token of ours" in rows[1][2]
        assert len(re.findall(r"^warning: token client=127.0.0.1 .*untrusted", service.log, re.M)) == 3
        assert "s3cret" not in service.log.lower()


def test_tokens_of_a_file_and_clients(tlsrptd, database, curl_of, tmp_path):
    (tmp_path / "tokens").write_text("# of senders\nfirst-0123456789\nsecond-0123456789 # their new one\n")
    settings = {"collector": {"tokens_file": tmp_path / "tokens", "trusted_clients": ["192.0.2.0/24"], "trusted_proxies": ["127.0.0.1"]}}
    with tlsrptd.serve(settings=settings) as service:
        curl = curl_of(service)
        posts = [("/second-0123456789", ()), ("", ()), ("", ("192.0.2.7",)), ("", ("192.0.2.7, 203.0.113.5",)), ("", ("203.0.113.5", "192.0.2.8"))]
        for number, (path, forwarded) in enumerate(posts):
            lines = [word for line in forwarded for word in ("-H", f"X-Forwarded-For: {line}")]
            assert curl(*lines, path="/v1/tlsrpt" + path, data=changed(**{"report-id": str(number)}))[0] == 201
        service.wait_for(r"^https client=192\.0\.2\.8 ")
    assert database.query("SELECT trusted, trust_ground, origin FROM ledger.report ORDER BY report_id") == [
        (True, "token", "127.0.0.1"),
        (False, "HTTPS without a token of ours, by a client that is not listed", "127.0.0.1"),
        (True, "listed client", "192.0.2.7"),
        (False, "HTTPS without a token of ours, by a client that is not listed", "203.0.113.5"),
        (True, "listed client", "192.0.2.8")]


def test_forwarded_by_nobody_we_trust(tlsrptd, database, curl_of):
    with tlsrptd.serve(settings={"collector": {"trusted_clients": ["192.0.2.7"]}}) as service:
        assert curl_of(service)("-H", "X-Forwarded-For: 192.0.2.7", data=REPORT)[0] == 201
    assert database.query("SELECT trusted, origin FROM ledger.report") == [(False, "127.0.0.1")]


def test_a_browser_of_a_listed_client_is_not_believed(tlsrptd, database, curl_of):
    """Any web site can make it post; that it does so for one stands in Origin (RFC 6454 section 7)."""
    with tlsrptd.serve(settings={"collector": {"trusted_clients": ["127.0.0.1"]}}) as service:
        for number, words in enumerate([("-H", "Origin: https://evil.example"), ("-H", "Origin: null"), ()]):
            assert curl_of(service)(*words, data=changed(**{"report-id": str(number)}))[0] == 201
    assert database.query("SELECT trusted FROM ledger.report ORDER BY report_id") == [(False,), (False,), (True,)]


def test_settings_with_a_bad_token(tlsrptd):
    service = tlsrptd.start(ready=False, tokens=["s3cret-of-example", "hunter2"])
    assert service.process.wait(60) == 78
    service.reader.join(10)
    assert "collector.tokens: item 2 is no token" in service.log
    assert "hunter2" not in service.log and "s3cret" not in service.log


def test_chunked(curl):
    assert curl("-H", "Transfer-Encoding: chunked", data=REPORT)[0] == 201


def test_expect_continue(curl):
    big = REPORT.replace(b"{", b"{" + b" " * (3 << 20), 1)
    assert curl("-H", "Expect: 100-continue", data=big)[0] == 201


def test_http_1_0(curl):
    assert curl("--http1.0", data=REPORT)[0] == 201


def test_content_encoding(curl):
    """A web framework may compress on top of, or instead of, the report's own gzip."""
    twice = gzip.compress(GOOD.read_bytes(), mtime=0)
    assert curl("-H", "Content-Encoding: gzip", data=twice)[0] == 201
    assert curl("-H", "Content-Encoding: gzip", "-H", "Content-Type: application/tlsrpt+json", data=GOOD.read_bytes())[0] == 200
    problem(curl("-H", "Content-Encoding: br", data=REPORT), 415, "Content-Encoding")


def test_bomb(curl):
    bomb = (corpus.OWN / "rejected-gzip-bomb.json.gz").read_bytes()
    problem(curl(data=bomb), 400, "limit")


def endpoint(service):
    host, _, port = re.fullmatch(r"https://(.*?)(/.*)?", service.https)[1].rpartition(":")
    return host.strip("[]"), int(port)


def tls(service):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection(endpoint(service), 30))


def test_byte_by_byte(service):
    """A slow sender is served like a fast one."""
    request = b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(REPORT) + REPORT
    with tls(service) as connection:
        for at in range(0, len(request), 7):
            connection.sendall(request[at:at + 7])
        assert connection.recv(100).startswith(b"HTTP/1.1 201")


def test_two_requests_on_one_connection(service):
    request = b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(REPORT) + REPORT
    with tls(service) as connection:
        for status in (b"201", b"200"):
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"}\n"):
                answer += connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 " + status)


def test_client_that_hangs_up(service, curl):
    """Half a request, then nothing: no report, no harm."""
    for _ in range(20):
        with tls(service) as connection:
            connection.sendall(b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert curl(data=REPORT)[0] == 201


@pytest.mark.parametrize("version, taken", [("-tls1", False), ("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)])
def test_tls_versions(service, version, taken):
    """TLS 1.2 at least; the client is told to offer the old ones, which Debian's default does not."""
    host, port = endpoint(service)
    done = subprocess.run(["openssl", "s_client", "-connect", f"{host}:{port}", version, "-cipher", "ALL:@SECLEVEL=0"],
                          input=b"", capture_output=True, timeout=30, check=False)
    shaken = b"Cipher is (NONE)" not in done.stdout and b"BEGIN CERTIFICATE" in done.stdout
    assert shaken == taken, done.stdout + done.stderr


def test_many_at_once(service, database):
    """Forty clients at a time; each report is counted once."""
    posts = [subprocess.Popen(["curl", "-sS", "-k", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@-", service.https],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(40)]
    for number, post in enumerate(posts):
        post.stdin.write(changed(**{"report-id": f"many-{number % 20}"}))
        post.stdin.close()
    statuses = sorted(post.stdout.read() for post in posts)
    for post in posts:
        post.stdout.close()
        assert post.wait(60) == 0
    assert statuses == [b"200"] * 20 + [b"201"] * 20
    assert database.query("SELECT count(*), sum(arrivals) FROM ledger.report") == [(20, 40)]
