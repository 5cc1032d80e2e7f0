"""deploy/dashboards: the rules are raised by what they should and by nothing else, and every query of both
dashboards gives rows: of a real Prometheus that reads a real service, and of the views as a reader.

SPDX-License-Identifier: MIT
"""
import itertools
import json
import re
import socket
import subprocess

import conftest
import corpus
import psycopg2
import pytest
import requests
import yaml
from conftest import Tlsrptd
from doors import post, until

DASHBOARDS = conftest.SOURCE / "deploy" / "dashboards"
RULES = DASHBOARDS / "tlsrptd.rules.yml"
RULE_TESTS = sorted((conftest.SOURCE / "tests" / "integration" / "rules").glob("*.yml"))
BOARDS = {kind: json.loads((DASHBOARDS / f"tlsrptd-{kind}.json").read_text()) for kind in ("prometheus", "postgresql")}
METRICS = set(re.findall(r'\.name = "(tlsrpt_\w+)"', (conftest.SOURCE / "web" / "metrics.c").read_text()))
PAGES = "http://127.0.0.1:8460"  # as the files say
REPORT = json.loads((corpus.OWN / "sender-google.json").read_bytes())
MX = REPORT["policies"][0]["failure-details"][0]["receiving-mx-hostname"]


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


# --- rules ---

def promtool(*words):
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_are_well_formed():
    promtool("check", "rules", RULES)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_rules(path):
    promtool("test", "rules", path)


def test_every_alert_is_tested():
    """Each is raised by something, with its whole text, and by something else it is not."""
    checks = [check for path in RULE_TESTS for group in yaml.safe_load(path.read_text())["tests"] for check in group["alert_rule_test"]]
    raised = {check["alertname"] for check in checks if check.get("exp_alerts")}
    quiet = {check["alertname"] for check in checks if not check.get("exp_alerts")}
    assert raised == quiet == {alert["alert"] for alert in alerts()}
    assert all(set(alert["exp_annotations"]) == {"summary", "description", "link"} for check in checks for alert in check.get("exp_alerts", []))


def test_alert_texts():
    """Each says what, where and what to do, and leads to a page; REFERENCE.md names it."""
    text = (DASHBOARDS / "REFERENCE.md").read_text()
    for alert in alerts():
        assert alert["labels"]["severity"] in ("critical", "warning", "info")
        assert set(alert["annotations"]) == {"summary", "description", "link"}
        assert alert["annotations"]["link"].startswith(PAGES + "/")
        assert f"`{alert['alert']}`" in text


def queries_of(board):
    return [(panel, target.get("expr") or target["rawSql"]) for panel in board["panels"] for target in panel.get("targets", [])]


def test_only_metrics_that_exist():
    texts = [rule["expr"] for rule in rules()] + [query for _, query in queries_of(BOARDS["prometheus"])]
    for text in texts:
        assert {re.sub("_bucket$", "", name) for name in re.findall(r"\btlsrpt_\w+", text)} <= METRICS, text
        recorded = {rule["record"] for rule in rules() if "record" in rule}
        assert set(re.findall(r"\btlsrpt:[\w:]+", text)) <= recorded, text


# --- the dashboards as files ---

