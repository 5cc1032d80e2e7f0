"""A domain from nothing to enforce, to other MX hosts, back, and out of MTA-STS again: once by commands and once by the page,
in the same days. Its policy host is the program, its zone is signed, its clock is moved; and nothing is asked of the ledger
directly.

SPDX-License-Identifier: MIT
"""
import base64
import datetime
import html
import json
import re
import shutil
import sys

import pytest
import requests

import test_forms
import test_policy_page
from conftest import SOURCE, Postgres, Tlsrptd
from doors import post, until
from setup_world import Domain, World, WorldTlsrptd
from world.clock import Clock

sys.path.insert(0, str(SOURCE / "tests" / "browser"))
from browser import Browser  # noqa: E402  pylint: disable=wrong-import-position

TOKEN = "journey-token-0123456789"
REPORTERS = ("Google", "Microsoft", "Mox")
LONG = {"mta-sts": "long", "mx1": "long", "mx2": "long", "mx3": "long"}
WORDS = {"done": "done", "now": "now", "wait": "waiting", "not yet": "refused", "later": "later"}


def nothing(name):
    """Mail is taken, and that is all."""
    return Domain(name, sts=(), rpt=(), hosts={"mta-sts": None, "mx3": "46"}, web={"": "refused"}, cert=LONG)


