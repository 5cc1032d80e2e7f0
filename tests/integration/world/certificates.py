"""The certificates of the test world: a root that the program is told to trust, an intermediate, and
for each host the kind that its test asks for.

SPDX-License-Identifier: MIT
"""
import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
# A leaf of a public CA says where its issuer's certificate is, and that it was logged (RFC 6962).
ISSUER_AT = x509.AuthorityInformationAccess([x509.AccessDescription(
    AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://ca.example/intermediate.der"))])
TIMESTAMPS = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), b"\x04\x02\x00\x00")


def distinguished(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Root, intermediate, and what they sign. NOW is the middle of the world's time."""

    def __init__(self, now=None):
        self.now = now or datetime.datetime.utcnow().replace(microsecond=0)
        self.key = ec.generate_private_key(ec.SECP256R1())  # of every host
        self.small_key = None
        self.root = self.authority("Test Root", None)
        self.intermediate = self.authority("Test Intermediate", self.root)
        self.stranger = self.authority("Stranger's Root", None)
        self.stranger_below = self.authority("Stranger's Intermediate", self.stranger)
        self.lapsed = self.authority("Lapsed Intermediate", self.root, -1)

    def authority(self, name, issuer, days=1000):
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (x509.CertificateBuilder().subject_name(distinguished(name)).public_key(key.public_key())
                   .issuer_name(issuer[0].subject if issuer else distinguished(name)).serial_number(x509.random_serial_number())
                   .not_valid_before(self.now - 1000 * DAY).not_valid_after(self.now + days * DAY)
                   .add_extension(x509.BasicConstraints(True, None), True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                   .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True))
        return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key

    @property
    def spki(self):
        """SHA-256 of the hosts' public key, as TLSA 3 1 1 has it."""
        return hashlib.sha256(self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()

    def leaf(self, kind, name, domain):
        """(certificates that are sent, key) of a host."""
        days, names, issuer, key, digest, common = (-10, 60), [name], self.intermediate, self.key, hashes.SHA256(), name
        purpose = ExtendedKeyUsageOID.SERVER_AUTH
        if kind == "expired":
            days = (-90, -2)
        elif kind == "not-yet":
            days = (3, 90)
        elif kind == "expiring":
            days = (-70, 16)
        elif kind == "dying":
            days = (-70, 4)
        elif kind == "long":
            days = (-300, 300)
        elif kind == "name":
            names = [f"www.{domain}"]
            common = names[0]
        elif kind.startswith("names "):  # its DNS-IDs, as given
            names = kind.split()[1:]
            common = names[0]
        elif kind == "common-name":
            names = []
        elif kind == "wildcard":
            names = [f"*.{domain}"]
        elif kind == "part-wildcard":
            names = [f"{name.split('.')[0][:2]}*.{domain}"]
            common = names[0]
        elif kind == "weak-key":
            self.small_key = self.small_key or rsa.generate_private_key(65537, 1024)
            key = self.small_key
        elif kind == "sha1":
            digest = hashes.SHA1()
        elif kind == "client-only":
            purpose = ExtendedKeyUsageOID.CLIENT_AUTH
        elif kind in ("untrusted", "untrusted rootless"):
            issuer = self.stranger
        elif kind in ("untrusted chain", "logged chain"):  # the root above it is not sent, as usual
            issuer = self.stranger_below
        elif kind == "chain-expired":
            issuer = self.lapsed
        elif kind == "all wrong":
            days, names, common, issuer = (-90, -2), [f"www.{domain}"], f"www.{domain}", self.stranger
            digest, purpose = hashes.SHA1(), ExtendedKeyUsageOID.CLIENT_AUTH
        elif kind == "self-signed":
            issuer = None
        elif kind == "expired and name":
            days, names, common = (-90, -2), [f"www.{domain}"], f"www.{domain}"
        else:
            assert kind in ("good", "no-intermediate", "private no-intermediate"), kind
        builder = (x509.CertificateBuilder().subject_name(distinguished(common[:64])).public_key(key.public_key())
                   .issuer_name(issuer[0].subject if issuer else distinguished(common[:64])).serial_number(x509.random_serial_number())
                   .not_valid_before(self.now + days[0] * DAY).not_valid_after(self.now + days[1] * DAY)
                   .add_extension(x509.ExtendedKeyUsage([purpose]), False))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), False)
        if issuer in (self.intermediate, self.stranger_below) and not kind.startswith("private"):
            builder = builder.add_extension(ISSUER_AT, False)
        if kind == "logged chain":
            builder = builder.add_extension(TIMESTAMPS, False)
        certificate = builder.sign(issuer[1] if issuer else key, digest)
        chain = [certificate] + ([issuer[0]] if issuer and not kind.endswith(("no-intermediate", "rootless")) else [])
        return chain, key

    def write(self, kind, name, domain, path):
        """Both in one PEM file."""
        chain, key = self.leaf(kind, name, domain)
        path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
                         + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))

    def write_root(self, path):
        path.write_bytes(self.root[0].public_bytes(serialization.Encoding.PEM))
