"""The pages in a real browser, at 320, 768 and 1440 px, light and dark: axe-core objects to nothing, no
policy is violated, no message stands in the console, nobody else is asked for anything, no page scrolls
sideways; from the overview to the original of a failing report by keyboard, also without scripts; print,
forced colours, reduced motion. And pictures of all of it, for people to look at.

SPDX-License-Identifier: MIT
"""
import http.server
import itertools
import json
import pathlib
import re
import threading
import urllib.parse

import axe
import pytest
import requests
import table
from browser import PICTURES, PROGRAM, Browser
from doors import post, until
from processes import Postgres, Tlsrptd

pytestmark = pytest.mark.skipif(not PROGRAM, reason="chromium is not installed")

LOOKS = list(itertools.product((320, 768, 1440), (False, True)))
AXE = (320, False), (768, True), (1440, False)  # each width and both schemes; it takes its time
BYTES_MAX = 100 << 10
REPORT = {"organization-name": "waiting.example", "report-id": "1", "contact-info": "a@waiting.example",
          "date-range": {"start-datetime": "2026-11-01T00:00:00Z", "end-datetime": "2026-11-01T23:59:59Z"},
          "policies": [{"policy": {"policy-type": "no-policy-found", "policy-domain": "example.org"},
                        "summary": {"total-successful-session-count": 1, "total-failure-session-count": 0}}]}

# Pages are found in the product's own table; these are the same pages in other states, and what is said
# where there is no page.
STATES = {
    "domains-week": "/domains/dane.example?week={week}",
    "week-domain": "/weeks/{week}?domain=dane.example",
    "domains-long": "/domains/dane.example?days=800",
    "domains-no-report": "/domains/dane.example?from=2020-01-01&to=2020-01-07",
    "overview-search": "/?name=nothing-like-this",
    "overview-by-sessions": "/?order=sessions&mode=enforce",
    "mx-search": "/mx?name=mx",
    "reports-failed": "/reports?failed=1",
    "reports-none": "/reports?domain=nobody.example",
    "rejected-none": "/rejected?text=nothing-like-this",
    "setup-with-errors": "/setup/dane.example",
    "setup-not-looked-at": "/setup/shop.example",
    "setups-good": "/setup?state=good",
    "unknown-setup": "/setup/nobody.example",
    "bad-setup-state": "/setup?state=x",
    "unknown-domain": "/domains/nobody.example",
    "unknown-mx": "/mx/nobody.example",
    "unknown-page": "/nothing-here",
    "bad-argument": "/mx?days=0",
    "bad-cursor": "/?after=1-x-y",
}
NAMES = [*table.patterns(), *STATES]
REFUSED = {"unknown-setup": 404, "bad-setup-state": 400, "unknown-domain": 404, "unknown-mx": 404, "unknown-page": 404, "bad-argument": 400, "bad-cursor": 400}


@pytest.fixture(scope="module")
def web(postgres_server, migrated, certificate, tmp_path_factory):
    """URL of a service with the sample reports."""
    database = postgres_server.create(migrated.name)
    with Tlsrptd(database, tmp_path_factory.mktemp("pages"), *certificate).serve("--demo", "-o", "web.changes_without_login=true") as service:
        service.wait_for("^demo .*stored=")
        until(lambda: database.query("SELECT (SELECT count(*) FROM ledger.touched) + (SELECT count(*) FROM ledger.verdict_due)") == [(0,)])  # all is known
        posted = b"From: <script>alert(1)</script>\r\nSubject: \xe2\x80\xae\x1b[31m\r\n\r\n" + b"no report \xff" * 500
        assert post(service.https, posted, "application/tlsrpt+json").status_code == 400
        database.query(pathlib.Path(__file__).with_name("setup.sql").read_text())
        yield service.web


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def paths(web):
    """name -> path"""
    text = requests.get(web + "/mx", timeout=60).text
    found = table.addresses(web)
    assert set(found) == set(table.patterns()), "each page is linked to from another"
    return {**found, **{name: path.format(week=re.search("week=([0-9W-]+)", text)[1]) for name, path in STATES.items()}}


