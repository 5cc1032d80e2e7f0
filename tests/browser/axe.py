"""axe-core over a page: rules of WCAG 2.0 to 2.2 and its best practices. It runs in a world of its own,
so that the page's policy neither stops it nor is softened for it.

SPDX-License-Identifier: MIT
"""
import importlib.util
import json
import pathlib

OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}  # the rest of 2.2 is on by default


def source():
    """axe.min.js, out of the package that tests/requirements.txt names."""
    return (pathlib.Path(importlib.util.find_spec("axe_playwright_python").origin).parent / "axe.min.js").read_text()


def bring(page):
    """The world of axe in that page, to be given to violations()."""
    world = page.world()
    page.value(source() + ";0", world)
    return world


def violations(page, world):
    """All that axe objects to, as the page is drawn now; one text for each rule."""
    return page.value(f"axe.run(document, {json.dumps(OPTIONS)}).then(r => r.violations.map(v => `${{v.impact}} ${{v.id}}: ${{v.help}}: `"
                       " + v.nodes.slice(0, 5).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 200)).join(' | ')))", world)
