"""Who is believed: mails signed with keys of a real, DNSSEC-signed zone, through the program's doors.

SPDX-License-Identifier: MIT
"""
import collections
import contextlib
import itertools
import json
import select
import shutil
import socket
import time

import dkim
import pytest
import requests

import zone as dns
from conftest import directory_of_account
from doors import Lmtp, post, until

MISSING = [name for name in ("nsd", "ldns-signzone", "ldns-keygen") if not shutil.which(name)]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

RSA, ED25519, SMALL = dns.Rsa(2048), dns.Ed25519(), dns.Rsa(768)
RECORDS = {
    "rsa._domainkey.sender": dns.record(RSA),
    "ed._domainkey.sender": dns.record(ED25519),
    "tlsrpt._domainkey.sender": dns.record(RSA, "s=tlsrpt; "),
    "edtlsrpt._domainkey.sender": dns.record(ED25519, "s=email:tlsrpt; "),
    "email._domainkey.sender": dns.record(RSA, "s=email; "),
    "small._domainkey.sender": dns.record(SMALL),
    "revoked._domainkey.sender": "v=DKIM1; k=rsa; p=",
    "testing._domainkey.sender": dns.record(RSA, "t=y; "),
    "bogus._domainkey.sender": dns.record(RSA),
    "rsa._domainkey.alien": dns.record(RSA),
    "rsa._domainkey.mail.sender": dns.record(RSA),
}
numbers = itertools.count(1)


@pytest.fixture(name="zone")
def served_zone():
    directory = directory_of_account()
    zone = dns.Zone(directory)
    zone.records = dict(RECORDS)
    zone.serve(bogus=["bogus._domainkey.sender"])
    yield zone
    zone.stop()
    shutil.rmtree(directory)


def settings(zone, **trust):
    return {"dns": zone.settings, "domains": {"names": ["ours.example", "*.ours.example"]}, "trust": trust}


Kept = collections.namedtuple("Kept", "trusted result method domain selector reason ground")


def kept(database, number):
    rows = database.query("SELECT trusted, sender_result, sender_method, sender_domain, sender_selector, sender_reason, trust_ground"
                          " FROM ledger.report WHERE report_id = %s", f"{number}@sender.example")
    assert len(rows) == 1, rows
    return Kept(*rows[0])


def deliver(service, message):
    with Lmtp(service.lmtp) as client:
        client.hello()
        replies = client.send(message)
    assert all(reply.startswith("250") for reply in replies), replies


def sums(database):
    """Sessions of the tally: (trusted, result) -> sum, without rows that count nothing."""
    rows = database.query("SELECT trusted, result, sum(sessions)::bigint FROM ledger.tally GROUP BY 1, 2 HAVING sum(sessions) <> 0")
    return {(trusted, result): count for trusted, result, count in rows}


def recounted(tlsrptd, **settings_of):
    """`reingest --verify` finds no difference."""
    done = tlsrptd.run("reingest", "--verify", check=False, **settings_of)
    assert done.returncode == 0 and "differences 0" in done.stdout, done.stdout + done.stderr


# --- each kind of signature, through LMTP ---

def plain(number):
    return dns.mail(dns.report(number))


def altered_body(number):
    message = dns.signed(plain(number), RSA, "rsa")
    assert message.count(b"\r\n\r\nA report.\r\n") == 1
    return message.replace(b"\r\n\r\nA report.\r\n", b"\r\n\r\nAnother report.\r\n")


def altered_header(number):
    return dns.signed(plain(number), RSA, "rsa").replace(b"Subject: Report Domain", b"Subject: Some Domain")


def forged_results(number):
    return b"Authentication-Results: mx.ours.example; dkim=pass header.d=sender.example\r\n" + plain(number)


def of_another_submitter(number):
    message = dns.mail(dns.report(number, contact="tlsrpt@big.example"), submitter="big.example")
    return dns.signed(message, RSA, "rsa")


def sha1(number):
    message = plain(number)
    return dkim.sign(message, b"rsa", b"sender.example", RSA.secret, signature_algorithm=b"rsa-sha1") + message


def several(number):
    message = dns.signed(plain(number), RSA, "rsa")
    return dns.signed(message, RSA, "rsa", domain="alien.example")


