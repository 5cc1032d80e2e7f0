"""tlsrptd policy show, set, end, history: what is made, shown and refused.

SPDX-License-Identifier: MIT
"""
import hashlib
import json
import re

import hosting
import pytest
from hosting import earlier, look

DOMAIN = "example.org"


@pytest.fixture
def policy(tlsrptd):
    """The command, with its exit code and its JSON."""
    def run(verb, *options, domain=DOMAIN):
        done = tlsrptd.run("policy", verb, domain, *options, "--format", "json", check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)
    return run


def steps(shown):
    return {step["code"]: step["state"] for step in shown["change"]["steps"]}


# --- making ---

def test_first_policy(policy, tlsrptd):
    code, shown = policy("show")
    assert (code, shown["policy"]) == (1, None)
    code, made = policy("set", "--mode", "testing", "--mx", "MX2.example.org", "--mx", "mx1.example.org.", "--yes")
    assert code == 0 and made["done"] and made["refusal"] is None
    text = hosting.text("testing", ["mx1.example.org", "mx2.example.org"]).decode()
    assert made["policy"]["text"] == text
    assert made["policy"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert re.fullmatch(r"\d{14}h[0-9a-f]{12}", made["policy"]["id"])
    assert made["policy"]["id"].endswith("h" + made["policy"]["sha256"][:12])
    assert made["change"]["goal"] == "setup"
    records = [(record["name"], record["type"]) for record in made["records"]]
    assert records == [(f"_smtp._tls.{DOMAIN}", "TXT"), (f"mta-sts.{DOMAIN}", "A, AAAA"), (f"_mta-sts.{DOMAIN}", "TXT")]
    assert made["records"][2]["value"] == f"v=STSv1; id={made['policy']['id']};"
    text = tlsrptd.run("policy", "show", DOMAIN).stdout
    for word in ("    mode: testing\n", made["policy"]["id"], made["policy"]["sha256"], f"_mta-sts.{DOMAIN}. TXT"):
        assert word in text


def test_nothing_is_written_unless_confirmed(policy, database):
    code, asked = policy("set", "--mode", "testing", "--mx", "mx1.example.org")
    assert code == 1 and not asked["done"] and asked["policy"] is None
    assert database.query("SELECT count(*) FROM ledger.hosted_policy") == [(0,)]


def test_same_bytes_keep_their_id(policy):
    options = ("set", "--mode", "testing", "--mx", "mx1.example.org", "--yes")
    first, again = policy(*options)[1], policy(*options)[1]
    assert (first["policy"]["id"], first["policy"]["version"]) == (again["policy"]["id"], 1)
    renewed = policy("set", "--renew", "--yes")[1]["policy"]
    assert renewed["text"] == first["policy"]["text"] and renewed["version"] == 2


@pytest.mark.parametrize("options", [["--mx", "192.0.2.1"], ["--mx", "mx1.example.org mx2.example.org"], ["--mx", "*"],
                                     ["--mx", "mx.*.example.org"], ["--mode", "testing"]])
def test_no_policy_can_be_made_of_that(tlsrptd, options):
    done = tlsrptd.run("policy", "set", DOMAIN, *options, "--yes", check=False)
    assert done.returncode == 65, done
    assert "mx" in done.stderr


@pytest.mark.parametrize("options", [["set", DOMAIN], ["set", DOMAIN, "--mode", "Enforce"], ["set", DOMAIN, "--max-age", "31557601"],
                                     ["set", DOMAIN, "--mx", "a.b", "--mx-from-dns"], ["show", DOMAIN, "--renew"], ["paint", DOMAIN], ["show"],
                                     ["set", DOMAIN, "--external", "--here"]])
def test_wrong_options(tlsrptd, options):
    assert tlsrptd.run("policy", *options, check=False).returncode == 64


def test_no_policy_for_a_pattern(tlsrptd):
    assert tlsrptd.run("policy", "set", "*.example.org", "--mx", "mx1.example.org", "--yes", check=False).returncode == 65


def test_served_elsewhere(policy, tlsrptd):
    made = policy("set", "--mode", "testing", "--mx", "mx1.example.org", "--external", "--yes")[1]
    assert made["policy"]["served_here"] is False
    assert "elsewhere" in tlsrptd.run("policy", "show", DOMAIN).stdout
    assert policy("set", "--max-age", "604800", "--yes")[1]["policy"]["served_here"] is False
    assert policy("set", "--here", "--yes")[1]["policy"]["served_here"] is True


def test_delegation(tlsrptd, policy):
    policy("set", "--mode", "testing", "--mx", "mx1.example.org", "--yes")
    done = tlsrptd.run("policy", "show", DOMAIN, "--format", "json", settings={"policy": {"delegation": "policies.example.net"}})
    records = json.loads(done.stdout)["records"]
    ours = f"_mta-sts.{hashlib.sha256(DOMAIN.encode()).hexdigest()[:16]}.policies.example.net"
    assert [(record["name"], record["type"], record["value"]) for record in records[1:3]] == [
        (f"mta-sts.{DOMAIN}", "CNAME", "policies.example.net"), (f"_mta-sts.{DOMAIN}", "CNAME", ours)]
    assert (records[3]["name"], records[3]["type"]) == (ours, "TXT")


# --- order ---

def enforcing(policy, database, mx=("mx1.example.org",), max_age=86400):
    """In enforce, out everywhere, for a month."""
    hosts = [word for one in mx for word in ("--mx", one)]
    policy("set", "--mode", "testing", *hosts, "--yes")
    policy("set", "--mode", "enforce", *hosts, "--max-age", max_age, "--override", "a test", "--yes")
    earlier(database, 30)
    look(database, mx=mx)


def test_enforce_waits_for_the_verdict(policy, database):
    assert "testing" in policy("set", "--mode", "enforce", "--mx", "mx1.example.org", "--yes")[1]["refusal"]
    policy("set", "--mode", "testing", "--mx", "mx1.example.org", "--yes")
    look(database)
    code, refused = policy("set", "--mode", "enforce", "--yes")
    assert code == 2 and not refused["done"] and "verdict" in refused["refusal"]
    assert refused["policy"]["mode"] == "testing"
    code, forced = policy("set", "--mode", "enforce", "--override", "I know", "--yes")
    assert code == 0 and forced["policy"]["mode"] == "enforce" and forced["policy"]["note"] == "I know"
    assert forced["change"]["goal"] == "enforce"
    assert steps(forced) == {"enforce": "done", "served": "now", "published": "later", "week": "later", "weeks": "later"}


def test_longer_only_after_a_week(policy, database):
    policy("set", "--mode", "testing", "--mx", "mx1.example.org", "--yes")
    policy("set", "--mode", "enforce", "--override", "a test", "--yes")
    assert "not out yet" in policy("set", "--max-age", "604800", "--yes")[1]["refusal"]
    look(database, seconds=5)
    assert steps(policy("show")[1])["week"] == "waiting"
    assert "too soon" in policy("set", "--max-age", "604800", "--yes")[1]["refusal"]
    earlier(database, 8)
    assert steps(policy("show")[1])["week"] == "now"
    assert "too soon" in policy("set", "--max-age", "1209600", "--yes")[1]["refusal"]
    assert policy("set", "--max-age", "604800", "--yes")[0] == 0
    look(database, seconds=5)
    assert steps(policy("show")[1])["weeks"] == "waiting"
    earlier(database, 15)
    code, made = policy("set", "--max-age", "1209600", "--yes")
    assert code == 0 and steps(made)["weeks"] == "done"


def test_record_before_policy_is_an_alarm(policy, database):
    policy("set", "--mode", "testing", "--mx", "mx1.example.org", "--yes")
    look(database, served=False, seconds=5)
    shown = policy("show")[1]
    assert "--renew" in shown["change"]["alarm"]
    assert steps(shown)["published"] != "done"


def test_other_mx_hosts_without_a_gap(policy, database):
    enforcing(policy, database)
    code, made = policy("set", "--mx", "mx9.example.net", "--yes")
    assert code == 0 and made["change"]["goal"] == "mx"
    assert made["policy"]["mx"] == ["mx1.example.org", "mx9.example.net"]
    assert "mx1.example.org" in made["note"]
    assert steps(made)["served"] == "now" and steps(made)["point"] == "later"
    look(database, seconds=5)
    assert steps(policy("show")[1])["known"] == "waiting"
    earlier(database, 2)
    assert steps(policy("show")[1])["point"] == "now"
    look(database, mx=["mx1.example.org", "mx9.example.net"])
    assert steps(policy("show")[1])["unpoint"] == "now"
    assert policy("set", "--mx", "mx9.example.net", "--yes")[1]["policy"]["mx"] == ["mx1.example.org", "mx9.example.net"]
    earlier(database, 1)
    look(database, mx=["mx9.example.net"])
    assert steps(policy("show")[1])["drained"] == "waiting"
    assert "mx1.example.org" in policy("set", "--mx", "mx9.example.net", "--yes")[1]["policy"]["mx"]
    earlier(database, 6)
    look(database, mx=["mx9.example.net"])
    assert steps(policy("show")[1])["trim"] == "now"
    code, made = policy("set", "--mx", "mx9.example.net", "--yes")
    assert code == 0 and made["policy"]["mx"] == ["mx9.example.net"]
    look(database, mx=["mx9.example.net"], seconds=5)
    assert set(steps(policy("show")[1]).values()) == {"done"}


def test_an_mx_host_is_never_left_out(policy, database):
    enforcing(policy, database, mx=("mx1.example.org", "mx2.example.org"))
    look(database, mx=("mx1.example.org", "mx3.example.org"))
    assert "mx3.example.org" in policy("set", "--max-age", "604800", "--yes")[1]["refusal"]


def test_way_back_is_never_refused(policy, database):
    enforcing(policy, database, max_age=604800)
    shown = policy("show")[1]["change"]
    assert shown["rollback_best_seconds"] == 300 and shown["rollback_worst_at"] is not None
    code, made = policy("set", "--mode", "testing", "--yes")
    assert code == 0 and made["change"]["goal"] == "rollback" and made["policy"]["max_age"] == 86400
    look(database, seconds=5)
    assert steps(policy("show")[1]) == {"testing": "done", "served": "done", "published": "done", "forgotten": "waiting",
                                        "cause": "later"}
    earlier(database, 8)
    assert steps(policy("show")[1])["forgotten"] == "done"


def test_leaving(policy, database):
    enforcing(policy, database, max_age=1209600)
    assert "none first" in policy("end", "--yes")[1]["refusal"]
    code, made = policy("set", "--mode", "none", "--yes")
    assert code == 0 and made["policy"]["mx"] == ["mx1.example.org"]
    look(database, seconds=5)
    shown = policy("show")[1]["change"]
    assert shown["safe_to_remove_at"] and steps({"change": shown})["serve-on"] == "waiting"
    code, refused = policy("end", "--yes")
    assert code == 2 and "not before" in refused["refusal"]
    earlier(database, 20)
    assert policy("end", "--yes")[0] == 2  # max_age and a week more
    earlier(database, 2)
    assert steps(policy("show")[1])["unrecord"] == "now"
    code, refused = policy("end", "--yes")
    assert code == 2 and "record" in refused["refusal"]
    look(database, published=False)
    database.query("INSERT INTO ledger.setup_finding SELECT domain_id, 'dns.sts.missing', '', now(), now(), NULL, 1, 'error', 'record', '',"
                   " '', '', '', true FROM ledger.hosted_domain")
    code, ended = policy("end", "--yes")
    assert code == 0 and ended["policy"] is None
    assert database.query("SELECT served, ended FROM ledger.hosted_domain") == [(False, True)]


# --- history ---

def test_history(policy, database, tlsrptd):
    policy("set", "--mode", "testing", "--mx", "mx1.example.org", "--yes")
    policy("set", "--max-age", "604800", "--yes")
    database.query("INSERT INTO ledger.hosted_fetch SELECT domain_id, 2, '192.0.2.0/24', '192.0.2.7', 'agent', 'mta-sts.example.org',"
                   " now(), now(), 3 FROM ledger.hosted_domain")
    code, shown = policy("history")
    assert code == 0 and [version["version"] for version in shown["versions"]] == [2, 1]
    assert [(one["client"], one["version"], one["fetches"]) for one in shown["fetches"]] == [("192.0.2.7", 2, 3)]
    database.query("UPDATE ledger.hosted_fetch SET user_agent = %s", "a\x1b[2Jb\u202ec")  # as a stranger may call himself
    assert "192.0.2.7  3 times  a\ufffd[2Jb\u27e8U+202E\u27e9c\n" in tlsrptd.run("policy", "history", DOMAIN).stdout
    assert policy("history", domain="other.example")[0] == 1
