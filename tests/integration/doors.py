"""Clients of the doors: an LMTP session byte by byte, and a POST.

SPDX-License-Identifier: MIT
"""
import re
import socket
import time
import warnings

import requests
import urllib3


def until(true, seconds=60):
    """Waits for a condition; fails when it does not come true in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def post(url, body, media="application/tlsrpt+gzip", **headers):
    """POSTs a report; senders may ignore certificate errors (RFC 8460 section 5.4), and so do we."""
    fields = {"Content-Type": media, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        return requests.post(url, data=body, headers=fields, verify=False, timeout=60)


def stuffed(message):
    """A message as it goes over the wire: CRLF, dots doubled, final dot (RFC 5321 section 4.5.2)."""
    lines = re.sub(rb"\r?\n", b"\r\n", message).split(b"\r\n")
    if lines and lines[-1] == b"":
        lines.pop()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


class Lmtp:
    """One session; ADDRESS is "host:port" or "unix:/path"."""

    def __init__(self, address, timeout=60):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(address.removeprefix("unix:"))
        else:
            host, _, port = address.rpartition(":")
            self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout)
        self.lines = self.socket.makefile("rb")
        self.greeting = self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def fileno(self):
        """For select()."""
        return self.socket.fileno()

    def write(self, data):
        self.socket.sendall(data)

    def reply(self):
        """The next reply, its lines joined by LF; "" when the other side hung up."""
        lines = []
        while True:
            line = self.lines.readline().decode("ascii").rstrip("\r\n")
            lines.append(line)
            if line[3:4] != "-":
                return "\n".join(lines)

    def command(self, line):
        self.write(line.encode("utf-8") + b"\r\n")
        return self.reply()

    def hello(self):
        reply = self.command("LHLO client.example")
        assert reply.startswith("250"), reply
        return reply

    def send(self, message, recipients=("tlsrpt@receiver.example",), sender=""):
        """The replies after the final dot, one for each recipient."""
        assert self.command(f"MAIL FROM:<{sender}>").startswith("250")
        for recipient in recipients:
            assert self.command(f"RCPT TO:<{recipient}>").startswith("250")
        assert self.command("DATA").startswith("354")
        self.write(stuffed(message))
        return [self.reply() for _ in recipients]