class Command:
    """Who works at a terminal."""

    def __init__(self, place, name):
        self.place, self.name = place, name

    def run(self, verb, *options):
        done = self.place.program.run("policy", verb, self.name, *options, "--format", "json", check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def shown(self):
        return self.run("show")[1]

    def steps(self):
        return {step["code"]: step["state"] for step in self.shown()["change"]["steps"]}

    def states(self, *codes):
        steps = self.steps()
        return [steps[code] for code in codes]

    def make(self, mode, mx=None, max_age=None):
        """Another policy; None, or why it is refused."""
        hosts = [word for host in mx for word in ("--mx", f"{host}.{self.name}")] if mx else []
        code, made = self.run("set", "--mode", mode, *hosts, *(["--max-age", max_age] if max_age else []), "--yes")
        assert made["done"] == (code == 0) and (code == 0) == (made["refusal"] is None), made
        assert code in (0, 2)
        return made["refusal"]

    def end(self):
        """MTA-STS is given up; None, or why that is refused."""
        code, ended = self.run("end", "--yes")
        assert (code, ended["done"]) == ((2, False) if ended["refusal"] else (0, True)), ended
        return ended["refusal"]

    def begin(self):
        code, made = self.run("set", "--mode", "testing", "--mx-from-dns", "--yes")
        assert code == 0 and made["change"]["goal"] == "setup"

    def hosts(self):
        """Those of the policy, without the domain."""
        return [host.removesuffix(f".{self.name}") for host in self.shown()["policy"]["mx"]]

    # --- what the world does about it ---

    def check(self):
        """A look at it: (exit code, item)."""
        code, (item,) = self.place.program.check(self.name)
        return code, item

    def errors(self):
        return sorted(one["code"] for one in self.check()[1]["findings"] if one["severity"] == "error")

    def served(self):
        """What a sender gets, and the status behind it."""
        return self.place.world.run("curl", "-sS", "-m", "10", "--cacert", self.place.world.root, "--resolve",
                                    f"mta-sts.{self.name}:443:{self.place.world.addresses_of(self.name, 'mta-sts')[0]}", "-w", "%{http_code}",
                                    f"https://mta-sts.{self.name}/.well-known/mta-sts.txt", text=False).stdout.decode()

    def wait_until_served(self):
        text = self.shown()["policy"]["text"]
        until(lambda: self.served() == text + "200")

    def publish(self):
        """The record of `_mta-sts`, as it is shown."""
        (record,) = [one for one in self.shown()["records"] if one["name"] == f"_mta-sts.{self.name}"]
        assert record["type"] == "TXT"
        self.place.world.change(self.name, sts=(record["value"],))

    def out(self):
        """The policy, then the record: what is shown of both on the way."""
        self.wait_until_served()
        assert self.states("served", "published") == ["now", "later"]
        self.check()
        assert self.states("served", "published") == ["done", "now"]
        self.publish()
        findings = self.check()[1]["findings"]
        assert not [one for one in findings if one["severity"] == "error" or one["code"] == "x.refetch-unneeded"], findings
        assert self.states("served", "published") == ["done", "done"]


class Page(Command):
    """Who works in a browser. What is shown there is also what the command shows."""

    def __init__(self, place, name):
        super().__init__(place, name)
        self.page = test_policy_page.Page(place)
        self.page.url = f"{place.web}/setup/{name}/policy"

    def steps(self):
        """The page goes by the verdict that is kept, which follows within seconds."""
        def states():
            return [WORDS[re.sub(r"^\W+", "", word)] for word in test_policy_page.steps(self.page.text())]
        by_command = super().steps()
        until(lambda: states() == list(by_command.values()))
        return by_command

    def make(self, mode, mx=None, max_age=None):
        over = {"mode": mode, "max_age": str(max_age or 86400)}
        if mx:
            over["mx"] = "\r\n".join(f"{host}.{self.name}" for host in mx)
        answer = self.page.send(**over)
        if answer.status_code == 303:
            return None
        assert answer.status_code == 422, answer.text
        refusal = html.unescape(re.search(r'<p class="fault"[^>]*>Nothing was changed: (.*?)</p>', answer.text, re.S)[1])
        refusal = re.sub("</?code>", "`", refusal)
        assert re.fullmatch(r"[A-Z].*[^.]\.", refusal), refusal
        return refusal

    def end(self):
        text = self.page.text()
        refused = self.page.send(kind="end")
        if refused.status_code == 303:
            assert 'id="end"' in text and "Give it up" in text
            return None
        assert refused.status_code == 422 and 'id="end"' not in text, refused.text
        return html.unescape(re.search(r'<p class="fault"[^>]*>Nothing was changed: (.*?)</p>', refused.text, re.S)[1])

    def begin(self):
        """With a real browser: what DNS names stands in the form already."""
        with Browser(self.place.program.directory / "chromium") as browser:
            page = browser.open("about:blank")
            word = base64.b64encode(":".join(self.page.auth).encode()).decode()
            page.call("Network.setExtraHTTPHeaders", headers={"Authorization": f"Basic {word}"})
            page.go(self.page.url)
            assert page.value("document.querySelector('#set textarea').value").split() == [f"mx1.{self.name}", f"mx2.{self.name}"]
            page.forget()
            page.value("document.querySelector('#set button').click()")
            page.loaded()
            assert page.value("location.href") == f"{self.page.url}#change", page.value("document.body.innerText")
            assert "mode testing" in page.value("document.querySelector('#state').innerText")
            assert not page.violations and not page.console


class Place:
    """World, program and service; and the days that go by."""

    def __init__(self, world, clock, program, service):
        self.world, self.clock, self.program, self.service = world, clock, program, service
        self.web = "http://" + world.outside(*service.address("web").rsplit(":", 1))
        self.door = f"https://{world.outside('127.0.0.1', 443)}/v1/tlsrpt/{TOKEN}"
        self.ways = [Command(self, "command.example"), Page(self, "page.example")]
        self.told = clock.now.date()  # of the days before it senders have reported

    def report(self, day, policies):
        """What REPORTERS tell of a clean day."""
        blocks = [{"policy": {"policy-type": "sts", "policy-domain": name, "policy-string": policy["text"].split("\r\n")[:-1],
                              "mx-host": policy["mx"]},
                   "summary": {"total-successful-session-count": 100, "total-failure-session-count": 0}} for name, policy in policies.items()]
        for reporter in REPORTERS:
            report = {"organization-name": reporter, "contact-info": f"tls@{reporter.lower()}.example", "report-id": f"{reporter}-{day}",
                      "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"}, "policies": blocks}
            answer = post(self.door, json.dumps(report), "application/tlsrpt+json")
            assert answer.status_code == 201, answer.text

    def pass_days(self, count):
        """With reports of each day on the one after it, and a look at the end."""
        policies = {way.name: way.shown()["policy"] for way in self.ways}
        for _ in range(count):
            self.clock.go(1)
            self.report(self.told, policies)
            self.told += datetime.timedelta(days=1)
        self.program.run("check", *policies, check=False)


