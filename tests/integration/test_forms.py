"""Forms that change something: they do what they say, for who may, and for nobody else. The failures of a domain that are
acknowledged on its page are the example.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import html
import re
import time

import pytest
import requests
from conftest import Tlsrptd
from doors import until
from test_verdict import MX, TOKEN, World, policy, send, stored

KIND = "application/x-www-form-urlencoded"
PASSWORD = "correct horse"
DOMAIN = "a.example"
RESULT = "certificate-not-trusted"
OPEN = {"web": {"changes_without_login": True}}


def entry(tlsrptd, name):
    return tlsrptd.run("user", name, input=PASSWORD + "\n").stdout.strip()


def fill(service):
    world = World()
    world.clean(DOMAIN, 30, 100)
    world.add(20, "Elsewhere", policy(DOMAIN, failures=[(RESULT, MX[0], 900, None)]))
    world.add(20, "Farther", policy(DOMAIN, failures=[("certificate-expired", MX[1], 900, None)]))
    send(service, world.reports())


class Browser:
    """Who looks at the page of one service, and sends its forms."""

    def __init__(self, service, user=None, **headers):
        self.service, self.headers = service, {name.replace("_", "-"): value for name, value in headers.items()}
        self.auth = (user, PASSWORD) if user else None
        self.url = f"{service.web}/domains/{DOMAIN}"

    def page(self):
        answer = requests.get(self.url, auth=self.auth, headers=self.headers, timeout=60)
        assert answer.status_code == 200
        return answer.text

    def forms(self):
        """The fields of each form of the page that changes something."""
        return [{name: html.unescape(value) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', form)}
                for form in re.findall(r'<form class="entry" method="post".*?</form>', self.page(), re.S)]

    def form(self, kind="acknowledge", result=RESULT):
        return next(form for form in self.forms() if form["kind"] == kind and form["result"] == result)

    def post(self, data, **headers):
        fields = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return requests.post(self.url, data=data, auth=self.auth, headers=fields, timeout=60, allow_redirects=False)


def acks(database):
    return database.query("SELECT mx, result, note, who FROM ledger.verdict_ack ORDER BY mx")


@pytest.fixture(scope="module")
def running(postgres_server, migrated, certificate, tmp_path_factory):
    """(service that asks for a log-in, database)"""
    postgres_server.ensure()
    database = postgres_server.create(migrated.name)
    program = Tlsrptd(database, tmp_path_factory.mktemp("forms"), *certificate)
    web = {"users": [entry(program, "anna"), entry(program, "bert")], "trusted_proxies": ["127.0.0.1"], "login_failures_per_client": 1000}
    with program.serve(tokens=[TOKEN], settings={"web": web}) as service:
        fill(service)
        until(lambda: stored(database, DOMAIN) == [("testing", "not-yet")])
        yield service, database
    postgres_server.drop(database)


@pytest.fixture
def service(running):
    """The service; nothing was acknowledged before, and nothing must be afterwards unless the test took it back."""
    yield running[0]
    assert acks(running[1]) == []


def test_acknowledge_and_withdraw(running):
    """What the command does: noted with who and when, shown to all, and the verdict follows; and back."""
    service, database = running
    anna, bert = Browser(service, "anna"), Browser(service, "bert")
    for result in RESULT, "certificate-expired":
        answer = anna.post({**anna.form(result=result), "note": " Their <root> certificates\r\nare of 2015 \u00e9"}, Sec_Fetch_Site="same-origin")
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"] == f"/domains/{DOMAIN}#verdict" and answer.text == ""
        assert answer.headers["Cache-Control"] == "no-store"
    assert acks(database) == [(MX[0], RESULT, "Their <root> certificates\nare of 2015 \u00e9", "anna"),
                              (MX[1], "certificate-expired", "Their <root> certificates\nare of 2015 \u00e9", "anna")]
    service.wait_for(rf"^acknowledged .*domain={DOMAIN} .*result={RESULT} .*user=anna")
    until(lambda: stored(database, DOMAIN) == [("testing", "ready-limited")])
    page = bert.page()
    shown = page[page.index('id="acknowledged"'):]
    assert "Their &lt;root&gt; certificates\nare of 2015 \u00e9" in shown and ">(anna, <time" in shown
    for result in RESULT, "certificate-expired":
        assert bert.post(bert.form("withdraw", result)).status_code == 303
    assert acks(database) == []
    until(lambda: stored(database, DOMAIN) == [("testing", "not-yet")])
    assert 'id="acknowledged"' not in bert.page()


def test_fault_keeps_what_was_typed(service):
    """A note is needed and bounded; what was typed stands in the form again, and only there."""
    anna = Browser(service, "anna")
    for note, says in (" \r\n ", "note must not be empty"), ("x<" * 251, "note is longer than 500 bytes"):
        answer = anna.post({**anna.form(), "note": note})
        assert answer.status_code == 422 and f"Nothing was changed: {says}" in answer.text
        areas = re.findall(r"<details( open)?><summary>Do not wait.*?<textarea[^>]*>(.*?)</textarea>", answer.text, re.S)
        assert sorted((bool(shown), html.unescape(text)) for shown, text in areas) == [(False, ""), (True, note.replace("\r\n", "\n"))]
        assert len(re.findall(r'name="token" value="[0-9a-f]{64}"', answer.text)) == 2


def test_no_token(service):
    """Without a token, with an old, a damaged or somebody else's nothing changes."""
    anna, bert = Browser(service, "anna"), Browser(service, "bert")
    form = {**anna.form(), "note": "mine"}
    wrong = [form["token"][:-1] + ("0" if form["token"][-1] != "0" else "1"), "", "x" * 64, bert.form()["token"]]
    for data in [{name: value for name, value in form.items() if name != "token"}, *({**form, "token": token} for token in wrong)]:
        unknown = anna.post(data)
        assert unknown.status_code == 403 and "mine" not in unknown.text
        # The browser vouches for where it comes from: then nothing that was typed is lost.
        ours = anna.post(data, Sec_Fetch_Site="same-origin")
        assert ours.status_code == 403 and ">mine</textarea>" in ours.text and "opened too long ago" in ours.text


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "none"}, {"Origin": "http://127.0.0.1:1"},
])
def test_other_site(service, headers):
    """Even with a good token: another site's page had the browser send it."""
    anna = Browser(service, "anna")
    answer = anna.post({**anna.form(), "note": "from elsewhere"}, **headers)
    assert answer.status_code == 403 and "Sent from another site" in answer.text and "from elsewhere" not in answer.text


