"""What the process may do once it serves, and what its unit file forbids beside.

SPDX-License-Identifier: MIT
"""
import os
import pathlib
import re
import socket
import subprocess

import pytest
from conftest import SOURCE

BUILD = os.environ.get("TLSRPTD_BUILD")


def tasks(pid):
    """Each thread's status, as {name: value}."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        yield dict(re.findall(r"^(\w+):\s*(.*)$", (task / "status").read_text(), re.M))


def free_low_port():
    for port in range(1023, 600, -1):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except PermissionError:
                return None
            except OSError:
                continue
    return None


def test_no_capability_in_any_thread(tlsrptd):
    port = free_low_port()
    with tlsrptd.serve(lmtp=f"127.0.0.1:{port or 0}") as service:
        host, bound = service.lmtp.rsplit(":", 1)
        with socket.create_connection((host, int(bound))) as client:
            assert client.recv(100).startswith(b"220 ")
        assert not port or int(bound) == port
        threads = list(tasks(service.pid))
        assert len(threads) > 4
        for status in threads:
            for name in "CapInh", "CapPrm", "CapEff", "CapAmb":
                assert int(status[name], 16) == 0, (status["Name"], name, status[name])
            assert not port or int(status["CapBnd"], 16) == 0
            assert status["NoNewPrivs"] == "1"


@pytest.mark.skipif(not BUILD, reason="needs the build directory (TLSRPTD_BUILD)")
@pytest.mark.parametrize("name", ["tlsrptd.service", "tlsrptd-summary.service"])
def test_unit_file(tmp_path, name):
    """systemd understands all of it, and calls what is left exposed `OK`."""
    unit = tmp_path / name
    text = pathlib.Path(BUILD, "systemd", name).read_text()
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.M))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
    about_us = [line for line in verified.stderr.splitlines() if "tlsrptd" in line]
    assert about_us == [], verified.stderr
    exposed = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", str(unit)],
                             capture_output=True, text=True)
    assert exposed.returncode == 0, exposed.stdout[-600:] + exposed.stderr


@pytest.mark.skipif(not BUILD, reason="needs the build directory (TLSRPTD_BUILD)")
def test_timer(tmp_path):
    """It is understood, and comes once a week, when the reports of Sunday have come."""
    timer = tmp_path / "tlsrptd-summary.timer"
    timer.write_text((SOURCE / "deploy" / "systemd" / timer.name).read_text())
    text = pathlib.Path(BUILD, "systemd", "tlsrptd-summary.service").read_text()
    timer.with_suffix(".service").write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.M))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(timer)], capture_output=True, text=True)
    assert [line for line in verified.stderr.splitlines() if "tlsrptd" in line] == [], verified.stderr
    when = re.search("^OnCalendar=(.*)$", timer.read_text(), re.M)[1]
    shown = subprocess.run(["systemd-analyze", "calendar", "--iterations=3", when], capture_output=True, text=True, check=True).stdout
    assert len(re.findall(r"(?:elapse|#\d+): Wed 20", shown)) == 3, shown
