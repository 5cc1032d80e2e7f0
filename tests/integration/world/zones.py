"""The names of the test world: a signed root, the signed zone `example.`, one signed zone for each
domain, nsd that serve them (those above by one, the domains by two), and two unbound that resolve them.

SPDX-License-Identifier: MIT
"""
import base64
import concurrent.futures
import datetime
import hashlib
import re
import socket
import struct
import subprocess
import time

from world import domain as world

PARENT = "example"
DYING = ["setpriv", "--pdeathsig", "KILL", "--"]


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label) + b"\0"


def quoted(text):
    """A TXT record's strings, as a zone file has them."""
    strings = text if isinstance(text, tuple) else [text[i:i + 255] for i in range(0, len(text), 255)] or [""]
    return " ".join('"' + "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "".join(f"\\{b:03}" for b in c.encode())
                                  for c in one) + '"' for one in strings)


class Zones:
    """The files, and who serves them."""

    def __init__(self, directory, addresses, spki):
        self.directory = directory
        self.addresses = addresses
        self.spki = spki
        self.domains = {}
        self.serial = int(time.time())
        now = datetime.datetime.utcnow()
        self.times = ["-i", f"{now - datetime.timedelta(days=700):%Y%m%d}", "-e", f"{now + datetime.timedelta(days=700):%Y%m%d}"]
        done = subprocess.run(["ldns-keygen", "-k", "-a", "ECDSAP256SHA256", PARENT], cwd=directory, check=True, capture_output=True,
                              text=True)
        key = directory / done.stdout.strip()
        self.suffix = key.name[key.name.index("+"):]
        self.private = key.with_name(key.name + ".private").read_text()
        flags, protocol, algorithm, public = re.search(r"DNSKEY\s+(\d+) (\d+) (\d+) (\S+)", key.with_name(key.name + ".key").read_text()).groups()
        self.dnskey = f"{flags} {protocol} {algorithm} {public}"
        self.rdata = struct.pack("!HBB", int(flags), int(protocol), int(algorithm)) + base64.b64decode(public)
        self.tag = int(self.suffix.rsplit("+", 1)[1])
        (directory / "anchor").write_text(f". 300 IN DNSKEY {self.dnskey}\n")
        self.servers = {}

    # --- texts ---

    def ds(self, name):
        return f"{self.tag} 13 2 {hashlib.sha256(wire(name) + self.rdata).hexdigest()}"

    def above(self):
        """The lines of the root and of the parent."""
        soa = f"SOA ns.nic.{PARENT}. hostmaster.{PARENT}. {self.serial} 3600 600 864000 60"
        root = ["$ORIGIN .", "$TTL 3600", f". {soa}", f". NS ns.nic.{PARENT}.", f"ns.nic.{PARENT}. A {world.ROOT_SERVER}",
                f"{PARENT}. NS ns.nic.{PARENT}.", f"{PARENT}. DS {self.ds(PARENT)}"]
        parent = [f"$ORIGIN {PARENT}.", "$TTL 300", f"@ {soa}", f"@ NS ns.nic.{PARENT}.", f"ns.nic A {world.ROOT_SERVER}",
                  *(f"{name}.nic A {address}" for name, address in world.SERVERS.items())]
        for one in self.domains.values():
            if one.name.count(".") == 1:
                parent += self.delegation(one)
        return root, parent

    def delegation(self, one):
        lines = [f"{one.name}. NS {server}.nic.{PARENT}." for server in one.servers]
        if one.signed:
            digest = self.ds(one.name)
            lines.append(f"{one.name}. DS " + (digest[:-8] + "00000000" if "DS" in one.bogus else digest))
        return lines

    def of(self, one):
        """The lines of a domain's zone."""
        lines = [f"$ORIGIN {one.name}.", f"$TTL {one.ttl}", f"@ SOA ns1.nic.{PARENT}. hostmaster.{PARENT}. {self.serial} 3600 600 864000 60",
                 *(f"@ NS {server}.nic.{PARENT}." for server in one.servers)]
        lines += [f"_mta-sts TXT {quoted(self.fill(one, text))}" for text in one.sts]
        lines += [f"_smtp._tls TXT {quoted(self.fill(one, text))}" for text in one.rpt]
        lines += [f"@ MX {one.text(record)}" for record in one.mx]
        for label in one.all_hosts:
            for address in self.addresses.of(one, label):
                lines.append(f"{label or '@'} {'AAAA' if ':' in address else 'A'} {address}")
        lines += [one.text(line).replace("{spki}", self.spki) for line in one.zone]
        for other in self.domains.values():  # zones below it
            if other.name.partition(".")[2] == one.name:
                lines += self.delegation(other)
        return lines

    @staticmethod
    def fill(one, text):
        return tuple(map(one.text, text)) if isinstance(text, tuple) else one.text(text)

    # --- files ---

    def sign(self, name, lines, path, bogus=()):
        """Writes a signed zone; the texts of BOGUS names are changed afterwards."""
        key = path.parent / f"K{name or '.'}{'.' if name else ''}{self.suffix}"
        key.with_name(key.name + ".key").write_text(f"{name}. IN DNSKEY {self.dnskey}\n")
        key.with_name(key.name + ".private").write_text(self.private)
        plain = path.with_name(path.name + ".plain")
        plain.write_text("\n".join(lines) + "\n")
        subprocess.run(["ldns-signzone", *self.times, "-o", name or ".", "-f", path, plain, key.name], cwd=path.parent, check=True,
                       capture_output=True)
        if bogus:
            text = path.read_text()
            for label in bogus:
                text, changed = re.subn(rf'^({re.escape(label)}\.{re.escape(name)}\.\s.*\sTXT\s+"v=\w+)', r"\1;forged", text, flags=re.M)
                assert changed, label
            path.write_text(text)

    def write(self, names):
        """The zones of these domains, for both servers, and those above."""
        self.serial += 1
        jobs = []
        for name in names:
            one = self.domains[name]
            bogus = tuple(label for label in one.bogus if label != "DS")
            for number, view in ((1, one), (2, one.changed(**one.second))):
                path = self.path(number, name)
                if one.broken:
                    path.unlink(missing_ok=True)
                elif number == 1 or one.second:
                    jobs.append((name, self.of(view), path, bogus))
                else:
                    path.unlink(missing_ok=True)
                    path.symlink_to(self.path(1, name))
        root, parent = self.above()
        jobs += [("", root, self.path(0, "root"), ()), (PARENT, parent, self.path(0, PARENT), ())]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for done in [pool.submit(self.sign, *job) for job in jobs]:
                done.result()

    def path(self, number, name):
        directory = self.directory / f"nsd{number}"
        directory.mkdir(exist_ok=True)
        return directory / f"{name}.zone"

    # --- servers ---

    def start(self):
        self.write(self.domains)
        self.nsd(0, world.ROOT_SERVER, ["root", PARENT])
        self.nsd(1, world.SERVERS["ns1"], self.domains)
        self.nsd(2, world.SERVERS["ns2"], [name for name, one in self.domains.items() if not one.lame])
        self.unbound("resolver", world.RESOLVER, ())
        lies = [one.text(record) for one in self.domains.values() for record in one.other_view]
        self.unbound("other", world.OTHER_RESOLVER, lies)
        for name, (_, address) in self.servers.items():
            self.wait(name, address)

    def nsd(self, number, address, zones):
        path = self.path(number, "x").parent
        text = (f'server:\n  ip-address: {address}\n  zonesdir: "{path}"\n  username: ""\n  chroot: ""\n  pidfile: "{path}/pid"\n  xfrdfile: "{path}/xfrd"\n  database: ""\n'
                f'  server-count: 1\n  zonelistfile: "{path}/list"\n  xfrdir: "{path}"\n  rrl-ratelimit: 0\n  hide-version: yes\n'
                f'remote-control:\n  control-enable: yes\n  control-interface: "{path}/control"\n')
        for zone in zones:
            text += f'zone:\n  name: "{"." if zone == "root" else zone}"\n  zonefile: "{zone}.zone"\n'
        (path / "conf").write_text(text)
        self.run(f"nsd{number}", ["nsd", "-d", "-c", path / "conf"], address)

    def unbound(self, name, address, lies):
        path = self.directory / name
        path.mkdir(exist_ok=True)
        (path / "hints").write_text(f". 3600 NS ns.nic.{PARENT}.\nns.nic.{PARENT}. 3600 A {world.ROOT_SERVER}\n")
        local = "".join(f"  local-data: '{record}'\n  local-zone: \"{record.split()[0]}\" typetransparent\n" for record in lies)
        (path / "conf").write_text(
            f'server:\n  interface: {address}\n  access-control: 0.0.0.0/0 allow\n  chroot: ""\n  username: ""\n  directory: "{path}"\n'
            f'  pidfile: "{path}/pid"\n  use-syslog: no\n  logfile: ""\n  verbosity: 0\n  num-threads: 1\n  do-ip6: no\n  root-hints: "{path}/hints"\n'
            f'  module-config: "iterator"\n  infra-host-ttl: 1\n  do-daemonize: no\n  msg-cache-size: 4m\n  rrset-cache-size: 8m\n{local}'
            f'remote-control:\n  control-enable: yes\n  control-use-cert: no\n  control-interface: "{path}/control"\n')
        self.run(name, ["unbound", "-d", "-c", path / "conf"], address)

    def run(self, name, command, address):
        with open(self.directory / f"{name}.log", "ab") as log:
            self.servers[name] = (subprocess.Popen([*DYING, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory),
                                  address)

    def wait(self, name, address, seconds=60):
        """Until it answers for a zone that it has."""
        zone = next(name for name, one in self.domains.items() if not one.lame) if name in ("nsd1", "nsd2") else ""
        query = b"\0\1\0\0\0\1\0\0\0\0\0\0" + wire(zone) + b"\0\6\0\1"  # SOA
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.1)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                process = self.servers[name][0]
                assert process.poll() is None, (self.directory / f"{name}.log").read_text()
                client.sendto(query, (address, 53))
                try:
                    if client.recv(4096):
                        return
                except OSError:
                    time.sleep(0.02)
        raise AssertionError(f"{name} does not answer: " + (self.directory / f"{name}.log").read_text())

    def reload(self, names):
        """What these domains are now, for everybody who asks from now on."""
        self.write(names)
        for number in (0, 1, 2):
            self.control("nsd-control", self.path(number, "conf").parent / "conf", "reload")
        serial, end = self.serial, time.monotonic() + 60
        for name in names:
            for server in ("ns1", "ns2"):
                if not self.domains[name].broken and not (server == "ns2" and self.domains[name].lame):
                    while self.soa(name, world.SERVERS[server]) != serial:
                        assert time.monotonic() < end, f"{name} is not new at {server}"
                        time.sleep(0.02)
        for name in ("resolver", "other"):
            self.control("unbound-control", self.directory / name / "conf", "flush_zone", ".")

    def soa(self, name, address):
        """The serial of a zone."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            try:
                client.sendto(b"\0\1\0\0\0\1\0\0\0\0\0\0" + wire(name) + b"\0\6\0\1", (address, 53))
                answer = client.recv(4096)
            except OSError:
                return None
        at = answer.find(struct.pack("!IIII", 3600, 600, 864000, 60))  # these numbers follow it
        return struct.unpack("!I", answer[at - 4:at])[0] if at > 0 else None

    def stop(self):
        for process, _ in self.servers.values():
            process.terminate()
        for process, _ in self.servers.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    @staticmethod
    def control(program, path, *words):
        subprocess.run([program, "-c", path, *words], check=True, capture_output=True, timeout=60)

