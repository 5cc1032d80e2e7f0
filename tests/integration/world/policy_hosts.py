"""What the policy hosts of the test world do: HTTPS on 443 (RFC 8461 section 3.3), well or otherwise.

What a host does is a word, maybe with an argument:

  good            the policy, as it should be
  status N        another status; `status 200 BODY` with another text
  redirect URL    301
  type T, no-type another Content-Type, or none
  gzip            compressed, though nobody asked
  chunked, http10, early (103 before it), cut (ends before its length)
  length N        a policy of so many bytes; `stream N` the same by chunks, without a length
  drip SECONDS    a byte in each; `late SECONDS` all of it after these
  mute            takes the request and answers nothing
  browsers        403 to whoever is no browser; `html-robots` a page to whoever is no browser
  block WORD      403 to whoever has this word in its User-Agent; `block none`: to whoever has no User-Agent
  html            a page with status 200
  login, cookie, client-certificate
                  401 with WWW-Authenticate; the policy with Set-Cookie; a
                  certificate is wanted
  no-head         405 to HEAD
  path P          404 but at the path P; `policy …` another policy at this address
  misdirected     421
  tls old|1.2|1.3 only such versions; `alert`: no handshake; `plain`: HTTP without TLS on 443
  http            no 443, the policy on 80; `port N`: on another port
  refused, deaf   nobody listens; nobody answers

SPDX-License-Identifier: MIT
"""
import gzip
import ssl
import time

from world import listeners

PATH = "/.well-known/mta-sts.txt"
REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 421: "Misdirected Request", 500: "Internal Server Error", 503: "Service Unavailable"}
PAGE = b"<!DOCTYPE html><html><head><title>Checking your browser</title></head><body>Please enable JavaScript.</body></html>\n"


def serve(listen, tls, host):
    """Begins to listen at the host's address."""
    word, _, argument = host.does.partition(" ")

    def secure(connection):
        with listeners.shake_hands(connection, tls.of(host, {"tls": argument, "client-certificate": word}.get(word, ""))) as wrapped:
            converse(wrapped, host, word, argument)

    def plain(connection):
        converse(connection, host, "good" if word == "http" else word, argument)

    if word == "refused":
        return
    if word == "deaf":
        listen.deaf(host.address, 443)
        return
    if word == "http":
        listen.serve(host.address, 80, plain)
        return
    if word == "alert":
        listen.serve(host.address, 443, refuse_handshake)
    elif word == "plain":
        listen.serve(host.address, 443, refuse_request)
    else:
        listen.serve(host.address, int(argument) if word == "port" else 443, secure)


def refuse_handshake(connection):
    connection.recv(4096)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # handshake_failure