def picture(name, width, dark, kind="png"):
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES / f"{name}-{width}-{'dark' if dark else 'light'}.{kind}"


# Of a page as it is drawn; what it gives is compared below.
STRUCTURE = """({
  width: document.documentElement.scrollWidth,
  heads: document.querySelectorAll('h1').length,
  landmarks: ['body > header', 'main', 'footer', 'nav[aria-label]'].filter(s => !document.querySelector(s)),
  tables: [...document.querySelectorAll('table')].filter(t => !t.caption || !t.querySelector('th[scope=col]')).length,
  rows: [...document.querySelectorAll('tbody tr')].filter(r => !r.querySelector('th[scope=row]')).length,
  squeezed: [...document.querySelectorAll('tbody th')].filter(c => c.offsetHeight > 200).length,
  boxes: [...document.querySelectorAll('.scroll')].filter(b => b.tabIndex != 0 || !b.getAttribute('aria-label')).length,
  dark: matchMedia('(prefers-color-scheme: dark)').matches,
})"""


def examine(browser, url, name, results, status=200):
    """Draws a page in all its looks, takes the pictures, and wants nothing to be wrong with it."""
    page = browser.open(url)
    host = urllib.parse.urlsplit(url).netloc
    structures, objections, world = {}, [], None
    for width, dark in LOOKS:
        page.resize(width)
        page.media(prefers_color_scheme="dark" if dark else "light")
        page.screenshot(picture(name, width, dark))
        structures[width, dark] = page.value(STRUCTURE)
        if not world:  # until here nothing is there but the page itself
            seen = {
                "csp": list(page.violations),
                "console": [text for text in page.console if status == 200 or f"status of {status}" not in text],
                "other": list(page.trouble),
                "foreign": [asked for asked in page.requests if urllib.parse.urlsplit(asked)[:2] not in (("http", host), ("data", ""))],
            }
            world = axe.bring(page)
        if (width, dark) in AXE:
            objections += [f"{width} px, {'dark' if dark else 'light'}: {text}" for text in axe.violations(page, world)]
    seen["axe"] = objections
    results.add(name, url, {"looks": len(LOOKS), "KiB": len(requests.get(url, timeout=60).content) / 1024}, seen)
    page.close()
    assert not any(seen.values()), json.dumps(seen, indent=1)
    for (width, dark), structure in structures.items():
        assert structure == {"width": width, "heads": 1, "landmarks": [], "tables": 0, "rows": 0, "squeezed": 0, "boxes": 0, "dark": dark}, width


@pytest.mark.parametrize("name", NAMES)
def test_page(browser, web, paths, results, name):
    examine(browser, web + paths[name], name, results, REFUSED.get(name, 200))


@pytest.fixture(scope="module")
def bare(certificate, tmp_path_factory):
    """A service that was never sent anything, and a database server of its own, to be stopped."""
    server = Postgres()
    server.start()
    with Tlsrptd(server.create(), tmp_path_factory.mktemp("bare"), *certificate).serve() as service:
        yield service, server
    server.end(9)


def test_first_run_and_a_database_that_is_away(browser, bare, results):
    service, server = bare
    for name, path in (("first-run", "/"), ("first-run-mx", "/mx"), ("first-run-setup", "/setup"), ("first-run-reporters", "/reporters"), ("first-run-reports", "/reports"),
                       ("first-run-rejected", "/rejected")):
        examine(browser, service.web + path, name, results)
    server.stop()
    until(lambda: post(service.https, json.dumps(REPORT).encode()).status_code == 202)
    examine(browser, service.web + "/", "away", results, 503)
    text = requests.get(service.web + "/", timeout=60).text
    assert "1 report waits in the spool since" in text.replace("\u202f", "")