@pytest.fixture(scope="module")
def place(certificate, tmp_path_factory):
    world = World([nothing("command.example"), nothing("page.example")])
    clock = Clock(world.directory)
    with clock.within():
        server = Postgres()
        server.start()
    database = server.create()
    directory = tmp_path_factory.mktemp("journey")
    Tlsrptd(database, directory, *certificate).run("migrate")
    program = WorldTlsrptd(world, database, directory, *certificate, clock)
    (directory / "live").mkdir()
    settings = {"policy": {"certificates": directory / "live"},
                "web": {"users": [test_forms.entry(program, "anna")], "trusted_proxies": ["127.0.0.1"]}}
    try:
        with program.serve(https=["[::]:443"], tokens=[TOKEN], domains=["command.example", "page.example"], settings=settings) as service:
            yield Place(world, clock, program, service)
    finally:
        server.stop()
        world.stop()


@pytest.fixture(scope="module")
def ways(place):
    return place.ways


@pytest.fixture(autouse=True)
def in_order(request):
    """Each part goes on where the one before ended."""
    if request.module.__dict__.setdefault("broken", None):
        pytest.skip(f"{request.module.broken} failed before")
    before = request.session.testsfailed
    yield
    if request.session.testsfailed > before:
        request.module.broken = request.node.name


def test_nothing_is_there(ways):
    for way in ways:
        code, item = way.check()
        assert code == 2 and item["verdict"] == "not-yet"
        errors = [one["code"] for one in item["findings"] if one["severity"] == "error"]
        assert errors == ["dns.rpt.missing", "dns.sts.missing", "host.nxdomain"]
        assert item["record"]["id"] is None and item["steps"]["servers"] == "good"
        assert way.run("show")[0] == 1 and way.shown()["policy"] is None
        assert way.states("reporting", "policy") == ["now", "later"]


def test_reporting_comes_first(ways, place):
    for way in ways:
        (record,) = way.shown()["records"]
        assert (record["name"], record["type"]) == (f"_smtp._tls.{way.name}", "TXT")
        place.world.change(way.name, rpt=(record["value"],))
        assert way.check()[1]["steps"]["reporting"] == "good"
        assert way.states("reporting", "reports") == ["done", "waiting"]


def test_up_to_testing(ways, place):
    for way in ways:
        way.begin()
        assert way.steps() == {"reporting": "done", "reports": "done", "policy": "done", "served": "now", "published": "later", "clean": "later",
                               "enforce": "later"}
        for ending in ("pem", "key"):
            shutil.copy(place.world.certificate("long", f"mta-sts.{way.name}"), place.program.directory / "live" / f"mta-sts.{way.name}.{ending}")
        place.world.change(way.name, hosts={"mx3": "46"})
        way.out()
        code, item = way.check()
        assert code == 0 and item["verdict"] == "ready", item["findings"]
        assert way.states("clean", "enforce") == ["now", "later"]
        assert "verdict" in way.make("enforce")


def verdicts(way):
    """What command, API and page say."""
    done = way.place.program.run("verdict", way.name, "--format", "json", check=False)
    auth = ("anna", test_forms.PASSWORD)
    said = json.loads(done.stdout)
    got = requests.get(f"{way.place.web}/api/v1/domains/{way.name}/verdict", auth=auth, timeout=60).json()
    assert {**said, "evaluated_at": None} == {**got, "evaluated_at": None}
    page = requests.get(f"{way.place.web}/domains/{way.name}", auth=auth, timeout=60)
    assert page.status_code == 200
    shown = re.search(r'id="verdict".*?</section>', page.text, re.S)[0]
    return said["stage"], said["verdict"], re.sub(r"<[^>]*>", " ", shown), [reason["code"] for reason in said["reasons"]]


def test_two_clean_weeks(ways, place):
    place.pass_days(9)
    for way in ways:
        stage, word, _, reasons = verdicts(way)
        assert (stage, word) == ("testing", "not-yet") and "clean-days" in reasons
        assert way.steps()["clean"] == "now"
        assert "verdict" in way.make("enforce")
    place.pass_days(9)
    for way in ways:
        stage, word, shown, reasons = verdicts(way)
        assert (stage, word) == ("testing", "ready"), reasons
        assert "ready" in shown and "not yet" not in shown
        assert way.states("clean", "enforce") == ["done", "now"]


def test_enforce(ways):
    for way in ways:
        assert "86400" in way.make("enforce", max_age=604800)
        assert way.make("enforce") is None
        way.out()
        assert way.shown()["change"]["goal"] == "enforce"
        assert way.steps() == {"enforce": "done", "served": "done", "published": "done", "week": "waiting", "weeks": "later"}
        assert verdicts(way)[0] == "enforce"
        assert "too soon" in way.make("enforce", max_age=604800)