def test_our_own_origin(service):
    anna = Browser(service, "anna")
    answer = anna.post({**anna.form(), "note": ""}, Origin=service.web)
    assert answer.status_code == 422  # so far it came; the note is missing


def test_log_in_first(service):
    """Nobody, a wrong password, and who is not asked for one elsewhere."""
    form = {**Browser(service, "anna").form(), "note": "x"}
    assert Browser(service).post(form).status_code == 401
    wrong = requests.post(f"{service.web}/domains/{DOMAIN}", data=form, auth=("anna", "wrong"), timeout=60)
    assert wrong.status_code == 401


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_change_nothing(service, method):
    anna = Browser(service, "anna")
    form = {**anna.form(), "note": "x"}
    answer = requests.request(method, anna.url, params=form, auth=anna.auth, timeout=60)
    assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)
    if method in ("PUT", "DELETE", "PATCH"):
        assert answer.headers["Allow"] == "GET, HEAD, POST"
        assert requests.request(method, anna.url, data=form, auth=anna.auth, timeout=60).status_code == 405


def test_only_pages_that_take_forms(service):
    anna = Browser(service, "anna")
    form = {**anna.form(), "note": "x"}
    for path in "/", "/mx", "/reports", f"/api/v1/domains/{DOMAIN}", f"/api/v1/domains/{DOMAIN}/verdict", "/healthz", "/metrics", "/nothing":
        answer = requests.post(service.web + path, data=form, auth=anna.auth, timeout=60)
        assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD", path


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/json", KIND + "; charset=utf-16", ""])
def test_other_types(service, kind):
    anna = Browser(service, "anna")
    body = "&".join(f"{name}={value}" for name, value in {**anna.form(), "note": "x"}.items())
    assert anna.post(body, Content_Type=kind).status_code == 415


@pytest.mark.parametrize("change", [
    lambda body: body + "&note=y", lambda body: body + "&note", lambda body: body + "%", lambda body: body + "%00",
    lambda body: body + "%ff", lambda body: body + "&" + "&".join(f"f{i}=x" for i in range(70)), lambda body: body + "&" + "n" * 100 + "=x",
])
def test_damaged(service, change):
    anna = Browser(service, "anna")
    body = requests.models.RequestEncodingMixin._encode_params({**anna.form(), "note": "x"})  # pylint: disable=protected-access
    assert anna.post(change(body), Content_Type=KIND).status_code == 400


def test_huge(service):
    """The body is bounded, with its length told and without, and whoever sends it."""
    anna = Browser(service, "anna")
    form = {**anna.form(), "note": "x" * 70000}
    answer = anna.post(form)
    assert answer.status_code == 413 and "64 KiB" in answer.text
    chunks = requests.models.RequestEncodingMixin._encode_params(form).encode()  # pylint: disable=protected-access
    assert anna.post(iter([chunks[:40000], chunks[40000:]]), Content_Type=KIND).status_code == 413


