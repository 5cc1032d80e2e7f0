"""`tlsrptd check` of domains that are healthy but for one thing: what it finds of each, and that it finds
nothing else. Each case is named by the requirement (R) or the edge case (X) that it shows; a table of
them is printed at the end.

The cases: world/cases_*.py. The domains' world: setup_world.py.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import re
import time

import pytest

from conftest import PATIENCE, SOURCE
from setup_world import World, WorldTlsrptd
from world import cases_hosts, cases_names, cases_policy, cases_servers
from world.cases import Case
from world.elsewhere import ELSEWHERE, REQUIREMENTS

CASES = [*cases_names.CASES, *cases_policy.CASES, *cases_hosts.CASES, *cases_servers.CASES]
BY_NAME = {repr(case): case for case in CASES}
SLOW = ("deaf", "mute", "drip", "late", "dead", "silent", "endless", "blocked")  # these begin first
CHECKS = 4  # at once
TOTAL_SECONDS = 30  # check.total_seconds: the program's own limit


class Answer:
    """What the program says of a domain."""

    def __init__(self, code, items, seconds):
        self.code, self.seconds = code, seconds
        self.item, = items

    @property
    def findings(self):
        return self.item["findings"]

    def tell(self):
        return "".join(f"\n  {one['severity']} {one['code']} [{one['subject']}] {one['title']}: {one['evidence']}" for one in self.findings)


class Checks:
    """All cases are looked at side by side, each once; a test waits for its own."""

    def __init__(self, program):
        self.program = program
        self.pool = concurrent.futures.ThreadPoolExecutor(CHECKS)
        self.futures = {}

    def begin(self, cases):
        for case in sorted(cases, key=lambda case: not any(word in case.slug for word in SLOW)):
            self.futures[repr(case)] = self.pool.submit(self.look, case)

    def look(self, case):
        begin = time.monotonic()
        answer = self.program.check(case.name, settings=case.options)
        return Answer(*answer, time.monotonic() - begin)

    def of(self, case):
        if repr(case) not in self.futures:
            self.begin([case])
        return self.futures[repr(case)].result()


class Table:
    """What is printed at the end: which requirement was shown by what."""

    def __init__(self):
        self.results, self.lines = {}, []

    def pytest_runtest_logreport(self, report):
        match = re.search(r"::test_case\[(.*)\]$", report.nodeid)
        if match and (report.when == "call" or report.outcome != "passed"):
            self.results[match[1]] = report.outcome

    def pytest_terminal_summary(self, terminalreporter):
        write = terminalreporter.write_line
        write("\nrequirement  shown by")
        for mark in REQUIREMENTS:
            for case in CASES:
                if mark in case.marks:
                    write(f"{mark:<12} {case!r:<32} {self.results.get(repr(case), 'not run')}")
            for place in ELSEWHERE.get(mark, ()):
                write(f"{mark:<12} {place}")
        for line in self.lines:
            write(line)


TABLE = Table()


@pytest.fixture(scope="module", autouse=True)
def table(request):
    if not request.config.pluginmanager.is_registered(TABLE):
        request.config.pluginmanager.register(TABLE)
    return TABLE


@pytest.fixture(scope="module")
def world():
    made = World([case.domain for case in CASES])
    TABLE.lines.append(f"the world of {len(CASES)} domains stood after {made.seconds:.1f} s")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def checks(world, certificate, tmp_path_factory, request):
    made = Checks(WorldTlsrptd(world, None, tmp_path_factory.mktemp("checks"), *certificate))
    healthy = made.look(BY_NAME["R1-healthy"])  # alone, before the others
    TABLE.lines.append(f"a healthy domain was looked at in {healthy.seconds:.2f} s, of which the look itself took "
                       f"{healthy.item['milliseconds'] / 1000:.2f} s")
    wanted = [BY_NAME[match[1]] for item in request.session.items if (match := re.search(r"test_case\[(.*)\]$", item.nodeid))]
    made.begin(wanted)
    yield made
    made.pool.shutdown(cancel_futures=True)


def words(findings):
    return sorted(f"{one['severity']} {one['code']}" for one in findings)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_case(case: Case, checks):
    answer = checks.of(case)
    told = answer.tell()
    assert words(answer.findings) == sorted(f"{found.severity} {found.code}" for found in case.finds), told
    for found in case.finds:
        same = [one for one in answer.findings if one["code"] == found.code]
        assert not found.subject or any(one["subject"].split(" ")[0] == found.subject for one in same), f"{found}{told}"
        assert all(one["blocks"] == found.blocks for one in same), f"{found}{told}"
        assert all(one["step"] == found.step for one in same), f"{found}{told}"
    assert answer.item["domain"] == case.name
    assert answer.item["steps"] == case.steps_of, told
    assert answer.item["verdict"] == case.word_of, told
    assert answer.code == case.exit_of, told
    for one in answer.findings:
        assert one["title"] and not one["title"].endswith("."), one
        assert one["evidence"], one
        assert one["fix"] or one["severity"] == "info", one
    for word in case.letter or ():
        assert any(word in (one["letter"] or "") for one in answer.findings), f"no letter says {word}{told}"


# --- what holds of all of them ---

def test_every_requirement_has_a_test():
    shown = {mark for case in CASES for mark in case.marks} | set(ELSEWHERE)
    assert sorted(set(REQUIREMENTS) - shown) == []
    assert sorted(shown - set(REQUIREMENTS)) == []
    missing = []
    for mark, places in ELSEWHERE.items():
        for place in places:
            file, _, test = place.partition("::")
            path = SOURCE / "tests" / file
            if not path.exists() or not re.search(rf"\b{re.escape(test)}\b", path.read_text()):
                missing.append(f"{mark}: {place}")
    assert missing == []


def test_names_of_cases_differ():
    assert len(BY_NAME) == len(CASES)


def test_nobody_was_asked_to_take_mail(world, checks):
    """MAIL, RCPT and DATA were sent to no server, and no more than one look was made at an address."""
    concurrent.futures.wait(list(checks.futures.values()))
    visits = world.visits()
    assert len(visits) > len(checks.futures)
    sent = {line.upper().split(" ")[0] for _, clear, within in visits for line in (*clear, *within)}
    assert sent <= {"EHLO", "HELO", "STARTTLS", "QUIT"}
    assert not [address for address, _, _ in visits if address.startswith(("10.1.", "127.", "169.254.")) or address == "::1"]


def test_a_healthy_domain_is_quick(checks):
    """Two seconds by the program's own clock, but for what a loaded machine and sanitizers add."""
    healthy = checks.of(BY_NAME["R1-healthy"])
    assert healthy.item["milliseconds"] < 2000 * max(PATIENCE, 5)


