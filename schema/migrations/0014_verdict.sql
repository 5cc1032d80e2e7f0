-- Verdicts: the newest of each domain, how they changed, what operators acknowledged, and which are due.

-- For the overview and /metrics.
ALTER TABLE ledger.domain_status
    ADD COLUMN stage   text NOT NULL DEFAULT 'none',
    ADD COLUMN verdict text NOT NULL DEFAULT 'unknown';
CREATE INDEX domain_status_verdict
    ON ledger.domain_status (verdict, attention, (-failed_sessions), name);

-- Domains whose verdict is behind: written with their status, taken by whoever judges. `urgent`: a report
-- has come; else only time has passed.
CREATE TABLE ledger.verdict_due (
    domain_id integer NOT NULL,
    urgent    boolean NOT NULL
);
CREATE INDEX verdict_due_order ON ledger.verdict_due (urgent DESC, domain_id);

CREATE TABLE ledger.verdict (
    domain_id    integer PRIMARY KEY,
    stage        text NOT NULL,          -- none, reporting, testing, enforce, removing
    verdict      text NOT NULL,          -- ready, ready-limited, not-yet, unknown, healthy, failing
    dane         text NOT NULL,          -- healthy, failing, unknown
    result       jsonb NOT NULL,         -- all of it, as the API gives it
    reasons      integer NOT NULL,
    clean_days   integer NOT NULL,
    evaluated_at timestamptz NOT NULL,
    today        date NOT NULL           -- the day that counted as today
);

-- Each time that stage or verdict became another, with the input from which it can be made again.
CREATE TABLE ledger.verdict_change (
    domain_id    integer NOT NULL,
    at           timestamptz NOT NULL,
    from_stage   text,                   -- NULL: the first
    from_verdict text,
    stage        text NOT NULL,
    verdict      text NOT NULL,
    code         text NOT NULL,          -- of the heaviest reason
    sentence     text NOT NULL,
    input        jsonb,
    PRIMARY KEY (domain_id, at)
);

-- Failures that an operator does not wait for, until they recur.
CREATE TABLE ledger.verdict_ack (
    domain_id integer NOT NULL,
    mx        text NOT NULL,             -- '': none is named
    result    text NOT NULL,
    last_day  date NOT NULL,             -- the newest day with it, when it was acknowledged
    note      text NOT NULL,
    who       text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (domain_id, mx, result)
);

INSERT INTO ledger.verdict_due (domain_id, urgent) SELECT domain_id, false FROM ledger.domain_status;
