-- The ledger: dictionaries, reports, failures, the tally, and what could not be counted.
--
-- Keys of every table that grows per domain begin with domain_id, and joins between them are on it,
-- so that these tables can be distributed by domain_id. Days are UTC days. Counts are sessions.

CREATE SCHEMA ledger;

-- A sum of sessions, NULL being none, and never above 10^18. A count may be up to 2^53, so that a
-- thousand forged reports would otherwise bring a sum beyond bigint and make every query that meets
-- it fail.
CREATE FUNCTION ledger.sessions(total numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT least(coalesce(total, 0), 1e18)::bigint';

-- Dictionaries: name -> id. Names are canonical: lower-case A-labels without trailing dot.
CREATE TABLE ledger.domain (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ledger.reporter (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,            -- organization-name, as sent
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ledger.mx (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Each distinct policy text that reports quote, never changed: the days on which it was seen are the
-- tally's. id = 64 bits of SHA-256 over type, text and hosts.
CREATE TABLE ledger.policy (
    domain_id       integer NOT NULL,
    id              bigint NOT NULL,
    type            text NOT NULL,              -- sts, tlsa, no-policy-found, other
    body            text NOT NULL,              -- canonical, lines ended by LF; '' when not told
    mode            text NOT NULL,              -- of an sts policy; '' when not told
    mx              text[] NOT NULL,            -- patterns
    max_age_seconds bigint,
    PRIMARY KEY (domain_id, id)
);

-- One row per accepted report, under the domain of its first policy.
-- id = 64 bits of SHA-256 over (organization, report-id, begin, first policy domain, variant);
-- variant 0 is the first sender that used this identity.
CREATE TABLE ledger.report (
    domain_id           integer NOT NULL,
    day                 date NOT NULL,
    id                  bigint NOT NULL,
    variant             smallint NOT NULL,
    reporter_id         integer NOT NULL,
    report_id           text NOT NULL,
    contact             text,
    submitter           text,
    begin_at            timestamptz NOT NULL,
    end_at              timestamptz NOT NULL,
    successful_sessions bigint NOT NULL,        -- blocks that mirror each other once
    failed_sessions     bigint NOT NULL,
    content             bytea NOT NULL,         -- SHA-256 of all that is counted
    trusted             boolean NOT NULL,
    trust_ground        text NOT NULL,
    source              text NOT NULL,          -- https, lmtp, maildir, command
    origin              text NOT NULL,          -- client address or path
    received_at         timestamptz NOT NULL,
    deviations          text[] NOT NULL,        -- codes, each once
    mail_domain         text,                   -- TLS-Report-Domain
    mail_submitter      text,                   -- TLS-Report-Submitter
    mail_from           text,
    mail_message_id     text,
    original            bytea NOT NULL,         -- the JSON, gzip
    arrivals            integer NOT NULL DEFAULT 1,
    last_arrival_at     timestamptz,
    last_arrival_source text,
    PRIMARY KEY (domain_id, day, id)
) PARTITION BY RANGE (day);
ALTER TABLE ledger.report ALTER COLUMN original SET STORAGE EXTERNAL;   -- compressed already

-- Reports that speak of further domains, so that those find them too.
CREATE TABLE ledger.report_domain (
    domain_id        integer NOT NULL,
    day              date NOT NULL,
    report_id        bigint NOT NULL,
    report_domain_id integer NOT NULL,          -- ledger.report.domain_id
    PRIMARY KEY (domain_id, day, report_id)
);

-- One row per failure detail.
CREATE TABLE ledger.failure (
    domain_id              integer NOT NULL,
    day                    date NOT NULL,
    report_id              bigint NOT NULL,
    policy_number          smallint NOT NULL,   -- from 0, in the report
    detail_number          integer NOT NULL,    -- from 0, in the policy
    policy_id              bigint NOT NULL,
    reporter_id            integer NOT NULL,
    mx_id                  integer NOT NULL,    -- 0: the report does not name one
    result_type            text NOT NULL,
    failed_sessions        bigint NOT NULL,
    trusted                boolean NOT NULL,
    sending_mta_ip         text,
    receiving_ip           text,
    receiving_mx_helo      text,
    additional_information text,
    failure_reason_code    text,
    PRIMARY KEY (domain_id, day, report_id, policy_number, detail_number)
) PARTITION BY RANGE (day);

-- Sessions per (domain, day, reporter, policy, mx, result, trusted). result is
--   successful      negotiated sessions; mx_id 0: shared by the policy's hosts
--   total-failure   failed sessions as the policy's summary says
--   unexplained     the part of that total for which no detail was given
--   a result type   failed sessions as the details say; mx_id 0: no MX named
CREATE TABLE ledger.tally (
    domain_id         integer NOT NULL,
    day               date NOT NULL,
    reporter_id       integer NOT NULL,
    policy_id         bigint NOT NULL,
    mx_id             integer NOT NULL,
    result            text NOT NULL,
    trusted           boolean NOT NULL,
    policy_type       text NOT NULL,
    sessions          bigint NOT NULL,
    mirrored_sessions bigint NOT NULL,          -- of these, told under another policy type too
    reports           integer NOT NULL,         -- blocks that added to the row
    PRIMARY KEY (domain_id, day, reporter_id, policy_id, mx_id, result, trusted)
) WITH (fillfactor = 90);

-- The same for one MX over all domains.
CREATE TABLE ledger.mx_day (
    mx_id    integer NOT NULL,
    day      date NOT NULL,
    result   text NOT NULL,
    trusted  boolean NOT NULL,
    sessions bigint NOT NULL,
    PRIMARY KEY (mx_id, day, result, trusted)
);

-- One row per domain, for the overview: the last 30 days.
CREATE TABLE ledger.domain_status (
    domain_id           integer PRIMARY KEY,
    successful_sessions bigint NOT NULL,
    failed_sessions     bigint NOT NULL,
    reporters           integer NOT NULL,
    first_day           date,
    last_day            date,                   -- newest day of any report
    last_report_at      timestamptz,
    worst_mx_id         integer NOT NULL,       -- 0: no MX failed
    worst_mx_failed     bigint NOT NULL,
    mode                text NOT NULL,          -- of the newest sts policy seen; '' if none
    evaluated_at        timestamptz NOT NULL
);
CREATE INDEX domain_status_failed ON ledger.domain_status (failed_sessions DESC, domain_id);

-- Domains whose status is behind: written with the tally, taken by whoever refreshes.
CREATE TABLE ledger.touched (
    domain_id integer NOT NULL,
    at        timestamptz                       -- of the newest report; NULL when only time passed
);

-- Same identity, same sender, other content: kept, shown, not counted.
CREATE TABLE ledger.conflict (
    domain_id   integer NOT NULL,
    day         date NOT NULL,
    report_id   bigint NOT NULL,
    content     bytea NOT NULL,
    received_at timestamptz NOT NULL,
    source      text NOT NULL,
    origin      text NOT NULL,
    contact     text,
    original    bytea NOT NULL,
    arrivals    integer NOT NULL DEFAULT 1,
    PRIMARY KEY (domain_id, day, report_id, content)
);
ALTER TABLE ledger.conflict ALTER COLUMN original SET STORAGE EXTERNAL;

-- What could not be counted: its reason and its first 64 KiB. The same bytes are kept once.
CREATE TABLE ledger.rejected (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest        bytea NOT NULL UNIQUE,        -- SHA-256 of the whole and of the reason
    first_at      timestamptz NOT NULL,
    last_at       timestamptz NOT NULL,
    times         integer NOT NULL DEFAULT 1,
    source        text NOT NULL,
    origin        text NOT NULL,
    field         text NOT NULL,
    reason        text NOT NULL,
    organization  text NOT NULL,                -- as far as it was read
    size          bigint NOT NULL,              -- bytes of the whole
    head          bytea NOT NULL
);
CREATE INDEX rejected_last ON ledger.rejected (last_at DESC);

-- Partitions by month. Months outside the window are kept in the default partition, so that no
-- stranger's date can make a table.
CREATE TABLE ledger.report_other PARTITION OF ledger.report DEFAULT;
CREATE TABLE ledger.failure_other PARTITION OF ledger.failure DEFAULT;

CREATE FUNCTION ledger.ensure_month(parent text, month date) RETURNS boolean
LANGUAGE plpgsql AS $$
-- Makes the partition of PARENT ('report', 'failure') for the month that MONTH begins; rows of it
-- that stand in the default partition move over. False when it was there.
DECLARE
    part text := parent || to_char(month, '_YYYYMM');
    upto date := month + interval '1 month';
BEGIN
    -- Not to_regclass(): its cache may not know yet what another session has just made.
    IF EXISTS (SELECT FROM pg_class
                WHERE relname = part AND relnamespace = 'ledger'::regnamespace) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.%I INCLUDING DEFAULTS INCLUDING STORAGE)',
                   part, parent);
    -- A row of this month that came between moving and attaching would make attaching fail.
    EXECUTE format('LOCK TABLE ledger.%I IN ACCESS EXCLUSIVE MODE', parent || '_other');
    EXECUTE format('WITH moved AS (DELETE FROM ledger.%I WHERE day >= %L AND day < %L RETURNING *)'
                   ' INSERT INTO ledger.%I SELECT * FROM moved',
                   parent || '_other', month, upto, part);
    EXECUTE format('ALTER TABLE ledger.%I ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
                   parent, part, month, upto);
    RETURN true;
END $$;
