"""The product's own table of pages, read from its sources, and one address of each kind, found by
following links: a page that is added is tested without being named here.

SPDX-License-Identifier: MIT
"""
import html
import os
import pathlib
import re

import requests

WEB = pathlib.Path(os.environ.get("TLSRPTD_SOURCE", pathlib.Path(__file__).parents[2])) / "web"


def patterns():
    """{"domains": "/domains/*", …}: of every HTML page that pages.c names."""
    rows = re.findall(r"^    &(page_\w+),$", (WEB / "pages.c").read_text(), re.M)
    texts = {name: body for file in sorted(WEB.glob("*.c"))
             for name, body in re.findall(r"^const struct page (\w+) = \{\n(.*?)^\};", file.read_text(), re.M | re.S)}
    found = {row.removeprefix("page_").replace("_", "-"): re.search(r'\.path = "([^"]+)"', texts[row])[1]
             for row in rows if ".print =" in texts[row]}
    assert len(found) > 8, found
    return found


def addresses(url):
    """{"domains": "/domains/example.org", …}: by links from the overview; the first that is met of each kind."""
    wanted = {name: re.compile(re.escape(path).replace(r"\*", "[^/?]+") + r"(\?.*)?") for name, path in patterns().items()}
    found, seen, todo = {"overview": "/"}, {"/"}, ["/"]
    while todo and len(found) < len(wanted) and len(seen) < 400:
        path = todo.pop(0)
        answer = requests.get(url + path, timeout=60)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for link in map(html.unescape, re.findall(r'href="(/[^"#]*)', answer.text)):
            if link not in seen and not link.startswith("/static/") and "/original" not in link:
                seen.add(link)
                new = [name for name, pattern in wanted.items() if name not in found and pattern.fullmatch(link)]
                found.update({name: link for name in new})
                todo.insert(0 if new else len(todo), link)  # so that few pages are asked for
    return {name: found[name] for name in wanted if name in found}