@pytest.mark.parametrize("change, status", [
    ({"kind": "other"}, 422), ({"result": "no-such-result"}, 422), ({"mx": "mx9.a.example"}, 422), ({"until": "2020-01-01"}, 422),
    ({"until": ""}, 422), ({"kind": "withdraw"}, 303),
])
def test_what_is_not_there(service, change, status):
    """Another failure than the page has, or one that has come again since; taking back what is not there is in order."""
    anna = Browser(service, "anna")
    answer = anna.post({**anna.form(), "note": "x", **change})
    assert answer.status_code == status
    assert "come again since" in answer.text or "until" not in change


def test_other_domain(service):
    anna = Browser(service, "anna")
    form = anna.form()
    for name in "nobody.example", "a b":
        answer = requests.post(f"{service.web}/domains/{name}", data={**form, "note": "x"}, auth=anna.auth, timeout=60)
        assert answer.status_code == 404


def test_nobody_logs_in_and_nobody_may(tlsrptd):
    """As installed: behind a proxy on this machine that does not say so may be anybody."""
    with tlsrptd.serve(tokens=[TOKEN]) as service:
        fill(service)
        local = Browser(service)
        assert local.forms() == []
        answer = local.post({"kind": "acknowledge", "mx": MX[0], "result": RESULT, "note": "x"}, Sec_Fetch_Site="same-origin")
        assert answer.status_code == 403 and "web.changes_without_login" in answer.text
        assert acks(tlsrptd.database) == []


def test_nobody_logs_in(tlsrptd):
    """On loopback, where nobody has to: who is on this machine may if the operator says so, but nobody who comes by way of a proxy, and
    no other site."""
    with tlsrptd.serve(tokens=[TOKEN], settings=OPEN) as service:
        fill(service)
        local = Browser(service)
        form = {**local.form(), "note": "x"}
        for header in "X-Forwarded-For", "Forwarded", "Via":
            proxied = Browser(service, **{header: "192.0.2.1"})
            assert proxied.forms() == [] and proxied.post(form).status_code == 403
        assert local.post(form, Origin="https://evil.example").status_code == 403
        assert local.post(form, Host="evil.example").status_code == 421
        assert acks(tlsrptd.database) == []
        assert local.post(form).status_code == 303
        assert acks(tlsrptd.database) == [(MX[0], RESULT, "x", "")]
        assert "(somebody on this machine, " in local.page()
        # It holds until it recurs, and the page says that it did.
        again = World()
        again.add(19, "Elsewhere", policy(DOMAIN, failures=[(RESULT, MX[0], 900, None)]))
        send(service, again.reports())
        until(lambda: "has come again since" in local.page())
        stale = local.post(form)
        assert stale.status_code == 422 and "come again since this page was opened" in stale.text and ">x</textarea>" in stale.text


def test_restarted(tlsrptd):
    """A page of before the service was started anew: its form is told of, not taken."""
    with tlsrptd.serve(tokens=[TOKEN], settings=OPEN) as service:
        fill(service)
        form = {**Browser(service).form(), "note": "typed before"}
    with tlsrptd.serve(settings=OPEN) as service:
        answer = Browser(service).post(form, Sec_Fetch_Site="same-origin")
        assert answer.status_code == 403 and ">typed before</textarea>" in answer.text
        assert acks(tlsrptd.database) == []


def test_database_away(tlsrptd, postgres):
    """What was typed can be sent again when the database is back."""
    with tlsrptd.serve(tokens=[TOKEN], settings=OPEN) as service:
        fill(service)
        local = Browser(service)
        form = {**local.form(), "note": "typed <meanwhile>"}
        postgres.stop()
        answer = local.post(form, Sec_Fetch_Site="same-origin")
        assert answer.status_code == 503 and 'value="typed &lt;meanwhile&gt;"' in answer.text and "Retry-After" in answer.headers
        postgres.start()
        again = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', answer.text)}
        end = time.monotonic() + 60
        while (answer := local.post(again)).status_code == 503 and time.monotonic() < end:
            time.sleep(0.2)
        assert answer.status_code == 303
        assert acks(tlsrptd.database) == [(MX[0], RESULT, "typed <meanwhile>", "")]


def test_many_at_once(tlsrptd):
    """The same form sent many times together, as an impatient reader does: one acknowledgement, and no error."""
    with tlsrptd.serve(tokens=[TOKEN], settings=OPEN) as service:
        fill(service)
        local = Browser(service)
        form = local.form()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda number: local.post({**form, "note": f"note {number}"}).status_code, range(32)))
        assert set(answers) <= {303, 422} and 303 in answers  # 422: it is acknowledged by then
        assert len(acks(tlsrptd.database)) == 1
