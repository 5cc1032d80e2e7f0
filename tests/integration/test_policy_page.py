"""/setup/NAME/policy: what it shows is what the command shows; its form makes policies, for who may.

SPDX-License-Identifier: MIT
"""
import html
import json
import re
import time

import hosting
import pytest
import requests
import test_forms

DOMAIN = "example.org"


class Page:
    def __init__(self, service, user="anna"):
        self.url, self.auth = f"{service.web}/setup/{DOMAIN}/policy", (user, test_forms.PASSWORD)

    def text(self):
        answer = requests.get(self.url, auth=self.auth, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.text

    def fields(self, text=None):
        form = re.search(r'<form class="entry" method="post".*?</form>', text or self.text(), re.S)[0]
        form = re.sub(r'<input type="checkbox"[^>]*>', "", form)  # as a browser does with what is not ticked
        fields = {name: html.unescape(value) for name, value in re.findall(r'<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"', form)}
        fields |= {name: html.unescape(value) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', form)}
        for name, choice in re.findall(r'<select name="([^"]*)">(.*?)</select>', form, re.S):
            fields[name] = re.search(r'value="([^"]*)" selected', choice)[1]
        fields["mx"] = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.S)[1])
        return fields

    def send(self, **over):
        return requests.post(self.url, data={**self.fields(), **over}, auth=self.auth, timeout=60, allow_redirects=False,
                             headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def program(tlsrptd):
    settings = {"web": {"users": [test_forms.entry(tlsrptd, "anna")], "trusted_proxies": ["127.0.0.1"]}}
    with tlsrptd.serve(settings=settings) as service:
        yield service


def steps(text):
    part = text[text.index('id="change"'):]
    part = part[:part.index("</section>")]
    return [html.unescape(re.sub(r"<[^>]*>", "", word)).strip() for word in re.findall(r"<li>(.*?)<strong>", part, re.S)]


def test_from_nothing_to_testing(program, database, tlsrptd):
    page = Page(program)
    assert "no policy is made here" in page.text() and 'id="policy"' not in page.text()
    answer = page.send(mx="MX1.example.org\r\nmx2.example.org.\r\n")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/setup/{DOMAIN}/policy#change", answer.text
    assert database.query("SELECT body, made_by, note FROM ledger.hosted_policy") == [
        (hosting.text("testing", ["mx1.example.org", "mx2.example.org"]), "anna", "")]
    program.wait_for(rf"^policy domain={DOMAIN} mode=testing .*user=anna")
    text = page.text()
    shown = json.loads(tlsrptd.run("policy", "show", DOMAIN, "--format", "json").stdout)
    for value in (shown["policy"]["id"], shown["policy"]["sha256"], *(record["value"] for record in shown["records"]),
                  *(record["name"] for record in shown["records"]), *(step["title"] for step in shown["change"]["steps"])):
        assert html.escape(value, quote=True).replace("&#x27;", "&#39;") in text, value
    words = {"done": "done", "now": "now", "waiting": "wait", "refused": "not yet", "later": "later"}
    assert [re.sub(r"^\W+", "", word) for word in steps(text)] == [words[step["state"]] for step in shown["change"]["steps"]]
    assert page.fields()["mx"] == "mx1.example.org\nmx2.example.org"


def test_nobody_overwrites_what_he_has_not_seen(program, database, tlsrptd):
    page = Page(program)
    page.send(mx="mx1.example.org")
    seen = page.fields()
    tlsrptd.run("policy", "set", DOMAIN, "--mx", "mx2.example.org", "--yes")
    answer = page.send(**seen)
    assert answer.status_code == 422 and "somebody else has changed the policy" in answer.text
    assert database.query("SELECT version, mx FROM ledger.hosted_policy ORDER BY version") == [(1, ["mx1.example.org"]), (2, ["mx2.example.org"])]
    assert page.send(**{**seen, "version": page.fields(answer.text)["version"]}).status_code == 303


def test_no_policy_for_a_pattern(program):
    page = Page(program)
    assert requests.get(page.url.replace(DOMAIN, "*.example.org"), auth=page.auth, timeout=60).status_code == 404


def test_what_should_wait_is_refused_with_its_reason(program, database):
    page = Page(program)
    page.send(mx="mx1.example.org")
    answer = page.send(mode="enforce", mx="mx1.example.org\nmx3.example.org")
    assert answer.status_code == 422 and "Nothing was changed: The verdict is not that the domain is ready" in answer.text
    assert "says why.</p>" in answer.text
    fields = page.fields(answer.text)  # as it was typed
    assert (fields["mode"], fields["mx"]) == ("enforce", "mx1.example.org\nmx3.example.org")
    assert database.query("SELECT count(*) FROM ledger.hosted_policy") == [(1,)]
    answer = page.send(mode="enforce", reason="it is <mine>")
    assert answer.status_code == 303
    assert database.query("SELECT mode, note FROM ledger.hosted_policy WHERE version = 2") == [("enforce", "it is <mine>")]
    assert "it is &lt;mine&gt;" in page.text() and "The way back" in page.text()


@pytest.mark.parametrize("over, word", [({"mx": "192.0.2.1"}, "IP address"), ({"mx": " "}, "mx"), ({"max_age": "31557601"}, "max_age"),
                                        ({"max_age": "a day"}, "max_age"), ({"mode": "Enforce"}, "mode"), ({"kind": "x"}, "none of the forms"),
                                        ({"mx": "*"}, "mx")])
def test_no_policy_can_be_made_of_that(program, database, over, word):
    answer = Page(program).send(**{"mx": "mx1.example.org", **over})
    assert answer.status_code == 422 and word in html.unescape(answer.text)
    assert database.query("SELECT count(*) FROM ledger.hosted_policy") == [(0,)]


def test_another_id_for_the_same_bytes(program, database):
    page = Page(program)
    assert 'name="renew"' not in page.text()
    page.send(mx="mx1.example.org")
    assert page.send().status_code == 303
    assert database.query("SELECT count(*) FROM ledger.hosted_policy") == [(1,)]
    time.sleep(1)  # ids tell seconds apart
    assert page.send(renew="yes").status_code == 303
    assert database.query("SELECT count(DISTINCT sha256), count(DISTINCT id) FROM ledger.hosted_policy") == [(1, 2)]


def test_who_fetched(program, database):
    page = Page(program)
    page.send(mx="mx1.example.org")
    database.query("INSERT INTO ledger.hosted_fetch SELECT domain_id, 1, '192.0.2.0/24', '192.0.2.7', '<agent>', '', now(), now(), 3"
                   " FROM ledger.hosted_domain")
    text = page.text()
    assert "192.0.2.7" in text and "&lt;agent&gt;" in text


def test_no_form_where_nobody_logs_in_from_elsewhere(program):
    """Nothing is made by another site's form."""
    page = Page(program)
    answer = requests.post(page.url, data={**page.fields(), "mx": "mx1.example.org"}, auth=page.auth, timeout=60,
                           headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_no_such_name(program):
    answer = requests.get(f"{program.web}/setup/not..a.name/policy", auth=("anna", test_forms.PASSWORD), timeout=60)
    assert answer.status_code == 404