def test_pages_are_small_and_ask_nobody_else(web, paths):
    """Under 100 KiB each, and every address on them is our own; tabs can be told apart."""
    titles = {}
    for name, path in paths.items():
        answer = requests.get(web + path, timeout=60)
        assert len(answer.content) < BYTES_MAX, name
        foreign = re.findall(r'(?:href|src|action)="(?!/|#)([^"]*)', answer.text)
        assert all(re.fullmatch(r"https://mta-sts\.[a-z0-9.-]+/\.well-known/mta-sts\.txt", link) for link in foreign), name  # policies
        assert "style=" not in answer.text and "<script" not in answer.text, name
        if name not in REFUSED:
            titles.setdefault(re.search("<title>(.*) \u00b7 tlsrptd</title>", answer.content.decode())[1], []).append(path.partition("?")[0])
    assert all(len(set(paths)) == 1 for paths in titles.values()), titles


# --- by keyboard ---

class Walk:
    """Somebody without a mouse, and perhaps without scripts: only DevTools is asked, never the page."""

    def __init__(self, page):
        self.page = page

    def to(self, selector):
        """Tabs to the first link that fits, and gives its address."""
        wanted = self.page.find(selector)
        assert wanted, selector
        for _ in range(400):
            self.page.press("Tab", 9)
            focused = self.page.find(":focus")
            if focused and focused.get("href") == wanted["href"]:
                assert self.page.style(":focus")["outline-style"] == "solid", "where the keyboard is can be seen"
                return wanted["href"]
        raise AssertionError("cannot be reached: " + selector)

    def enter(self):
        self.page.forget()
        self.page.press("Enter", 13, "\r")
        self.page.loaded()
        assert not self.page.violations and not self.page.trouble


@pytest.mark.parametrize("scripts", [True, False])
def test_keyboard_walk_from_the_overview_to_an_original(browser, web, tmp_path, scripts):
    """With Tab and Enter alone: a failing domain, its newest failing report, the JSON as it was sent."""
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page = browser.open(web + "/", scripts=scripts)
    if not scripts:
        page.go("data:text/html,<p id=a></p><script>document.getElementById('a').id='b'</script>")
        assert page.find("#a") is not None and page.find("#b") is None, "scripts do not run"
        page.go(web + "/")
    walk = Walk(page)
    page.press("Tab", 9)
    assert page.find(":focus") == {"class": "skip", "href": "#main"}, "the first tab leads to the contents"
    assert float(page.style(":focus")["left"].removesuffix("px")) >= 0, "and is seen then"
    walk.to("#domains tbody th a[href^='/domains/']")
    walk.enter()
    assert "failing" in page.markup("#state")
    walk.to("#reports tr.failing th a[href^='/reports/']")
    walk.enter()
    assert urllib.parse.urlsplit(page.address()).path.startswith("/reports/")
    assert re.search(r"successful, [1-9][\d\u202f]* failed", page.markup("#header"))
    walk.to("a.button[href$='/original']")
    page.press("Enter", 13, "\r")
    until(lambda: list(tmp_path.glob("*.json")))
    original = json.loads(next(tmp_path.glob("*.json")).read_bytes())
    assert sum(policy["summary"]["total-failure-session-count"] for policy in original["policies"]) > 0


# --- other ways to look ---

def test_nothing_is_told_by_colour_alone(browser, web, paths):
    """Badges have words, charts have names and a table behind them."""
    page = browser.open(web + paths["domain"])
    assert page.value("[...document.querySelectorAll('.badge')].every(b => b.textContent.replace(/[^a-z]/g, '').length > 2)")
    assert page.value("[...document.querySelectorAll('svg')].every(s => s.getAttribute('aria-hidden') || s.getAttribute('aria-label'))")
    assert page.value("document.querySelectorAll('#chart table tbody tr').length") >= 29
    assert page.value("new Set([...document.querySelectorAll('.plot path.own, .plot path.shared, .plot path.failed')]"
                      ".map(p => getComputedStyle(p).fill + p.getAttribute('fill'))).size") >= 2
    names = page.value("[...document.querySelectorAll('[role=region], nav, section')].map(e => e.getAttribute('aria-label') || e.querySelector('h2, h3, summary')?.textContent)")
    assert all(names), names


