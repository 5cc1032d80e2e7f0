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
