"""What a domain of the test world is made of: a healthy one, unless something is said otherwise.

    Domain("r17.example", web={"": "redirect https://www.r17.example/"})

In texts {d} stands for the domain's name. A host is called by what stands before the domain ("mx1",
"mta-sts"), one of its addresses by "mx1/4" or "mx1/6" (the family), or "mx1/0", "mx1/1" (in order).

SPDX-License-Identifier: MIT
"""
import dataclasses
import ipaddress

ID = "20261101000000"

# Addresses of the machinery; NOWHERE is routed to nobody.
ROOT_SERVER = "192.0.2.20"  # and of the parent zone
SERVERS = {"ns1": "192.0.2.1", "ns2": "192.0.2.2", "tcp-only": "192.0.2.3", "servfail": "192.0.2.4", "nxdomain": "192.0.2.5",
           "silent": "192.0.2.6", "closed": "192.0.2.7"}
RESOLVER, OTHER_RESOLVER = "192.0.2.10", "192.0.2.11"
NOWHERE = "192.0.2.224/27"
NETWORKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")


@dataclasses.dataclass(frozen=True)
class Domain:
    """One zone and the hosts in it."""
    name: str

    # --- DNS ---
    sts: tuple = (f"v=STSv1; id={ID};",)  # TXT records of _mta-sts; one that is a tuple has several strings
    rpt: tuple = ("v=TLSRPTv1; rua=https://reports.{d}/v1/tlsrpt",)  # of _smtp._tls
    mx: tuple = ("10 mx1.{d}.", "20 mx2.{d}.")
    ttl: int = 300
    zone: tuple = ()  # more lines; {spki} is the SHA-256 of every host's public key
    servers: tuple = ("ns1", "ns2")
    second: dict = dataclasses.field(default_factory=dict)  # what is otherwise in the zone of ns2
    lame: bool = False  # ns2 does not know the zone
    broken: bool = False  # both know it and cannot read it: SERVFAIL
    signed: bool = True  # there is a DS record; False: insecure
    bogus: tuple = ()  # names (before the domain) whose TXT records are changed after the signing; "DS": a wrong one
    other_view: tuple = ()  # records that OTHER_RESOLVER gives instead: "NAME TTL TYPE DATA"

    # --- policy ---
    mode: str = "testing"
    max_age: str = "86400"
    patterns: tuple = ("mx1.{d}", "mx2.{d}")
    policy: object = None  # the whole text instead (bytes or str)

    # --- hosts ---
    # Families of the addresses of each ("46", "4", "44", ""), or the addresses themselves; None: no such host.
    hosts: dict = dataclasses.field(default_factory=dict)
    web: dict = dataclasses.field(default_factory=dict)  # address ("": all, "4", "6", "0") -> what the policy host does
    smtp: dict = dataclasses.field(default_factory=dict)  # host or address -> what the mail server does
    cert: dict = dataclasses.field(default_factory=dict)  # host or address -> kind of certificate (certificates.py)

    def text(self, pattern):
        return pattern.replace("{d}", self.name) if isinstance(pattern, str) else pattern

    @property
    def policy_bytes(self):
        """As a policy host serves it: the strictest form."""
        if self.policy is None:
            lines = ["version: STSv1", f"mode: {self.mode}", *(f"mx: {pattern}" for pattern in self.patterns), f"max_age: {self.max_age}"]
            return self.text("".join(line + "\r\n" for line in lines)).encode()
        return self.policy if isinstance(self.policy, bytes) else self.text(self.policy).encode()

    @property
    def all_hosts(self):
        """Name -> families or addresses; None for hosts that are not there."""
        return {"mta-sts": "46", "mx1": "46", "mx2": "46", **self.hosts}

    def changed(self, **changes):
        return dataclasses.replace(self, **changes)


@dataclasses.dataclass(frozen=True)
class Host:
    """One address of a host, and what is to be found there."""
    domain: str
    label: str
    address: str
    does: str  # of policy_hosts.py or mail_hosts.py
    certificate: str
    policy: bytes

    @property
    def name(self):
        return f"{self.label}.{self.domain}" if self.label else self.domain

    @property
    def policy_name(self):
        """What senders call it, also where that is a CNAME."""
        return f"mta-sts.{self.domain}"

    @property
    def is_policy_host(self):
        return self.label.startswith("mta-sts")


class Addresses:
    """Gives each host addresses of its own, the same ones at each call."""

    def __init__(self):
        networks = [ipaddress.ip_network(network) for network in NETWORKS]
        self.free4 = (str(address) for network in networks for address in network.hosts()
                      if network.network_address != networks[0].network_address or 64 <= int(address) & 255 < 224)
        self.free6 = (f"2001:db8::{number >> 16:x}:{number & 0xffff:x}" for number in range(0x10000, 0x20000))
        self.given = {}

    def of(self, domain, label):
        wanted = domain.all_hosts[label]
        if not isinstance(wanted, str):
            return tuple(wanted or ())
        key = (domain.name, label, wanted)
        if key not in self.given:
            self.given[key] = tuple(next(self.free4 if family == "4" else self.free6) for family in wanted)
        return self.given[key]

    def hosts(self, domain):
        """Every address of a domain as a Host."""
        for label in domain.all_hosts:
            for number, address in enumerate(self.of(domain, label)):
                family = "6" if ":" in address else "4"
                keys = [f"{label}/{number}", f"{label}/{family}", label]
                if label.startswith("mta-sts"):
                    does = first(domain.web, [str(number), family, ""], "good")
                else:
                    does = first(domain.smtp, keys, "good")
                policy = domain.policy_bytes
                if does.startswith("policy "):  # another one, at this address
                    policy, does = domain.text(does.split(" ", 1)[1]).encode().decode("unicode_escape").encode(), "good"
                yield Host(domain.name, label, address, domain.text(does), domain.text(first(domain.cert, keys, "good")), policy)


def first(table, keys, default):
    return next((table[key] for key in keys if key in table), default)