CASES = {
    "rsa": (lambda n: dns.signed(plain(n), RSA, "rsa"), "pass", "rsa-sha256, 2048 bits, key for any service"),
    "rsa, simple": (lambda n: dns.signed(plain(n), RSA, "rsa", canonicalize=(b"simple", b"simple")), "pass", "rsa-sha256"),
    "ed25519": (lambda n: dns.signed(plain(n), ED25519, "ed"), "pass", "ed25519-sha256, key for any service"),
    "rsa, key for s=tlsrpt": (lambda n: dns.signed(plain(n), RSA, "tlsrpt"), "pass", "key for tlsrpt"),
    "ed25519, key for s=email:tlsrpt": (lambda n: dns.signed(plain(n), ED25519, "edtlsrpt"), "pass", "key for tlsrpt"),
    "a subdomain signs": (lambda n: dns.signed(plain(n), RSA, "rsa", domain="mail.sender.example"), "pass", "rsa-sha256"),
    "several signatures": (several, "pass", "rsa-sha256"),
    "in force": (lambda n: dns.signed(plain(n), RSA, "rsa", x=str(int(time.time()) + 600)), "pass", "rsa-sha256"),
    "key for s=email": (lambda n: dns.signed(plain(n), RSA, "email"), "fail", "for other services (s=email)"),
    "expired": (lambda n: dns.signed(plain(n), RSA, "rsa", x=str(int(time.time()) + 1)), "fail", "expired"),
    "altered body": (altered_body, "fail", "the body is not what was signed"),
    "altered header": (altered_header, "fail", "does not fit the header"),
    "l=": (lambda n: dns.signed(plain(n), RSA, "rsa", length=True), "fail", "l="),
    "rsa-sha1": (sha1, "fail", "RFC 8301"),
    "wrong domain": (lambda n: dns.signed(plain(n), RSA, "rsa", domain="alien.example"), "fail", "does not speak for"),
    "another submitter": (of_another_submitter, "fail", "signed by sender.example, which does not speak for big.example"),
    "no key": (lambda n: dns.signed(plain(n), RSA, "none"), "fail", "there is no key: none._domainkey.sender.example"),
    "revoked": (lambda n: dns.signed(plain(n), RSA, "revoked"), "fail", "revoked"),
    "in test": (lambda n: dns.signed(plain(n), RSA, "testing"), "fail", "t=y"),
    "few bits": (lambda n: dns.signed(plain(n), SMALL, "small"), "fail", "768 bits"),
    "key of another": (lambda n: dns.signed(plain(n), dns.Rsa(), "rsa"), "fail", "does not fit the header and the key"),
    "no signature": (plain, "none", "not signed"),
    "forged Authentication-Results": (forged_results, "none", "not signed"),
    "bogus DNSSEC": (lambda n: dns.signed(plain(n), RSA, "bogus"), "unknown", "DNSSEC does not hold"),
}


def test_signatures(tlsrptd, database, zone):
    made = {name: (next(numbers), make, result, reason) for name, (make, result, reason) in CASES.items()}
    mails = {name: make(number) for name, (number, make, _, _) in made.items()}
    time.sleep(2.1)  # until x= of one has passed
    with tlsrptd.serve(settings=settings(zone)) as service:
        with Lmtp(service.lmtp) as client:
            client.hello()
            for name in made:
                assert client.send(mails[name])[0].startswith("250"), name
        faults = []
        for name, (number, _, result, reason) in made.items():
            row = kept(database, number)
            if row.result != result or reason not in row.reason or row.trusted != (result == "pass") or row.method != "dkim":
                faults.append(f"{name}: {row}")
        assert not faults, "\n".join(faults)
        row = kept(database, made["rsa"][0])
        assert (row.domain, row.selector) == ("sender.example", "rsa")
        assert row.ground.startswith("signed by sender.example (rsa-sha256")
        assert kept(database, made["wrong domain"][0]).domain == "alien.example"
        # Only what DNS left open waits to be tried again.
        assert database.query("SELECT count(*) FROM ledger.unverified") == [(1,)]
        # Shown with the report.
        key = database.query("SELECT domain_id, to_char(day, 'YYYYMMDD'), lpad(to_hex(id), 16, '0') FROM ledger.report"
                             " WHERE report_id = %s", f"{made['rsa'][0]}@sender.example")[0]
        page = requests.get(f"{service.web}/reports/{'-'.join(map(str, key))}", timeout=30).text
        assert "trusted: signed by sender.example" in page and "<dd>pass, domain <code>sender.example</code>" in page
    recounted(tlsrptd, settings=settings(zone))
    counted = sums(database)
    good = sum(100 + number for number, _, result, _ in made.values() if result == "pass")
    bad = sum(100 + number for number, _, result, _ in made.values() if result != "pass")
    assert (counted[True, "successful"], counted[False, "successful"]) == (good, bad)


