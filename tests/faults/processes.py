"""The processes of the integration tests (PostgreSQL, tlsrptd) for the faults suite too.

SPDX-License-Identifier: MIT
"""
import importlib.util
import pathlib
import sys

INTEGRATION = pathlib.Path(__file__).resolve().parents[1] / "integration"
sys.path.insert(0, str(INTEGRATION))

_specification = importlib.util.spec_from_file_location("processes_of_the_tests", INTEGRATION / "conftest.py")
_module = importlib.util.module_from_spec(_specification)
sys.modules[_specification.name] = _module
_specification.loader.exec_module(_module)

from processes_of_the_tests import *  # noqa: E402,F401,F403  pylint: disable=wildcard-import,wrong-import-position,import-error
import doors  # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
