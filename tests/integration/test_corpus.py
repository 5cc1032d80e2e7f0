"""Every sample through every door: outcome, deviations, counts, and nothing counted twice.

Our own corpus always; other people's reports where they are at hand.

SPDX-License-Identifier: MIT
"""
import dataclasses
import datetime
import json
import re

import corpus
import doors
import pytest
import requests

OWN = corpus.own()
SHARED = corpus.shared()
shared_only = pytest.mark.skipif(not SHARED, reason=corpus.NO_SHARED)


# --- each door takes samples and tells the outcome of each ---

def name_of(origin):
    """The sample's name; messages of an mbox are numbered."""
    return re.sub(r":\d+$", "", origin.rsplit("/", 1)[-1])


def through_ingest(tlsrptd, samples):
    """name -> (outcome, reason)"""
    done = tlsrptd.run("ingest", "--json", *(sample.path for sample in samples), check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    told = {name_of(line["path"]): (line["outcome"], line["reason"]) for line in lines}
    outcomes = {outcome for outcome, _ in told.values()}
    wanted = 75 if "retry" in outcomes else 77 if "refused" in outcomes else 65 if "rejected" in outcomes else 0
    assert done.returncode == wanted, (done.returncode, outcomes, done.stderr)
    return told


def through_https(service, samples):
    words = {201: "stored", 200: "duplicate", 400: "rejected", 403: "refused", 503: "retry"}
    told = {}
    for sample in samples:
        answers = [doors.post(service.https, body, media) for body, media in corpus.as_posts(sample)]
        told[sample.name] = [(words.get(answer.status_code, str(answer.status_code)), answer.json().get("detail", ""))
                             for answer in answers]
    return told


def through_lmtp(service, samples):
    with doors.Lmtp(service.lmtp) as session:
        session.hello()
        return {sample.name: session.send(corpus.as_mail(sample)) for sample in samples}


# --- our own ---

def outcome_faults(told, samples, stored="stored"):
    """Those whose outcome or reason is another than expected."""
    faults = []
    for sample in samples:
        outcome, reason = told.get(sample.name, ("nothing", ""))
        wanted = stored if sample.outcome == "stored" else "rejected"
        first = sample.reports[0]
        if outcome != wanted:
            faults.append(f"{sample.name}: {outcome} ({reason}), not {wanted}")
        elif wanted == "rejected" and not (reason.startswith(first.field) and first.reason.lower() in reason.lower()):
            faults.append(f"{sample.name}: {reason!r}, not {first.field!r} … {first.reason!r}")
    return faults


def rejected_faults(database, samples):
    """Each rejected report is kept with its field and reason, under the name of its file."""
    kept = {}
    for origin, field, reason in database.query("SELECT origin, field, reason FROM ledger.rejected"):
        kept.setdefault(name_of(origin), []).append((field, reason))
    faults = []
    for sample in samples:
        for report in sample.reports:
            if report.outcome == "rejected" and not any(
                    field.startswith(report.field) and report.reason.lower() in reason.lower()
                    for field, reason in kept.get(sample.name, [])):
                faults.append(f"{sample.name}: kept as {kept.get(sample.name)}, not {report.field!r} … {report.reason!r}")
    return faults


def test_every_deviation_has_a_sample():
    """The codes stand in one table of the sources; each is shown by a sample of its own."""
    source = (corpus.SOURCE / "ingest" / "deviation.c").read_text()
    codes = {line.split('{ "')[1].split('"')[0] for line in source.splitlines() if "[DEVIATION_" in line and '{ "' in line}
    shown = {code for sample in OWN for report in sample.stored for code in report.deviations}
    assert len(codes) > 40
    assert codes - shown == set()
    assert shown - codes == set()


def test_own_through_ingest(database, tlsrptd):
    assert outcome_faults(through_ingest(tlsrptd, OWN), OWN) == []
    assert corpus.faults_in(database, OWN) == []
    assert rejected_faults(database, OWN) == []

    before = corpus.counts(database)
    assert outcome_faults(through_ingest(tlsrptd, OWN), OWN, "duplicate") == []
    assert corpus.counts(database) == before
    assert rejected_faults(database, OWN) == []
    assert database.query("SELECT count(*) FROM ledger.report WHERE arrivals <> 2") == [(0,)]
    assert database.query("SELECT count(*) FROM ledger.rejected WHERE times <> 2") == [(0,)]
    assert database.query("SELECT count(*) FROM ledger.conflict") == [(0,)]


def test_own_each_alone(database, tlsrptd):
    """What a file means does not depend on what came before it; a few of each kind stand for all."""
    for sample in [sample for sample in OWN if sample.name.startswith(("sender-", "poison-", "mail-"))]:
        corpus.clear(database)
        assert outcome_faults(through_ingest(tlsrptd, [sample]), [sample]) == []
        assert corpus.faults_in(database, [sample]) == []


def as_posted(sample):
    """The sample as HTTPS sees it: the parts of a mail come with the label of RFC 8460."""
    reports = [dataclasses.replace(report, deviations=report.deviations - {"media-type"}) for report in sample.reports]
    return dataclasses.replace(sample, reports=reports)


def best(told, wanted):
    """Of several posts for one sample the one with the outcome that the whole mail would have."""
    return {name: max(answers, key=lambda answer: answer[0] == wanted) for name, answers in told.items()}


def test_own_through_https(database, service):
    # A mail without anything like a report holds nothing to post, and a policy that takes its domain
    # from the mail's header cannot be counted without the mail.
    samples = [as_posted(sample) for sample in OWN if not (sample.is_mail and sample.outcome == "rejected")
               and sample.name != "sender-postfix-without-domain.eml"]
    assert outcome_faults(best(through_https(service, samples), "stored"), samples) == []
    assert corpus.faults_in(database, samples) == []

    before = corpus.counts(database)
    assert outcome_faults(best(through_https(service, samples), "duplicate"), samples, "duplicate") == []
    assert corpus.counts(database) == before


def test_own_through_lmtp(database, service):
    def kept(told):
        """LMTP says 250 for all that was taken; what was taken as is in the ledger."""
        return [name for name, replies in told.items() if [reply[:9] for reply in replies] != ["250 2.0.0"]]

    assert kept(through_lmtp(service, OWN)) == []
    assert corpus.faults_in(database, OWN) == []
    rejections = sum(report.outcome == "rejected" for sample in OWN for report in sample.reports)
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(rejections,)]

    before = corpus.counts(database)
    assert kept(through_lmtp(service, OWN)) == []
    assert corpus.counts(database) == before
    assert database.query("SELECT count(*) FROM ledger.rejected") == [(rejections,)]


