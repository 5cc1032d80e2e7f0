#!/usr/bin/python3
"""Reports like those of many senders, for measuring and for tests under load.

    generate.py DIRECTORY [--reports N] [--domains N] [--seed N]

70 % of the reports have no failures, 25 % have 1 to 5 details, 5 % have 20 to 200. A few reporters,
a few large domains and many small ones, the last 30 days; one report per reporter, domain and day.
Files are named as RFC 8460 section 5.1 recommends, one directory per reporter. The same arguments
on the same day make the same files.

SPDX-License-Identifier: MIT
"""
import argparse
import datetime
import gzip
import json
import pathlib
import random

DAYS = 30
REPORTERS = ["Search Mail", "Office Mail", "Cable Mail", "Post of the North", "Free Mail", "Campus Relay",
             "Bulk Sender", "City Council", "Small Site", "Old Relay", "News Letters", "Shop Mailer"]
RESULTS = ["starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted",
           "validation-failure", "sts-policy-fetch-error", "sts-webpki-invalid", "dnssec-invalid"]


def policy_of(number):
    """The policy of a domain: the same in every report, as it is in life."""
    name = f"d{number:05d}.example"
    hosts = [f"mx{host}.{name}" for host in range(1, 2 + number % 4)]
    kind = ("sts", "sts", "sts", "tlsa", "no-policy-found")[number % 5]
    policy = {"policy-type": kind}
    if kind == "sts":
        mode = "enforce" if number % 3 else "testing"
        policy["policy-string"] = ["version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in hosts),
                                   "max_age: 604800"]
    elif kind == "tlsa":
        hosts = hosts[:1]
        policy["policy-string"] = [f"3 1 1 {number:064x}"]
    policy["policy-domain"] = name
    if kind != "no-policy-found":
        policy["mx-host"] = hosts
    return name, hosts, policy


def details_of(rng, hosts):
    share = rng.random()
    if share < 0.70:
        return []
    count = rng.randint(1, 5) if share < 0.95 else rng.randint(20, 200)
    return [{"result-type": rng.choice(RESULTS),
             "sending-mta-ip": f"192.0.2.{rng.randrange(1, 255)}",
             "receiving-mx-hostname": rng.choice(hosts),
             "receiving-ip": f"2001:db8::{rng.randrange(1, 65536):x}",
             "failed-session-count": rng.randint(1, 20)} for _ in range(count)]


def report_of(rng, reporter, number, day):
    name, hosts, policy = policy_of(number)
    details = details_of(rng, hosts)
    block = {"policy": policy,
             "summary": {"total-successful-session-count": rng.randint(0, 2000),
                         "total-failure-session-count": sum(d["failed-session-count"] for d in details)}}
    if details:
        block["failure-details"] = details
    contact = f"reporter{reporter}.example.net"
    return name, contact, {
        "organization-name": REPORTERS[reporter],
        "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
        "contact-info": f"tlsrpt@{contact}",
        "report-id": f"{day}T00:00:00Z_{name}",
        "policies": [block]}


def identities(rng, reports, domains):
    """Distinct (reporter, domain, day); small numbers of domains come up more often."""
    seen = set()
    while len(seen) < reports:
        domain = int(domains * rng.random() ** 2)
        identity = (rng.randrange(len(REPORTERS)), domain, rng.randrange(1, DAYS + 1))
        if identity not in seen:
            seen.add(identity)
            yield identity


def generate(directory, reports, domains=2400, seed=1):
    """Writes the files; returns what they hold: reports, details, successful and failed sessions."""
    rng = random.Random(seed)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    midnight = datetime.datetime.combine(today, datetime.time(), datetime.timezone.utc)
    domains = min(domains, max(1, reports // 4))  # or there are not enough identities
    sums = {"reports": 0, "details": 0, "successful": 0, "failed": 0, "json_bytes": 0, "gzip_bytes": 0}
    folders = [pathlib.Path(directory) / f"reporter{number}.example.net" for number in range(len(REPORTERS))]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for reporter, number, back in identities(rng, reports, domains):
        day = today - datetime.timedelta(days=back)
        begin = int(midnight.timestamp()) - back * 86400
        name, contact, report = report_of(rng, reporter, number, day)
        plain = json.dumps(report, separators=(",", ":")).encode()
        packed = gzip.compress(plain, 6, mtime=0)
        (folders[reporter] / f"{contact}!{name}!{begin}!{begin + 86399}.json.gz").write_bytes(packed)
        block = report["policies"][0]
        sums["reports"] += 1
        sums["details"] += len(block.get("failure-details", ()))
        sums["successful"] += block["summary"]["total-successful-session-count"]
        sums["failed"] += block["summary"]["total-failure-session-count"]
        sums["json_bytes"] += len(plain)
        sums["gzip_bytes"] += len(packed)
    return sums


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--reports", type=int, default=20000)
    parser.add_argument("--domains", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print(json.dumps(generate(args.directory, args.reports, args.domains, args.seed)))
