"""The API: every operation of its own document, with good and bad arguments; every answer is as the
document says, and every figure as SQL says. What strangers wrote stays text, in JSON and in CSV.

SPDX-License-Identifier: MIT
"""
import csv
import gzip
import io
import json
import re

import corpus
import jsonschema
import openapi_spec_validator
import pytest
import requests
from conftest import Tlsrptd
from doors import post, until

REPORT = json.loads(gzip.decompress((corpus.OWN / "sender-google-no-policy.json.gz").read_bytes()))
LISTS = ("domains", "mx", "tally", "failures", "reports", "rejected")


def get(url, status=200, **headers):
    answer = requests.get(url, timeout=60, headers=headers)
    assert answer.status_code == status, (url, answer.status_code, answer.text)
    return answer


def settled(database):
    until(lambda: database.query("SELECT count(*) FROM ledger.touched") == [(0,)])


@pytest.fixture(scope="module")
def demo(postgres_server, migrated, certificate, tmp_path_factory):
    """(URL of the API, database) of a service with the sample reports and the corpus, hostile texts and all."""
    database = postgres_server.create(migrated.name)
    with Tlsrptd(database, tmp_path_factory.mktemp("api"), *certificate).serve("--demo") as service:
        service.wait_for("^demo .*stored=")
        for sample in sorted(corpus.OWN.glob("*.json*")):
            if sample.suffix != ".expect":
                post(service.https, sample.read_bytes())
        settled(database)
        yield service.web + "/api/v1/", database


@pytest.fixture(scope="module")
def document(demo):
    return get(demo[0] + "openapi.json").json()


def operations(document):
    return {path: item["get"] for path, item in document["paths"].items()}


# --- the document ---

def schemas(value):
    """Every JSON Schema in the document."""
    if isinstance(value, dict):
        if isinstance(value.get("schema"), dict):
            yield value["schema"]
        for key, inner in value.items():
            if key != "schema":
                yield from schemas(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from schemas(inner)


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_document(document):
    """What OpenAPI 3.1 asks for, and valid schemas."""
    assert document["openapi"].startswith("3.1.") and document["info"]["title"] and document["info"]["version"]
    assert set(document) <= {"openapi", "info", "servers", "security", "paths", "components"}
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names) and set(LISTS) < set(names)
    for path, operation in operations(document).items():
        assert re.fullmatch(r"/api/v1(/[a-z.]+|/\{\w+\})+", path)
        parameters = [(parameter["name"], parameter["in"]) for parameter in operation["parameters"]]
        assert len(set(parameters)) == len(parameters)
        assert {name for name, place in parameters if place == "path"} == set(re.findall(r"\{(\w+)\}", path))
        assert all(parameter.get("required") for parameter in operation["parameters"] if parameter["in"] == "path")
        assert all(answer["description"] for answer in operation["responses"].values())
        assert {"200", "304", "400", "503"} <= set(operation["responses"])
    openapi_spec_validator.validate(document)
    for schema in [*schemas(document), *document["components"]["schemas"].values()]:
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in references(document):
        found = document
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]


def test_every_path_is_in_the_document(document, demo):
    """And nothing else: what is not there is not found."""
    source = (corpus.SOURCE / "web" / "pages.c").read_text()
    assert len(set(re.findall(r"&api_\w+", source))) == len(document["paths"])
    assert get(demo[0] + "fun", 404).headers["Content-Type"] == "application/problem+json"


# --- every operation, by its schema ---