def test_doors_agree(database, tlsrptd, service):
    """What one door stored is a duplicate at every other."""
    samples = [sample for sample in OWN if sample.outcome == "stored"]
    through_ingest(tlsrptd, samples)
    before = corpus.counts(database)
    through_lmtp(service, samples)
    for answers in through_https(service, [sample for sample in samples if not sample.is_mail]).values():
        assert [outcome for outcome, _ in answers] == ["duplicate"]
    assert corpus.counts(database) == before
    assert database.query("SELECT count(*) FROM ledger.conflict") == [(0,)]


def test_huge_counts(database, tlsrptd, tmp_path):
    """A thousand forged reports with the largest counts spoil neither other reports nor any query."""
    yesterday = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
    reports = tmp_path / "reports"
    reports.mkdir()
    for number in range(2200):
        forged = json.loads((corpus.OWN / "poison-count-at-limit.json").read_text())
        forged["organization-name"] = f"Forger {number % 1100}"
        forged["report-id"] = f"{number}"
        forged["date-range"] = {"start-datetime": f"{yesterday}T00:00:00Z", "end-datetime": f"{yesterday}T23:59:59Z"}
        if number >= 1100:  # sessions that hosts share
            forged["policies"][0]["policy"]["mx-host"].append("mx2.example")
        (reports / f"{number}.json").write_text(json.dumps(forged))
    done = tlsrptd.run("ingest", reports)
    assert "stored 2200 " in done.stdout
    for view in ("mx_daily", "failure_daily", "domain_daily"):
        assert database.query(f"SELECT * FROM tlsrpt.{view}")
    good = next(sample for sample in OWN if sample.name == "sender-google.json")
    assert through_ingest(tlsrptd, [good])[good.name][0] == "stored"
    assert corpus.faults_of(database, good.reports[0], corpus.stored_reports(database)) == []
    with tlsrptd.serve() as service:
        for path in ("/", "/domains/poison-count-at-limit.example", "/domains/google-like.example"):
            assert requests.get(service.web + path, timeout=30).status_code == 200
    assert database.query("SELECT count(*) FROM ledger.domain_status") == [(2,)]