def test_lines_of_files_and_other_doors(tlsrptd, database, zone, tmp_path):
    """A file's lines end in LF; the signature still holds. And what is posted may be a mail too."""
    maildir = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    first, second, third = (next(numbers) for _ in range(3))
    with tlsrptd.serve(settings=settings(zone), maildir=maildir) as service:
        (maildir / "tmp" / "1").write_bytes(dns.signed(plain(first), RSA, "rsa").replace(b"\r\n", b"\n"))
        (maildir / "tmp" / "1").rename(maildir / "new" / "1")  # whole, as deliveries come
        until(lambda: database.query("SELECT count(*) FROM ledger.report") == [(1,)])
        assert post(service.https, dns.signed(plain(second), ED25519, "ed")).status_code == 201
    path = tmp_path / "mail"
    path.write_bytes(dns.signed(plain(third), RSA, "tlsrpt", canonicalize=(b"simple", b"simple")).replace(b"\r\n", b"\n"))
    tlsrptd.run("ingest", path, settings=settings(zone))
    for number in (first, second, third):
        assert kept(database, number).result == "pass", kept(database, number)


def test_reports_of_one_mail_are_judged_apart(tlsrptd, database, zone):
    own, other = next(numbers), next(numbers)
    message = dns.mail(dns.report(own), dns.report(other, contact="tlsrpt@big.example"))
    with tlsrptd.serve(settings=settings(zone)) as service:
        deliver(service, dns.signed(message, RSA, "rsa"))
    assert kept(database, own).trusted
    assert not kept(database, other).trusted and "big.example" in kept(database, other).reason


# --- DNS trouble ---

def test_dns_trouble_is_tried_again(tlsrptd, database, zone):
    """SERVFAIL: stored, not trusted. Once DNS is repaired the report is trusted, and the tally moves exactly."""
    one, two, never = (next(numbers) for _ in range(3))
    domains = ("ours.example", "a.ours.example", "b.ours.example")
    several_domains = dns.mail(dns.report(one, domains=domains, failures=7), dns.report(two))
    zone.serve(broken=True)
    with tlsrptd.serve(settings=settings(zone, recheck_seconds=7)) as service:
        deliver(service, dns.signed(several_domains, RSA, "rsa"))
        deliver(service, dns.signed(plain(never), RSA, "none"))
        for number in (one, two, never):
            row = kept(database, number)
            assert (row.trusted, row.result) == (False, "unknown") and "SERVFAIL" in row.ground, row
        assert database.query("SELECT count(*) FROM ledger.unverified") == [(2,)]
        before = sums(database)
        assert all(not trusted for trusted, _ in before)

        zone.serve()
        until(lambda: database.query("SELECT count(*) FROM ledger.unverified") == [(0,)], 60)
        assert kept(database, one).trusted and kept(database, two).trusted
        assert kept(database, one).result == "pass" and kept(database, one).selector == "rsa"
        row = kept(database, never)
        assert (row.trusted, row.result) == (False, "fail") and "there is no key" in row.ground, row
    after = sums(database)
    assert {trusted for trusted, _ in after} == {True, False}
    for result in {result for _, result in before}:
        assert after.get((True, result), 0) + after.get((False, result), 0) == before[False, result]
    assert after[False, "successful"] == 100 + never
    assert after[True, "successful"] == 3 * (100 + one) + 100 + two
    assert database.query("SELECT count(*) FROM ledger.failure WHERE trusted") == [(4,)]
    assert database.query("SELECT count(*) FROM ledger.report WHERE arrivals <> 1") == [(0,)]
    assert database.query("SELECT count(*) FROM ledger.report") == [(3,)]
    recounted(tlsrptd, settings=settings(zone))


