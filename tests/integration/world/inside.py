"""The process that is the test world: started by setup_world.py in a network namespace of its own, told
what to be by pickles on its standard input, and gone with everything it started when that ends.

SPDX-License-Identifier: MIT
"""
import ctypes
import ipaddress
import os
import pathlib
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from world import certificates, domain as plan, listeners, mail_hosts, names, policy_hosts, zones  # noqa: E402  pylint: disable=wrong-import-position

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")  # are here too, so that it can be seen that nobody comes


def network(addresses):
    """Every address of the plan is this machine's, but for those that are nobody's."""
    lines = ["link set lo up", *(f"route add local {part} dev lo" for part in
                                 ("192.0.2.0/25", "192.0.2.128/26", "192.0.2.192/27", *plan.NETWORKS[1:], *PRIVATE)),
             f"route add unreachable {plan.NOWHERE}"]
    lines += [f"addr add {address}/128 dev lo nodad" for address in sorted(addresses) if ":" in address and address != "::1"]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines).encode() + b"\n", check=True)


def limits_and_end():
    """Descriptors for all sockets; and the end of this process is the end of all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20000)), hard))
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class World:
    """All of it."""

    def __init__(self, directory, domains):
        self.addresses = plan.Addresses()
        self.domains = {one.name: one for one in domains}
        hosts = [host for one in domains for host in self.addresses.hosts(one)]
        network({host.address for host in hosts} | {"2001:db8::ffff:1", "fd00::1", "fe80::1"})
        authority = certificates.Authority()
        authority.write_root(directory / "root.pem")
        (directory / "hosts").mkdir()
        self.tls = listeners.Tls(authority, directory / "hosts")
        self.listen = listeners.Listeners()
        names.start()
        self.zones = zones.Zones(directory, self.addresses, authority.spki)
        self.zones.domains = self.domains
        for host in hosts:
            self.open(host)
        self.zones.start()

    def open(self, host):
        address = ipaddress.ip_address(host.address)
        if address.is_loopback or address in ipaddress.ip_network(plan.NOWHERE):
            return
        try:
            (policy_hosts if host.is_policy_host else mail_hosts).serve(self.listen, self.tls, host)
        except OSError as error:
            raise OSError(f"{host}: {error}") from error

    # --- what may be asked of it ---

    def change(self, one):
        """The domain is now so."""
        for host in self.addresses.hosts(self.domains[one.name]):
            self.listen.close(host.address)
        self.domains[one.name] = one
        hosts = list(self.addresses.hosts(one))
        new = [f"addr replace {host.address}/128 dev lo nodad" for host in hosts if ":" in host.address]
        subprocess.run(["ip", "-batch", "-"], input="\n".join(new).encode() + b"\n", check=True)
        for host in hosts:
            self.open(host)
        self.zones.reload([one.name])

    def certificate(self, kind, name):
        """The path of a PEM file with key and chain."""
        return str(self.tls.file(kind, name, name.partition(".")[2]))

    def spki(self):
        return self.zones.spki

    def addresses_of(self, name, label):
        return self.addresses.of(self.domains[name], label)

    @staticmethod
    def visits():
        """Of mail servers, since the last time that this was asked."""
        with mail_hosts.lock:
            seen = list(mail_hosts.visits)
            mail_hosts.visits.clear()
        return seen

    @staticmethod
    def expose(path, address, port):
        """A Unix socket that leads to a port in here."""
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen(50)
        threading.Thread(target=relay, args=(server, (address, port)), daemon=True).start()


def relay(server, target):
    """Each connection to SERVER goes on to TARGET (an address, or the path of a socket)."""
    while True:
        near, _ = server.accept()
        far = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
        try:
            far.connect(target)
        except OSError:
            near.close()
            continue
        threading.Thread(target=pump, args=(near, far), daemon=True).start()
        threading.Thread(target=pump, args=(far, near), daemon=True).start()


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def main():
    limits_and_end()
    commands, answers = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    directory, domains = pickle.load(commands)
    world = None

    def answer(work):
        try:
            result = ("done", work())
        except Exception as error:  # pylint: disable=broad-except
            result = ("failed", f"{type(error).__name__}: {error} {getattr(error, 'stderr', '') or ''}")
        pickle.dump(result, answers)
        answers.flush()

    def begin():
        nonlocal world
        world = World(pathlib.Path(directory), domains)

    answer(begin)
    while True:
        try:
            name, arguments = pickle.load(commands)
        except EOFError:
            if world:
                world.zones.stop()
            os._exit(0)
        answer(lambda: getattr(world, name)(*arguments))  # pylint: disable=cell-var-from-loop


if __name__ == "__main__":
    main()
