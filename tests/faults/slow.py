"""Many slow connections to one door, by epoll, from one thread.

SPDX-License-Identifier: MIT
"""
import collections
import select
import socket
import ssl
import time

# How a connection begins, and what it then sends, a byte now and then.
WAYS = {
    "https": {
        "nothing is said": (False, b"", b""),
        "slow TLS handshake": (False, b"\x16\x03\x01\x02\x00", b"\x01"),
        "slow headers": (True, b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nX-A: ", b"a"),
        "slow body": (True, b"POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" + b"a" * 4000, b"a"),
        "requests without end": (True, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    },
    "lmtp": {
        "nothing is said": (False, b"", b""),
        "slow command": (False, b"LHLO x\r\nMAIL", b"a"),
        "slow message": (False, b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n" + b"a" * 4000, b"a"),
        "commands without end": (False, b"LHLO x\r\n", b"NOOP\r\n"),
    },
}
DRIP_SECONDS = 3


def source_of(number):
    """Half of them from one address, the others each from its own."""
    return "127.8.8.8" if number % 2 else f"127.{1 + number // 62500 % 250}.{number // 250 % 250}.{1 + number % 250}"


class Slow:
    """One connection."""

    def __init__(self, where, number, context, begin, drip):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind((source_of(number), 0))
        self.socket.connect_ex(where)
        self.context, self.begin, self.drip = context, begin, drip
        self.state = "connecting"

    def step(self, counts):
        """After an event; False when it is over."""
        try:
            if self.state == "connecting":
                if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    counts["not accepted"] += 1
                    return False
                counts["opened"] += 1
                self.state = "shaking"
                if self.context:
                    self.socket = self.context.wrap_socket(self.socket, do_handshake_on_connect=False)
            if self.state == "shaking":
                if self.context:
                    self.socket.do_handshake()
                    counts["TLS done"] += 1
                self.socket.send(self.begin)
                self.state = "open"
            while self.socket.recv(4096):
                pass
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        except OSError:
            pass
        counts["closed by the service"] += self.state != "connecting"
        return False

    def send(self):
        if self.state == "open" and self.drip:
            try:
                self.socket.send(self.drip)
            except OSError:
                pass


def hold(address, way, count, seconds, worker, results):
    """Keeps COUNT connections for SECONDS; puts a Counter of what became of them."""
    tls, begin, drip = way
    host, _, port = address.rpartition(":")
    context = None
    if tls:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    poll, alive, counts = select.epoll(), {}, collections.Counter()
    number, end, dripped = worker * 1000003, time.monotonic() + seconds, time.monotonic()
    while time.monotonic() < end:
        for _ in range(min(200, count - len(alive))):
            number += 1
            try:
                slow = Slow((host, int(port)), number, context, begin, drip)
            except OSError:
                counts["not tried: no ports"] += 1
                break
            alive[slow.socket.fileno()] = slow
            poll.register(slow.socket.fileno(), select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
        for fd, _ in poll.poll(0.05, 1000):
            if fd in alive and not alive[fd].step(counts):
                poll.unregister(fd)
                alive.pop(fd).socket.close()
        counts["most at once"] = max(counts["most at once"], len(alive))
        if time.monotonic() - dripped > DRIP_SECONDS:
            dripped = time.monotonic()
            for slow in alive.values():
                slow.send()
    for slow in alive.values():
        slow.socket.close()
    results.put(counts)
