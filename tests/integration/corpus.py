"""Samples with what must become of them, and what a database then holds: shared by the tests that
feed reports through a door.

Our own samples stand in tests/corpus with a .expect file beside each (see its README). Other people's
are looked for in $TLSRPTD_SHARED_CORPUS, else ../shared/corpus beside the repository; they come with
one MANIFEST.tsv.

SPDX-License-Identifier: MIT
"""
import csv
import dataclasses
import email
import email.message
import email.policy
import gzip
import os
import pathlib

SOURCE = pathlib.Path(os.environ.get("TLSRPTD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
OWN = SOURCE / "tests" / "corpus"
SHARED = pathlib.Path(os.environ.get("TLSRPTD_SHARED_CORPUS", SOURCE.parent / "shared" / "corpus"))
NO_SHARED = f"no other people's reports here: {SHARED}/MANIFEST.tsv is missing"


@dataclasses.dataclass
class Expected:
    """What must become of one report."""
    outcome: str
    field: str = ""
    reason: str = ""
    organization: str = ""
    report_id: str = ""
    begin: str = ""
    domains: tuple = ()
    successes: int = 0
    failures: int = 0
    detail_failures: int = 0
    deviations: frozenset = frozenset()
    mx: frozenset = frozenset()
    failure: frozenset = frozenset()
    sending_ips: tuple = ()

    @property
    def identity(self):
        return self.organization, self.report_id, self.begin, self.domains[:1]


@dataclasses.dataclass
class Sample:
    path: pathlib.Path
    reports: list  # of Expected

    @property
    def name(self):
        return self.path.name

    @property
    def is_mail(self):
        return self.path.suffix == ".eml"

    @property
    def stored(self):
        return [report for report in self.reports if report.outcome == "stored"]

    @property
    def outcome(self):
        """Of the delivery as a whole: the best of its reports'."""
        return "stored" if self.stored else "rejected"


def read_block(lines):
    values, mx, failure = {}, set(), set()
    for line in lines:
        key, _, value = line.partition(":")
        value = value.strip()
        if key == "mx":
            host, *numbers = value.rsplit(" ", 3)
            mx.add((host, *map(int, numbers)))
        elif key == "failure":
            result, host, number = value.rsplit(" ", 2)
            failure.add((result, host, int(number)))
        elif key in ("successes", "failures", "detail-failures"):
            values[key.replace("-", "_")] = int(value)
        elif key in ("domains", "sending-ips"):
            values[key.replace("-", "_")] = tuple(value.split())
        elif key == "deviations":
            values[key] = frozenset(value.split())
        else:
            values[key.replace("-", "_")] = value
    return Expected(**values, mx=frozenset(mx), failure=frozenset(failure))


def own():
    """Every sample of tests/corpus, in order of its name."""
    samples = []
    for expect in sorted(OWN.glob("*.expect")):
        blocks = expect.read_text(encoding="utf-8").split("\n\n")
        samples.append(Sample(expect.with_suffix(""), [read_block(block.splitlines()) for block in blocks]))
    return samples


# Details without failed-session-count in a file of the shared corpus: each counts as one session,
# which the manifest's sums leave out.
UNCOUNTED_DETAILS = {"dmarc-analyzer-net_DmarcAnalyzerApp__sample-lenient-tls.json": 1}


def shared():
    """Every sample of the shared corpus; none where it is absent."""
    manifest = SHARED / "MANIFEST.tsv"
    if not manifest.exists():
        return []
    samples = []
    with open(manifest, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            organization, report_id, begin, _ = row["identity"].split("|")
            accepted = row["expected"] == "accepted"
            samples.append(Sample(SHARED / row["file"], [Expected(
                outcome="stored" if accepted else "rejected",
                organization=organization, report_id=report_id, begin=begin + "Z",
                domains=tuple(row["domains"].split()),
                successes=int(row["successes"]), failures=int(row["failures"]),
                detail_failures=int(row["detail_failures"]) + UNCOUNTED_DETAILS.get(row["file"], 0),
                deviations=frozenset(filter(None, (row["deviations"] or "").split(","))) if accepted else frozenset())]))
    return samples


def as_mail(sample, recipient="tlsrpt@receiver.example"):
    """The sample as a mail: itself, or wrapped as RFC 8460 section 5.3 says."""
    data = sample.path.read_bytes()
    if sample.is_mail:
        return data
    packed = data[:2] == b"\x1f\x8b"
    mail = email.message.EmailMessage(email.policy.SMTP)
    mail["From"] = "tlsrpt@reporter.example"
    mail["To"] = recipient
    mail["Subject"] = "Report Domain: sample.example Submitter: reporter.example"
    mail.set_content("This is an aggregate TLS report.")
    mail.add_attachment(data, "application", "tlsrpt+gzip" if packed else "tlsrpt+json",
                        filename="reporter.example!sample.example!1788220800!1788307199.json" + (".gz" if packed else ""))
    mail.replace_header("Content-Type", "multipart/report; report-type=\"tlsrpt\"; boundary=\"%s\""
                        % "=_wrapped_for_the_test")
    return mail.as_bytes()


def as_posts(sample):
    """The sample as bodies for HTTPS with their media types: itself, or the report parts of the mail."""
    if not sample.is_mail:
        data = sample.path.read_bytes()
        return [(data, "application/tlsrpt+gzip" if data[:2] == b"\x1f\x8b" else "application/tlsrpt+json")]
    posts = []
    for part in email.message_from_bytes(sample.path.read_bytes()).walk():
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if content and content[:2] == b"\x1f\x8b":
            posts.append((content, "application/tlsrpt+gzip"))
        elif content and content.lstrip()[:1] == b"{":
            posts.append((content, "application/tlsrpt+json"))
    return posts


def plain_json(sample):
    """The JSON inside a sample that is no mail."""
    data = sample.path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


# --- what a database holds ---

# All that pages count from; dictionaries stay, since a running service remembers their ids.
COUNTED = ("report", "report_domain", "failure", "tally", "mx_day", "reporter_day", "domain_status", "touched", "touched_mx", "counter", "mx_counter",
           "report_counter", "total", "conflict", "rejected", "verdict", "verdict_due", "verdict_change")


def clear(database):
    """As if no report had ever come."""
    database.query("TRUNCATE " + ", ".join("ledger." + table for table in COUNTED))


def counts(database):
    """All that must not change when the same reports come again."""
    return {
        "reports": database.query("SELECT domain_id, day, id, content, successful_sessions, failed_sessions"
                                  " FROM ledger.report ORDER BY 1, 2, 3"),
        "failures": database.query("SELECT count(*), sum(failed_sessions) FROM ledger.failure"),
        "tally": database.query("SELECT domain_id, day, reporter_id, policy_id, mx_id, result, trusted, sessions,"
                                " mirrored_sessions, reports FROM ledger.tally ORDER BY 1, 2, 3, 4, 5, 6, 7"),
        "mx_day": database.query("SELECT * FROM ledger.mx_day ORDER BY 1, 2, 3, 4"),
    }


def content(database):
    """The same by names instead of ids, and without trust: equal for two databases that were given
    the same reports, through whichever door."""
    return {
        "reports": database.query(
            "SELECT d.name, r.day, o.name, r.report_id, r.content, r.deviations FROM ledger.report r"
            " JOIN ledger.domain d ON d.id = r.domain_id JOIN ledger.reporter o ON o.id = r.reporter_id"
            " ORDER BY 1, 2, 3, 4"),
        "failures": database.query(
            "SELECT d.name, f.day, f.result_type, count(*), sum(f.failed_sessions) FROM ledger.failure f"
            " JOIN ledger.domain d ON d.id = f.domain_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"),
        "mx_daily": database.query(
            "SELECT day, domain, mx, policy_type, reporter, sum(successful_sessions), sum(shared_successful_sessions),"
            " sum(failed_sessions) FROM tlsrpt.mx_daily GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3 NULLS FIRST, 4, 5"),
        "failure_daily": database.query(
            "SELECT day, domain, mx, policy_type, result_type, reporter, sum(failed_sessions)"
            " FROM tlsrpt.failure_daily GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3 NULLS FIRST, 4, 5, 6"),
        "domain_daily": database.query(
            "SELECT day, domain, policy_type, sum(successful_sessions), sum(failed_sessions), sum(reports)"
            " FROM tlsrpt.domain_daily GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"),
        "mx_day": database.query(
            "SELECT m.name, t.day, t.result, sum(t.sessions) FROM ledger.mx_day t"
            " JOIN ledger.mx m ON m.id = t.mx_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"),
    }


def roll_up_faults(database):
    """Rows of the roll-ups that are not what the tally adds up to."""
    return database.query(
        "SELECT coalesce(t.mx_id, m.mx_id), coalesce(t.day, m.day), coalesce(t.result, m.result), t.sessions, m.sessions"
        " FROM (SELECT mx_id, day, result, trusted, sum(sessions - mirrored_sessions) AS sessions FROM ledger.tally"
        "        WHERE mx_id <> 0 GROUP BY 1, 2, 3, 4 HAVING sum(sessions - mirrored_sessions) <> 0) t"
        " FULL JOIN (SELECT * FROM ledger.mx_day WHERE sessions <> 0) m USING (mx_id, day, result, trusted)"
        " WHERE t.sessions IS DISTINCT FROM m.sessions")


def reporter_faults(database):
    """Likewise of what reporters told of a day; a day on which one reported has a row, if of nothing."""
    return database.query(
        "SELECT day, reporter_id, mx_id, result, trusted, t.sessions, r.sessions"
        " FROM (SELECT day, reporter_id, CASE WHEN result = 'successful' THEN 0 ELSE mx_id END AS mx_id, result, trusted,"
        "              sum(sessions - mirrored_sessions) AS sessions FROM ledger.tally GROUP BY 1, 2, 3, 4, 5) t"
        " FULL JOIN (SELECT day, reporter_id, mx_id, result, trusted, sum(sessions) AS sessions FROM ledger.reporter_day"
        "            GROUP BY 1, 2, 3, 4, 5) r USING (day, reporter_id, mx_id, result, trusted)"
        " WHERE t.sessions IS DISTINCT FROM r.sessions AND (coalesce(t.sessions, 0) <> coalesce(r.sessions, 0)"
        "       OR (result = 'successful' AND r.sessions IS NULL))")


def counter_faults(database):
    """Counters that, with the marks that wait to be added to them, are not what all rows add up to."""
    return database.query("""
        WITH known AS (
            SELECT domain_id, policy_type, sessions, mirrored_sessions,
                   CASE WHEN result IN ('successful', 'total-failure', 'unexplained', 'starttls-not-supported',
                                        'certificate-host-mismatch', 'certificate-expired', 'certificate-not-trusted',
                                        'validation-failure', 'tlsa-invalid', 'dnssec-invalid', 'dane-required',
                                        'sts-policy-fetch-error', 'sts-policy-invalid', 'sts-webpki-invalid')
                        THEN result ELSE 'other' END AS result
              FROM ledger.tally
        ), waiting AS (
            SELECT domain_id, policy_type, result, sessions, mirrored_sessions FROM ledger.touched WHERE result IS NOT NULL
            UNION ALL
            SELECT 0, policy_type, result, sessions, mirrored_sessions FROM ledger.touched WHERE result IS NOT NULL
        ), wanted AS (
            SELECT coalesce(domain_id, 0)::text AS id, policy_type, result, sum(sessions) AS n, sum(mirrored_sessions) AS m
              FROM known GROUP BY GROUPING SETS ((domain_id, policy_type, result), (policy_type, result))
            UNION ALL
            SELECT 'mx ' || mx_id, '', '', sum(sessions), 0 FROM ledger.mx_day WHERE result <> 'successful' GROUP BY mx_id
            UNION ALL
            SELECT 'reports', '', what, n, 0
              FROM (SELECT 'stored' AS what, count(*) AS n FROM ledger.report
                    UNION ALL
                    SELECT 'duplicate', (SELECT coalesce(sum(arrivals - 1), 0) FROM ledger.report)
                                        + (SELECT coalesce(sum(arrivals), 0) FROM ledger.conflict)
                    UNION ALL
                    SELECT 'rejected', coalesce(sum(times), 0) FROM ledger.rejected) r
             WHERE n > 0
            UNION ALL
            SELECT 'total', '', 'domains', count(*), 0 FROM ledger.domain_status HAVING count(*) > 0
            UNION ALL
            SELECT 'total', '', 'mx', count(*), 0 FROM ledger.mx_counter HAVING count(*) > 0
        ), found AS (
            SELECT domain_id::text AS id, policy_type, result, sum(sessions) AS n, sum(mirrored_sessions) AS m
              FROM (SELECT * FROM ledger.counter UNION ALL SELECT * FROM waiting) c GROUP BY 1, 2, 3
            UNION ALL
            SELECT 'mx ' || mx_id, '', '', sum(failed_sessions), 0
              FROM (SELECT * FROM ledger.mx_counter UNION ALL SELECT * FROM ledger.touched_mx) m GROUP BY mx_id
            UNION ALL
            SELECT 'reports', '', outcome, sum(reports), 0 FROM ledger.report_counter GROUP BY outcome
            UNION ALL
            SELECT 'total', '', name, number, 0 FROM ledger.total
        )
        SELECT * FROM wanted FULL JOIN found USING (id, policy_type, result)
         WHERE (wanted.n, wanted.m) IS DISTINCT FROM (found.n, found.m) AND coalesce(wanted.n, found.n) <> 0""")


def sums(database, domains):
    """(successes, failures, failures in details) of DOMAINS, from the views."""
    value = lambda sql: int(database.query(sql, list(domains))[0][0] or 0)  # noqa: E731
    return (
        value("SELECT sum(successful_sessions + shared_successful_sessions) FROM tlsrpt.mx_daily WHERE domain = ANY(%s)"),
        value("SELECT sum(failed_sessions) FROM tlsrpt.domain_daily WHERE domain = ANY(%s)"),
        value("SELECT sum(failed_sessions) FROM tlsrpt.failure_daily"
              " WHERE result_type <> 'unexplained' AND domain = ANY(%s)"))


def stored_reports(database):
    """identity -> codes of deviations, of every report that is counted."""
    rows = database.query("SELECT o.name, r.report_id, to_char(r.begin_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                          " d.name, r.deviations FROM ledger.report r JOIN ledger.domain d ON d.id = r.domain_id"
                          " JOIN ledger.reporter o ON o.id = r.reporter_id")
    return {(organization, report_id, begin, (domain,)): frozenset(codes)
            for organization, report_id, begin, domain, codes in rows}


def faults_of(database, report, reports):
    """What the database tells otherwise about one stored report of our own corpus; [] when all agrees."""
    if report.identity not in reports:
        return [f"no report {report.identity}"]
    faults = []

    def expect(what, found, wanted):
        if found != wanted:
            faults.append(f"{what}: {found}, not {wanted}")

    expect("deviations", sorted(reports[report.identity]), sorted(report.deviations))
    expect("successes, failures, detail failures", sums(database, report.domains),
           (report.successes, report.failures, report.detail_failures))
    domains = list(report.domains)
    if report.mx:
        rows = database.query("SELECT coalesce(mx, '-'), sum(successful_sessions), sum(shared_successful_sessions),"
                              " sum(failed_sessions) FROM tlsrpt.mx_daily WHERE domain = ANY(%s) GROUP BY 1", domains)
        expect("mx_daily", {(mx, int(a), int(b), int(c)) for mx, a, b, c in rows if a or b or c}, set(report.mx))
    if report.failure:
        rows = database.query("SELECT result_type, coalesce(mx, '-'), sum(failed_sessions) FROM tlsrpt.failure_daily"
                              " WHERE domain = ANY(%s) GROUP BY 1, 2", domains)
        expect("failure_daily", {(result, mx, int(n)) for result, mx, n in rows if n}, set(report.failure))
    if report.sending_ips:
        rows = database.query("SELECT f.sending_mta_ip FROM ledger.failure f JOIN ledger.domain d ON d.id = f.domain_id"
                              " WHERE d.name = ANY(%s) ORDER BY f.policy_number, f.detail_number", domains)
        expect("sending_mta_ip", tuple(ip for ip, in rows), report.sending_ips)
    return faults


def faults_in(database, samples):
    """The same for many samples, each fault with the sample's name before it."""
    reports = stored_reports(database)
    faults = [f"{sample.name}: {fault}" for sample in samples for report in sample.stored
              for fault in faults_of(database, report, reports)]
    expected = {report.identity for sample in samples for report in sample.stored}
    faults += [f"stored, but of no sample: {identity}" for identity in set(reports) - expected]
    faults += [f"mx_day: {row}" for row in roll_up_faults(database)]
    faults += [f"reporter_day: {row}" for row in reporter_faults(database)]
    return faults + [f"counter: {row}" for row in counter_faults(database)]
