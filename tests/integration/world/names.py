"""Name servers with faults, in front of a good one: for what nsd is too good to do.

  tcp-only  answers by UDP that the answer is too large for it, and by TCP what nsd says
  servfail  good, and SERVFAIL for names that begin with `_mta-sts`
  nxdomain  says that `_tls.*` does not exist, below which there are names
  silent    takes every question and never answers

SPDX-License-Identifier: MIT
"""
import socket
import struct
import threading

from world import domain as world

def asked(message):
    """The name in the question, in lower case."""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1"))
        at += message[at] + 1
    return ".".join(labels).lower() + ".", at + 5


def answer_of(message, code=0, truncated=False):
    """Header and question alone."""
    flags = 0x8400 | (struct.unpack("!H", message[2:4])[0] & 0x0110) | (0x0200 if truncated else 0) | code
    return message[:2] + struct.pack("!HHHHH", flags, 1, 0, 0, 0) + message[12:asked(message)[1]]


def from_nsd(message):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(2)
        client.sendto(message, (world.SERVERS["ns1"], 53))
        return client.recv(65535)


def receive(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise OSError("ended")
        data += more
    return data


def from_nsd_by_tcp(message):
    with socket.create_connection((world.SERVERS["ns1"], 53), 2) as client:
        client.sendall(struct.pack("!H", len(message)) + message)
        return receive(client, struct.unpack("!H", receive(client, 2))[0])


def tcp_only(message, by_tcp):
    return from_nsd_by_tcp(message) if by_tcp else answer_of(message, truncated=True)


def faulty(label, code):
    """Good, but for names that begin with LABEL."""
    def answer(message, by_tcp):
        if asked(message)[0].startswith(label):
            return answer_of(message, code)
        return (from_nsd_by_tcp if by_tcp else from_nsd)(message)
    return answer


def serve_udp(server, answer):
    while True:
        message, sender = server.recvfrom(65535)
        if answer:
            try:
                server.sendto(answer(message, False), sender)
            except (OSError, IndexError, struct.error):
                pass


def serve_connection(connection, answer):
    with connection:
        connection.settimeout(10)
        try:
            while True:
                message = receive(connection, struct.unpack("!H", receive(connection, 2))[0])
                if answer:
                    reply = answer(message, True)
                    connection.sendall(struct.pack("!H", len(reply)) + reply)
        except (OSError, IndexError, struct.error):
            pass


def serve_tcp(server, answer):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve_connection, args=(connection, answer), daemon=True).start()


def start():
    for name, answer in (("tcp-only", tcp_only), ("servfail", faulty("_mta-sts.", 2)), ("nxdomain", faulty("_tls.", 3)), ("silent", None)):
        address = (world.SERVERS[name], 53)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(address)
        tcp = socket.create_server(address)
        threading.Thread(target=serve_udp, args=(udp, answer), daemon=True).start()
        threading.Thread(target=serve_tcp, args=(tcp, answer), daemon=True).start()
