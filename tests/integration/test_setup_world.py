"""The world of the set-up tests, by tools that know nothing of it: what is healthy there is healthy for
drill, curl and openssl, and what is broken is broken for them.

SPDX-License-Identifier: MIT
"""
import pytest

from setup_world import OTHER_RESOLVER, RESOLVER, Domain, World

PATH = "/.well-known/mta-sts.txt"
DOMAINS = [
    Domain("good.example"),
    Domain("late.example", cert={"mta-sts": "expired", "mx1": "untrusted", "mx2": "no-intermediate"}),
    Domain("quiet.example", smtp={"mx1": "no-starttls", "mx2": "deaf"}, web={"4": "deaf", "6": "refused"}),
    Domain("split.example", second={"sts": ()}, other_view=("split.example. 300 MX 5 old.example.net.",)),
    Domain("forged.example", bogus=("_mta-sts",)),
    Domain("dark.example", broken=True),
    Domain("large.example", servers=("tcp-only",)),
    Domain("lame.example", lame=True),
]


@pytest.fixture(scope="module")
def world():
    made = World(DOMAINS)
    yield made
    made.stop()


def drill(world, *words):
    return world.run("drill", *words).stdout


def chase(world, name):
    """What DNSSEC says of a name's TXT record, from the root on."""
    return world.run("drill", "-S", "-k", world.directory / "anchor", f"@{RESOLVER}", "TXT", name).stdout


def starttls(world, name, label, family=4):
    address = world.addresses_of(name, label)[0 if family == 4 else 1]
    return world.run("openssl", "s_client", "-CAfile", world.root, "-verify_hostname", f"{label}.{name}", "-servername", f"{label}.{name}",
                     "-starttls", "smtp", "-brief", "-connect", f"[{address}]:25" if family == 6 else f"{address}:25", input="").stderr


def policy(world, name, number):
    host = f"mta-sts.{name}"
    return world.run("curl", "-sS", "-m", "3", "--cacert", world.root, "--resolve", f"{host}:443:{world.addresses_of(name, 'mta-sts')[number]}",
                     f"https://{host}{PATH}")


@pytest.mark.parametrize("family", [4, 6])
def test_mail_servers(world, family):
    for label in ("mx1", "mx2"):
        assert "Verification: OK" in starttls(world, "good.example", label, family)
    assert "Verification error: self-signed certificate in certificate chain" in starttls(world, "late.example", "mx1", family)
    assert "Verification error: unable to verify the first certificate" in starttls(world, "late.example", "mx2", family)
    assert "Didn't find STARTTLS in server response" in starttls(world, "quiet.example", "mx1", family)


def test_policy_hosts(world):
    for number in (0, 1):
        done = policy(world, "good.example", number)
        assert done.stdout.splitlines() == ["version: STSv1", "mode: testing", "mx: mx1.good.example", "mx: mx2.good.example", "max_age: 86400"]
    assert "certificate has expired" in policy(world, "late.example", 0).stderr
    assert policy(world, "quiet.example", 0).returncode == 28  # timeout
    assert policy(world, "quiet.example", 1).returncode == 7  # refused


def test_names(world):
    assert '"v=STSv1; id=20261101000000;"' in drill(world, f"@{RESOLVER}", "TXT", "_mta-sts.good.example")
    assert "Chase successful" in chase(world, "_mta-sts.good.example")
    assert "Bogus DNSSEC signature" in chase(world, "_mta-sts.forged.example")
    assert "SERVFAIL" in drill(world, f"@{RESOLVER}", "TXT", "_mta-sts.dark.example")
    assert "REFUSED" in drill(world, "@192.0.2.2", "TXT", "_mta-sts.lame.example")
    assert "old.example.net" in drill(world, f"@{OTHER_RESOLVER}", "MX", "split.example")
    assert "old.example.net" not in drill(world, f"@{RESOLVER}", "MX", "split.example")
    assert "STSv1" not in drill(world, "@192.0.2.2", "TXT", "_mta-sts.split.example")
    assert "STSv1" in drill(world, f"@{RESOLVER}", "TXT", "_mta-sts.large.example")  # by TCP


def test_a_change_is_there_at_once(world):
    world.change("good.example", sts=("v=STSv1; id=2;",), mode="enforce")
    assert '"v=STSv1; id=2;"' in drill(world, f"@{RESOLVER}", "TXT", "_mta-sts.good.example")
    assert "mode: enforce" in policy(world, "good.example", 0).stdout
