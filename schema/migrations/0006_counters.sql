-- Running totals for Prometheus: what was ever counted, so that no counter falls when retention
-- removes rows. A batch only appends what it added, in its own transaction, to the marks that the
-- status is made from anyway (touched, touched_mx); whoever takes the marks adds them up here. So no
-- batch waits for another one's counters.

ALTER TABLE ledger.touched
    ADD COLUMN policy_type       text,          -- NULL, with all below: nothing was counted
    ADD COLUMN result            text,          -- as in ledger.counter
    ADD COLUMN sessions          bigint,
    ADD COLUMN mirrored_sessions bigint;

CREATE TABLE ledger.touched_mx (
    mx_id           integer NOT NULL,
    failed_sessions bigint NOT NULL
);

-- result is as in ledger.tally, but for types that are not registered: those are `other` together,
-- since their names are strangers'. domain_id 0: all domains.
CREATE TABLE ledger.counter (
    domain_id         integer NOT NULL,
    policy_type       text NOT NULL,
    result            text NOT NULL,
    sessions          bigint NOT NULL,
    mirrored_sessions bigint NOT NULL,          -- of these, told under another policy type too
    PRIMARY KEY (domain_id, policy_type, result)
) WITH (fillfactor = 80);

-- Failed sessions of one MX over all domains, mirrored ones once.
CREATE TABLE ledger.mx_counter (
    mx_id           integer PRIMARY KEY,
    failed_sessions bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX mx_counter_failed ON ledger.mx_counter (failed_sessions DESC, mx_id);

-- Reports by door and outcome. Every batch of every writer adds to these few rows, so each connection
-- has its own slot of them.
CREATE TABLE ledger.report_counter (
    source  text NOT NULL,
    outcome text NOT NULL,
    slot    smallint NOT NULL,
    reports bigint NOT NULL,
    PRIMARY KEY (source, outcome, slot)
) WITH (fillfactor = 50);

-- How many rows a table has, where counting them would take long: domain_status, mx_counter.
CREATE TABLE ledger.total (
    name   text PRIMARY KEY,
    number bigint NOT NULL
);

-- What was counted before.
INSERT INTO ledger.counter (domain_id, policy_type, result, sessions, mirrored_sessions)
SELECT coalesce(domain_id, 0), policy_type, kind, ledger.sessions(sum(sessions)),
       ledger.sessions(sum(mirrored_sessions))
  FROM (SELECT domain_id, policy_type, sessions, mirrored_sessions,
               CASE WHEN result IN ('successful', 'total-failure', 'unexplained',
                                    'starttls-not-supported', 'certificate-host-mismatch',
                                    'certificate-expired', 'certificate-not-trusted',
                                    'validation-failure', 'tlsa-invalid', 'dnssec-invalid',
                                    'dane-required', 'sts-policy-fetch-error',
                                    'sts-policy-invalid', 'sts-webpki-invalid')
                    THEN result ELSE 'other' END AS kind
          FROM ledger.tally) t
 GROUP BY GROUPING SETS ((domain_id, policy_type, kind), (policy_type, kind));

INSERT INTO ledger.mx_counter (mx_id, failed_sessions)
SELECT mx_id, ledger.sessions(sum(sessions))
  FROM ledger.mx_day
 WHERE result <> 'successful'
 GROUP BY mx_id;

INSERT INTO ledger.report_counter (source, outcome, slot, reports)
SELECT source, 'stored', 0, count(*) FROM ledger.report GROUP BY source
UNION ALL
SELECT last_arrival_source, 'duplicate', 0, sum(arrivals - 1) FROM ledger.report
 WHERE arrivals > 1 GROUP BY last_arrival_source
UNION ALL
SELECT source, 'rejected', 0, sum(times) FROM ledger.rejected GROUP BY source;

INSERT INTO ledger.total (name, number)
SELECT 'domains', count(*) FROM ledger.domain_status
UNION ALL
SELECT 'mx', count(*) FROM ledger.mx_counter;
