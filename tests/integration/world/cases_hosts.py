"""Cases of the policy host: addresses, certificate, HTTP.

SPDX-License-Identifier: MIT
"""
from world.cases import Case

NO_POLICY = "U pol.not-looked, U x.mx-no-policy"


def lost(code, *more):
    """An error for which there is no policy."""
    return ", ".join([f"E {code}", *more, NO_POLICY])


def flawed(code, *more):
    """An error of a certificate: the text behind it is looked at all the same, though no sender takes it."""
    return ", ".join([f"E {code}", *more])


CASES = [
    Case("R10", "nxdomain", lost("host.nxdomain"), hosts={"mta-sts": None}, letter=("mta-sts.r10-nxdomain.example",)),
    Case("R10", "no-address", lost("host.no-address"), hosts={"mta-sts": None}, zone=('mta-sts TXT "here"',)),
    Case("R10", "alias", hosts={"mta-sts": None, "mta-sts-of": "46"}, cert={"mta-sts-of": "names mta-sts.{d}"},
         zone=("mta-sts CNAME mta-sts-of",)),
    Case("R10 X1", "alias-to-nothing", lost("host.alias"), hosts={"mta-sts": None}, zone=("mta-sts CNAME nowhere",)),
    Case("R11 X18", "sub-domain", name="sub.r11-parent.example"),
    Case("X18", "parent-only", name="mail.r1-healthy.example", sts=(), hosts={"mta-sts": None},
         finds=lost("dns.sts.missing", "E host.nxdomain")),
    Case("R11", "parent", name="r11-parent.example"),
    Case("R12 X8", "v6-refused", "W! host.refused", web={"6": "refused"}),
    Case("R12 X8", "v4-deaf", "W! host.timeout", web={"4": "deaf"}),
    Case("R12", "refused", lost("host.refused"), web={"": "refused"}),
    Case("R12", "deaf", lost("host.timeout"), web={"": "deaf"}),
    Case("R12", "other-port", lost("host.refused"), web={"": "port 8443"}),
    Case("X8", "v6-only", "W host.no-v4", hosts={"mta-sts": "6"}),
    Case("R12", "v4-only", "I host.no-v6", hosts={"mta-sts": "4"}),
    Case("R13", "old-tls", lost("tls.policy.version"), web={"": "tls old"}),
    Case("R13", "handshake", lost("tls.policy.handshake"), web={"": "alert"}),
    Case("R13", "no-tls", lost("tls.policy.handshake"), web={"": "plain"}),
    Case("R13", "by-name-only", cert={"mta-sts": "name but good by name"}),
    Case("R13", "tls-1.2", web={"": "tls 1.2"}, name="r13-tls12.example"),
    Case("R14 X17", "expired", flawed("tls.policy.expired"), cert={"mta-sts": "expired"}),
    Case("X17", "not-yet", flawed("tls.policy.not-yet"), cert={"mta-sts": "not-yet"}),
    Case("R14 X17", "self-signed", flawed("tls.policy.self-signed"), cert={"mta-sts": "self-signed"}),
    Case("R14", "untrusted", flawed("tls.policy.untrusted"), cert={"mta-sts": "untrusted"}),
    Case("R14 X17 R27 R101", "name", flawed("tls.policy.name"), cert={"mta-sts": "name"}, letter=("mta-sts.r14-name.example", "certificate")),
    Case("X17 R14", "common-name", flawed("tls.policy.name"), cert={"mta-sts": "common-name"}),
    Case("X17", "wildcard", cert={"mta-sts": "wildcard"}),
    Case("X17", "wildcard-of-parent", flawed("tls.policy.name"), name="sub.x17-wildcard.example",
         cert={"mta-sts": "names *.x17-wildcard.example"}),
    Case("R14", "part-wildcard", flawed("tls.policy.name"), cert={"mta-sts": "part-wildcard"}),
    Case("X17 R14", "chain", flawed("tls.policy.chain"), cert={"mta-sts": "no-intermediate"}),
    Case("X17", "sha1", flawed("tls.policy.weak"), cert={"mta-sts": "sha1"}),
    Case("X17", "small-key", flawed("tls.policy.weak"), cert={"mta-sts": "weak-key"}),
    Case("R14", "client-only", flawed("tls.policy.purpose"), cert={"mta-sts": "client-only"}),
    Case("R14", "expired-and-name", flawed("tls.policy.expired", "E tls.policy.name"), cert={"mta-sts": "expired and name"}),
    Case("R15", "16-days", "W tls.policy.expiring", cert={"mta-sts": "expiring"}),
    Case("R15", "4-days", "E tls.policy.expiring", cert={"mta-sts": "dying"}),
    Case("R16", "403", lost("http.status-4xx"), web={"": "status 403"}),
    Case("R16", "404", lost("http.status-4xx"), web={"": "status 404"}),
    Case("R16", "500", lost("http.status-5xx"), web={"": "status 500"}),
    Case("R16", "503", lost("http.status-5xx"), web={"": "status 503"}),
    Case("R16", "203", lost("http.status"), web={"": "status 203 version: STSv1"}),
    Case("X16", "421", lost("http.status-4xx"), web={"": "misdirected"}),
    Case("R17", "redirect", lost("http.redirect"), web={"": "redirect https://www.{d}/mta-sts.txt"}),
    Case("R17", "redirect-to-itself", lost("http.redirect"), web={"": "redirect https://mta-sts.{d}/.well-known/mta-sts.txt"}),
    Case("R18", "http-only", lost("host.refused", "E http.plain"), web={"": "http"}),
    Case("R19", "root", lost("http.status-4xx", "E http.path"), web={"": "path /mta-sts.txt"}),
    Case("R19", "no-ending", lost("http.status-4xx", "E http.path"), web={"": "path /.well-known/mta-sts"}),
    Case("R19", "underscore", lost("http.status-4xx", "E http.path"), web={"": "path /.well-known/mta_sts.txt"}),
    Case("R20", "type", "E http.type", web={"": "type application/octet-stream"}),
    Case("R20", "no-type", "E http.type", web={"": "no-type"}),
    Case("R20", "type-like", "E http.type", web={"": "type text/plainly"}),
    Case("R20", "type-parameters", web={"": 'type Text/PLAIN; charset="us-ascii"; format=flowed'}),
    Case("R21", "64-KiB", "I pol.extension", web={"": "length 65536"}, name="r21-64k.example"),
    Case("R21 X16", "64-KiB-and-one", lost("http.too-large"), web={"": "length 65537"}, name="r21-64k1.example"),
    Case("X16", "stream", lost("http.too-large"), web={"": "stream 65537"}),
    Case("X16", "endless-stream", lost("http.too-large"), web={"": "stream 3000000"}),
    Case("R21", "late", "W http.slow", web={"": "late 6"}),
    Case("R21 X16", "drip", lost("http.cut", "W http.slow"), web={"": "drip 2"}),
    Case("R21", "mute", lost("http.no-answer"), web={"": "mute"}),
    Case("R22", "blocks-some", "E http.ua-blocked", web={"": "block libwww-perl"}),
    Case("R22", "blocks-nameless", "E http.ua-blocked", web={"": "block none"}),
    Case("R22 X16", "browsers-only", lost("http.status-4xx"), web={"": "browsers"}),
    Case("R22 X16", "page", lost("http.html"), web={"": "html"}),
    Case("R22", "page-to-robots", lost("http.html"), web={"": "html-robots"}),
    Case("R23 X16", "gzip", lost("http.encoding"), web={"": "gzip"}),
    Case("R23", "login", lost("http.auth"), web={"": "login"}),
    Case("R23", "client-certificate", lost("http.auth"), web={"": "client-certificate"}),
    Case("R23", "cookie", web={"": "cookie"}),
    Case("R24", "head", "I http.head", web={"": "no-head"}),
    Case("X16", "chunked", web={"": "chunked"}),
    Case("X16", "http10", web={"": "http10"}),
    Case("X16", "early-hints", web={"": "early"}),
    Case("X16", "cut", lost("http.cut"), web={"": "cut"}),
    Case("R12 R39", "addresses-differ", "E http.differs", web={"6": r"policy version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"}),
    Case("R26", "caa-nobody", "W host.caa-none", zone=('mta-sts CAA 0 issue ";"',)),
    Case("R26", "caa-of-parent", "W host.caa-none", zone=('@ CAA 0 issue ";"',)),
    Case("R26", "caa-other", "I host.caa", zone=('@ CAA 0 issue "letsencrypt.org"',)),
    Case("R26", "caa-mail-only", zone=('@ CAA 0 iodef "mailto:security@example.org"',)),
    Case("R78", "private", "I host.no-v6, U host.forbidden, U pol.not-looked, U x.mx-no-policy", hosts={"mta-sts": ("10.1.2.3",)}),
    Case("R78", "metadata", "I host.no-v6, U host.forbidden, U pol.not-looked, U x.mx-no-policy", hosts={"mta-sts": ("169.254.169.254",)}),
]