def test_other_mx_hosts(ways, place):
    """mx3 comes and mx2 goes; there is no moment at which senders refuse one of them."""
    for way in ways:
        place.world.change(way.name, mx=("10 mx1.{d}.", "20 mx2.{d}.", "30 mx3.{d}."))
        assert "x.mx-unlisted" in " ".join(way.errors()), way.check()
        place.world.change(way.name, mx=("10 mx1.{d}.", "20 mx2.{d}."))
        assert way.errors() == []
        assert way.make("enforce", ("mx1", "mx3")) is None
        assert way.hosts() == ["mx1", "mx2", "mx3"]
        way.out()
        assert way.states("known", "point") == ["waiting", "later"]
    place.pass_days(2)
    for way in ways:
        assert way.states("known", "point") == ["done", "now"]
        place.world.change(way.name, mx=("10 mx1.{d}.", "20 mx2.{d}.", "30 mx3.{d}."))
        assert way.errors() == []
        assert way.states("point", "unpoint") == ["done", "now"]
        assert way.make("enforce", ("mx1", "mx3")) is None
        assert way.hosts() == ["mx1", "mx2", "mx3"]
        place.world.change(way.name, mx=("10 mx1.{d}.", "30 mx3.{d}."))
        assert way.errors() == []
        assert way.states("unpoint", "drained") == ["done", "waiting"]
        assert way.make("enforce", ("mx1", "mx3")) is None
        assert way.hosts() == ["mx1", "mx2", "mx3"]
    place.pass_days(6)
    for way in ways:
        assert way.states("drained", "trim") == ["done", "now"]
        assert way.make("enforce", ("mx1", "mx3")) is None
        assert way.hosts() == ["mx1", "mx3"]
        way.out()
        assert set(way.steps().values()) == {"done"}


def test_way_back(ways, place):
    for way in ways:
        change = way.shown()["change"]
        worst = datetime.datetime.fromisoformat(change["rollback_worst_at"].replace("Z", "+00:00")) - place.clock.now
        assert change["rollback_best_seconds"] == 300
        assert datetime.timedelta(6.9) < worst <= datetime.timedelta(7)  # some senders hold it so long
        assert way.make("testing", max_age=86400) is None
        assert way.shown()["change"]["goal"] == "rollback"
        way.out()
        assert way.steps() == {"testing": "done", "served": "done", "published": "done", "forgotten": "waiting", "cause": "later"}
    place.pass_days(8)
    for way in ways:
        assert way.steps()["forgotten"] == "done"
        assert way.shown()["change"]["rollback_worst_at"] is None


def test_out_of_it(ways, place):
    for way in ways:
        assert "none first" in way.end()
        assert way.make("none") is None
        way.out()
        change = way.shown()["change"]
        safe = datetime.datetime.fromisoformat(change["safe_to_remove_at"].replace("Z", "+00:00")) - place.clock.now
        assert datetime.timedelta(7.9) < safe <= datetime.timedelta(8)  # max_age and a week
        assert way.steps()["serve-on"] == "waiting"
        assert change["safe_to_remove_at"] in way.end()
    place.pass_days(9)
    for way in ways:
        assert way.states("serve-on", "unrecord") == ["done", "now"]
        assert "record" in way.end()
        place.world.change(way.name, sts=())
        way.check()
        assert way.states("unrecord", "end") == ["done", "now"]
        assert way.end() is None
        ended = way.shown()
        assert ended["policy"] is None and ended["change"]["ended"] is True and ended["change"]["safe_to_remove_at"] is None
        assert set(way.steps().values()) == {"done"}
        text = way.place.program.run("policy", "show", way.name, check=False).stdout
        assert f"{way.name}: MTA-STS was given up" in text and f"No MTA-STS any more, since {ended['change']['begun_at']}" in text
        assert "Leaving" not in text and "published" not in text
        until(lambda way=way: way.served().endswith("404"))
        place.world.change(way.name, hosts={"mta-sts": None, "mx3": "46"})
        code, item = way.check()
        assert code == 0 and "dns.sts.given-up" in [one["code"] for one in item["findings"]], item["findings"]
        assert [item["steps"][step] for step in ("record", "policy-host", "policy")] == ["absent"] * 3
        stage, word, _, reasons = verdicts(way)
        assert (stage, word) == ("none", "unknown") and "given-up" in reasons
