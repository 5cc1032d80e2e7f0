"""The short form of tests/faults/hostile: every scenario, with few attackers.

Memory is judged there, with a release build: sanitizers need many times as much.

SPDX-License-Identifier: MIT
"""
import subprocess
import sys

import conftest
import pytest


ONLY = ("zip bomb, nested", "empty MIME", "empty details", "hundred bombs", "slow body", "slow message")


@pytest.mark.skipif(bool(conftest.WRAPPER), reason="too slow under a wrapper")
def test_hostile():
    only = [word for part in ONLY for word in ("--only", part)]
    done = subprocess.run([sys.executable, conftest.SOURCE / "tests" / "faults" / "hostile", "--build", conftest.PROGRAM.parent, "--no-memory",
                           "--attempts", "1", "--seconds", "2", "--connections", "200", *only],
                          capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ONLY)} scenarios · honest reports stored" in done.stdout
