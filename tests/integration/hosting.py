"""Policies that are served by the program, and a client of policy hosts that hides nothing.

SPDX-License-Identifier: MIT
"""
import hashlib
import socket
import ssl

import conftest

PATH = "/.well-known/mta-sts.txt"


def text(mode="testing", mx=("mx.example.org",), max_age=86400):
    return "".join(f"{line}\r\n" for line in ("version: STSv1", f"mode: {mode}", *(f"mx: {one}" for one in sorted(mx)),
                                              f"max_age: {max_age}")).encode()


def publish(database, domain, body, version=1, served=True):
    """Puts a policy into the ledger, as the command does."""
    database.query("INSERT INTO ledger.domain (name) VALUES (%s) ON CONFLICT DO NOTHING", domain)
    database.query("INSERT INTO ledger.hosted_policy (domain_id, version, id, body, sha256, mode, mx, max_age_seconds, made_at,"
                   " made_by, note) SELECT id, %s, %s, %s, %s, 'testing', '{}', 86400, now(), 'test', ''"
                   " FROM ledger.domain WHERE name = %s",
                   version, f"20261128h{version}", body, hashlib.sha256(body).hexdigest(), domain)
    database.query("INSERT INTO ledger.hosted_domain AS h (domain_id, version, since, served, ended, goal, goal_mx, begun_at, revision)"
                   " SELECT id, %s, now(), %s, false, 'setup', '{}', now(), nextval('ledger.hosting_revision')"
                   " FROM ledger.domain WHERE name = %s"
                   " ON CONFLICT (domain_id) DO UPDATE SET version = excluded.version, served = excluded.served,"
                   " revision = excluded.revision", version, served, domain)


def look(database, domain="example.org", served=True, published=True, mx=("mx1.example.org",), seconds=0):
    """What a look at the live set-up saw, SECONDS after now: the policy in force at its place, or not."""
    version = database.query("SELECT p.domain_id, p.id, p.sha256, p.mode, p.max_age_seconds FROM ledger.hosted_policy p"
                             " JOIN ledger.hosted_domain h ON h.domain_id = p.domain_id AND h.version = p.version"
                             " JOIN ledger.domain d ON d.id = p.domain_id WHERE d.name = %s", domain)[0]
    number, identity, sha256, mode, max_age = version
    database.query("DELETE FROM ledger.setup WHERE domain_id = %s", number)
    database.query("INSERT INTO ledger.setup (domain_id, name, first_at, checked_at, milliseconds, verdict, attention, errors, warnings,"
                   " unknowns, steps, gates, found, record_id, mode, max_age_seconds, policy_sha256, result)"
                   " VALUES (%s, %s, now(), now() + %s * interval '1 second', 1, 'ready', 4, 0, 0, 0, %s, '{}', '{}', %s, %s, %s, %s, '{}')",
                   number, domain, seconds, ["good"] * 7, identity if published else "", mode, max_age, sha256 if served else "")
    database.query("INSERT INTO ledger.setup_value VALUES (%s, 'mx-set', %s, now(), now(), now(), 300)"
                   " ON CONFLICT (domain_id, kind, md5(value)) DO UPDATE SET last_at = now()", number, " ".join(mx))
    for value in mx:
        database.query("INSERT INTO ledger.setup_value VALUES (%s, 'mx', %s, now(), now(), now(), 300)"
                       " ON CONFLICT (domain_id, kind, md5(value)) DO UPDATE SET last_at = now()", number, value)
    if published:
        database.query("INSERT INTO ledger.setup_value VALUES (%s, 'id', %s, now(), now(), now(), 300)"
                       " ON CONFLICT DO NOTHING", number, identity)


def earlier(database, days):
    """Everything that was made or seen so far was so many days earlier; the newest look at it is not, for the looks go on."""
    for table, columns in (("hosted_policy", ("made_at", "first_served", "last_served")), ("hosted_domain", ("since", "begun_at")),
                           ("setup", ("first_at",)), ("setup_value", ("first_at", "since_at", "last_at"))):
        for column in columns:
            database.query(f"UPDATE ledger.{table} SET {column} = {column} - %s * interval '1 day'", days)


def certificate(directory, host, *names):
    """DIRECTORY/HOST/fullchain.pem and privkey.pem, as certbot keeps them; for other NAMES if there are some."""
    there = directory / host
    there.mkdir(parents=True, exist_ok=True)
    made, key = conftest.make_certificate(there, (names or (host,))[0])
    made.rename(there / "fullchain.pem")
    key.rename(there / "privkey.pem")
    return there / "fullchain.pem"


def connect(service, name=None, versions=None):
    """A TLS connection that asks for the host NAME, whatever certificate is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if versions:
        context.minimum_version = context.maximum_version = versions
    host, _, port = service.address("https").rpartition(":")
    plain = socket.create_connection((host, int(port)), 30)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def names(connection):
    """The DNS-IDs of the certificate that was shown."""
    import cryptography.x509 as x509  # pylint: disable=import-outside-toplevel
    shown = x509.load_der_x509_certificate(connection.getpeercert(True))
    return shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(line.split()[1])
        self.headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}


def exchange(connection, request):
    """What comes back for these bytes until the end."""
    with connection:
        connection.sendall(request)
        raw = b""
        while piece := connection.recv(65536):
            raw += piece
    return Answer(raw)


def fetch(service, host, sni="same", method="GET", path=PATH, **headers):
    """One request for HOST; SNI: another name in the handshake, None for none."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close",
             *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    name = host.partition(":")[0].rstrip(".") if sni == "same" else sni
    return exchange(connect(service, name), ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