def refuse_request(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def request_of(connection):
    """(method, path, headers) of a request; None at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more or len(data) > 100000:
            return None
        data += more
    head, *lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, path, _ = (head.split(" ") + ["", ""])[:3]
    return method, path, {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def converse(connection, host, word, argument):
    while True:
        request = request_of(connection)
        if not request:
            return
        if not answer(connection, host, word, argument, request):
            break
    if isinstance(connection, ssl.SSLSocket):
        try:
            connection.unwrap().close()
        except OSError:
            pass


def answer(connection, host, word, argument, request):
    """One request; False: the connection ends with it."""
    method, path, headers = request
    if headers.get("host", "").lower() not in (host.policy_name, f"{host.policy_name}:443"):
        return send(connection, method, 421, b"Not here.\n")
    if path != (argument if word == "path" else PATH):
        return send(connection, method, 404, b"Nothing here.\n")
    if method not in ("GET", "HEAD"):
        return send(connection, method, 405, b"", {"Allow": "GET, HEAD"})
    if word == "mute":
        listeners.wait_for_end(connection)
        return False
    faults = FAULTS.get(word)
    if faults:
        return faults(connection, host, argument, request)
    return send(connection, method, 200, host.policy)


def send(connection, method, status, body, more=None, version="1.1", kind="text/plain"):
    fields = {"Content-Type": kind, "Content-Length": str(len(body)), "Server": "world", **(more or {})}
    head = f"HTTP/{version} {status} {REASONS.get(status, 'Status')}\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    connection.sendall(head.encode() + b"\r\n" + (b"" if method == "HEAD" else body))
    return version == "1.1" and fields["Content-Length"] is not None


# --- faults: each answers one request ---

def is_browser(request):
    return "Mozilla" in request[2].get("user-agent", "")


def status(connection, host, argument, request):
    number, _, body = argument.partition(" ")
    return send(connection, request[0], int(number), body.encode() or (host.policy if number == "200" else b"Sorry.\n"))


def redirect(connection, _, argument, request):
    return send(connection, request[0], 301, b"", {"Location": argument})


def kind(connection, host, argument, request):
    return send(connection, request[0], 200, host.policy, kind=argument)


def no_type(connection, host, _, request):
    return send(connection, request[0], 200, host.policy, kind=None)


def compressed(connection, host, _, request):
    return send(connection, request[0], 200, gzip.compress(host.policy), {"Content-Encoding": "gzip"})


def chunked(connection, host, _, request, chunks=None):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    if request[0] != "HEAD":
        half = len(host.policy) // 2
        for chunk in chunks or (host.policy[:half], host.policy[half:]):
            connection.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
    return True


def http10(connection, host, _, request):
    return send(connection, request[0], 200, host.policy, {"Content-Length": None}, version="1.0")


def early(connection, host, _, request):
    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
    return send(connection, request[0], 200, host.policy)


def cut(connection, host, _, request):
    send(connection, request[0], 200, host.policy, {"Content-Length": str(len(host.policy) + 100)})
    return False


def of_length(policy, length):
    """The policy, with fields that nobody knows up to LENGTH bytes."""
    line = b"comment: " + b"x" * 989 + b"\r\n"
    missing = length - len(policy)
    body = line * (missing // len(line))
    rest = missing - len(body)
    return policy + body + (b"rest: " + b"x" * (rest - 8) + b"\r\n" if rest >= 9 else b"x" * rest)


def length(connection, host, argument, request):
    return send(connection, request[0], 200, of_length(host.policy, int(argument)))


def stream(connection, host, argument, request):
    body = of_length(host.policy, int(argument))
    return chunked(connection, host, "", request, [body[at:at + 8192] for at in range(0, len(body), 8192)])


def dripping(connection, host, argument, request):
    send(connection, "HEAD", 200, host.policy)
    if request[0] != "HEAD":
        listeners.drip(connection, host.policy, float(argument))
    return True


def late(connection, host, argument, request):
    time.sleep(float(argument))
    return send(connection, request[0], 200, host.policy)


def browsers(connection, host, _, request):
    return send(connection, request[0], 200, host.policy) if is_browser(request) else send(connection, request[0], 403, b"Denied.\n")


def html_robots(connection, host, _, request):
    return send(connection, request[0], 200, host.policy) if is_browser(request) else send(connection, request[0], 200, PAGE, kind="text/html")


def block(connection, host, argument, request):
    client = request[2].get("user-agent", "")
    blocked = not client if argument == "none" else argument in client
    return send(connection, request[0], 403, b"Denied.\n") if blocked else send(connection, request[0], 200, host.policy)


def html(connection, _host, _, request):
    return send(connection, request[0], 200, PAGE, kind="text/html; charset=utf-8")


def login(connection, _host, _, request):
    return send(connection, request[0], 401, b"Who are you?\n", {"WWW-Authenticate": 'Basic realm="policies"'})


def cookie(connection, host, _, request):
    return send(connection, request[0], 200, host.policy, {"Set-Cookie": "session=1; Secure"})


def no_head(connection, host, _, request):
    return send(connection, request[0], 405, b"") if request[0] == "HEAD" else send(connection, request[0], 200, host.policy)


def misdirected(connection, _host, _, request):
    return send(connection, request[0], 421, b"Not here.\n")


FAULTS = {"status": status, "redirect": redirect, "type": kind, "no-type": no_type, "gzip": compressed, "chunked": chunked,
          "http10": http10, "early": early, "cut": cut, "length": length, "stream": stream, "drip": dripping, "late": late,
          "browsers": browsers, "block": block, "html-robots": html_robots, "html": html, "login": login, "cookie": cookie, "no-head": no_head,
          "misdirected": misdirected}
WORDS = {*FAULTS, "good", "client-certificate", "mute", "path", "tls", "alert", "plain", "http", "port", "refused", "deaf"}
