"""Cases of the policy's text, and of the MX records that it has to fit.

SPDX-License-Identifier: MIT
"""
from world.cases import lean
from world.domain import OTHER_RESOLVER

LINES = ("version: STSv1", "mode: testing", "mx: mx1.{d}", "mx: mx2.{d}", "max_age: 86400")
ONE_MX = {"mx": ("10 mx1.{d}.",), "patterns": ("mx1.{d}",), "hosts": {"mx2": None}}


def text(*lines, end="\r\n"):
    return "".join(line + end for line in lines)


def instead(number, *lines):
    """The policy with other lines in the place of one."""
    return text(*LINES[:number], *lines, *LINES[number + 1:])


CASES = [
    lean("R50", "no-version", "E pol.version", policy=text(*LINES[1:])),
    lean("R50", "other-version", "E pol.version", policy=instead(0, "version: STSv2")),
    lean("R50", "version-later", "W pol.version-not-first", policy=text(LINES[1], LINES[0], *LINES[2:])),
    lean("R51", "no-such-mode", "E pol.mode", policy=instead(1, "mode: strict")),
    lean("X14 R51", "capital", "E pol.mode", policy=instead(1, "mode: Enforce")),
    lean("R51", "no-mode", "E pol.mode", policy=instead(1)),
    lean("R52 X13", "over-a-year", "E pol.maxage-range", max_age="31557601"),
    lean("X13", "11-digits", "E pol.maxage-range", max_age="99999999999"),
    lean("X13", "zero", "W pol.maxage-short", max_age="0"),
    lean("X13", "leading-zeros", max_age="00086400"),
    lean("X13", "exponent", "E pol.maxage-range", max_age="1e5"),
    lean("X13", "fraction", "E pol.maxage-range", max_age="86400.0"),
    lean("R52", "no-max-age", "E pol.maxage-missing", policy=text(*LINES[:4])),
    lean("R52", "a-year", "W! pol.maxage-long-testing", max_age="31557600"),
    lean("R53", "no-mx", "E pol.mx-missing, U x.mx-no-policy", policy=text(*LINES[:2], LINES[4])),
    lean("R53", "address", "E pol.mx-ip", policy=instead(3, "mx: mx2.{d}", "mx: 192.0.2.200")),
    lean("R53", "trailing-dot", "E pol.mx-syntax", policy=instead(3, "mx: mx2.{d}.")),
    lean("R53", "port", "E pol.mx-syntax", policy=instead(3, "mx: mx2.{d}", "mx: mx2.{d}:25")),
    lean("R53", "commas", "E pol.mx-syntax", policy=instead(3, "mx: mx2.{d}", "mx: mx1.{d}, mx2.{d}")),
    lean("R53 R56", "typo", "W pol.unknown-key, W! x.mx-unlisted mx2.{d}", policy=instead(3, "nmx: mx2.{d}")),
    lean("R54 X6", "lf", policy=text(*LINES, end="\n")),
    lean("X6", "mixed", "I pol.mixed-ends", policy=text(*LINES[:2]) + text(*LINES[2:], end="\n")),
    lean("R54 X6", "cr", "E pol.cr", policy=text(*LINES, end="\r")),
    lean("R55 X6", "blank-line", "E pol.blank-line", policy=instead(2, "", LINES[2])),
    lean("X6", "double-newline", "E pol.blank-line", policy=text(*LINES, "")),
    lean("X6", "no-final-newline", "W pol.no-final-newline", policy=text(*LINES)[:-2]),
    lean("X6", "trailing-space", "W pol.space", policy=instead(1, "mode: testing \t")),
    lean("X6", "leading-space", "W pol.space", policy=instead(1, " mode: testing")),
    lean("R55", "space-before-colon", "W pol.space", policy=instead(1, "mode : testing")),
    lean("X6 R55", "bom", "E pol.bom", policy=b"\xef\xbb\xbf" + text(*LINES).replace("{d}", "x6-bom.example").encode()),
    lean("X6 R55", "comment", "W pol.comment, W pol.nonascii", policy=instead(1, "# gepr\u00fcft", LINES[1])),
    lean("R55", "twice", "W pol.dup", policy=instead(1, "mode: testing", "mode: enforce")),
    lean("R55", "nonascii", "W pol.nonascii, I pol.extension", policy=instead(4, LINES[4], "note: \u00fc")),
    lean("R56", "extension", "I pol.extension", policy=instead(4, LINES[4], "contact: postmaster")),
    lean("R56", "like-mode", "W pol.unknown-key", policy=instead(1, LINES[1], "modes: enforce")),
    lean("R57", "none", "I pol.mode-none", mode="none"),
    lean("R57", "enforce", mode="enforce", max_age="1209600"),
    lean("R58", "long-in-testing", "W! pol.maxage-long-testing", max_age="1209600"),
    lean("R58", "short", "W pol.maxage-short", max_age="3600"),
    lean("X22 R58", "year-in-testing", "W! pol.maxage-long-testing", max_age="31536000"),
    lean("R59", "short-in-enforce", "I pol.maxage-short-enforce", mode="enforce", max_age="604800"),
    lean("R60", "broad", "I pol.mx-wild-broad", patterns=("*.{d}",)),
    lean("R61", "one-label", "E x.mx-one-label deep.mx.{d}, I pol.mx-wild-broad", mx=("10 mx1.{d}.", "20 deep.mx.{d}."), patterns=("mx1.{d}", "*.{d}"),
         hosts={"mx2": None, "deep.mx": "46"}),
    lean("R61", "fitting-label", mx=("10 a.mx.{d}.",), patterns=("*.mx.{d}",), hosts={"mx1": None, "mx2": None, "a.mx": "46"}),
    lean("X15 R60", "only-wildcard", "I pol.mx-wild-broad", patterns=("*.{d}",)),
    lean("X15", "wildcard-in-middle", "E pol.mx-syntax", patterns=("mx1.{d}", "mx2.{d}", "mx.*.{d}")),
    lean("X15", "asterisk", "E pol.mx-syntax", patterns=("mx1.{d}", "mx2.{d}", "*")),
    lean("X7", "u-label", "E pol.mx-syntax, W pol.nonascii", policy=instead(3, LINES[3], "mx: b\u00fccher.example")),
    lean("R62", "unlisted", "W! x.mx-unlisted mx2.{d}", patterns=("mx1.{d}",)),
    lean("R62", "unlisted-in-enforce", "E x.mx-unlisted mx2.{d}", patterns=("mx1.{d}",), mode="enforce", max_age="1209600"),
    lean("R63", "extra", "I x.mx-extra old.{d}", patterns=("mx1.{d}", "mx2.{d}", "old.{d}")),
    lean("R65 X9", "implicit", "E x.implicit-mx, I x.implicit-mx-used, I x.mx-extra mx1.{d}", mx=(), hosts={"": "46", "mx1": None, "mx2": None},
         patterns=("mx1.{d}",)),
    lean("X9", "implicit-listed", "I x.implicit-mx-used", mx=(), hosts={"": "46", "mx1": None, "mx2": None}, patterns=("{d}",)),
    lean("R66 X9", "null-mx", "I x.null-mx", mx=("0 .",), states={"servers": "absent"}),
    lean("R66", "null-mx-and-others", "E x.null-mx-mixed", mx=("0 .", "10 mx1.{d}.", "20 mx2.{d}.")),
    lean("R67 X21", "another-domain's", "E x.mx-none-match, I x.mx-extra mx1.other.example", patterns=("mx1.other.example",),
         name="r67-others.example"),
    lean("R68", "split-horizon", "W! x.mx-split", other_view=("{d}. 300 MX 10 inner.{d}.",),
         options={"check": {"resolvers": [f"{OTHER_RESOLVER}:53"]}}),
    lean("R68", "servers-differ", "W! x.mx-split, I x.mx-extra", second={"mx": ("10 mx1.{d}.", "30 mx3.{d}.")}, hosts={"mx3": "6"},
         patterns=("mx1.{d}", "mx2.{d}", "mx3.{d}")),
    lean("X9", "mx-is-alias", "W x.mx-alias mx2.{d}", hosts={"mx2": None, "mail": "46"}, cert={"mail": "names mx2.{d}"},
         zone=("mx2 CNAME mail",)),
    lean("X9", "literal", "E x.mx-literal, I x.mx-extra mx2.{d}", mx=("10 mx1.{d}.", "20 192.0.2.200."), hosts={"mx2": None},
         states={"servers": "good"}),
    lean("X9", "twice", "I x.mx-twice", mx=("10 mx1.{d}.", "20 mx1.{d}.", "30 mx2.{d}.")),
    lean("X9", "mixed-case", mx=("10 MX1.{d}.", "20 Mx2.{d}.")),
]
