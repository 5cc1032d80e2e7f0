"""Between tlsrptd and PostgreSQL: a proxy that understands the protocol just enough to lose what matters.

SPDX-License-Identifier: MIT
"""
import random
import socket
import struct
import threading


class Proxy:
    """Listens on loopback, passes on to PostgreSQL's Unix socket. While `cutting` is a number, each COMMIT is
    cut with that probability: either it never arrives, or its answer never does."""

    def __init__(self, upstream, seed):
        self.upstream, self.rng, self.cutting = str(upstream), random.Random(seed), 0.0
        self.cut = {"request lost": 0, "answer lost": 0}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.upstream)
            threading.Thread(target=self.back, args=(server, client), daemon=True).start()
            self.forth(client.makefile("rb"), client, server)
        except (OSError, struct.error):
            pass
        finally:
            cut_off(client)
            cut_off(server)

    def forth(self, source, client, server):
        """From tlsrptd, message by message; ends when a connection does, or is cut."""
        size = source.read(4)
        server.sendall(size + source.read(struct.unpack("!I", size)[0] - 4))  # the startup packet
        while True:
            head = source.read(5)
            body = source.read(struct.unpack("!I", head[1:])[0] - 4)
            if head[:1] == b"Q" and body.startswith(b"COMMIT") and self.rng.random() < self.cutting:
                if self.rng.random() < 0.3:
                    self.cut["request lost"] += 1
                    return
                self.cut["answer lost"] += 1
                cut_off(client)  # before the answer can come
                server.sendall(head + body)
                server.sendall(b"X\0\0\0\4")  # ends the session behind the COMMIT
                server.settimeout(10)
                while server.recv(65536):
                    pass
                return
            server.sendall(head + body)

    @staticmethod
    def back(server, client):
        try:
            while data := server.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        cut_off(client)

    def close(self):
        self.listener.close()


def cut_off(connection):
    """At once, whatever is under way."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
