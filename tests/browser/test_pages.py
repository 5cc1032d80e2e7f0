"""The pages in a real browser: nothing is blocked or missing, no page scrolls sideways, tables can be
reached by keyboard, text has contrast; and pictures of them, light and dark, for people to look at.

SPDX-License-Identifier: MIT
"""
import itertools
import os
import pathlib
import re

import pytest
import requests
from browser import PROGRAM, Browser
from doors import post, until
from processes import Tlsrptd

pytestmark = pytest.mark.skipif(not PROGRAM, reason="chromium is not installed")

PICTURES = pathlib.Path(os.environ.get("TLSRPTD_BUILD", "/tmp")) / "pictures"
WIDTHS = 320, 768, 1440

# The smallest contrast (WCAG 2.2, 1.4.3) between text and what is behind it, over all text.
CONTRAST = """
(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length == 3 || colour[3] == 1) return colour;
    }
    return [255, 255, 255];
  };
  let worst = [99, ''];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, walker.currentNode.textContent];
  }
  return worst;
})()
"""


@pytest.fixture(scope="module")
def web(postgres_server, migrated, certificate, tmp_path_factory):
    """URL of a service with the sample reports."""
    database = postgres_server.create(migrated.name)
    with Tlsrptd(database, tmp_path_factory.mktemp("pages"), *certificate).serve("--demo") as service:
        service.wait_for("^demo .*stored=")
        until(lambda: database.query("SELECT count(*) FROM ledger.touched") == [(0,)])  # the overview knows
        posted = b"From: <script>alert(1)</script>\r\nSubject: \xe2\x80\xae\x1b[31m\r\n\r\n" + b"no report \xff" * 500
        assert post(service.https, posted, "application/tlsrpt+json").status_code == 400
        yield service.web


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def paths(web):
    """One of each kind of page: name -> path."""
    def first(pattern, text):
        return re.search(f'href="({pattern})"', text)[1]

    domain = first("/domains/[^\"]+", requests.get(web + "/", timeout=30).text)
    reports = requests.get(web + "/reports?domain=" + domain.rsplit("/", 1)[1], timeout=30).text
    return {"overview": "/", "domain": domain, "mx": "/mx", "mx-host": first("/mx/[^\"]+", requests.get(web + "/mx", timeout=30).text),
            "bad-argument": "/mx?days=0", "reporters": "/reporters", "report": first("/reports/[^\"?]+", reports), "reports": "/reports",
            "rejected": "/rejected", "rejection": "/rejected/1", "missing": "/nothing-here"}


@pytest.mark.parametrize("name", ["overview", "domain", "mx", "mx-host", "bad-argument", "reporters", "report", "reports", "rejected", "rejection", "missing"])
@pytest.mark.parametrize("width, dark", itertools.product(WIDTHS, (False, True)))
def test_page(browser, web, paths, name, width, dark):
    page = browser.open(web + paths[name], width=width, dark=dark)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(PICTURES / f"{name}-{width}-{'dark' if dark else 'light'}.png")
    assert [text for text in page.trouble if "404" not in text or name != "missing"
            if "400" not in text or name != "bad-argument"] == []
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value("document.querySelectorAll('h1').length") == 1
    assert page.value("document.querySelectorAll('header, main, footer, nav').length") >= 4
    assert page.value("[...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope=col]'))")
    assert page.value("[...document.querySelectorAll('tbody tr')].every(r => r.querySelector('th[scope=row]'))")
    ratio, text = page.value(CONTRAST)
    assert ratio >= 4.5, text
    assert page.value("matchMedia('(prefers-color-scheme: dark)').matches") == dark


def test_pages_are_small_and_ask_nobody_else(web, paths):
    """Under 100 KiB each, and every address on them is our own."""
    for name, path in [*paths.items(), ("long", paths["domain"] + "?days=800"), ("quarter", "/domains/dane.example?days=90")]:
        answer = requests.get(web + path, timeout=60)
        assert len(answer.content) < 100 << 10, name
        assert not re.search(r'(?:href|src|action)="(?!/|#)', answer.text), name
        assert "style=" not in answer.text and "<script" not in answer.text, name
        assert re.search(r"<title>[^<]+ \u00b7 tlsrptd</title>", answer.content.decode()), name
    titles = {re.search("<title>(.*?)</title>", requests.get(web + path, timeout=60).text)[1] for name, path in paths.items() if name != "rejection"}
    assert len(titles) == len(paths) - 1, "tabs can be told apart"


def test_keyboard_walk_from_the_overview_to_an_original(browser, web, paths):
    """With Tab and Enter alone: a failing domain, its newest report, the JSON as it was sent."""
    page = browser.open(web + "/")

    def walk_to(selector):
        wanted = page.value(f"(document.querySelector({selector!r}) || {{}}).href")
        assert wanted, selector
        for _ in range(400):
            page.press("Tab", 9)
            if page.value("document.activeElement.href") == wanted:
                outline = page.value("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", "where the keyboard is can be seen"
                return wanted
        raise AssertionError("cannot be reached: " + selector)

    walk_to("tbody th a[href^='/domains/']")
    page.press("Enter", 13, "\r")
    until(lambda: page.value("location.pathname").startswith("/domains/") and page.value("document.readyState") == "complete")
    walk_to("#reports th a[href^='/reports/']")
    page.press("Enter", 13, "\r")
    until(lambda: page.value("location.pathname").startswith("/reports/") and page.value("document.readyState") == "complete")
    assert "failed" in page.value("document.querySelector('#header').textContent")
    assert requests.get(walk_to("a.button[href$='/original']"), timeout=30).json()["policies"]


def test_nothing_is_told_by_colour_alone(browser, web, paths):
    """Badges have words, charts have names and a table behind them; motion is left out where it is not wanted."""
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


def test_wide_tables_scroll_in_their_box_by_keyboard(browser, web, paths):
    page = browser.open(web + paths["domain"], width=320)
    assert page.value("[...document.querySelectorAll('.scroll')].some(b => b.scrollWidth > b.clientWidth)")
    assert page.value("[...document.querySelectorAll('.scroll')].every(b => b.tabIndex == 0 && b.getAttribute('aria-label'))")


def test_the_first_tab_leads_to_the_contents(browser, web):
    page = browser.open(web + "/")
    page.press("Tab", 9)
    assert page.value("document.activeElement.getAttribute('href')") == "#main"
    assert page.value("document.activeElement.getBoundingClientRect().left") >= 0