def test_what_waits_survives(tlsrptd, database, zone):
    """Mails that wait are in the database: another service takes them up; after three days the matter is closed."""
    number, late = next(numbers), next(numbers)
    zone.serve(broken=True)
    with tlsrptd.serve(settings=settings(zone, recheck_seconds=1000)) as service:
        deliver(service, dns.signed(plain(number), RSA, "rsa", x=str(int(time.time()) + 5)))
        deliver(service, dns.signed(plain(late), RSA, "bogus"))
        service.kill()
    time.sleep(6)  # x= has passed, but it was in force when the mail came
    zone.serve(bogus=["bogus._domainkey.sender"])
    database.query("UPDATE ledger.unverified SET next_at = now(), first_at = now() - interval '73 hours'")
    with tlsrptd.serve(settings=settings(zone, recheck_seconds=2)):
        until(lambda: database.query("SELECT count(*) FROM ledger.unverified") == [(0,)], 30)
    assert kept(database, number).trusted, kept(database, number)
    row = kept(database, late)
    assert (row.trusted, row.result) == (False, "unknown") and row.ground.startswith("given up after three days: "), row
    recounted(tlsrptd, settings=settings(zone))


def test_bound_on_what_waits(tlsrptd, database, zone):
    zone.serve(broken=True)
    with tlsrptd.serve(settings=settings(zone, recheck_bytes=0)) as service:
        deliver(service, dns.signed(plain(next(numbers)), RSA, "rsa"))
    assert database.query("SELECT count(*) FROM ledger.report WHERE sender_result = 'unknown'") == [(1,)]
    assert database.query("SELECT count(*) FROM ledger.unverified") == [(0,)]


def send_asked_for(client, number):
    """Sends a mail whose key has a name of its own, so that it is in no cache; the reply is not read."""
    client.hello()
    client.command("MAIL FROM:<>")
    client.command("RCPT TO:<tlsrpt@receiver.example>")
    client.command("DATA")
    client.write(dns.signed(plain(number), RSA, f"s{number}") + b".\r\n")


def test_dns_that_does_not_answer_holds_nobody_up(tlsrptd, database, zone):
    """A resolver that says nothing: what needs it is unknown in time; all others are answered at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, contextlib.ExitStack() as stack:
        silent.bind(("127.0.0.1", 0))
        mute = settings(zone)
        mute["dns"] = {"servers": [f"127.0.0.1:{silent.getsockname()[1]}"], "timeout_seconds": 5, "questions": 2}
        service = stack.enter_context(tlsrptd.serve(settings=mute))
        waiting = [stack.enter_context(Lmtp(service.lmtp)) for _ in range(6)]
        asked = [next(numbers) for _ in waiting]
        for client, number in zip(waiting, asked):
            send_asked_for(client, number)
        deliver(service, plain(next(numbers)))
        assert len(select.select(waiting, [], [], 0)[0]) < len(waiting), "they wait, and it does not wait for them all"
        for client in waiting:
            assert client.reply().startswith("250")
        for number in asked:
            assert kept(database, number).result == "unknown", kept(database, number)


def test_a_stop_does_not_wait_for_dns(tlsrptd, database, zone):
    """However long it would take."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, contextlib.ExitStack() as stack:
        silent.bind(("127.0.0.1", 0))
        mute = settings(zone)
        mute["dns"] = {"servers": [f"127.0.0.1:{silent.getsockname()[1]}"], "timeout_seconds": 60}
        service = stack.enter_context(tlsrptd.serve(settings=mute))
        client = stack.enter_context(Lmtp(service.lmtp))
        number = next(numbers)
        send_asked_for(client, number)
        silent.settimeout(60)
        assert silent.recv(512), "the key is asked for"
        start = time.monotonic()
        service.stop()
        assert client.reply().startswith("250") and time.monotonic() - start < 30
        assert kept(database, number).result == "unknown"


# --- trust gained later, and names taken by strangers ---

def test_a_verified_copy_vouches_for_what_is_stored(tlsrptd, database, zone):
    number = next(numbers)
    domains = ("ours.example", "a.ours.example")
    text = json.dumps(dns.report(number, domains=domains, failures=5)).encode()
    with tlsrptd.serve(settings=settings(zone)) as service:
        assert post(service.https, text, "application/tlsrpt+json").status_code == 201
        assert not kept(database, number).trusted
        before = sums(database)
        until(lambda: database.query("SELECT max(received_at) < date_trunc('second', now()) FROM ledger.report") == [(True,)])
        deliver(service, dns.signed(dns.mail(json.loads(text)), RSA, "rsa"))
        deliver(service, dns.signed(dns.mail(json.loads(text)), RSA, "rsa"))
        assert post(service.https, text, "application/tlsrpt+json").status_code == 200
    row = kept(database, number)
    assert row.trusted and row.domain == "sender.example"
    assert sums(database) == {(True, result): count for (_, result), count in before.items()}
    assert database.query("SELECT arrivals FROM ledger.report") == [(4,)]
    recounted(tlsrptd, settings=settings(zone))


