"""Sockets of the test world: one for each port of each address, a thread for each connection, and
TLS as each host does it.

SPDX-License-Identifier: MIT
"""
import hashlib
import selectors
import socket
import ssl
import struct
import threading
import time

TIMEOUT = 60  # of a client that does nothing


class Listeners:
    """serve(address, port, speak): speak(connection) has a thread of its own."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.held = {}
        self.lock = threading.Lock()
        threading.Thread(target=self.run, daemon=True).start()

    def serve(self, address, port, speak):
        with self.lock:
            server = listening(address, port)
            server.setblocking(False)
            self.held.setdefault(address, []).append(server)
        self.selector.register(server, selectors.EVENT_READ, speak)

    def deaf(self, address, port):
        """Whoever connects waits: the queue of connections is full, and nobody takes one."""
        server = listening(address, port, backlog=0)
        held = [server]
        for _ in range(4):
            client = socket.socket(server.family)
            client.setblocking(False)
            client.connect_ex((address, port))
            held.append(client)
        with self.lock:
            self.held.setdefault(address, []).extend(held)

    def close(self, address):
        with self.lock:
            held = self.held.pop(address, [])
        for one in held:
            try:
                self.selector.unregister(one)
            except (KeyError, ValueError):
                pass
            one.close()

    def run(self):
        while True:
            for key, _ in self.selector.select(0.5):
                try:
                    connection, _ = key.fileobj.accept()
                except OSError:
                    continue
                threading.Thread(target=self.converse, args=(connection, key.data), daemon=True).start()

    @staticmethod
    def converse(connection, speak):
        connection.settimeout(TIMEOUT)
        try:
            with connection:
                speak(connection)
        except (OSError, ValueError):  # the client went
            pass


def listening(address, port, backlog=100):
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(backlog)
    return server


def reset(connection):
    """Ends it as a crash does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def wait_for_end(connection):
    """Says nothing until the client has gone."""
    while connection.recv(65536):
        pass


def drip(connection, data, seconds):
    """A byte now and then."""
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(seconds)


def shake_hands(connection, context):
    """The connection within TLS. After a failure the client hears why: what it still sends is read, so that no reset overtakes the alert."""
    wrapped = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
    try:
        wrapped.do_handshake()
        return wrapped
    except OSError:
        plain = socket.socket(fileno=wrapped.detach())
        plain.settimeout(2)
        with plain:
            plain.shutdown(socket.SHUT_WR)
            wait_for_end(plain)
        raise


class Tls:
    """Server contexts by what a host shows; made when they are first needed."""

    def __init__(self, authority, directory):
        self.authority = authority
        self.directory = directory
        self.made = {}
        self.lock = threading.Lock()

    def of(self, host, versions=""):
        with self.lock:
            key = (host.certificate, host.name, versions)
            if key not in self.made:
                self.made[key] = self.context(host, versions)
            return self.made[key]

    def file(self, kind, name, domain):
        path = self.directory / (hashlib.sha256(f"{kind} {name}".encode()).hexdigest()[:20] + ".pem")
        if not path.exists():
            self.authority.write(kind, name, domain, path)
        return path

    def context(self, host, versions):
        """A kind "A but B by name": A for whoever does not send the name (SNI), B for who does."""
        kind, _, by_name = host.certificate.partition(" but ")
        context = plain_context(self.file(kind, host.name, host.domain), versions)
        if by_name or kind == "good":
            named = plain_context(self.file(by_name.removesuffix(" by name") or kind, host.name, host.domain), versions)

            def choose(connection, name, _):
                if name and name.lower() == host.name:
                    connection.context = named
            context.sni_callback = choose
        return context


def plain_context(path, versions=""):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # old keys and digests are a test's business
    context.minimum_version, context.maximum_version = {
        "": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
        "old": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1),
        "1.2": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
        "client-certificate": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
        "1.3": (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
    }[versions]
    context.load_cert_chain(path)
    if versions == "client-certificate":
        context.verify_mode = ssl.CERT_REQUIRED
    return context
