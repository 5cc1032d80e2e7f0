"""Reports of several weeks, for the tests of the weekly summary: WEEK is the newest that is over.

SPDX-License-Identifier: MIT
"""
import datetime
import random

TODAY = datetime.datetime.now(datetime.timezone.utc).date()
MONDAY = TODAY - datetime.timedelta(TODAY.weekday() + 7)
WEEK = MONDAY.strftime("%G-W%V")
BEFORE = (MONDAY - datetime.timedelta(7)).strftime("%G-W%V")


def block(domain, kind, lines, good, bad=0, details=(), hosts=()):
    """One policy of a report."""
    return {"policy": {"policy-type": kind, "policy-string": lines, "policy-domain": domain, "mx-host": list(hosts)},
            "summary": {"total-successful-session-count": good, "total-failure-session-count": bad},
            "failure-details": [{"result-type": result, "receiving-mx-hostname": host, "failed-session-count": count}
                                for result, host, count in details]}


def report(organization, identity, day, *policies):
    return {"organization-name": organization, "report-id": f"{organization}-{identity}", "contact-info": "a@reporter.example",
            "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"}, "policies": list(policies)}


def seeded(count):
    """Reports of four weeks about COUNT domains, some of which share hosts; (report, trusted) pairs."""
    chance = random.Random(7)
    organizations = [f"reporter{number}.example" for number in range(9)]
    results = ["certificate-expired", "starttls-not-supported", "validation-failure", "x-of-our-own"]
    found = []
    for domain in range(count):
        name = f"d{domain}.example"
        hosts = [f"mx{domain % 11}.shared.example", f"mx.{name}"]
        for week in (-7, 0, 7, -14):
            for _ in range(3):
                day = MONDAY + datetime.timedelta(week + chance.randrange(7))
                if day > TODAY:
                    continue
                host, result = chance.choice(hosts), chance.choice(results)
                failed = chance.choice([0, 0, 1, 7, 40, 300])
                told = chance.choice([failed, failed // 2])
                details = [(result, host, told)] if told else []
                policy = block(name, "sts", ["version: STSv1", "mode: enforce", f"mx: {host}", "max_age: 86400"], chance.randrange(900),
                               failed, details)
                found.append((report(chance.choice(organizations), len(found), day, policy), chance.random() < 0.7))
    return found


def by_hand():
    """One of each kind; names tell what is expected."""
    day, week = MONDAY + datetime.timedelta(2), datetime.timedelta(7)

    def at(when, organization, host, failed, kind="sts", domain="hand.example", good=1000):
        identity = f"{host}-{when}-{kind}"
        return report(organization, identity, when, block(domain, kind, ["version: STSv1", "mode: testing", f"mx: {host}", "max_age: 60"],
                                                          good, failed, [("certificate-expired", host, failed)] if failed else []))

    found = []
    for host, before, now in (("mx-new", 0, 3), ("mx-worse", 8, 13), ("mx-hardly-worse", 8, 12), ("mx-going-on", 100, 120), ("mx-better", 13, 8),
                              ("mx-gone", 2, 0)):
        found.append(at(day - week, "one.example", host + ".hand.example", before))
        found.append(at(day, "one.example", host + ".hand.example", now))
    # Who told of it told nothing this week, and was regular before.
    for back in (1, 2, 3):
        found.append(at(day - week + datetime.timedelta(back), "quiet.example", "mx-untold.hand.example", 5))
    found.append(at(day - week, "rare.example", "mx-new.hand.example", 0))
    # The same sessions under two policy types.
    both = report("mirror.example", "1", day, block("mirror.example", "tlsa", ["3 1 1 aa"], 60, 6, [("certificate-expired", "mx.mirror.example", 6)]),
                  block("mirror.example", "sts", ["version: STSv1", "mode: enforce", "mx: mx.mirror.example", "max_age: 60"], 60, 6,
                        [("certificate-expired", "mx.mirror.example", 6)]))
    found.append(both)
    hostile = "<b>\u202eevil\x1b[31m</b>\r\nBcc: x@evil.example"
    found.append(report(hostile, "2", day, block("evil.example", "sts", ["version: STSv1", "mode: none"], 1, 2,
                                                 [("<i>=cmd\u202e", "mx.evil.example", 2)])))
    return [(each, True) for each in found]
