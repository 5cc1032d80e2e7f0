"""Servers that the tests of looks at strangers talk to: mail servers and policy hosts of the test world
(tests/integration/world) on their real ports, at addresses of 127.0.0.0/8 of a network namespace of their own.

Reads a line, answers a line, until the end of input:

  web DOES / CERTIFICATE    the address of a policy host mta-sts.example.org that does so
  mail DOES / CERTIFICATE   … of a mail server mx.example.org
  visits ADDRESS            what was said there in the clear, ">", and within TLS
  web6 …, mail6 …           the same at ::1
  spki                      SHA-256 of the hosts' key
  digest KIND N             SHA-256 of the certificate of that place in what the policy host sends

SPDX-License-Identifier: MIT
"""
import hashlib
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(SOURCE / "tests" / "integration"))

from cryptography.hazmat.primitives.serialization import Encoding  # noqa: E402

from world import certificates, domain, listeners, mail_hosts, policy_hosts  # noqa: E402

POLICY = b"version: STSv1\r\nmode: testing\r\nmx: mx.example.org\r\nmax_age: 86400\r\n"


class Servers:
    def __init__(self, directory):
        self.authority = certificates.Authority()
        self.authority.write_root(directory / "root.pem")
        self.listen = listeners.Listeners()
        self.tls = listeners.Tls(self.authority, directory)
        self.count = 0

    def host(self, label, text, address=None):
        does, certificate = text.split(" / ")
        self.count += 1
        address = address or f"127.0.{1 + self.count // 250}.{self.count % 250 + 1}"
        return domain.Host("example.org", label, address, does, certificate, POLICY)

    def answer(self, word, text):
        if word.startswith(("web", "mail")):
            module, label = (policy_hosts, "mta-sts") if word.startswith("web") else (mail_hosts, "mx")
            host = self.host(label, text, "::1" if word.endswith("6") else None)
            module.serve(self.listen, self.tls, host)
            return host.address
        if word == "visits":
            with mail_hosts.lock:
                found = [(clear, within) for address, clear, within in mail_hosts.visits if address == text]
            return " & ".join(f"{';'.join(clear)}>{';'.join(within)}" for clear, within in found)
        if word == "spki":
            return self.authority.spki
        assert word == "digest", word
        kind, _, index = text.rpartition(" ")
        path = self.tls.file(kind, "mta-sts.example.org", "example.org")
        pem = "-----BEGIN CERTIFICATE-----" + path.read_text().split("-----BEGIN CERTIFICATE-----")[1 + int(index)]
        return hashlib.sha256(certificates.x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)).hexdigest()


def echo(connection, _host, _, request):
    method, path, headers = request
    return policy_hosts.send(connection, method, 200, f"{method} {path} {sorted(headers.items())}".encode())


def many_headers(connection, host, argument, request):
    return policy_hosts.send(connection, request[0], 200, host.policy, {f"X-{number}": "x" * 1000 for number in range(int(argument))})


def many_hints(connection, host, _, request):
    """Answers before the answer, without an end."""
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" * 100)


def endless(connection, host, _, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def aborted(connection, _host, _, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nversion: STSv1\r\n")
    listeners.reset(connection)


policy_hosts.FAULTS.update({"echo": echo, "headers": many_headers, "hints": many_hints, "endless": endless, "abort": aborted})


def main():
    servers = Servers(pathlib.Path(sys.argv[1]))
    for line in sys.stdin:
        word, _, text = line.rstrip("\n").partition(" ")
        print(servers.answer(word, text), flush=True)


if __name__ == "__main__":
    main()