@pytest.mark.parametrize("kind", BOARDS)
def test_structure(kind):
    board = BOARDS[kind]
    assert board["uid"] == f"tlsrptd-{kind}" and board["schemaVersion"] >= 38 and "id" not in board and board["title"] and board["description"]
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) and len({panel["title"] for panel in panels}) == len(panels)
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["url"]["query"] == PAGES
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = set(itertools.product(range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])))
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells
        if panel["type"] == "row":
            continue
        assert len(panel["description"]) > 30 and panel["description"].endswith(".") and panel["fieldConfig"]["defaults"]["unit"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
        assert panel.get("repeat", "datasource") in variables
    text = json.dumps(board)
    assert set(re.findall(r'"uid": "([^"]*)"', text)) == {board["uid"], "${datasource}"}
    used = {name or plain for name, plain in re.findall(r"\$\{(\w+)(?=[:}])|\$(\w+)", text)}
    used = {name for name in used if not name.startswith("__")}
    assert used == set(variables)
    for url in re.findall(r'"url": "([^"]*)"', text):
        assert url.startswith("${url:raw}/")


@pytest.mark.parametrize("kind", BOARDS)
def test_policy_types_are_never_added(kind):
    """Some reporters list the same sessions under two of them."""
    for panel, query in queries_of(BOARDS[kind]):
        if kind == "prometheus":
            for part in re.findall(r"tlsrpt_(?:all_)?sessions_total\{[^}]*\}", query):
                assert 'policy_type="$policy_type"' in part or re.search(r"sum by \((\w+, )*policy_type|max by \(policy_type\)", query), panel["title"]
        elif "sum(" in query.split(" ORDER BY ")[0]:
            assert "policy_type = " in query or re.search(r"SELECT [^.]*\bpolicy_type\b.* GROUP BY (1, 2|policy_type)\b", query), panel["title"]


# --- a service with data, and a Prometheus that reads it ---

class Prometheus:
    """Its own server, data in DIRECTORY, which reads one service every second."""

    def __init__(self, directory, target):
        self.directory = directory
        # The same rules, but evaluated every second too.
        (directory / "rules.yml").write_text(re.sub(r"interval: 5m", "interval: 1s", RULES.read_text()))
        (directory / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(directory / "rules.yml")],
            "scrape_configs": [{"job_name": "tlsrptd", "static_configs": [{"targets": [target]}]}]}))
        self.process = None
        for _ in range(5):  # somebody else may take the port between the two
            with socket.create_server(("127.0.0.1", 0)) as chosen:
                address = "%s:%d" % chosen.getsockname()
            self.url = f"http://{address}/api/v1/"
            if self.start(address):
                return
        raise AssertionError((directory / "log").read_text())

    def start(self, address):
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", "prometheus", f"--config.file={self.directory / 'prometheus.yml'}",
                                             f"--storage.tsdb.path={self.directory / 'data'}", f"--web.listen-address={address}"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: self.process.poll() is not None or self.ready(address), 60)
        return self.process.poll() is None

    @staticmethod
    def ready(address):
        try:
            return requests.get(f"http://{address}/-/ready", timeout=10).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def ask(self, what, **parameters):
        answer = requests.get(self.url + what, params=parameters, timeout=60).json()
        assert answer["status"] == "success", (answer, parameters)
        return answer["data"]

    def rows(self, query):
        return self.ask("query", query=query)["result"]

    def rows_of_days(self, query, now):
        return self.ask("query_range", query=query, start=now - 600, end=now, step=5)["result"]


def post_another(service, number):
    """Google's report once more, with another id: the counters that it made before rise."""
    report = {**REPORT, "report-id": f"another{number}"}
    assert post(service.https, json.dumps(report).encode()).status_code == 201


@pytest.fixture(scope="module")
def demo(postgres_server, migrated, certificate, tmp_path_factory):
    """(service, database) with the sample reports, the corpus, and a role that may read."""
    database = postgres_server.create(migrated.name)
    role = f"grafana_{database.name}"
    with Tlsrptd(database, tmp_path_factory.mktemp("dashboards"), *certificate).serve("--demo") as service:
        service.wait_for("^demo .*stored=")
        for sample in sorted(corpus.OWN.glob("sender-*.json")):
            post(service.https, sample.read_bytes())
        database.query(f"CREATE ROLE {role} LOGIN; GRANT tlsrptd_reader TO {role}")
        yield service, database, role
    postgres_server.drop(database)
    conftest.Database(postgres_server, "postgres").query(f"DROP ROLE {role}")


@pytest.fixture(scope="module")
def prometheus(demo, tmp_path_factory):
    service, _, _ = demo
    server = Prometheus(tmp_path_factory.mktemp("prometheus"), service.web.removeprefix("http://"))
    try:
        until(lambda: server.rows("tlsrpt_all_sessions_total"), 60)
        for number in range(3):
            post_another(service, number)
        until(lambda: server.rows(f'increase(tlsrpt_mx_failed_sessions_total{{mx="{MX}"}}[1d]) > 0'), 60)
        yield server
    finally:
        server.stop()


def promql(query):
    """What Grafana puts in for its variables."""
    for name, value in (("$__rate_interval", "1m"), ("$__interval", "1d"), ("$job", "tlsrptd"), ("$domain", ".*"), ('="$policy_type"', '="sts"'),
                        ('"$policy_type"', '"sts|tlsa"')):
        query = query.replace(name, value)
    assert "$" not in query
    return query


def test_prometheus_queries(prometheus):
    """Every panel's; the graphs' over a span of time."""
    empty = []
    now = float(prometheus.ask("query", query="time()")["result"][0])
    for panel, query in queries_of(BOARDS["prometheus"]):
        rows = prometheus.rows_of_days(promql(query), now) if panel["type"] == "timeseries" else prometheus.rows(promql(query))
        if not rows:
            empty.append((panel["title"], query))
    assert not empty
    (row,) = prometheus.rows(promql(next(query for panel, query in queries_of(BOARDS["prometheus"]) if panel["title"] == "Database")))
    assert row["value"][1] == "1"