class Caller:
    """Calls operations of the document, and holds each answer against it."""

    def __init__(self, base, document):
        self.base, self.document = base.removesuffix("/api/v1/"), document

    def validate(self, schema, value):
        whole = {**schema, "components": self.document["components"]}  # what references lead to
        jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)

    def call(self, path, arguments, status=200):
        operation = operations(self.document)[path]
        url = self.base + re.sub(r"\{(\w+)\}", lambda match: requests.utils.quote(str(arguments[match[1]]), safe=""), path)
        query = {name: value for name, value in arguments.items() if "{%s}" % name not in path}
        answer = requests.get(url, params=query, timeout=60)
        assert answer.status_code == status, (answer.url, answer.status_code, answer.text[:500])
        media = answer.headers["Content-Type"].split(";")[0]
        content = operation["responses"][str(status)]["content"]
        assert media in content, (answer.url, media)
        if media.endswith("json"):
            self.validate(content[media]["schema"], answer.json())
        return answer


@pytest.fixture(scope="module")
def caller(demo, document):
    return Caller(demo[0], document)


def first(database, statement):
    return database.query(statement)[0][0]


@pytest.fixture(scope="module")
def good(demo):
    """Values that each argument takes, some of which find something."""
    _, database = demo
    return {
        "name": [first(database, "SELECT min(domain) FROM tlsrpt.domain_daily"), "EXAMPLE.com."],
        "id": [],  # see below
        "domain": [first(database, "SELECT min(domain) FROM tlsrpt.domain_daily"), "unknown.example", "EXAMPLE.com."],
        "mx": [first(database, "SELECT min(mx) FROM tlsrpt.mx_daily"), "unknown.example"],
        "reporter": ["Google Inc.", "'; DROP TABLE ledger.tally --", "\u00fc\u2028<b>"],
        "from": ["2026-01-01", "0001-01-01"],
        "to": ["9999-12-31", "2030-02-28"],
        "policy_type": ["sts", "tlsa", "no-policy-found", "other"],
        "result_type": ["certificate-expired", "unexplained", "no such type", "<script>"],
        "trusted": ["true", "false"],
        "failed": ["true", "false"],
        "source": ["https", "lmtp", "maildir", "command"],
        "text": ["a", "%_\\", "\u202e"],
        "limit": ["1", "7", "10000"],
        "after": [],  # taken from an answer
        "format": ["json"],
    }


