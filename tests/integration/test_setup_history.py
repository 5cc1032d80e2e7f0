"""What only two looks at a domain can tell: the id of the record against the policies that were served under
it, MX records that were there before, reports that stay away. The clock is moved between them.

SPDX-License-Identifier: MIT
"""
import hashlib
import json

import pytest

from conftest import Postgres, Tlsrptd
from setup_world import Domain, World, WorldTlsrptd
from world.clock import Clock

LONG = {"mta-sts": "long", "mx1": "long", "mx2": "long", "mx3": "long"}
NAMES = ("edited", "early", "early-by-hand", "unneeded", "smaller", "left", "extra", "silent", "expiring")
DOMAINS = [Domain(f"{name}.example", cert=LONG, hosts={"mx3": "4"} if name == "left" else {}) for name in NAMES]


@pytest.fixture(scope="module")
def world():
    made = World(DOMAINS)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def clock(world):
    return Clock(world.directory)


@pytest.fixture(scope="module")
def program(world, clock, certificate, tmp_path_factory):
    with clock.within():
        server = Postgres()
        server.start()
    directory = tmp_path_factory.mktemp("history")
    database = server.create()
    Tlsrptd(database, directory, *certificate).run("migrate")
    yield WorldTlsrptd(world, database, directory, *certificate, clock)
    server.stop()


class Look:
    """One look at a domain, after so many DAYS."""

    def __init__(self, program, name, days=0):
        program.clock.go(days)
        self.code, (self.item,) = program.check(f"{name}.example")
        self.found = {one["code"]: one for one in self.item["findings"]}

    def codes(self, *severities):
        return sorted(one["code"] for one in self.item["findings"] if one["severity"] in severities)


def is_healthy(look):
    assert look.codes("error", "warning", "unknown") == [], look.item["findings"]


def derived(policy, time="20261201000000"):
    """An id of the form that the program makes: UTC time, `h`, 12 digits of the policy's SHA-256."""
    return f"v=STSv1; id={time}h{hashlib.sha256(policy).hexdigest()[:12]};"


def test_policy_edited_and_id_left(program, world):
    """R39."""
    is_healthy(Look(program, "edited"))
    world.change("edited.example", max_age="172800")
    look = Look(program, "edited", 0.1)
    assert look.codes("error") == ["x.id-not-bumped"] and look.code == 2
    assert look.item["steps"]["record"] == "faulty"
    world.change("edited.example", sts=("v=STSv1; id=20261102000000;",))
    is_healthy(Look(program, "edited", 0.1))


def test_record_before_policy(program, world):
    """R39, R93: the id is that of a policy which is not served yet; and once it is, all is well."""
    is_healthy(Look(program, "early"))
    new = world.domains["early.example"].changed(max_age="172800")
    world.change("early.example", sts=(derived(new.policy_bytes),))
    assert Look(program, "early", 0.1).codes("error") == ["x.txt-before-policy"]
    world.change("early.example", max_age="172800")
    after = Look(program, "early", 0.1)
    # Who fetched the old policy under the new id keeps it until its max_age is over.
    assert after.codes("error") == [] and after.codes("warning") == ["x.txt-before-policy"]
    is_healthy(Look(program, "early", 2.5))


def test_record_before_policy_by_hand(program, world):
    """R39, with ids that say nothing of the policy: a new id for the same policy, then another policy."""
    is_healthy(Look(program, "early-by-hand"))
    world.change("early-by-hand.example", sts=("v=STSv1; id=20261102000000;",))
    assert "x.refetch-unneeded" in Look(program, "early-by-hand", 0.1).codes("info")
    world.change("early-by-hand.example", max_age="172800")
    look = Look(program, "early-by-hand", 0.1)
    assert look.codes("error", "warning") == ["x.txt-before-policy"]


def test_new_id_for_the_same_policy(program, world):
    """R39: harmless."""
    is_healthy(Look(program, "unneeded"))
    world.change("unneeded.example", sts=("v=STSv1; id=20261102000000;",))
    look = Look(program, "unneeded", 0.1)
    is_healthy(look)
    assert "x.refetch-unneeded" in look.codes("info") and look.code == 0


def test_ids_have_no_order(program, world):
    """R40: RFC 8461 section 3.1."""
    is_healthy(Look(program, "smaller"))
    world.change("smaller.example", sts=("v=STSv1; id=1;",), max_age="172800")
    is_healthy(Look(program, "smaller", 0.1))


def test_an_mx_that_left(program, world):
    """R64, X20: until their TTL and the queues are over, senders still use it."""
    world.change("left.example", mx=("10 mx1.{d}.", "30 mx3.{d}."), patterns=("mx1.{d}", "mx3.{d}"))
    is_healthy(Look(program, "left"))
    world.change("left.example", mx=("10 mx1.{d}.",), patterns=("mx1.{d}",), sts=("v=STSv1; id=2;",))
    look = Look(program, "left", 0.1)
    assert look.codes("error", "warning") == ["x.mx-changed"]
    assert look.found["x.mx-changed"]["subject"] == "mx3.left.example"
    is_healthy(Look(program, "left", 8))


def test_a_host_that_is_no_mx_for_long(program, world):
    """R63."""
    world.change("extra.example", patterns=("mx1.{d}", "mx2.{d}", "old.{d}"))
    assert "x.mx-extra" in Look(program, "extra").codes("info")
    look = Look(program, "extra", 31)
    assert look.codes("error", "warning") == ["x.mx-stale"]


def report(domain, day):
    return {"organization-name": "Sender", "contact-info": "tlsrpt@sender.example", "report-id": f"{day}@{domain}",
            "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
            "policies": [{"policy": {"policy-type": "sts", "policy-domain": domain, "policy-string": ["version: STSv1"]},
                          "summary": {"total-successful-session-count": 10, "total-failure-session-count": 0}}]}


def test_reports_that_stay_away(program, clock):
    """R85."""
    assert "rpt.first" in Look(program, "silent").codes("info")
    program.run("ingest", "-", input=json.dumps(report("silent.example", f"{clock.now:%Y-%m-%d}")))
    assert "rpt.first" not in Look(program, "silent").found
    is_healthy(Look(program, "silent"))
    assert Look(program, "silent", 5).codes("error", "warning") == ["rpt.silent"]


def test_what_runs_out(program, clock, world):
    """R15, R73: from nothing, to a warning, to an error, as time goes."""
    world.change("expiring.example", cert={"mta-sts": "good", "mx1": "long", "mx2": "good"})
    days = clock.days
    clock.set(0)  # 60 days are left
    is_healthy(Look(program, "expiring"))
    assert Look(program, "expiring", 45).codes("error", "warning") == ["mx.expiring", "tls.policy.expiring"]
    look = Look(program, "expiring", 12)
    assert look.codes("error") == ["mx.expiring", "tls.policy.expiring"]
    look = Look(program, "expiring", 5)
    assert look.codes("error") == ["mx.expired", "tls.policy.expired"]
    clock.set(days)
