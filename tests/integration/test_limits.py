"""Limits of the doors as their clients see them; what a single report may cost is tested in tests/unit.

SPDX-License-Identifier: MIT
"""
import gzip
import json
import time

import corpus
import doors

MAIL = (corpus.OWN / "mail-report-json.eml").read_bytes()


def report(number, organization="A"):
    """gzip of a small report with an id of its own."""
    return gzip.compress(json.dumps({
        "organization-name": organization, "contact-info": "a@sender.example", "report-id": f"r{number}",
        "date-range": {"start-datetime": "2026-11-20T00:00:00Z", "end-datetime": "2026-11-20T23:59:59Z"},
        "policies": [{"policy": {"policy-type": "no-policy-found", "policy-domain": "receiver.example"},
                      "summary": {"total-successful-session-count": 1, "total-failure-session-count": 0}}],
    }).encode())


def mail(number):
    return MAIL.replace(b"mail-report-json-1", b"mail-report-json-%d" % (number + 2))


def test_reports_of_one_client(tlsrptd, database):
    """4 an hour, an hour's worth at once; whoever knows a token is not counted."""
    token = "a-token-of-sixteen-and-more"
    settings = {"limits": {"client_per_hour": 4, "burst_minutes": 60}, "lmtp": {"unlimited": []}}
    with tlsrptd.serve(settings=settings, tokens=[token]) as service:
        answers = [doors.post(service.https, report(number)) for number in range(5)]
        assert [answer.status_code for answer in answers] == [201] * 4 + [429]
        assert answers[4].headers["Retry-After"] == "60"
        assert "limits.client_per_hour" in answers[4].json()["detail"]
        assert doors.post(f"{service.https}/{token}", report(5)).status_code == 201
        with doors.Lmtp(service.lmtp) as lmtp:  # the same client, whichever door it takes
            lmtp.hello()
            assert lmtp.send(mail(0))[0].startswith("451 4.7.1 throttled: more than 4 reports an hour")
    assert database.query("SELECT count(*) FROM ledger.report") == [(5,)]


def test_reports_in_one_name(tlsrptd):
    settings = {"limits": {"reporter_per_hour": 2, "burst_minutes": 60}}
    with tlsrptd.serve(settings=settings) as service:
        assert [doors.post(service.https, report(number)).status_code for number in range(3)] == [201, 201, 429]
        assert doors.post(service.https, report(3, "B")).status_code == 201
        with doors.Lmtp(service.lmtp) as lmtp:
            lmtp.hello()
            assert [lmtp.send(mail(number))[0][:9] for number in range(3)] == ["250 2.0.0", "250 2.0.0", "451 4.7.1"]


def test_rubbish_of_one_client(tlsrptd):
    """What cannot be read costs what had to be read of it; reports of that client wait as well."""
    bomb = gzip.compress(bytes(30 << 20))
    settings = {"limits": {"rejected_per_hour": 100, "burst_minutes": 60}}
    with tlsrptd.serve(settings=settings) as service:
        assert doors.post(service.https, report(0)).status_code == 201
        assert doors.post(service.https, b"{}").status_code == 400
        assert doors.post(service.https, bomb).status_code == 400  # 20 MiB: 320 pieces of 64 KiB
        answer = doors.post(service.https, report(1))
        assert answer.status_code == 429
        assert "limits.rejected_per_hour" in answer.json()["detail"]
        with doors.Lmtp(service.lmtp) as lmtp:  # our own mail server brings everybody's
            lmtp.hello()
            assert lmtp.send(mail(0))[0].startswith("250 2.0.0")


def test_lmtp_connections_of_one_client(tlsrptd):
    settings = {"lmtp": {"per_client": 1, "unlimited": ["unix"]}}
    with tlsrptd.serve(settings=settings, lmtp=["127.0.0.1:0", f"unix:{tlsrptd.directory}/lmtp"]) as service:
        by_ip, by_path = service.addresses("lmtp")
        with doors.Lmtp(by_ip) as first, doors.Lmtp(by_ip) as second, doors.Lmtp(by_path) as third, doors.Lmtp(by_path) as fourth:
            assert first.greeting.startswith("220 ")
            assert "421 4.3.2 too many connections" in second.greeting + second.reply()
            assert third.greeting.startswith("220 ")
            assert fourth.greeting.startswith("220 ")
        service.wait_for('connection refused door=lmtp reason="lmtp.per_client reached"')


def test_slow_lmtp(tlsrptd):
    """One byte now and then keeps neither a command, nor a message, nor a session open."""
    settings = {"lmtp": {"idle_seconds": 1, "message_seconds": 2, "session_seconds": 4}}
    with tlsrptd.serve(settings=settings) as service:
        def patience(begin):
            with doors.Lmtp(service.lmtp) as lmtp:
                lmtp.hello()
                for line in begin:
                    lmtp.command(line)
                start = time.monotonic()
                lmtp.socket.settimeout(0.1)
                while time.monotonic() - start < 60:
                    try:
                        if reply := lmtp.socket.recv(4096):
                            return reply, time.monotonic() - start
                    except TimeoutError:
                        lmtp.write(b"x")
            return b"", 60

        reply, seconds = patience([])
        assert reply.startswith(b"421 4.4.2 idle") and seconds > 0.8
        reply, seconds = patience(["MAIL FROM:<>", "RCPT TO:<a@receiver.example>", "DATA"])
        assert reply.startswith(b"421 4.4.2 too slow") and seconds > 1.8
        with doors.Lmtp(service.lmtp) as lmtp:
            lmtp.hello()
            start = time.monotonic()
            while (reply := lmtp.command("NOOP")).startswith("250") and time.monotonic() - start < 60:
                time.sleep(0.2)
            assert reply.startswith("421 4.4.2") and time.monotonic() - start > 3


def test_memory(tlsrptd, database):
    """What does not fit is to be sent again; what is small fits beside it."""
    settings = {"limits": {"memory_bytes": 2 << 20}}
    with tlsrptd.serve(settings=settings) as service:
        answer = doors.post(service.https, b"{" + b" " * (3 << 20) + b"}")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "60"
        assert "limits.memory_bytes" in answer.json()["detail"]
        with doors.Lmtp(service.lmtp) as lmtp:
            lmtp.hello()
            assert lmtp.send(mail(0) + b"\r\n" * (2 << 20))[0].startswith("451 4.3.1 too much")
            assert lmtp.send(mail(0))[0].startswith("250 2.0.0")
        assert doors.post(service.https, report(0)).status_code == 201
    assert database.query("SELECT count(*) FROM ledger.report") == [(2,)]
