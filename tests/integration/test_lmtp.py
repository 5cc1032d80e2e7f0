"""The LMTP door (RFC 2033) from a raw client: pipelining, recipients, dots, limits, sockets.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import socket

import corpus
import doors
import pytest

MAIL = (corpus.OWN / "mail-report-json.eml").read_bytes()
NOT_A_REPORT = (corpus.OWN / "rejected-mail-no-report.eml").read_bytes()


@pytest.fixture
def lmtp(service):
    with doors.Lmtp(service.lmtp) as session:
        yield session


def stored(database):
    return database.query("SELECT count(*), coalesce(sum(arrivals), 0) FROM ledger.report")[0]


def numbered(number):
    """A mail with a report of its own."""
    return MAIL.replace(b"mail-report-json-1", b"mail-report-json-%d" % (number + 2))


def test_session(lmtp, database):
    assert lmtp.greeting.startswith("220 ")
    offered = [line[4:] for line in lmtp.hello().split("\n")[1:]]
    assert {"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8"} <= set(offered)
    assert [word for word in offered if word.startswith("SIZE ")] == [f"SIZE {10 << 20}"]
    assert lmtp.send(MAIL)[0].startswith("250 2.0.0")
    assert stored(database) == (1, 1)
    assert lmtp.command("NOOP").startswith("250")
    assert lmtp.command("VRFY tlsrpt").startswith("252")
    assert lmtp.command("RSET").startswith("250")
    assert lmtp.command("QUIT").startswith("221")
    assert lmtp.reply() == ""


def test_replies_of_a_message(lmtp, database):
    lmtp.hello()
    for expected in ("250 2.0.0", "250 2.0.0"):  # stored, then duplicate
        replies = lmtp.send(MAIL)
        assert [reply[:9] for reply in replies] == [expected]
    assert [reply[:9] for reply in lmtp.send(NOT_A_REPORT)] == ["250 2.0.0"]
    assert stored(database) == (1, 2)
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(1,)]


def test_several_recipients(lmtp, database):
    """One reply for each accepted recipient, one report."""
    lmtp.hello()
    replies = lmtp.send(MAIL, recipients=[f"tlsrpt{number}@receiver.example" for number in range(5)])
    assert [reply[:9] for reply in replies] == ["250 2.0.0"] * 5
    assert stored(database) == (1, 1)


def test_pipelined(lmtp, database):
    """Three whole transactions and QUIT in one write; replies in order (RFC 2920)."""
    data = b"LHLO client.example\r\n"
    for number in range(3):
        data += b"MAIL FROM:<> SIZE=2000 BODY=8BITMIME\r\nRCPT TO:<a@receiver.example>\r\nRCPT TO:<b@receiver.example>\r\nDATA\r\n"
        data += doors.stuffed(numbered(number))
    lmtp.write(data + b"QUIT\r\n")
    replies = []
    while True:
        reply = lmtp.reply()
        if not reply:
            break
        replies.append(reply[:3])
    assert replies == ["250"] + ["250", "250", "250", "354", "250", "250"] * 3 + ["221"]
    assert stored(database) == (3, 3)


def test_byte_by_byte(lmtp, database):
    lmtp.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@receiver.example>\r\nDATA\r\n" + doors.stuffed(MAIL)
    for at in range(len(data)):
        lmtp.write(data[at:at + 1])
    assert [lmtp.reply()[:3] for _ in range(5)] == ["250", "250", "250", "354", "250"]
    assert stored(database) == (1, 1)


def test_dots(lmtp, database):
    """A line that begins with a dot arrives as it was written, and ends nothing."""
    lmtp.hello()
    dotted = MAIL.replace(b"This is an aggregate TLS report from mail.example.net.", b".\r\n..\r\n.hidden\r\n...")
    assert b"\r\n.\r\n" in dotted
    assert lmtp.send(dotted)[0].startswith("250")
    assert stored(database) == (1, 1)
    rejected = NOT_A_REPORT + b".\r\n.dot\r\n"
    lmtp.send(rejected)
    head, = database.query("SELECT head FROM ledger.rejected")[0]
    assert bytes(head).endswith(b"\r\n.\r\n.dot\r\n")


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r"])
def test_smuggling(lmtp, database, end):
    """Only CRLF.CRLF ends a message; what else looks like it is data."""
    lmtp.hello()
    lmtp.write(b"MAIL FROM:<>\r\nRCPT TO:<a@receiver.example>\r\nDATA\r\nSubject: x\r\n\r\nhello" + end
               + b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<b@receiver.example>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n")
    assert [lmtp.reply()[:3] for _ in range(5)] == ["250", "250", "354", "250", "250"]
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(1,)]


def test_order_of_commands(lmtp, database):
    assert lmtp.command("MAIL FROM:<>").startswith("503")
    assert lmtp.command("EHLO client.example").startswith("500")
    assert lmtp.command("HELO client.example").startswith("500")
    lmtp.hello()
    assert lmtp.command("RCPT TO:<a@receiver.example>").startswith("503")
    assert lmtp.command("DATA").startswith("503")
    assert lmtp.command("MAIL FROM:<>").startswith("250")
    assert lmtp.command("DATA")[:3] in ("503", "554")
    assert lmtp.command("MAIL FROM:<>").startswith("503")
    assert lmtp.command("BOGUS").startswith("500")
    assert lmtp.command("RSET").startswith("250")
    assert lmtp.send(MAIL)[0].startswith("250")
    assert stored(database) == (1, 1)


def test_too_large(lmtp, database):
    """By what is announced, and by what comes; the session goes on."""
    lmtp.hello()
    assert lmtp.command(f"MAIL FROM:<> SIZE={(10 << 20) + 1}").startswith("552 5.3.4")
    assert lmtp.send(b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * 11000)[0].startswith("552 5.3.4")
    assert lmtp.send(MAIL)[0].startswith("250")
    assert stored(database) == (1, 1)
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(0,)]


def test_long_lines(lmtp):
    lmtp.hello()
    assert lmtp.command("NOOP " + "x" * 100000).startswith("500")
    assert lmtp.command("NOOP").startswith("250")


def test_too_many_errors(lmtp):
    """Who says nothing but nonsense is sent away."""
    replies = [lmtp.greeting]
    lmtp.write(b"GET / HTTP/1.1\r\n" * 200)
    while replies[-1]:
        try:
            replies.append(lmtp.reply())
        except ConnectionResetError:
            break
    assert len(replies) < 60
    assert any(reply.startswith("421") for reply in replies)


def test_not_ours(tlsrptd, database):
    with tlsrptd.serve(domains=["ours.example"]) as service, doors.Lmtp(service.lmtp) as session:
        session.hello()
        replies = session.send(MAIL, recipients=["a@receiver.example", "b@receiver.example"])
        assert [reply[:9] for reply in replies] == ["550 5.7.1"] * 2
    assert stored(database) == (0, 0)


def test_unix_socket(tlsrptd, database, tmp_path):
    address = f"unix:{tmp_path}/lmtp"
    with tlsrptd.serve(lmtp=[address]), doors.Lmtp(address) as session:
        session.hello()
        assert session.send(MAIL)[0].startswith("250")
    assert database.query("SELECT source FROM ledger.report") == [("lmtp",)]


def test_parallel_sessions(service, database):
    """Sixteen sessions with twenty reports each, every second one sent before."""
    def one(client):
        with doors.Lmtp(service.lmtp) as session:
            session.hello()
            return [session.send(numbered((client // 2) * 20 + number))[0][:9] for number in range(20)]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        replies = [reply for replies in pool.map(one, range(16)) for reply in replies]
    assert replies == ["250 2.0.0"] * 320
    assert stored(database) == (160, 320)


def test_database_away(service, database, postgres):
    """While PostgreSQL is away mails are taken into the spool, and counted when it is back."""
    with doors.Lmtp(service.lmtp) as session:
        session.hello()
        assert session.send(numbered(0))[0].startswith("250 2.0.0 stored")
        postgres.stop()
        try:
            assert session.send(numbered(1))[0].startswith("250 2.0.0 spooled")
        finally:
            postgres.start()
        doors.until(lambda: stored(database) == (2, 2), 30)
    assert database.query("SELECT DISTINCT source FROM ledger.report") == [("lmtp",)]


def test_database_away_without_spool(tlsrptd, database, postgres):
    """451 while PostgreSQL is away, and nothing of it is kept; then the same mail is taken."""
    with tlsrptd.serve(spool="") as service, doors.Lmtp(service.lmtp) as session:
        session.hello()
        assert session.send(numbered(0))[0].startswith("250")
        postgres.stop()
        try:
            assert session.send(numbered(1))[0].startswith("451 4.3.0")
        finally:
            postgres.start()
        doors.until(lambda: session.send(numbered(1))[0].startswith("250"), 30)
    assert stored(database)[0] == 2


def test_stop_waits_for_messages_in_flight(tlsrptd, database):
    """Whatever was answered 250 is in the ledger after the service has stopped."""
    taken = 0
    with tlsrptd.serve() as service, doors.Lmtp(service.lmtp) as session:
        session.hello()
        for number in range(10):
            taken += session.send(numbered(number))[0].startswith("250")
        service.stop()
        assert session.reply()[:3] in ("421", "")
    assert stored(database) == (taken, taken) == (10, 10)
