"""What strangers write is shown and does nothing: hostile texts in every field of reports, mails and
file names, and then every page that can be reached, in a real browser.

Counted for each page: violations of the Content-Security-Policy, dialogs, messages of the console,
elements and attributes that are not ours, addresses that lead elsewhere, characters that are not seen
or that turn the direction of writing, and whether the page scrolls sideways at 320 px.

SPDX-License-Identifier: MIT
"""
import copy
import datetime
import json
import os
import re
import urllib.parse

import pytest
import requests
from browser import PROGRAM, Browser
from doors import Lmtp, post, until
from processes import Tlsrptd

pytestmark = pytest.mark.skipif(not PROGRAM, reason="chromium is not installed")

TEXTS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><style>*{display:none}</style>",
    "quotes": "\" onmouseover=\"alert(1)\" autofocus onfocus=\"alert(1)\" x=' onclick='alert(1)' `",
    "ends": "</title></textarea></pre></style></script></td></table></main>--><h1>own</h1><iframe src=//evil.example></iframe><!--",
    "turned": "x\u202egnp.exe\u202c \u202dx\u202a \u202b \u2066a\u2067b\u2068c\u2069 \u200e\u200f\u061c end",
    "controls": "a\0b\x01\x07\x08\x1b[31mred\x7f\x85\x9f\r\n\t\u2028\u2029\ufeff\u200b\u2060\u00ad\U000e0041 end",
    "long": "X" * 10240,
    "wide": "\ufdfd\U0001242b" * 400,
    "high": "Z" + "\u0301\u0489" * 300,
    "formula": "=HYPERLINK(\"http://evil.example/\",\"click\")",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1)\t=1\r=2",
    "url": "javascript:alert(1)//",
    "data": "data:text/html,<script>alert(1)</script>",
    "mailto": "https://evil.example/\" style=\"position:fixed",
    "format": "%s%n%x%99999d {{7*7}} ${7*7} #{7*7} <%= 7 %>",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62; &amp;amp; &nbsp &copy",
    "utf7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "right": "\u05e9\u05dc\u05d5\u05dd (1) \u0645\u0631\u062d\u0628\u0627 abc",
    "sql": "'); DROP TABLE ledger.report; --",
    "path": "../../../../etc/passwd\\..\\x?y=z#f;g",
    "empty": " \t ",
}

OURS = set("html head meta title link body a header img nav ul ol li main h1 h2 h3 p section dl dt dd div table caption thead tbody tr th td code "
           "pre span bdi time details summary form label input textarea select option button strong em footer".split())
DRAWN = set("svg defs pattern path rect title".split())  # of charts: an <svg> with a view box, and what is in it

# Runs before anything of the page.
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""

LOOK = """
(() => {
  const all = [...document.querySelectorAll('*')];
  const attributes = all.flatMap(e => [...e.attributes].map(a => [e.localName, a.name, a.value]));
  return {
    violations: window.violations,
    width: document.documentElement.scrollWidth,
    tags: [...new Set(all.filter(e => !e.closest('svg[viewBox]')).map(e => e.localName))],
    drawn: [...new Set(all.filter(e => e.closest('svg[viewBox]')).map(e => e.localName))],
    names: [...new Set(attributes.map(a => a[1]))],
    urls: [...new Set(attributes.filter(a => ['href', 'src', 'action', 'formaction'].includes(a[1])).map(a => a[2]))],
    text: document.documentElement.outerHTML,
    title: document.title,
    heads: document.querySelectorAll('h1').length,
    links: [...new Set([...document.querySelectorAll('a[href]')].filter(a => !a.href.includes('/original') && a.origin == location.origin)
                       .map(a => a.pathname + a.search))],
  };
})()
"""

UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")


