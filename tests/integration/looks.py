"""Looks at live set-ups, written into the ledger by the statements with which the program writes them; without a network.

SPDX-License-Identifier: MIT
"""
import datetime
import json
import os
import pathlib

import psycopg2

GATES = ("record", "policy-host", "policy-text", "mode", "mx-listed", "mx-tls", "certificates", "reporting", "rollback")
STEPS = ("reporting", "record", "policy-host", "policy", "mx", "servers", "dane")
UNKNOWN, TRUE, FALSE = 0, 1, 2
SQL = pathlib.Path(os.environ["TLSRPTD_SOURCE"]) / "schema" / "sql"


def ago(**span):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span)


class Look:
    """One look, all of it good; what is given is otherwise. HOSTS: {MX: result type that it fails with, "" for none, None: not known}.
    FINDINGS: (code, subject, severity, step, title). EXPIRES: when the certificates of the MX hosts end."""

    def __init__(self, hosts=("mx1.a.example", "mx2.a.example"), mode="testing", host=TRUE, gates=None, found=None, steps=None, findings=(),
                 expires=None, certificate="c1"):
        self.hosts = hosts if isinstance(hosts, dict) else dict.fromkeys(hosts, "")
        self.mode, self.host, self.findings, self.certificate = mode, host, findings, certificate
        self.gates = [(gates or {}).get(gate, TRUE) for gate in GATES]
        self.found = [(found or {}).get(gate, "") for gate in GATES]
        self.steps = [(steps or {}).get(step, "absent" if step == "dane" else "good") for step in STEPS]
        self.expires = expires or ago(days=-60)

    def errors(self, severity):
        return sum(finding[2] == severity for finding in self.findings)

    def store(self, database, domain, at=None):
        """As setup_store() does it; True: the verdict of DOMAIN became due."""
        at = at or ago(seconds=0)
        connection = psycopg2.connect(database.conninfo)
        try:
            with connection, connection.cursor() as cursor:
                return self.write(cursor, domain, at)
        finally:
            connection.close()

    def write(self, cursor, domain, at):
        def run(name, *values):
            cursor.execute(f"PREPARE {name} AS {(SQL / name).with_suffix('.sql').read_text()}".replace("%", "%%"))
            cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})", values)
            rows = cursor.fetchall() if cursor.description else []
            cursor.execute(f"DEALLOCATE {name}")
            return rows

        number = run("store_domain", [domain])[0][0]
        verdict = "not-yet" if FALSE in self.gates else "ready-limited" if UNKNOWN in self.gates else "ready"
        policy = f"version: STSv1\nmode: {self.mode}\n" + "".join(f"mx: {mx}\n" for mx in self.hosts) + "max_age: 86400\n"
        counts = (self.errors("error"), self.errors("warning"))
        done = run("setup_put", number, at, True, 900, verdict, *counts, self.errors("unknown"), self.steps, self.gates, self.found, self.host,
                   "20261101T000000", self.mode, 86400, "0" * 64, json.dumps({"domain": domain, "mx": []}))
        if not done:
            return False
        changed = done[0][0]
        run("setup_run", number, at, True, verdict, *counts, self.gates)
        columns = zip(*[(code, subject, severity, step, title, "It was seen.", "Mend it.", "", severity == "error", None)
                        for code, subject, severity, step, title in self.findings]) if self.findings else [[]] * 10
        run("setup_findings", number, at, [step for step, state in zip(STEPS, self.steps) if state == "unknown"], *map(list, columns))
        values = [("mx", mx) for mx in self.hosts] + [("mx-set", " ".join(sorted(self.hosts)))]
        run("setup_values", number, at, *map(list, zip(*values)), [300] * len(values))
        run("setup_policy", number, at, "20261101T000000", "0" * 64, self.mode, 86400, policy)
        names, fails = list(self.hosts), list(self.hosts.values())
        count = len(names)
        changed |= run("setup_mx", number, at, names, [f"192.0.2.{place + 1}" for place in range(count)], [10] * count, [at] * count,
                       ["open" if fail is not None else "timeout" for fail in fails], ["offered"] * count, ["TLSv1.3"] * count,
                       ["none"] * count, [UNKNOWN if fail is None else FALSE if fail else TRUE for fail in fails],
                       [fail or "" for fail in fails], [""] * count, [self.certificate] * count, [at - datetime.timedelta(days=30)] * count,
                       [self.expires] * count)[0][0]
        if changed:
            run("setup_verdict_due", number)
        return changed