BAD = {
    "domain": ["", "no name", "a..b", "x" * 300, "192.0.2.1", "a\n.example"],
    "mx": ["", "*", "a/b"],
    "reporter": [""],
    "from": ["", "yesterday", "2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "0000-01-01", "-001-01-01"],
    "to": ["", "2026-13-01", "10000-01-01", "2026-01-01 "],
    "policy_type": ["", "STS", "dane"],
    "result_type": [""],
    "trusted": ["", "1", "yes", "TRUE"],
    "failed": ["", "no"],
    "source": ["pigeon", "HTTPS"],
    "limit": ["", "0", "-1", "10001", "1.5", "ten", "99999999999999999999", " 7", "0x10"],
    "after": ["", "x", "1", "1.2.3", "....", "%00", "9" * 400, "1.1.1.1.1.xzz.1", "1-20260101-zz"],
    "format": ["", "xml", "JSON"],
}


def things(document, demo):
    """{path: arguments of its place, of a thing that is there}"""
    url, database = demo
    found = {}
    for path in operations(document):
        if "{" not in path:
            found[path] = {}
        elif "domains" in path:
            found[path] = {"name": first(database, "SELECT min(domain) FROM tlsrpt.domain_daily")}
        elif "reports" in path:
            found[path] = {"id": get(url + "reports?limit=1").json()["items"][0]["id"]}
        elif "rejected" in path:
            found[path] = {"id": get(url + "rejected?limit=1").json()["items"][0]["id"]}
    assert set(found) == set(operations(document))
    return found


def test_good_arguments(caller, document, demo, good):
    """One by one, and some together: each answer is of its schema."""
    for path, place in things(document, demo).items():
        caller.call(path, place)
        names = [parameter["name"] for parameter in operations(document)[path]["parameters"] if parameter["in"] == "query"]
        for parameter in operations(document)[path]["parameters"]:
            if parameter["in"] != "query":
                continue
            values = parameter["schema"].get("enum", []) if parameter["name"] == "format" else good[parameter["name"]]
            for value in values:
                if path.endswith("domains/{name}") and value == "0001-01-01":
                    caller.call(path, {**place, parameter["name"]: value}, 400)  # from 1970 on, as the document says
                    continue
                answer = caller.call(path, {**place, parameter["name"]: value})
                if "csv" == value:
                    assert answer.headers["Content-Type"].startswith("text/csv")
        together = {name: good[name][0] for name in names if good.get(name) and name not in ("to", "format")}
        caller.call(path, {**place, **together})
        if "after" in names:
            after = caller.call(path, {**place, "limit": 1}).json()["next"]
            assert after, path
            caller.call(path, {**place, "after": after})


def test_bad_arguments(caller, document, demo):
    """Each is a problem that names the argument; so is an argument that is not there."""
    for path, place in things(document, demo).items():
        for parameter in operations(document)[path]["parameters"]:
            if parameter["in"] != "query":
                continue
            for value in BAD.get(parameter["name"], []):
                if path.endswith("/mx") and (parameter["name"], value) == ("after", "1"):
                    continue  # a cursor there
                problem = caller.call(path, {**place, parameter["name"]: value}, 400).json()
                assert problem["argument"] == parameter["name"] and problem["status"] == 400, (path, value, problem)
                assert problem["detail"].startswith(parameter["name"] + ": "), problem
            problem = caller.call(path, {**place, parameter["name"]: ["1", "1"]}, 400).json()  # which of the two?
            assert problem["argument"] == parameter["name"]
        for name in ("fun", "Limit", "limit[]", "<script>"):
            assert caller.call(path, {**place, name: "1"}, 400).json()["argument"] == name


def test_no_byte_hides_what_follows(demo):
    """%00 ends neither a path nor a value."""
    url, database = demo
    domain = first(database, "SELECT min(domain) FROM tlsrpt.domain_daily")
    get(url + f"domains/{domain}%00.example", 404)
    assert get(url + "tally?limit=1%00", 400).json()["argument"] == "limit"
    assert get(url + f"tally?domain={domain}%00", 400).json()["argument"] == "domain"
    assert get(url + "tally?reporter=a%00b").json()["items"] == []
    assert get(url + "tally?&limit=1&").json()["items"]


def test_only_read(demo, document):
    """Other methods get a problem too; HEAD gets what GET does, without the body."""
    url, _ = demo
    for path, place in things(document, demo).items():
        link = url.removesuffix("/api/v1/") + re.sub(r"\{(\w+)\}", lambda match: str(place[match[1]]), path)  # pylint: disable=cell-var-from-loop
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = requests.request(method, link, timeout=60)
            assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD"
            assert answer.headers["Content-Type"] == "application/problem+json" and answer.json()["status"] == 405
        head, whole = requests.head(link, timeout=60), get(link)
        assert head.status_code == 200 and head.content == b""
        for name in ("Content-Type", "ETag", "Content-Length", "Content-Encoding", "Vary"):
            assert head.headers.get(name) == whole.headers.get(name), (path, name)


def test_order_of_days(caller):
    problem = caller.call("/api/v1/tally", {"from": "2026-11-02", "to": "2026-11-01"}, 400).json()
    assert problem["argument"] == "from"


def test_longest_span(caller, document, demo):
    """A domain's days are 800 at most, and the document says so."""
    path = "/api/v1/domains/{name}"
    assert "800 at most" in operations(document)[path]["description"]
    place = things(document, demo)[path]
    caller.call(path, {**place, "from": "2020-01-01", "to": "2022-03-10"})
    assert caller.call(path, {**place, "from": "2020-01-01", "to": "2022-03-12"}, 400).json()["argument"] == "from"


def test_missing_things(caller, document):
    for path, values in (("/api/v1/domains/{name}", ["unknown.example", "-", "a b", "'"]),
                         ("/api/v1/reports/{id}", ["x", "1-20260101-0000000000000000", "0", "9" * 300]),
                         ("/api/v1/rejected/{id}", ["0", "x", "9" * 30])):
        for value in values:
            caller.call(path, {re.search(r"\{(\w+)\}", path)[1]: value}, 404)


# --- pages ---

def all_of(url, limit=None):
    """Every item of a list, and how many pages it took."""
    items, pages, after = [], 0, None
    while pages == 0 or after:
        answer = requests.get(url, params={**({"limit": limit} if limit else {}), **({"after": after} if after else {})}, timeout=60)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        after = answer.json()["next"]
        pages += 1
    return items, pages


@pytest.mark.parametrize("name", LISTS)
def test_pages(demo, name):
    """In pages or at once it is the same, and nothing comes twice."""
    url, _ = demo
    whole, pages = all_of(url + name, 10000)
    assert pages == 1 and whole
    texts = [json.dumps(item) for item in whole]
    if name != "failures":
        assert len(set(texts)) == len(texts)
    step = max(1, len(whole) // 5)
    assert all_of(url + name, step) == (whole, -(-len(whole) // step))  # no empty page at the end


# --- figures ---

def summed(rows, names, *figures):
    found = {}
    for row in rows:
        key = tuple(str(row[name]) if name == "day" else row[name] for name in names)
        sums = found.setdefault(key, [0] * len(figures))
        for i, figure in enumerate(figures):
            sums[i] += row[figure]
    return {key: sums for key, sums in found.items() if any(sums)}


def from_sql(rows, keys):
    found = {}
    for row in rows:
        key, figures = tuple(str(row[0]) if i == 0 else row[i] for i in range(keys)), [int(n) for n in row[keys:]]
        if any(figures):
            found[key] = figures
    return found


def test_tally_equals_the_views(demo):
    url, database = demo
    items, _ = all_of(url + "tally", 10000)
    names = ("day", "domain", "mx", "policy_type", "reporter", "trusted")
    want = database.query("SELECT day, domain, mx, policy_type, reporter, trusted, successful_sessions,"
                          " shared_successful_sessions, failed_sessions FROM tlsrpt.mx_daily")
    assert summed(items, names, "successful_sessions", "shared_successful_sessions", "failed_sessions") == from_sql(want, 6)
    failed = [item for item in items if item["result_type"]]
    names = ("day", "domain", "mx", "policy_type", "result_type", "reporter", "trusted")
    want = database.query("SELECT day, domain, mx, policy_type, result_type, reporter, trusted, failed_sessions FROM tlsrpt.failure_daily")
    assert summed(failed, names, "failed_sessions") == from_sql(want, 7)


def test_failures_equal_the_view(demo):
    url, database = demo
    items, _ = all_of(url + "failures", 10000)
    names = ("day", "domain", "mx", "policy_type", "result_type", "reporter", "trusted")
    want = database.query("SELECT day, domain, mx, policy_type, result_type, reporter, trusted, failed_sessions FROM tlsrpt.failure_daily"
                          " WHERE result_type <> 'unexplained'")
    assert summed(items, names, "failed_sessions") == from_sql(want, 7)
    assert len(items) == first(database, "SELECT count(*) FROM ledger.failure")
    for item in items[:: max(1, len(items) // 20)]:
        get(url + "reports/" + item["report"])


def test_filters(demo):
    """Each filter finds just what of the whole fits."""
    url, _ = demo
    for name in ("tally", "failures"):
        whole, _ = all_of(url + name, 10000)
        days = sorted({item["day"] for item in whole})
        for argument in ("domain", "mx", "reporter", "policy_type", "result_type"):
            for value in sorted({item[argument] for item in whole if item[argument]})[:6]:
                found = get(url + name + "?" + requests.compat.urlencode({argument: value, "limit": 10000})).json()["items"]
                assert found == [item for item in whole if item[argument] == value], (name, argument, value)
        for trusted in (True, False):
            found = get(url + f"{name}?limit=10000&trusted={str(trusted).lower()}").json()["items"]
            assert found == [item for item in whole if item["trusted"] == trusted]
        begin, end = days[len(days) // 3], days[2 * len(days) // 3]
        found = get(url + f"{name}?limit=10000&from={begin}&to={end}").json()["items"]
        assert found == [item for item in whole if begin <= item["day"] <= end] and found
        assert get(url + f"{name}?domain=unknown.example").json() == {"items": [], "next": None}


def test_reports(demo):
    url, database = demo
    whole, _ = all_of(url + "reports", 10000)
    assert len(whole) == first(database, "SELECT count(*) FROM ledger.report")
    assert [item["day"] for item in whole] == sorted((item["day"] for item in whole), reverse=True)
    assert sum(item["failed_sessions"] for item in whole) == first(database, "SELECT sum(failed_sessions) FROM ledger.report")
    for failed in (True, False):
        found = get(url + f"reports?limit=10000&failed={str(failed).lower()}").json()["items"]
        assert found == [item for item in whole if (item["failed_sessions"] > 0) == failed] and found
    for reporter in ("Google Inc.", "Microsoft Corporation"):
        found = get(url + "reports?" + requests.compat.urlencode({"reporter": reporter, "limit": 10000})).json()["items"]
        assert found == [item for item in whole if item["reporter"] == reporter] and found
    rows = database.query("SELECT d.name, count(*) FROM ledger.domain d JOIN (SELECT domain_id, day, id FROM ledger.report UNION"
                          " SELECT domain_id, day, report_id FROM ledger.report_domain) r ON r.domain_id = d.id GROUP BY 1")
    for domain, count in rows:
        assert len(all_of(url + "reports?" + requests.compat.urlencode({"domain": domain}), 3)[0]) == count, domain


def test_report(demo):
    """One with everything, and its original, byte for byte."""
    url, database = demo
    wanted = json.loads((corpus.OWN / "sender-mailru.json").read_bytes())
    items = [item for item in all_of(url + "reports", 10000)[0] if item["report_id"] == wanted["report-id"]]
    one = get(url + "reports/" + items[0]["id"]).json()
    assert {key: one[key] for key in ("id", "reporter", "report_id", "failed_sessions", "url", "trusted")} == {
        key: items[0][key] for key in ("id", "reporter", "report_id", "failed_sessions", "url", "trusted")}
    assert [item["code"] for item in one["deviations"]] and {item["code"] for item in one["deviations"]} == set(items[0]["deviations"])
    original = get(url + "reports/" + items[0]["id"] + "?format=original")
    assert original.content == (corpus.OWN / "sender-mailru.json").read_bytes()
    assert original.headers["Content-Disposition"].startswith("attachment;")
    assert get(url.removesuffix("/api/v1/") + items[0]["url"]).headers["Content-Type"].startswith("text/html")


def test_mx(demo):
    url, database = demo
    found = {item["mx"]: (item["successful_sessions"], item["failed_sessions"]) for item in all_of(url + "mx", 10000)[0]}
    want = database.query("""SELECT m.name, coalesce(sum(sessions) FILTER (WHERE result = 'successful'), 0),
                                    coalesce(sum(sessions) FILTER (WHERE result <> 'successful'), 0)
                               FROM ledger.mx_day JOIN ledger.mx m ON m.id = mx_id GROUP BY 1""")
    assert found == {name: (int(good), int(bad)) for name, good, bad in want}


def test_domains(demo):
    url, database = demo
    until(lambda: database.query("SELECT count(*) FROM ledger.verdict_due") == [(0,)])
    items, _ = all_of(url + "domains", 10000)
    order = {name: urgency for name, urgency in database.query("SELECT name, urgency FROM ledger.domain_status")}
    keys = [(order[item["name"]], -item["failed_sessions"], item["name"]) for item in items]
    assert keys == sorted(keys) and {item["attention"] for item in items} >= {"failing", "none"}
    want = {name: row for name, *row in database.query(
        "SELECT d.name, successful_sessions, failed_sessions FROM ledger.domain_status JOIN ledger.domain d ON d.id = domain_id")}
    assert {item["name"]: [item["successful_sessions"], item["failed_sessions"]] for item in items} == want
    for item in items:
        one = get(url + "domains/" + item["name"]).json()
        for key in ("name", "successful_sessions", "failed_sessions", "reporters", "last_report_at", "worst_mx", "mode", "url"):
            assert one[key] == item[key], (item["name"], key)
        days = {(day, kind): (int(good), int(bad)) for day, kind, good, bad in database.query(
            "SELECT day::text, policy_type, sum(successful_sessions), sum(failed_sessions) FROM tlsrpt.domain_daily"
            " WHERE domain = %s AND day BETWEEN %s AND %s GROUP BY 1, 2", item["name"], one["from"], one["to"])}
        assert {(day["day"], day["policy_type"]): (day["successful_sessions"], day["failed_sessions"]) for day in one["by_day"]} == days


# --- CSV ---

def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("name", LISTS)
def test_csv_is_the_same(demo, name):
    """The items as a table: same names, same values, numbers as numbers."""
    url, _ = demo
    items, _ = all_of(url + name, 10000)
    answer = get(url + name + "?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="tlsrptd-{name}.csv"'
    head, *rows = rows_of(answer.content.decode())
    assert head == list(items[0]) and len(rows) == len(items)
    for row, item in zip(rows, items):
        for text, (key, value) in zip(row, item.items()):
            if isinstance(value, bool):
                value = str(value).lower()
            elif isinstance(value, list):
                value = " ".join(value)
            elif isinstance(value, int):
                assert re.fullmatch(r"\d+", text)
                value = str(value)
            elif value is None:
                value = ""
            assert text in (value, "'" + value), (key, text, value)
            assert text[:1] not in tuple("=+-@\t\r\n"), (key, text)
    lines = answer.content.split(b"\r\n")
    assert lines[-1] == b"" and lines[0].decode() == ",".join(head)


def test_csv_pages(demo):
    """A list that is longer goes on where the header field Link says."""
    url, _ = demo
    whole = rows_of(get(url + "tally?format=csv").content.decode())
    found, after = [], url + "tally?format=csv&limit=50"
    while after:
        answer = get(after)
        found += rows_of(answer.content.decode())[1:]
        link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
        after = link and url.removesuffix("/api/v1/") + link[1]
    assert found == whole[1:]


HOSTILE = ['=cmd|\' /C calc\'!A0', "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", '"quoted", "twice"', "a,b;c", "line\r\nbreak",
           "<script>alert(1)</script>", "\u202egnp.exe", "'; DROP TABLE ledger.tally; --", "\\u0000 \\", "}{][", "=HYPERLINK(\"http://x\")"]


def test_hostile_texts(service, database):
    """They come back as they were sent (controls aside), in JSON; in CSV none is a formula, and each is one cell."""
    api = service.web + "/api/v1/"
    for number, text in enumerate(HOSTILE):
        report = json.loads((corpus.OWN / "sender-google.json").read_bytes())
        report["organization-name"], report["report-id"], report["contact-info"] = text, f"{text}{number}", text
        detail = report["policies"][0]["failure-details"][0]
        detail.update({"result-type": text, "receiving-mx-helo": text, "additional-information": text, "failure-reason-code": text})
        assert post(service.https, json.dumps(report).encode()).status_code == 201
    tables = {name: get(api + name + "?limit=1000").json()["items"] for name in ("tally", "failures", "reports")}
    known = {value for (value,) in database.query("SELECT name FROM ledger.reporter UNION SELECT report_id FROM ledger.report"
                                                  " UNION SELECT receiving_mx_helo FROM ledger.failure")}
    assert {item["reporter"] for item in tables["reports"]} | {item["report_id"] for item in tables["reports"]} <= known
    assert {item["receiving_mx_helo"] for item in tables["failures"]} - {None} <= known
    for name, items in tables.items():
        head, *rows = rows_of(get(f"{api}{name}?format=csv&limit=1000").content.decode())
        assert len(rows) == len(items) and {len(row) for row in rows} == {len(head)}
        cells = [cell for row in rows for cell in row]
        assert not [cell for cell in cells if re.match(r"[=+\-@\t\r\n]", cell)]
        for row, item in zip(rows, items):
            cell = row[head.index("reporter")]
            assert cell == ("'" if re.match(r"[=+\-@\t\r\n]", item["reporter"]) else "") + item["reporter"]
    for name in ("tally", "failures", "reports"):
        for text in HOSTILE:
            argument = requests.compat.urlencode({"reporter": text, "limit": 1000})
            assert {item["reporter"] for item in get(f"{api}{name}?{argument}").json()["items"]} <= {text}
    settled(database)
    get(api + "domains/" + tables["reports"][0]["domain"])
    assert first(database, "SELECT count(*) FROM ledger.report") == len(HOSTILE)


# --- what a client has, and how it travels ---

def test_etag(demo):
    url, _ = demo
    for name in (*LISTS, "openapi.json"):
        answer = get(url + name)
        etag = answer.headers["ETag"]
        again = requests.get(url + name, headers={"If-None-Match": f'W/"other", {etag}'}, timeout=60)
        assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == etag
        assert "Content-Encoding" not in again.headers
        assert get(url + name, **{"If-None-Match": '"other"'}).json() == answer.json()
    assert get(url + "tally?limit=1").headers["ETag"] != get(url + "tally?limit=2").headers["ETag"]


def test_gzip(demo):
    """For those who take it; a cache must not give the one to the other."""
    url, _ = demo
    sizes = {}
    for accept, packed in (("gzip", True), ("deflate, gzip;q=0.5", True), ("*", True), ("identity", False), ("gzip;q=0", False),
                           ("gzip;q=0, *", False), ("", False), ("xgzip", False), ("gzip;q=0.001", True), ("gzip; q=0.000", False),
                           ("GZIP;Q=1.000", True), ("*;q=0", False), ("*;q=0, gzip", True), ("br, gzip;q=0.1, identity;q=0.5", False),
                           ("identity;q=0.5, gzip;q=0.5", True), ("gzip;q=x", False), (",,gzip", True)):
        answer = requests.get(url + "tally", headers={"Accept-Encoding": accept}, timeout=60, stream=True)
        raw = answer.raw.read(decode_content=False)
        assert ("Content-Encoding" in answer.headers) == packed, accept
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert json.loads(gzip.decompress(raw) if packed else raw)["items"]
        sizes[packed] = len(raw), answer.headers["ETag"]
    assert sizes[True][0] * 4 < sizes[False][0] and sizes[True][1] != sizes[False][1]


# --- faults ---

def test_database_away(service, postgres):
    postgres.stop()
    for name in LISTS:
        answer = get(service.web + "/api/v1/" + name, 503)
        assert answer.headers["Content-Type"] == "application/problem+json" and answer.headers["Retry-After"]
        assert answer.json()["status"] == 503
    assert get(service.web + "/api/v1/openapi.json").json()["openapi"]
    postgres.start()
    until(lambda: requests.get(service.web + "/api/v1/tally", timeout=60).status_code == 200)


def test_nobody_without_login(tlsrptd):
    user = tlsrptd.run("user", "ops", input="correct horse battery\n").stdout.strip().splitlines()[-1]
    user = json.loads(user) if user.startswith('"') else user
    with tlsrptd.serve(settings={"web": {"users": [user]}}) as service:
        for path in ("tally", "openapi.json", "rejected/1"):
            answer = get(service.web + "/api/v1/" + path, 401)
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert requests.get(service.web + "/api/v1/tally", timeout=60, auth=("ops", "correct horse battery")).json() == {
            "items": [], "next": None}