def report(number, text, day):
    """A report with this text in every field that takes one."""
    domain = f"hostile-{number}.example"
    detail = {"result-type": text, "sending-mta-ip": text, "receiving-mx-hostname": text, "receiving-mx-helo": text, "receiving-ip": text,
              "failed-session-count": 1, "additional-information": text, "failure-reason-code": text, text: text}
    plain = {**detail, "result-type": "certificate-expired", "sending-mta-ip": "192.0.2.1", "receiving-mx-hostname": f"mx.{domain}"}
    policies = [{"policy": {"policy-type": kind, "policy-string": ["version: STSv1", "mode: enforce", "mx: " + text, text],
                            "policy-domain": domain, "mx-host": [text, f"mx.{domain}"], text: text},
                 "summary": {"total-successful-session-count": 5, "total-failure-session-count": 2},
                 "failure-details": [detail, plain]} for kind in ("sts", "tlsa", text)]
    return {"organization-name": text, "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
            "contact-info": text, "report-id": text, "policies": policies, text: [text]}


def no_reports(number, text, day):
    """What is rejected, with the text where reasons and lists quote it."""
    good = report(number, text, day)
    bad = []
    for change in ({"policies": text}, {"policies": [{"policy": {"policy-type": "sts", "policy-domain": text}, "summary": text}]},
                   {"date-range": {"start-datetime": text, "end-datetime": text}}):
        bad.append({**copy.deepcopy(good), **change})
    return [json.dumps(each).encode() for each in bad] + [text.encode("utf-8", "replace"), b"\xff\xfe" + text.encode()]


def mail(text, payload):
    """A mail with the text in header fields and file name."""
    line = re.sub(r"[\0\r\n]+", " ", text)[:800]
    head = "".join(f"{name}: {line}\r\n" for name in ("Subject", "TLS-Report-Domain", "TLS-Report-Submitter", "Message-ID"))
    head += f"From: {line} <tlsrpt@reporter.example>\r\nContent-Type: application/tlsrpt+json; name=\"{line.replace(chr(34), '')}\"\r\n"
    return head.encode("utf-8", "replace") + b"MIME-Version: 1.0\r\n\r\n" + payload


@pytest.fixture(scope="module")
def hostile(postgres_server, migrated, certificate, tmp_path_factory):
    """URL of a service that was sent all of it by every way in."""
    database = postgres_server.create(migrated.name)
    directory = tmp_path_factory.mktemp("hostile")
    program = Tlsrptd(database, directory, *certificate)
    today = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
    files = directory / "files"
    files.mkdir()
    with program.serve() as service, Lmtp(service.lmtp) as session:
        session.hello()
        stored = 0
        for number, text in enumerate(TEXTS.values()):
            body = json.dumps(report(number, text, today)).encode()
            stored += post(service.https, body, media="application/tlsrpt+json").status_code == 201
            for payload in no_reports(number, text, today):
                assert post(service.https, payload, media="application/tlsrpt+json").status_code in (400, 200, 201)
            for payload in (body.replace(b'"report-id"', b'"report-id": "mail", "x"', 1), b"no report")[:1 + (number < 5)]:
                assert session.send(mail(text, payload))[0].startswith("250")
            name = re.sub("[\0/]", "", text).encode("utf-8", "replace")[:200]
            with open(os.path.join(os.fsencode(files), b"%d" % number + name + b".json"), "wb") as out:
                out.write(b"{" + text.encode("utf-8", "replace"))
        assert stored == len(TEXTS)
        program.run("ingest", files, check=False)
        until(lambda: database.query("SELECT count(*) FROM ledger.touched") == [(0,)])
        assert database.query("SELECT count(*) > 100 FROM ledger.rejected") == [(True,)]
        yield service.web


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


class Visitor:
    """One tab that goes from page to page."""

    def __init__(self, browser, url):
        self.browser = browser
        self.page = browser.open("about:blank", width=320)
        self.page.call("Audits.enable")
        self.page.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.url = url

    def visit(self, path):
        """What the page holds, and what the browser had to say of it."""
        del self.browser.events[:]
        self.page.call("Page.navigate", url=self.url + path)
        self.browser.wait_for(self.page, "Page.loadEventFired")
        seen = self.page.value(LOOK)
        telling = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening", "Audits.issueAdded")
        seen["said"] = [event for event in self.browser.events if event.get("method") in telling]
        return seen