def test_dark_and_light_differ(browser, web):
    colours = {browser.open(web + "/", dark=dark).value("getComputedStyle(document.body).backgroundColor") for dark in (False, True)}
    assert len(colours) == 2


def test_wide_tables_scroll_in_their_box(browser, web, paths):
    page = browser.open(web + paths["domain"], width=320)
    assert page.value("[...document.querySelectorAll('.scroll')].some(b => b.scrollWidth > b.clientWidth)")


MOVES = """[...document.querySelectorAll('*')].filter(e => {
  const s = getComputedStyle(e);
  return parseFloat(s.transitionDuration) > 0 || s.animationName != 'none' || s.scrollBehavior == 'smooth';
}).length"""


def test_nothing_moves_where_that_is_not_wanted(browser, web, paths):
    for name in ("overview", "domain", "report"):
        assert browser.open(web + paths[name], prefers_reduced_motion="reduce").value(MOVES) == 0, name


@pytest.mark.parametrize("dark", [False, True])
def test_forced_colours(browser, web, paths, dark):
    """The user's few colours: bars, badges and lines are still there, and still differ."""
    for name in ("overview", "domain", "mx-host"):
        page = browser.open(web + paths[name], dark=dark, forced_colors="active")
        page.screenshot(picture(f"forced-{name}", 1440, dark))
        assert page.value("matchMedia('(forced-colors: active)').matches")
    page = browser.open(web + paths["domain"], dark=dark, forced_colors="active")
    back = page.value("getComputedStyle(document.querySelector('.chart')).backgroundColor")
    fills = page.value("['own', 'under', 'failed', 'missing'].map(c => document.querySelector('.plot path.' + c)).filter(p => p)"
                       ".map(p => getComputedStyle(p).fill)")
    assert len(fills) >= 2 and len({*fills, back}) == len(fills) + 1, (fills, back)


def test_print(browser, web, paths):
    """On paper: dark on white whatever the screen has, without what can only be clicked, nothing cut off."""
    for name in ("overview", "domain", "mx-host", "report"):
        page = browser.open(web + paths[name], width=794, dark=True)  # A4 at 96 dpi
        page.media("print", prefers_color_scheme="dark")
        page.screenshot(picture(f"print-{name}", 794, False))
        page.print_to(picture(f"print-{name}", 794, False, "pdf"))
        ink = page.value("getComputedStyle(document.body).color + getComputedStyle(document.body).backgroundColor")
        assert ink == "rgb(0, 0, 0)rgb(255, 255, 255)", ink
        assert page.value("[...document.querySelectorAll('.card, .chart, .scroll, .figures > div:not([class])')]"
                          ".every(e => getComputedStyle(e).backgroundColor == 'rgb(255, 255, 255)')"), "dark cards on paper"
        assert page.value("[...document.querySelectorAll('form, body > header nav, .period')].every(e => !e.checkVisibility())")
        assert page.value("document.documentElement.scrollWidth") <= 794, name
        assert page.value("[...document.querySelectorAll('.scroll')].every(b => b.scrollWidth <= b.clientWidth + 1)"), name


# --- that all this can fail ---

class Bad(http.server.BaseHTTPRequestHandler):
    """A page with all that is looked for."""

    def do_GET(self):  # pylint: disable=invalid-name
        body = b"""<!DOCTYPE html><title>x</title><style>p { color: #999 }</style><p style="color: #aaa">pale</p>
            <img src="http://localhost:9/x.png"><img src="/y.png"><script>console.log('said')</script>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; img-src *")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


def test_what_is_wrong_is_seen(browser):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.open(f"http://127.0.0.1:{server.server_port}/")
    assert len(page.violations) >= 2
    assert "said" in page.console
    assert any("localhost:9" in url for url in page.requests)
    found = axe.violations(page, axe.bring(page))
    assert {"image-alt", "html-has-lang"} <= {text.split()[1].strip(":") for text in found}
    server.shutdown()