def test_a_stranger_cannot_take_the_place(tlsrptd, database, zone):
    """Reports under a sender's identity, made up before his own comes, do not make his a conflict."""
    number = next(numbers)
    with tlsrptd.serve(settings=settings(zone)) as service:
        for failures in range(10):
            forged = json.dumps(dns.report(number, failures=1000 + failures)).encode()
            post(service.https, forged, "application/tlsrpt+json")
        deliver(service, dns.signed(plain(number), RSA, "rsa"))
        forged = json.dumps(dns.report(number, failures=2000)).encode()
        post(service.https, forged, "application/tlsrpt+json")
    rows = database.query("SELECT trusted, failed_sessions FROM ledger.report ORDER BY trusted")
    assert rows[-1] == (True, 3) and all(not trusted for trusted, _ in rows[:-1])
    assert sums(database)[True, "total-failure"] == 3
    recounted(tlsrptd, settings=settings(zone))


# --- Authentication-Results ---

OURS = b"Authentication-Results: mx.ours.example;\r\n"


def with_results(number, *fields):
    return b"".join(fields) + plain(number)


def test_authentication_results(tlsrptd, database, zone):
    cases = {
        "ours": ([OURS + b" dkim=pass (2048-bit key) header.d=sender.example header.s=x\r\n"], "pass"),
        "fails": ([OURS + b"\tdkim=fail reason=\"bad\" header.d=sender.example\r\n"], "fail"),
        "forged below ours": ([OURS + b" dkim=none\r\n", OURS + b" dkim=pass header.d=sender.example\r\n"], "none"),
        "forged below one that is silent": ([OURS + b" spf=pass\r\n", OURS + b" dkim=pass header.d=sender.example\r\n"], "none"),
        "of another server": ([b"Authentication-Results: mx.evil.example; dkim=pass header.d=sender.example\r\n"], "none"),
        "of another domain": ([OURS + b" dkim=pass header.d=alien.example\r\n"], "fail"),
        "damaged": ([OURS + b" dkim=pass (header.d=sender.example\r\n"], "fail"),
        "in a comment": ([OURS + b" dkim=fail (dkim=pass header.d=sender.example)\r\n"], "fail"),
    }
    made = {name: (next(numbers), fields, result) for name, (fields, result) in cases.items()}
    posted, both = next(numbers), next(numbers)
    authres = settings(zone, mail="authres", authserv_ids=["mx.ours.example"])
    with tlsrptd.serve(settings=authres) as service:
        for number, fields, _ in made.values():
            deliver(service, with_results(number, *fields))
        for name, (number, _, result) in made.items():
            row = kept(database, number)
            assert (row.result, row.trusted, row.method) == (result, result == "pass", "authres"), (name, row)
        # Whoever posts wrote all of it himself.
        post(service.https, with_results(posted, *cases["ours"][0]))
        assert not kept(database, posted).trusted
    with tlsrptd.serve(settings=settings(zone, mail="any", authserv_ids=["mx.ours.example"])) as service:
        deliver(service, dns.signed(with_results(both, *cases["fails"][0]), RSA, "rsa"))
        assert kept(database, both).trusted and kept(database, both).method == "dkim"


def test_none(tlsrptd, database, zone):
    number = next(numbers)
    with tlsrptd.serve(settings=settings(zone, mail="none")) as service:
        deliver(service, dns.signed(plain(number), RSA, "rsa"))
    row = kept(database, number)
    assert not row.trusted and row.result is None and "trust.mail = none" in row.ground


# --- settings ---

@pytest.mark.parametrize("sections, key", [
    ({"trust": {"mail": "spf"}}, "trust.mail"),
    ({"trust": {"mail": "authres"}}, "trust.authserv_ids"),
    ({"trust": {"submitter_fit": "loose"}}, "trust.submitter_fit"),
    ({"dns": {"servers": ["resolver"]}}, "dns.servers"),
    ({"dns": {"servers": ["[::1:53"]}}, "dns.servers"),
    ({"dns": {"trust_anchor": "/nowhere"}}, "dns.trust_anchor"),
])
def test_faults_in_settings(tlsrptd, sections, key):
    done = tlsrptd.run("serve", check=False, settings=sections)
    assert done.returncode != 0 and key in done.stderr, done.stderr
