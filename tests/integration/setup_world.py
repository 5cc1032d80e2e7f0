"""A world for `tlsrptd check`: domains with DNS, policy hosts and mail servers on their real ports, in a
network namespace of its own. What is in it: world/domain.py; how its parts are built: world/.

    world = World(directory, [Domain("good.example"), Domain("r16.example", web={"": "status 404"})])
    world.program(tlsrptd).run("check", "good.example")

SPDX-License-Identifier: MIT
"""
import json
import os
import pathlib
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from conftest import PROGRAM, ROOT, Tlsrptd, merged, settings_text
from world.domain import OTHER_RESOLVER, RESOLVER, Domain
from world.inside import relay

__all__ = ["Domain", "World", "WorldTlsrptd", "OTHER_RESOLVER", "RESOLVER"]

UNSHARE = ["unshare", "-n"] if ROOT else ["unshare", "-Urn"]
INSIDE = pathlib.Path(__file__).with_name("world") / "inside.py"


def why_not():
    """What is missing for a world; None: nothing."""
    done = subprocess.run([*UNSHARE, "ip", "link", "set", "lo", "up"], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"no network namespace here ({' '.join(UNSHARE)}): {done.stderr.strip()}"
    missing = [name for name in ("nsd", "unbound", "ldns-signzone", "nsenter") if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")]
    return f"missing: {', '.join(missing)}" if missing else None


class World:
    """Running until stop()."""

    def __init__(self, domains):
        reason = why_not()
        if reason:
            pytest.skip(reason)
        # A short path, for Unix sockets.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="world.", dir="/tmp"))
        self.directory.chmod(0o755)
        self.log = self.directory / "log"
        self.lock = threading.Lock()
        self.relays = 0
        self.domains = {one.name: one for one in domains}
        begin = time.monotonic()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*UNSHARE, "setpriv", "--pdeathsig", "KILL", "--", "/usr/bin/python3", "-B", INSIDE], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
        try:
            self.tell((str(self.directory), list(domains)))
        except BaseException:
            self.stop()
            raise
        self.seconds = time.monotonic() - begin

    def tell(self, what):
        with self.lock:
            try:
                pickle.dump(what, self.process.stdin)
                self.process.stdin.flush()
                how, result = pickle.load(self.process.stdout)
            except (EOFError, BrokenPipeError):
                raise AssertionError("the world ended: " + self.log.read_text()) from None
        assert how == "done", f"{result}\n{self.log.read_text()}"
        return result

    def __getattr__(self, name):
        """What inside.World can be asked."""
        if name not in ("certificate", "spki", "visits", "addresses_of"):
            raise AttributeError(name)
        return lambda *arguments: self.tell((name, arguments))

    def change(self, name, **changes):
        """A domain is otherwise from now on, for whoever asks."""
        self.domains[name] = self.domains[name].changed(**changes)
        self.tell(("change", (self.domains[name],)))

    def enter(self, words):
        """A command line that runs in there."""
        pid = str(self.process.pid)
        return ["nsenter", "-t", pid, *(["-n"] if ROOT else ["-U", "-n", "--preserve-credentials"]), "--", *map(str, words)]

    def run(self, *words, **how):
        """A command in there, to its end."""
        return subprocess.run(self.enter(words), **{"capture_output": True, "text": True, "check": False, "timeout": 120, **how})

    @property
    def root(self):
        """The file with the root that is to be trusted."""
        return self.directory / "root.pem"

    @property
    def settings(self):
        """For the program."""
        return {"dns": {"servers": [f"{RESOLVER}:53"], "trust_anchor": self.directory / "anchor", "timeout_seconds": 5},
                "check": {"ca_file": self.root, "hello": "check.example"}}

    def outside(self, address, port):
        """host:port out here that leads to a port in there."""
        self.relays += 1
        path = str(self.directory / f"relay{self.relays}")
        self.tell(("expose", (path, address, int(port))))
        server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=relay, args=(server, path), daemon=True).start()
        return "127.0.0.1:%d" % server.getsockname()[1]

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)


class WorldTlsrptd(Tlsrptd):
    """The program in there."""

    def __init__(self, world, database, directory, certificate, key, clock=None):
        super().__init__(database, directory, certificate, key)
        self.world, self.clock = world, clock

    def defaults(self):
        return merged(super().defaults(), self.world.settings)

    def under_account(self, words):
        return self.world.enter(words)

    def environment(self, more):
        return {**super().environment(more), **(self.clock.environment if self.clock else {})}

    def check(self, *names, **settings):
        """`check` of domains: (exit code, items)."""
        done = self.run("check", *names, "--format", "json", check=False, **settings)
        try:
            return done.returncode, json.loads(done.stdout)["items"]
        except (ValueError, KeyError):
            raise AssertionError(f"check ended with {done.returncode}:\n{done.stdout[:2000]}\n{done.stderr[-4000:]}") from None


def main():
    """The world of all cases until Enter, to look around in: python3 tests/integration/setup_world.py"""
    from world import cases_hosts, cases_names, cases_policy, cases_servers  # pylint: disable=import-outside-toplevel
    world = World([case.domain for part in (cases_names, cases_policy, cases_hosts, cases_servers) for case in part.CASES])
    settings = world.directory / "tlsrptd.conf"
    settings.write_text(settings_text(world.settings))
    print(f"{len(world.domains)} domains, such as r1-healthy.example, after {world.seconds:.1f} s. In there:\n"
          f"  {' '.join(world.enter([PROGRAM, 'check', '-c', settings, 'NAME']))}\nEnter ends it.", flush=True)
    sys.stdin.readline()
    world.stop()


if __name__ == "__main__":
    main()
