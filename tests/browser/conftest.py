"""The processes of the integration tests serve the browser too.

SPDX-License-Identifier: MIT
"""
import importlib.util
import pathlib
import sys

INTEGRATION = pathlib.Path(__file__).resolve().parents[1] / "integration"
sys.path.insert(0, str(INTEGRATION))

specification = importlib.util.spec_from_file_location("processes", INTEGRATION / "conftest.py")
processes = importlib.util.module_from_spec(specification)
sys.modules["processes"] = processes
specification.loader.exec_module(processes)

from processes import *  # noqa: E402,F401,F403  pylint: disable=wildcard-import,unused-wildcard-import,wrong-import-position
import pytest  # noqa: E402  pylint: disable=wrong-import-position,wrong-import-order


class Results:
    """What was seen of each page, over all widths and colours."""

    def __init__(self):
        self.rows = {}

    def add(self, name, url, figures, seen):
        self.rows[name] = {**figures, **{key: len(found) for key, found in seen.items()}, "path": "/" + url.split("/", 3)[3]}


ALL = Results()


@pytest.fixture(scope="session")
def results():
    return ALL


def pytest_terminal_summary(terminalreporter):
    """A line for each page: its pictures and size, and how much was found of each kind, which is to be nothing."""
    if not ALL.rows:
        return
    keys = ["looks", "KiB", "axe", "csp", "console", "foreign", "other"]
    terminalreporter.write_line(f"\n{'page':<22}" + "".join(f"{key:>9}" for key in keys) + "  path")
    for name, row in ALL.rows.items():
        cells = (f"{row[key]:9.1f}" if key == "KiB" else f"{row[key]:9}" for key in keys)
        terminalreporter.write_line(f"{name:<22}" + "".join(cells) + "  " + row["path"])