# --- other people's: the manifest's outcome, sums and deviations ---

def shared_faults(database, sample):
    report = sample.reports[0]
    if report.outcome == "rejected":
        found = database.query("SELECT count(*) FROM ledger.rejected")
        return [] if found == [(1,)] else [f"{sample.name}: {found} rejected"]
    reports = corpus.stored_reports(database)
    faults = []
    if list(reports) != [report.identity]:
        faults.append(f"{sample.name}: identity {list(reports)}, not {report.identity}")
    else:
        missing = report.deviations - reports[report.identity]
        if missing:
            faults.append(f"{sample.name}: deviations not recorded: {sorted(missing)}")
    domains = [name for name, in database.query("SELECT DISTINCT domain FROM tlsrpt.domain_daily")]
    if set(domains) != set(report.domains):
        faults.append(f"{sample.name}: domains {domains}, not {report.domains}")
    found, wanted = corpus.sums(database, domains), (report.successes, report.failures, report.detail_failures)
    if found != wanted:
        faults.append(f"{sample.name}: successes, failures, detail failures {found}, not {wanted}")
    return faults


@pytest.fixture(params=["ingest", "https", "lmtp"])
def send(request):
    """Sends samples through one door; gives the outcomes, those of LMTP being 250 or another code."""
    if request.param == "ingest":
        tlsrptd = request.getfixturevalue("tlsrptd")
        return lambda samples: [outcome for outcome, _ in through_ingest(tlsrptd, samples).values()]
    service = request.getfixturevalue("service")
    if request.param == "https":
        return lambda samples: [outcome for answers in through_https(service, samples).values() for outcome, _ in answers]
    return lambda samples: [reply[:3] for replies in through_lmtp(service, samples).values() for reply in replies]


@shared_only
def test_shared_together(database, send):
    """Each identity counts once unless another sender used it; a second time nothing changes."""
    send(SHARED)
    variants = {}
    for sample in SHARED:
        for report in sample.stored:
            variants.setdefault(report.identity, []).append(report)
    assert set(corpus.stored_reports(database)) == set(variants)
    for report_id, stored, senders in database.query(
            "SELECT report_id, count(*), count(DISTINCT (contact, submitter)) FROM ledger.report"
            " GROUP BY domain_id, reporter_id, report_id, begin_at"):
        assert stored in (1, senders), f"{report_id} is counted {stored} times, from {senders} senders"
    for domain in {domain for reports in variants.values() for domain in reports[0].domains}:
        named = [reports for reports in variants.values() if domain in reports[0].domains]
        if all(len(reports) == 1 and len(reports[0].domains) == 1 for reports in named):
            wanted = tuple(sum(getattr(reports[0], what) for reports in named)
                           for what in ("successes", "failures", "detail_failures"))
            assert corpus.sums(database, [domain]) == wanted, domain

    before = corpus.counts(database)
    conflicts = database.query("SELECT count(*) FROM ledger.conflict")
    assert "stored" not in send(SHARED)
    assert corpus.counts(database) == before
    assert database.query("SELECT count(*) FROM ledger.conflict") == conflicts


@shared_only
def test_shared_each_alone(database, send):
    faults = []
    for sample in SHARED:
        corpus.clear(database)
        told = send([sample])
        if told not in ([sample.outcome], ["250"]):
            faults.append(f"{sample.name}: {told}, not {sample.outcome}")
        faults += shared_faults(database, sample)
    assert faults == []
