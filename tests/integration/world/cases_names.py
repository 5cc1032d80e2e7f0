"""Cases of what stands in DNS: the two TXT records, and the name servers.

SPDX-License-Identifier: MIT
"""
from world.cases import lean
from world.domain import ID, OTHER_RESOLVER

STS = f"v=STSv1; id={ID};"
RPT = "v=TLSRPTv1; rua=https://reports.{d}/v1/tlsrpt"
OLD_RECORD = ('_mta-sts.{d}. 300 TXT "v=STSv1; id=20250101000000;"',)
OURS = "mailto:tlsrpt@collector.example"
OWN = {"check": {"own_rua": [OURS]}}
NOT_HERE = {"mta-sts": None}
FALLEN = {"policy": "unknown", "mx": "unknown"}  # of a domain whose policy cannot be had

CASES = [
    lean("R1 R2 R25 R57 R90", "healthy"),
    lean("R30", "missing", "E dns.sts.missing", sts=()),
    lean("R31 X4", "strings", sts=(("v=STSv1; id=2026", "1101000000;"),)),
    lean("R32 X3", "two-valid", "E dns.sts.multiple", sts=(STS, "v=STSv1; id=2;")),
    lean("R32", "none-valid", "E dns.sts.missing", sts=("something else",)),
    lean("R33 X3", "and-spf", "W dns.sts.unrelated-txt", sts=(STS, "v=spf1 -all")),
    lean("X3", "one-of-two", "E dns.sts.multiple", sts=(STS, "v=STSv1; id=not-one;")),
    lean("R34 X12", "hyphen", "E dns.sts.id-invalid", sts=("v=STSv1; id=2026-11-01;",)),
    lean("X12", "dot", "E dns.sts.id-invalid", sts=("v=STSv1; id=2026.11;",)),
    lean("X12", "33-characters", "E dns.sts.id-invalid", sts=(f"v=STSv1; id={'1' * 33};",)),
    lean("X12", "32-characters", sts=(f"v=STSv1; id={'1' * 32};",)),
    lean("X12", "empty-id", "E dns.sts.id-invalid", sts=("v=STSv1; id=;",)),
    lean("X12", "no-id", "E dns.sts.id-invalid", sts=("v=STSv1;",)),
    lean("X12", "id-twice", "E dns.sts.syntax", sts=("v=STSv1; id=1; id=2;",)),
    lean("R34", "extension", "I dns.sts.extension", sts=(f"v=STSv1; id={ID}; more=a-value;",)),
    lean("R34", "no-semicolon", sts=(f"v=STSv1; id={ID}",)),
    lean("R34", "id-first", "E dns.sts.missing", sts=(f"id={ID}; v=STSv1;",)),
    lean("R35", "space", "W dns.sts.space-before-semicolon", sts=(f"v=STSv1 ; id={ID};",)),
    lean("R36", "quotes", "E dns.sts.syntax", sts=(f'"v=STSv1; id={ID};"',)),
    lean("R36", "smart-quotes", "E dns.sts.syntax", sts=(f"\u201cv=STSv1; id={ID};\u201d",)),
    lean("R36", "upper", "E dns.sts.syntax", sts=(f"V=STSV1; id={ID};",)),
    lean("R36", "spaced", "E dns.sts.syntax", sts=(f"v = STSv1; id={ID};",)),
    lean("R37", "apex", "E dns.sts.missing, E dns.sts.wrong-place", sts=(), zone=(f'@ TXT "{STS}"',)),
    lean("R37", "no-underscore", "E dns.sts.missing, E dns.sts.wrong-place", sts=(), zone=(f'mta-sts TXT "{STS}"',)),
    lean("R37", "underscores", "E dns.sts.missing, E dns.sts.wrong-place", sts=(), zone=(f'_mta_sts TXT "{STS}"',)),
    lean("R37", "doubled", "E dns.sts.missing, E dns.sts.wrong-place", sts=(), zone=('_mta-sts.{d} TXT "v=STSv1; id=1;"',)),
    lean("R38 X5", "wildcard", "E dns.sts.missing, W dns.sts.wildcard", sts=(), zone=('* TXT "v=spf1 -all"',)),
    lean("R38", "wildcard-record", "W dns.sts.wildcard", sts=(), zone=(f'* TXT "{STS}"',)),
    lean("X5", "wildcard-address", zone=("* A 192.0.2.200",)),
    lean("R41 X10", "hours", "I dns.sts.ttl-long", ttl=7200),
    lean("R41 X10", "week", "W! dns.sts.ttl-high", ttl=604800),
    lean("R41 X10", "zero", ttl=0),
    lean("R42 X11", "servfail", "E dns.sts.servfail", servers=("servfail",), signed=False),
    lean("X11", "bogus", "E dns.sts.bogus", bogus=("_mta-sts",)),
    lean("X11", "bogus-reporting", "E dns.rpt.bogus", bogus=("_smtp._tls",)),
    lean("X11", "truncated", servers=("tcp-only",)),
    lean("X11", "lame", "W dns.sts.lame", lame=True),
    lean("R43", "split", "W! dns.sts.split", second={"sts": ("v=STSv1; id=1;",)}),
    lean("R44", "resolvers-differ", "W! dns.sts.stale", other_view=OLD_RECORD, options={"check": {"resolvers": [f"{OTHER_RESOLVER}:53"]}}),
    lean("R44", "stale", "W! dns.sts.stale", other_view=OLD_RECORD, options={"dns": {"servers": [f"{OTHER_RESOLVER}:53"], "trust_anchor": ""}}),
    lean("X1 R30", "alias", sts=(), zone=("_mta-sts CNAME _mta-sts.hosted", f'_mta-sts.hosted TXT "{STS}"', "mta-sts-x A 192.0.2.200"),
         finds="I x.delegation-half"),
    lean("X1", "loop", "E dns.sts.servfail", sts=(), zone=("_mta-sts CNAME a", "a CNAME _mta-sts")),
    lean("X1", "alias-to-nothing", "E dns.sts.alias, W! x.delegation-half", sts=(), zone=("_mta-sts CNAME nothing",)),
    lean("X2", "host-only", "E dns.sts.missing, W! x.delegation-half", sts=(), hosts={"mta-sts": None, "mta-sts-of": "46"},
         cert={"mta-sts-of": "names mta-sts.{d}"}, zone=("mta-sts CNAME mta-sts-of",)),
    lean("X2", "both", hosts={"mta-sts": None, "mta-sts-of": "46"}, cert={"mta-sts-of": "names mta-sts.{d}"},
         sts=(), zone=("mta-sts CNAME mta-sts-of", "_mta-sts CNAME _mta-sts.of", f'_mta-sts.of TXT "{STS}"')),
    lean("X7", "a-labels", name="xn--bcher-kva.example"),

    # --- TLS-RPT ---
    lean("R80", "missing", "E dns.rpt.missing", rpt=()),
    lean("R80", "two", "E dns.rpt.multiple", rpt=(RPT, "v=TLSRPTv1; rua=mailto:other@{d}")),
    lean("R80", "and-another", "W dns.rpt.unrelated-txt", rpt=(RPT, "v=spf1 -all")),
    lean("R80", "apex", "E dns.rpt.missing, E dns.rpt.wrong-place", rpt=(), zone=('@ TXT "v=TLSRPTv1; rua=mailto:a@r80-apex.example"',)),
    lean("R80", "not-tls", "E dns.rpt.missing, E dns.rpt.wrong-place", rpt=(), zone=('_smtp-tls TXT "v=TLSRPTv1; rua=mailto:a@x.example"',)),
    lean("R81", "no-rua", "E dns.rpt.rua-invalid", rpt=("v=TLSRPTv1;",)),
    lean("R81", "scheme", "E dns.rpt.rua-invalid", rpt=("v=TLSRPTv1; rua=ftp://{d}/",)),
    lean("R81", "bare-address", "E dns.rpt.rua-invalid", rpt=("v=TLSRPTv1; rua=tlsrpt@{d}",)),
    lean("R81", "http", "E dns.rpt.rua-invalid", rpt=("v=TLSRPTv1; rua=http://{d}/tlsrpt",)),
    lean("R81", "exclamation", "E dns.rpt.rua-invalid", rpt=("v=TLSRPTv1; rua=mailto:a!b@{d}",)),
    lean("R81 X24", "mailto", rpt=("v=TLSRPTv1; rua=mailto:tlsrpt@{d}",)),
    lean("R81", "escaped", rpt=("v=TLSRPTv1; rua=mailto:a%21b@{d}",)),
    lean("R82", "ours", rpt=(f"v=TLSRPTv1; rua={OURS}",), options=OWN, finds="I dns.rpt.rua-external"),
    lean("R82", "not-ours", "W! dns.rpt.rua-not-ours", options=OWN),
    lean("R82", "ours-second", "W dns.rpt.rua-many, W dns.rpt.rua-not-first, I dns.rpt.rua-external", rpt=("v=TLSRPTv1; rua=https://reports.{d}/," + OURS,), options=OWN),
    lean("R83", "several", "W dns.rpt.rua-many", rpt=("v=TLSRPTv1; rua=mailto:a@{d},https://reports.{d}/",)),
    lean("R84", "external", "I dns.rpt.rua-external", rpt=("v=TLSRPTv1; rua=mailto:tlsrpt@collector.example",)),
    lean("R86", "reporting-only", "E dns.sts.missing, E host.nxdomain, U pol.not-looked, U x.mx-no-policy", sts=(), hosts=NOT_HERE,
         states=FALLEN),
    lean("R88", "empty-name", "W dns.rpt.parent-nxdomain", servers=("nxdomain",), signed=False),
    lean("X24", "own-mailbox", "W dns.rpt.rua-own-mx, E mx.no-starttls mx1.{d}, E mx.no-starttls mx2.{d}",
         rpt=("v=TLSRPTv1; rua=mailto:tlsrpt@{d}",), smtp={"mx1": "no-starttls", "mx2": "no-starttls"}),
]
