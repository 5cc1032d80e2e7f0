"""A mail server that does not answer ends `summary --mail` after smtp.timeout_seconds, wherever it falls silent.

SPDX-License-Identifier: MIT
"""
import contextlib
import socket
import threading

import pytest


def converse(connection, silent):
    """SMTP without TLS until the client says SILENT; "." is the end of the mail. From then on nothing."""
    with contextlib.suppress(OSError), connection.makefile("rb") as lines:
        connection.sendall(b"220 mx.example\r\n")
        data = False
        for line in lines:
            word = line.strip().upper()[:4].decode()
            if word == silent:
                lines.read()
                return
            data = (data or word == "DATA") and word != "."
            connection.sendall(b"" if data and word != "DATA" else b"354 go on\r\n" if data else b"250 fine\r\n")


@contextlib.contextmanager
def server(silent):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        converse(connection, silent)

        threading.Thread(target=serve, daemon=True).start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("silent, code", [("EHLO", 75), ("RCPT", 75), ("DATA", 75), (".", 75), ("QUIT", 0)])
def test_silent(tlsrptd, silent, code):
    with server(silent) as url:
        smtp = {"url": url, "from": "tlsrptd@x.example", "to": ["somebody@x.example"], "timeout_seconds": 1}
        done = tlsrptd.run("summary", "--mail", check=False, timeout=60, settings={"smtp": smtp})
    assert done.returncode == code, done.stderr