def faults(path, seen, status=200):
    """All that is wrong with a page, as texts."""
    said = [event for event in seen["said"] if status < 400 or f"status of {status}" not in json.dumps(event)]
    found = [f"{path}: said {event}" for event in said]
    found += [f"{path}: violation {what}" for what in seen["violations"]]
    found += [f"{path}: <{tag}> is not ours" for tag in (set(seen["tags"]) - OURS) | (set(seen["drawn"]) - DRAWN)]
    found += [f"{path}: attribute {name}" for name in seen["names"] if name.startswith("on") or name in ("style", "srcdoc", "autofocus")]
    found += [f"{path}: leads to {url}" for url in seen["urls"] if not re.match(r"(/(?!/)|\?|#)", url)]
    found += [f"{path}: holds U+{ord(match):04X}" for match in set(UNSEEN.findall(seen["text"] + seen["title"]))]
    if seen["width"] > 320:
        found.append(f"{path}: {seen['width']} px wide")
    if seen["heads"] != 1:
        found.append(f"{path}: {seen['heads']} headings")
    return found


def test_every_page(browser, hostile):
    """Follows each link that it meets; of lists the first pages, which hold all kinds of text."""
    visitor = Visitor(browser, hostile)
    found, done, todo = [], set(), ["/", "/reports", "/rejected"]
    kinds = {}
    while todo:
        path = todo.pop(0)
        done.add(path)
        seen = visitor.visit(path)
        found += faults(path, seen)
        for link in seen["links"]:
            kind = re.sub(r"(?<=/)[^/?]+$|=[^&]*", "*", link.partition("?")[0]) + ("?" if "?" in link else "")
            if kind not in kinds and not requests.head(hostile + link, timeout=60, allow_redirects=True).headers["Content-Type"].startswith("text/html"):
                kinds[kind] = 1000  # a file, which the browser would save
            if link not in done and link not in todo and kinds.get(kind, 0) < (50 if kind == "/reports/*" else 25):
                kinds[kind] = kinds.get(kind, 0) + 1
                todo.append(link)
    print(f"{len(done)} pages; of each kind: {kinds}")  # pytest -s shows it
    assert {"/domains/*", "/reports/*", "/rejected/*"} <= set(kinds), kinds
    assert len(done) > 80
    assert not found, "\n".join(found[:40])


def test_arguments(browser, hostile):
    """What stands in the address, on pages that quote it and on those that say what is wrong."""
    visitor = Visitor(browser, hostile)
    found = []
    for text in TEXTS.values():
        quoted = urllib.parse.quote(text.replace("\0", "")[:300], safe="")
        for path in (f"/reports?domain={quoted}", f"/?failed=1&after={quoted}", f"/domains/{quoted}", f"/rejected?after={quoted}",
                     f"/rejected?reason={quoted}&source={quoted}&q={quoted}"):
            answer = requests.get(hostile + path, timeout=60)
            assert answer.status_code in (200, 400, 404), (path, answer.status_code)
            found += faults(path[:60], visitor.visit(path), answer.status_code)
    assert not found, "\n".join(found[:40])


def test_texts_are_shown(hostile):
    """Inert, and still to be read."""
    pages = requests.get(hostile + "/reports", timeout=60)
    pages.encoding = "utf-8"
    for words in ("&lt;script&gt;alert(1)&lt;/script&gt;", "x\u27e8U+202E\u27e9gnp.exe\u27e8U+202C\u27e9", "=HYPERLINK(&quot;http://evil.example/&quot;",
                  "javascript:alert(1)//", "&amp;lt;script&amp;gt;", "%s%n%x%99999d"):
        assert words in pages.text, words

