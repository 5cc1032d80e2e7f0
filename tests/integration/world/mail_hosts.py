"""What the mail servers of the test world do: SMTP with STARTTLS on port 25 (RFC 3207), well or otherwise.

  good            greeting, EHLO, STARTTLS, handshake, EHLO, QUIT
  no-starttls     EHLO does not offer it
  stripped        offers XXXXXXXA instead, as a firewall does
  starttls N      answers the command with this code
  greeting N      answers the connection with this code; N may have a text
  ehlo N          answers EHLO with this code (and HELO with 250)
  tls old|1.2|1.3 only such versions
  alert, cut, garbage: an alert, the end, or no TLS at all, where the handshake should be
  inject          sends replies in the clear after STARTTLS' 220, in one piece with it
  long N          N lines of greeting; `endless`: a line that never ends
  drip SECONDS    a byte in each
  mute            takes the connection and says nothing; `mute-ehlo`, `mute-tls`: from there on
  refused, deaf   nobody listens; nobody answers

Every visit is remembered with its commands.

SPDX-License-Identifier: MIT
"""
import re
import ssl
import threading

from world import listeners

EXTENSIONS = ["PIPELINING", "SIZE 10240000", "STARTTLS", "8BITMIME"]
WORDS = {"good", "no-starttls", "stripped", "starttls", "greeting", "ehlo", "tls", "alert", "cut", "garbage", "inject", "long", "endless",
         "drip", "mute", "mute-ehlo", "mute-tls", "refused", "deaf"}

lock = threading.Lock()
visits = []  # (address, commands in the clear, commands within TLS)


def serve(listen, tls, host):
    """Begins to listen at the host's address."""
    if host.does == "deaf":
        listen.deaf(host.address, 25)
    elif host.does != "refused":
        listen.serve(host.address, 25, lambda connection: Session(tls, host, connection).run())


class Session:
    """One connection."""

    def __init__(self, tls, host, connection):
        self.tls, self.host, self.connection = tls, host, connection
        self.word, _, self.argument = host.does.partition(" ")
        self.clear, self.within = [], []
        self.buffer = b""

    def run(self):
        try:
            self.converse()
        finally:
            with lock:
                visits.append((self.host.address, self.clear, self.within))

    def say(self, code, *lines):
        lines = lines or ("so it is",)
        text = "".join(f"{code}{'-' if number < len(lines) - 1 else ' '}{line}\r\n" for number, line in enumerate(lines)).encode()
        if self.word == "drip":
            listeners.drip(self.connection, text, float(self.argument))
        else:
            self.connection.sendall(text)

    def line(self):
        """The next command; None at the end."""
        while b"\n" not in self.buffer:
            more = self.connection.recv(4096)
            if not more or len(self.buffer) > 10000:
                return None
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode("latin-1").strip()

    def greet(self):
        if self.word == "mute":
            listeners.wait_for_end(self.connection)
            return False
        if self.word == "endless":
            for _ in range(10000):
                self.connection.sendall(b"220-" + b"x" * 996)
            return False
        if self.word == "long":
            self.say(220, *[f"{self.host.name} line {number}" for number in range(int(self.argument))], f"{self.host.name} ESMTP")
        elif self.word == "greeting":
            code, _, text = self.argument.partition(" ")
            self.say(int(code), text or f"{self.host.name} not now")
        else:
            self.say(220, f"{self.host.name} ESMTP")
        return True

    def converse(self):
        if not self.greet():
            return
        commands, offered = self.clear, [*EXTENSIONS]
        if self.word == "no-starttls":
            offered.remove("STARTTLS")
        if self.word == "stripped":
            offered[offered.index("STARTTLS")] = "XXXXXXXA"
        while (line := self.line()) is not None:
            commands.append(line)
            verb = line.upper().split(" ")[0]
            if verb == "EHLO" and self.word == "mute-ehlo":
                listeners.wait_for_end(self.connection)
                return
            if verb == "EHLO" and self.word == "ehlo":
                self.say(int(self.argument), "no")
            elif verb in ("EHLO", "HELO") and not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", line[5:]):
                self.say(501, "a name, please")
            elif verb == "EHLO":
                self.say(250, self.host.name, *offered)
            elif verb == "HELO":
                self.say(250, self.host.name)
            elif verb == "STARTTLS" and "STARTTLS" in offered:
                if not self.starttls():
                    return
                commands, offered = self.within, [one for one in offered if one != "STARTTLS"]
            elif verb == "QUIT":
                self.say(221, "bye")
                return
            else:
                self.say(502, "not here")

    def starttls(self):
        """True: go on, within TLS or without."""
        if self.word == "starttls":
            self.say(int(self.argument), "not now")
            return True
        if self.word == "inject":
            self.connection.sendall(b"220 go ahead\r\n250-injected.example\r\n250 STARTTLS\r\n")
        else:
            self.say(220, "go ahead")
        if self.word == "mute-tls":
            listeners.wait_for_end(self.connection)
            return False
        if self.word in ("alert", "garbage"):
            self.connection.recv(4096)
            self.connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28" if self.word == "alert" else b"500 what was that?\r\n" * 20)
        if self.word in ("alert", "garbage", "cut"):
            return False
        self.connection = listeners.shake_hands(
            self.connection, self.tls.of(self.host, self.argument if self.word == "tls" else ""))
        self.buffer = b""
        return True