def test_prometheus_variables(prometheus):
    found = 0
    for variable in BOARDS["prometheus"]["templating"]["list"]:
        if variable["type"] == "query":
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", promql(variable["query"]["query"])).groups()
            assert prometheus.ask(f"label/{label}/values", **{"match[]": series}), variable["name"]
            found += 1
    assert found == 3


def test_rules_are_evaluated(prometheus):
    """By the real server over real figures: none has a fault, and a service with fresh reports raises no alarm about itself.
    Of the sample domains one fails in enforce, and set-ups have faults and certificates that run out."""
    def of_server():
        return [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    until(lambda: all(rule["health"] == "ok" for rule in of_server()), 60)
    assert len(of_server()) == len(rules())
    raised = {rule["name"] for rule in of_server() if rule.get("alerts")}
    assert raised <= {"TlsrptNoReportForDomain", "TlsrptEnforceFailing", "TlsrptCertificateExpiring", "TlsrptSetupFaulty"}


def test_links_of_alerts(demo):
    """Lead to pages that are there."""
    service, database, _ = demo
    ((domain,),) = database.query("SELECT domain FROM tlsrpt.domain_daily ORDER BY failed_sessions DESC LIMIT 1")
    labels = {"domain": domain, "mx": MX, "source": "https"}
    for alert in alerts():
        path = re.sub(r"\{\{ \$labels\.(\w+) \| urlquery \}\}", lambda match: labels[match[1]], alert["annotations"]["link"].removeprefix(PAGES))
        assert "{" not in path
        assert requests.get(service.web + path, timeout=60).status_code == 200, path


# --- PostgreSQL, as Grafana asks it ---

def sql(query, domains):
    """What Grafana puts in for its macros and variables, in the last hundred years."""
    query = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN '1926-01-01T10:11:12Z' AND '2099-12-31T10:11:12Z'", query)
    query = re.sub(r"\$__timeGroup\((\w+), \$__interval\)", r"floor(extract(epoch from \1)/86400)*86400", query)
    query = query.replace("policy_type = ${policy_type:sqlstring}", "policy_type = 'sts'")
    for name, value in (("domain", domains), ("trusted", "'true','false'"), ("policy_type", "'sts','tlsa','no-policy-found'")):
        query = query.replace("${%s:sqlstring}" % name, value)
    assert "$" not in query
    return query


@pytest.fixture(scope="module")
def as_reader(demo):
    """Asks as a role that was only granted tlsrptd_reader, and may write nothing."""
    _, database, role = demo
    connection = psycopg2.connect(database.conninfo.replace("user=tests", f"user={role}"))
    connection.autocommit = True

    def ask(query):
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [column.name for column in cursor.description], cursor.fetchall()
    yield ask
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask("DELETE FROM ledger.tally RETURNING 1")
    connection.close()


@pytest.mark.parametrize("all_domains", (True, False))
def test_postgresql_queries(demo, as_reader, all_domains):
    _, database, _ = demo
    ((domain,),) = database.query("SELECT domain FROM tlsrpt.failure_daily WHERE mx IS NOT NULL AND policy_type = 'sts' ORDER BY failed_sessions DESC LIMIT 1")
    domains = "'*'" if all_domains else f"'{domain}'"
    for panel, query in queries_of(BOARDS["postgresql"]):
        names, rows = as_reader(sql(query, domains))
        assert rows, (panel["title"], query)
        if panel["type"] == "timeseries":
            assert names[0] == "time" and all(row[0] % 86400 == 0 for row in rows)
        for override in panel["fieldConfig"]["overrides"]:
            if override["matcher"]["id"] == "byName":
                assert override["matcher"]["options"] in names, panel["title"]
        if "domain" in names and not all_domains:
            assert {row[names.index("domain")] for row in rows} == {domain}


def test_postgresql_variable(demo, as_reader):
    _, database, _ = demo
    (variable,) = [variable for variable in BOARDS["postgresql"]["templating"]["list"] if variable["type"] == "query"]
    _, rows = as_reader(sql(variable["query"], ""))
    assert sorted(rows) == sorted(database.query("SELECT DISTINCT domain FROM tlsrpt.domain_daily"))


def test_postgresql_figures(demo, as_reader):
    """One panel added up by hand: what it shows is what the tally holds."""
    _, database, _ = demo
    (query,) = [query for panel, query in queries_of(BOARDS["postgresql"]) if panel["title"].startswith("Sessions by result")]
    _, rows = as_reader(sql(query, "'*'"))
    want = database.query("""SELECT sum(sessions) FILTER (WHERE result = 'successful'), sum(sessions) FILTER (WHERE result = 'total-failure')
                               FROM ledger.tally WHERE policy_type = 'sts'""")
    assert [tuple(sum(row[i] for row in rows) for i in (1, 2))] == want
