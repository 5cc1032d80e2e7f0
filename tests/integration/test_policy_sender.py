"""Independent judges of what is made and served: Debian's MTA-STS resolver for Postfix reads every policy over TLS, by real DNS and
on port 443; our own look at the set-up agrees, and lets the steps of a change go on.

SPDX-License-Identifier: MIT
"""
import json
import shutil

import hosting
import pytest
import setup_world
from world.domain import RESOLVER

# name: mode, hosts, max_age; None: a record, and no policy behind it
WANTED = {
    "one.example": ("testing", ["mx1.one.example", "mx2.one.example"], 86400),
    "wild.example": ("testing", ["*.wild.example"], 604800),
    "many.example": ("testing", [f"mx{number}.many.example" for number in range(1, 30)], 31557600),
    "strict.example": ("enforce", ["mx1.strict.example", "mx2.strict.example"], 86400),
    "over.example": ("none", ["mx1.over.example"], 86400),
    "none.example": None,
}

SENDER = """
import asyncio, json, sys
from postfix_mta_sts_resolver.resolver import STSResolver

async def main():
    resolver = STSResolver(loop=asyncio.get_running_loop(), timeout=20)
    for name in sys.argv[1:]:
        status, policy = await resolver.resolve(name)
        print(json.dumps([name, status.name, policy]))

asyncio.run(main())
"""


def asked(world, *names):
    """What the resolver says of each: (status, id, policy)."""
    resolv = world.directory / "resolv.conf"
    resolv.write_text(f"nameserver {RESOLVER}\n")
    done = world.run("unshare", "-m", "sh", "-c", f'mount --bind {resolv} /etc/resolv.conf && exec "$@"', "sh",
                     "env", f"SSL_CERT_FILE={world.root}", "/usr/bin/python3", "-c", SENDER, *names)
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        name, status, policy = json.loads(line)
        found[name] = (status, *policy) if policy else (status, None, None)
    return found


@pytest.fixture(scope="module")
def world():
    made = setup_world.World([setup_world.Domain(name, web={"": "refused"}) for name in WANTED])
    yield made
    made.stop()


@pytest.fixture
def hosted(world, database, certificate, tmp_path):
    """The program, that has made and serves them all; each record says the id."""
    program = setup_world.WorldTlsrptd(world, database, tmp_path, *certificate)
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    listen = []
    for name, wanted in WANTED.items():
        for ending in ("pem", "key"):
            shutil.copy(world.certificate("good", f"mta-sts.{name}"), certificates / f"mta-sts.{name}.{ending}")
        listen += [f"[{address}]:443" if ":" in address else f"{address}:443" for address in world.addresses_of(name, "mta-sts")]
        if wanted:
            publish(world, program, name, *wanted)
    with program.serve(https=listen, settings={"policy": {"certificates": certificates}}):
        yield program


def publish(world, program, name, mode, hosts, max_age):
    words = [word for host in hosts for word in ("--mx", host)]
    made = json.loads(program.run("policy", "set", name, "--mode", mode, *words, "--max-age", max_age, "--override", "a test", "--yes",
                                  "--format", "json").stdout)
    record = next(record for record in made["records"] if record["name"] == f"_mta-sts.{name}")
    world.change(name, sts=(record["value"],))
    return made


def test_the_resolver_of_postfix_reads_every_policy(world, hosted):
    found = asked(world, *WANTED)
    for name, wanted in WANTED.items():
        status, identity, policy = found[name]
        if wanted is None:
            assert status == "FETCH_ERROR", found[name]  # 404
            continue
        mode, hosts, max_age = wanted
        shown = json.loads(hosted.run("policy", "show", name, "--format", "json").stdout)
        assert status == "VALID", (name, found[name])
        assert identity == shown["policy"]["id"]
        assert (policy["mode"], sorted(policy["mx"]), policy["max_age"]) == (mode, sorted(hosts), max_age), name


def test_our_own_look_lets_the_steps_go_on(world, hosted):
    def steps():
        shown = json.loads(hosted.run("policy", "show", "one.example", "--format", "json").stdout)
        return {step["code"]: step["state"] for step in shown["change"]["steps"]}
    before = steps()
    assert before["served"] != "done" and before["published"] != "done"
    hosted.check("one.example")
    after = steps()
    assert (after["reporting"], after["policy"], after["served"], after["published"]) == ("done",) * 4
    assert after["clean"] == "now" and after["enforce"] == "later"


def test_the_record_ahead_of_the_policy_is_an_alarm(world, hosted):
    """What senders get wrong then is what RFC 8461 section 8.1 warns of."""
    made = json.loads(hosted.run("policy", "set", "one.example", "--max-age", "604800", "--external", "--yes", "--format", "json").stdout)
    world.change("one.example", sts=(made["records"][2]["value"],))
    hosted.check("one.example")
    shown = json.loads(hosted.run("policy", "show", "one.example", "--format", "json").stdout)
    assert "--renew" in shown["change"]["alarm"]
    assert {step["code"]: step["state"] for step in shown["change"]["steps"]}["published"] != "done"


def test_hosts_from_dns(hosted):
    made = json.loads(hosted.run("policy", "set", "one.example", "--mx-from-dns", "--mode", "testing", "--yes", "--format", "json").stdout)
    assert made["policy"]["text"].encode() == hosting.text("testing", ["mx1.one.example", "mx2.one.example"])
    missing = hosted.run("policy", "set", "nowhere.example", "--mx-from-dns", "--yes", check=False)
    assert missing.returncode == 65 and "nowhere.example" in missing.stderr
