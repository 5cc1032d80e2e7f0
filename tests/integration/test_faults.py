"""The faults suite (tests/faults/run), a cycle or two of each scenario.

SPDX-License-Identifier: MIT
"""
import os
import re
import subprocess

import conftest


def test_nothing_is_lost_or_doubled():
    """kill -9, PostgreSQL away, read-only or full, COMMIT cut, clock, poison, two services: short."""
    done = subprocess.run(["/usr/bin/python3", "-B", conftest.SOURCE / "tests" / "faults" / "run", "--short"], capture_output=True, text=True,
                          check=False, env={**os.environ, "TLSRPTD": str(conftest.PROGRAM)})
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    rows = re.findall(r"^([a-z-]+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +\d+", done.stdout, re.M)
    assert len(rows) >= 9, "too much was skipped"
    for name, cycles, acknowledged, stored, lost, doubled in rows:
        assert int(cycles) > 0 and int(stored) >= int(acknowledged) > 0 and lost == doubled == "0", name
