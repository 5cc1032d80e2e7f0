"""A real DNS zone, signed with DNSSEC and served by nsd on a loopback port; and mails that are signed
with keys of it.

SPDX-License-Identifier: MIT
"""
import base64
import gzip
import json
import re
import shutil
import socket
import subprocess
import time

import dkim
import nacl.signing

NAME = "example"


def free_port():
    """One that nobody uses, by UDP and TCP, at present."""
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]
    raise AssertionError("no free port")


class Zone:
    """The zone `example.`: TXT records by name, as a running server gives them."""

    def __init__(self, directory):
        self.directory = directory
        self.port = free_port()
        self.records = {}
        self.process = None
        self.keys = [self.keygen("-k"), self.keygen()]
        self.anchor = directory / "anchor"
        shutil.copy(f"{self.keys[0]}.key", self.anchor)
        (directory / "nsd.conf").write_text(
            f'server:\n  ip-address: 127.0.0.1\n  port: {self.port}\n  zonesdir: "{directory}"\n  username: ""\n'
            f'  pidfile: "{directory}/nsd.pid"\n  xfrdfile: "{directory}/xfrd"\n  database: ""\n  server-count: 1\n'
            f'  zonelistfile: "{directory}/list"\n  xfrdir: "{directory}"\nremote-control:\n  control-enable: no\n'
            f'zone:\n  name: {NAME}\n  zonefile: zone.signed\n')

    def keygen(self, *options):
        done = subprocess.run(["ldns-keygen", *options, "-a", "ECDSAP256SHA256", NAME], cwd=self.directory, check=True,
                              capture_output=True, text=True)
        return self.directory / done.stdout.strip()

    @property
    def settings(self):
        """For the program: whom to ask, and how to know a true answer."""
        return {"servers": [f"127.0.0.1:{self.port}"], "trust_anchor": self.anchor, "timeout_seconds": 3}

    def write(self, bogus=(), broken=False):
        """The signed zone. BOGUS names get another text after signing; BROKEN: there is no zone at all (SERVFAIL)."""
        signed = self.directory / "zone.signed"
        if broken:
            signed.unlink(missing_ok=True)
            return
        lines = [f"$ORIGIN {NAME}.", "$TTL 1", f"@ SOA ns.{NAME}. root.{NAME}. {int(time.time())} 3600 600 86400 1",
                 f"@ NS ns.{NAME}.", "ns A 127.0.0.1"]
        for name, text in self.records.items():
            strings = " ".join(f'"{text[i:i + 200]}"' for i in range(0, len(text), 200))
            lines.append(f"{name} TXT {strings}")
        (self.directory / "zone").write_text("\n".join(lines) + "\n")
        subprocess.run(["ldns-signzone", "zone", *(key.name for key in self.keys)], cwd=self.directory, check=True,
                       capture_output=True)
        text = signed.read_text()
        for name in bogus:
            text, changed = re.subn(rf'^({re.escape(name)}\.{NAME}\.\s.*\sTXT\s+")', r"\1forged ", text, flags=re.M)
            assert changed == 1, name
        signed.write_text(text)

    def serve(self, **how):
        """Serves the records as they are now; again if it was served before."""
        self.stop()
        self.write(**how)
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", "nsd", "-d", "-c", self.directory / "nsd.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.directory)
        query = b"\0\1\0\0\0\1\0\0\0\0\0\0\7example\0\0\6\0\1"  # SOA
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.1)
            for _ in range(100):
                assert self.process.poll() is None, self.process.stderr.read()
                client.sendto(query, ("127.0.0.1", self.port))
                try:
                    if client.recv(4096):
                        return
                except OSError:
                    time.sleep(0.05)
        raise AssertionError("nsd does not answer")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process.stderr.close()
            self.process = None


# --- keys ---

class Rsa:
    algorithm, kind = b"rsa-sha256", "rsa"

    def __init__(self, bits=1024):
        self.secret = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], capture_output=True, check=True).stdout
        der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=self.secret, capture_output=True, check=True)
        self.public = base64.b64encode(der.stdout).decode()


class Ed25519:
    algorithm, kind = b"ed25519-sha256", "ed25519"

    def __init__(self):
        key = nacl.signing.SigningKey.generate()
        self.secret = base64.b64encode(bytes(key))
        self.public = base64.b64encode(bytes(key.verify_key)).decode()


def record(key, tags=""):
    """The text of a key's TXT record; TAGS such as "s=tlsrpt; "."""
    return f"v=DKIM1; {tags}k={key.kind}; p={key.public}"


# --- mails ---

def report(number, organization="Sender", contact="tlsrpt@sender.example", failures=3, domains=("ours.example",)):
    """A report's JSON; NUMBER makes it one of its own."""
    def policy(domain):
        return {
            "policy": {"policy-type": "sts", "policy-domain": domain, "mx-host": [f"mx.{domain}"],
                       "policy-string": ["version: STSv1", "mode: testing", f"mx: mx.{domain}", "max_age: 86400"]},
            "summary": {"total-successful-session-count": 100 + number, "total-failure-session-count": failures},
            "failure-details": [{"result-type": "certificate-expired", "sending-mta-ip": "192.0.2.1",
                                 "receiving-mx-hostname": f"mx.{domain}", "failed-session-count": failures}] if failures else []}
    return {"organization-name": organization, "contact-info": contact, "report-id": f"{number}@sender.example",
            "date-range": {"start-datetime": "2026-11-20T00:00:00Z", "end-datetime": "2026-11-20T23:59:59Z"},
            "policies": [policy(domain) for domain in domains]}


def mail(*reports, sender="tlsrpt@sender.example", submitter="sender.example"):
    """A mail that carries reports, not signed."""
    parts = "".join('--b\r\nContent-Type: application/tlsrpt+gzip; name="r.json.gz"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
                    + base64.encodebytes(gzip.compress(json.dumps(one).encode(), mtime=0)).decode().replace("\n", "\r\n")
                    for one in reports)
    return (f"From: Reports <{sender}>\r\nTo: rua@ours.example\r\nSubject: Report Domain: ours.example\r\n"
            f"Date: Sat, 21 Nov 2026 00:00:00 +0000\r\nMessage-ID: <{reports[0]['report-id']}>\r\n"
            f"TLS-Report-Domain: ours.example\r\nTLS-Report-Submitter: {submitter}\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type="tlsrpt"; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n" + parts + "--b--\r\n").encode()


class Signer(dkim.DKIM):
    """dkimpy, with tags that it does not know."""
    more = ()

    def gen_header(self, fields, *values, **named):
        return super().gen_header([*fields[:-2], *self.more, *fields[-2:]], *values, **named)


def signed(message, key, selector, domain="sender.example", canonicalize=(b"relaxed", b"relaxed"), length=False, **tags):
    """MESSAGE with a DKIM-Signature on top; TAGS such as x="1"."""
    signer = Signer(message)
    signer.more = [(name.encode(), value.encode()) for name, value in tags.items()]
    names = [b"from", b"to", b"subject", b"date", b"message-id", b"tls-report-domain", b"tls-report-submitter", b"from"]
    header = signer.sign(selector.encode(), domain.encode(), key.secret, signature_algorithm=key.algorithm,
                         canonicalize=canonicalize, include_headers=names, length=length)
    return header + message
