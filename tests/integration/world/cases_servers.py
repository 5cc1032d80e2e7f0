"""Cases of the mail servers: STARTTLS, certificates, DANE, and what cannot be looked at.

SPDX-License-Identifier: MIT
"""
from world.cases import Case

BOTH = ("mx1", "mx2")


def both(code, severity="E"):
    return ", ".join(f"{severity} {code} {host}.{{d}}" for host in BOTH)


def tlsa(*records, hosts=BOTH):
    return tuple(f"_25._tcp.{host} TLSA {record}" for host in hosts for record in records)


GOOD, OTHER = "3 1 1 {spki}", "3 1 1 " + "0123456789abcdef" * 4
DANE = {"dane": "good"}

CASES = [
    Case("R70", "no-starttls", "E mx.no-starttls mx2.{d}", smtp={"mx2": "no-starttls"}),
    Case("R70", "stripped", "E mx.no-starttls mx1.{d}", smtp={"mx1": "stripped"}),
    Case("R70", "refused", "E mx.starttls-refused mx2.{d}", smtp={"mx2": "starttls 454"}),
    Case("R70 X8", "one-family", "E mx.no-starttls mx2.{d}, W mx.v6-differs mx2.{d}", smtp={"mx2/6": "no-starttls"}),
    Case("R70", "one-address", "E mx.no-starttls mx2.{d}", hosts={"mx2": "44"}, smtp={"mx2/1": "no-starttls"}),
    Case("R70 R77", "old-tls", "E mx.tls-old mx1.{d}", smtp={"mx1": "tls old"}),
    Case("R70", "ehlo-refused", "E mx.no-starttls mx2.{d}", smtp={"mx2": "ehlo 502"}),
    Case("R70", "by-name-only", cert={"mx1": "name but good by name", "mx2": "self-signed but good by name"}),
    Case("R71", "expired", "E mx.expired mx1.{d}", cert={"mx1": "expired"}, letter=("mx1.r71-expired.example",)),
    Case("R71", "not-yet", "E mx.not-yet mx1.{d}", cert={"mx1": "not-yet"}),
    Case("R71", "untrusted", "E mx.untrusted mx1.{d}", cert={"mx1": "untrusted"}),
    Case("R71", "self-signed", "E mx.self-signed mx2.{d}", cert={"mx2": "self-signed"}),
    Case("R71 R100", "name", "E mx.name mx2.{d}", cert={"mx2": "name"}, letter=("mx2.r71-name.example", "www.r71-name.example")),
    Case("R71", "common-name", "E mx.name mx2.{d}", cert={"mx2": "common-name"}),
    Case("R71", "wildcard", cert={"mx1": "wildcard", "mx2": "wildcard"}),
    Case("R71", "family", "E mx.name mx2.{d}, W mx.v6-differs mx2.{d}", cert={"mx2/6": "name"}),
    Case("R71", "two-faults", "E mx.expired mx2.{d}, E mx.name mx2.{d}", cert={"mx2": "expired and name"}),
    Case("R72", "chain", "E mx.chain mx1.{d}", cert={"mx1": "no-intermediate"}),
    Case("R73", "16-days", "W mx.expiring mx2.{d}", cert={"mx2": "expiring"}),
    Case("R73", "4-days", "E mx.expiring mx2.{d}", cert={"mx2": "dying"}),
    Case("X17", "mx-weak", "E mx.weak mx2.{d}", cert={"mx2": "weak-key"}),
    Case("X17", "mx-sha1", "E mx.weak mx2.{d}", cert={"mx2": "sha1"}),
    Case("X17", "mx-purpose", "E mx.purpose mx2.{d}", cert={"mx2": "client-only"}),
    Case("R74", "refused", "W mx.noreach mx2.{d}", smtp={"mx2": "refused"}),
    Case("R74", "deaf", "W mx.noreach mx2.{d}", smtp={"mx2": "deaf"}),
    Case("R74", "no-address", "W mx.no-address mx2.{d}", hosts={"mx2": None}),
    Case("R74", "all-closed", "E mx.noreach-all", smtp={"mx1": "refused", "mx2": "refused"}),
    Case("R75", "port-blocked", "U mx.blocked", smtp={"mx1": "deaf", "mx2": "deaf"}),
    Case("R75", "greylisted", "U mx.inconclusive mx2.{d}", smtp={"mx2": "greeting 450"}),
    Case("R75", "not-now", "U mx.inconclusive mx2.{d}", smtp={"mx2": "greeting 421"}),
    Case("R75", "blocklisted", "U mx.inconclusive mx2.{d}", smtp={"mx2": "greeting 554 your address is listed"}),
    Case("R75", "mute", "U mx.inconclusive mx2.{d}", smtp={"mx2": "mute"}),
    Case("R75", "mute-after-ehlo", "U mx.inconclusive mx2.{d}", smtp={"mx2": "mute-ehlo"}),
    Case("R75", "drip", "U mx.inconclusive mx2.{d}", smtp={"mx2": "drip 1.5"}),
    Case("R75", "endless", "U mx.inconclusive mx2.{d}", smtp={"mx2": "endless"}),
    Case("R75 X8", "no-route", "U mx.unreachable mx2.{d}", hosts={"mx2": ("192.0.2.230",)}),
    Case("R70", "long-greeting", smtp={"mx1": "long 40"}),
    Case("X8", "v6-only-mx", hosts={"mx2": "6"}),
    Case("R77", "alert", "E mx.handshake mx2.{d}", smtp={"mx2": "alert"}),
    Case("R77", "cut", "E mx.handshake mx2.{d}", smtp={"mx2": "cut"}),
    Case("R77", "garbage", "E mx.handshake mx2.{d}", smtp={"mx2": "garbage"}),
    Case("R77", "mute", "E mx.handshake mx2.{d}", smtp={"mx2": "mute-tls"}),
    Case("R77", "only-1.2", smtp={"mx1": "tls 1.2", "mx2": "tls 1.3"}, name="r77-versions.example"),
    Case("R77", "injected", "E mx.handshake mx2.{d}", smtp={"mx2": "inject"}),
    Case("R78", "mx-private", "U mx.forbidden mx2.{d}", hosts={"mx2": ("10.1.2.3",)}),
    Case("R78", "mx-loopback", "U mx.forbidden mx2.{d}", hosts={"mx2": ("127.0.0.1", "::1")}),
    Case("R78", "allowed", hosts={"mx2": ("10.7.7.7",)}, options={"check": {"allow_networks": ["10.7.0.0/16"]}}),

    # --- DANE ---
    Case("R76", "dane", "I dane.no-spare mx1.{d}, I dane.no-spare mx2.{d}", zone=tlsa(GOOD), states=DANE),
    Case("R76", "dane-spare", zone=tlsa(GOOD, OTHER), states=DANE),
    Case("R76", "dane-mismatch", "E dane.mismatch mx1.{d}, E dane.mismatch mx2.{d}", zone=tlsa(OTHER, OTHER.replace("0123", "4567"))),
    Case("R76", "dane-unsigned", "W dane.unsigned mx1.{d}, W dane.unsigned mx2.{d}", zone=tlsa(GOOD, OTHER), signed=False),
    Case("R76", "dane-partly", "W dane.partly mx2.{d}", zone=tlsa(GOOD, OTHER, hosts=("mx1",))),
    Case("R76", "dane-unusable", "W dane.unusable mx1.{d}, W dane.unusable mx2.{d}", zone=tlsa("1 1 1 {spki}")),
    Case("R87", "provider", "I dane.reports mx1.r76-dane-spare.example", mx=("10 mx1.r76-dane-spare.example.",),
         patterns=("mx1.r76-dane-spare.example",), hosts={"mx1": None, "mx2": None}, states=DANE),

    # --- nothing is there ---
    Case("X11", "dead", "U mx.blocked, E host.timeout, U pol.not-looked, U x.mx-no-policy", web={"": "deaf"},
         smtp={"mx1": "deaf", "mx2": "deaf"}),
]