def test_where_every_host_is_dead_there_is_an_end(checks, table):
    dead = checks.of(BY_NAME["X11-dead"])
    table.lines.append(f"a domain whose every host is dead was looked at in {dead.item['milliseconds'] / 1000:.1f} s")
    assert dead.item["milliseconds"] < (TOTAL_SECONDS + 5) * 1000 * PATIENCE


@pytest.mark.parametrize("name", ["R1-healthy", "R72-chain", "R71-expired", "R71-name", "R71-family", "R71-wildcard",
                                  "R70-no-starttls", "R71-untrusted", "R70-by-name-only"])
def test_openssl_agrees(name, world, checks):
    """An independent judge of every address of every MX host."""
    case = BY_NAME[name]
    for mx in checks.of(case).item["mx"]:
        label = mx["host"].removesuffix("." + case.name)
        addresses = [address["address"] for address in mx["addresses"]]
        assert sorted(addresses) == sorted(world.addresses_of(case.name, label))
        sound = all(openssl(world, mx["host"], address) for address in addresses)
        errors = [one for one in checks.of(case).findings if one["severity"] == "error" and one["subject"].split(" ")[0] == mx["host"]]
        assert sound == (not errors), checks.of(case).tell()


def openssl(world, host, address):
    """Whether it finds TLS with a good certificate there."""
    done = world.run("openssl", "s_client", "-CAfile", world.root, "-verify_hostname", host, "-verify_return_error", "-servername", host,
                     "-starttls", "smtp", "-brief", "-connect", f"[{address}]:25" if ":" in address else f"{address}:25", input="")
    return done.returncode == 0 and "Verification: OK" in done.stderr
