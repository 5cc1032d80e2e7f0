"""What commands say to who uses them wrongly: the option by its name, and what to do.

SPDX-License-Identifier: MIT
"""
import socket
import subprocess

import pytest

import conftest

USAGE, AWAY = 64, 69


def run(*words):
    """Without settings, and without a database."""
    return subprocess.run([conftest.PROGRAM, *words], capture_output=True, text=True, check=False,
                          env={"TLSRPTD_DATABASE": "host=/nonexistent dbname=tlsrptd"})


@pytest.mark.parametrize("words, said", [
    (["ingest", "--jason"], "there is no option --jason"),
    (["ingest", "--json", "-xy"], "there is no option -x"),
    (["reingest", "--verfy"], "there is no option --verfy"),
    (["reingest", "--from"], "--from lacks its value"),
    (["summary", "--weak=2026-W47"], "there is no option --weak=2026-W47"),
    (["summary", "example.org", "--week"], "--week lacks its value"),
    (["verdict", "example.org", "--fromat", "json"], "there is no option --fromat"),
    (["verdict", "example.org", "--format"], "--format lacks its value"),
])
def test_options_are_named(words, said):
    done = run(*words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith(f"tlsrptd {words[0]}: {said}\nUsage: tlsrptd {words[0]} "), done.stderr


@pytest.mark.parametrize("words", [["verdict", "example.org"], ["export"], ["migrate"], ["summary"]])
def test_another_database_is_meant(words):
    """Who has a private PostgreSQL and forgets to say so reads how."""
    done = run(*words)
    assert done.returncode == AWAY and "Which database: --standalone DIR" in done.stderr, done.stderr


@pytest.mark.parametrize("words, noted", [
    ([], True), (["--standalone", "/nonexistent"], False), (["-o", "collector.listen="], False),
])
def test_check_tells_of_the_missing_certificate(words, noted):
    """`serve` would say so, but only with a PostgreSQL of its own can it do without."""
    done = run("config", "check", *words)
    assert ("needs collector.certificate" in done.stdout) == noted, done


@pytest.mark.parametrize("section", ["collector", "lmtp", "web"])
def test_port_in_use(section):
    """The setting to change is named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        shut = [word for other in ("collector", "lmtp", "web") if other != section for word in ("-o", f"{other}.listen=")]
        done = run("serve", *shut, "-o", f"{section}.listen={address}")
    assert done.returncode == 78 and f"{section}.listen: cannot listen on {address}: Address already in use" in done.stderr, done.stderr
