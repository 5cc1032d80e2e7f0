-- Looks at the live set-up of domains: the newest of each, what was found and when it went, what was
-- published since when, and when the next look is due.

-- The newest look at a domain, for its page, the API and /metrics.
CREATE TABLE ledger.setup (
    domain_id       integer PRIMARY KEY,
    name            text COLLATE "C" NOT NULL,  -- the domain's
    first_at        timestamptz NOT NULL,       -- the first look ever
    checked_at      timestamptz NOT NULL,
    probed_at       timestamptz,                -- the newest look that went to the MX hosts itself
    milliseconds    integer NOT NULL,
    verdict         text NOT NULL,              -- ready, ready-limited, not-yet, unknown: of this look alone
    attention       smallint NOT NULL,          -- 1 to be mended (verdict not-yet), 2 warnings, 3 parts unknown, 4 good
    errors          integer NOT NULL,           -- findings
    warnings        integer NOT NULL,
    unknowns        integer NOT NULL,
    steps           text[] NOT NULL,            -- good, warned, faulty, unknown, absent: in the order of steps
    gates           smallint[] NOT NULL,        -- of the verdict: 0 not known, 1 true, 2 false
    found           text[] NOT NULL,            -- to each gate a sentence; '' when there is none
    record_id       text NOT NULL,              -- of the TXT record; '' when none is valid
    mode            text NOT NULL,              -- of the policy that senders get; '' when none is valid
    max_age_seconds bigint NOT NULL,            -- of it; -1
    policy_sha256   text NOT NULL,              -- of its bytes, hex; ''
    host_failed_at  timestamptz,                -- since when the policy host fails; NULL: it does not
    host_back_at    timestamptz,                -- end of its last outage of more than 24 hours
    result          jsonb NOT NULL              -- all of it, as `tlsrptd check --format json` gives it
);
CREATE INDEX setup_attention ON ledger.setup (attention, name);
CREATE INDEX setup_name ON ledger.setup (name);

-- One row for each look, of the last weeks.
CREATE TABLE ledger.setup_run (
    domain_id integer NOT NULL,
    at        timestamptz NOT NULL,
    probed    boolean NOT NULL,                 -- it went to the MX hosts itself
    verdict   text NOT NULL,
    errors    integer NOT NULL,
    warnings  integer NOT NULL,
    gates     smallint[] NOT NULL,
    PRIMARY KEY (domain_id, at)
);

-- What was found, each from when it came to when it went. What comes back within a day never went.
CREATE TABLE ledger.setup_finding (
    domain_id integer NOT NULL,
    code      text NOT NULL,
    subject   text NOT NULL,                    -- name, host or address; ''
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    gone_at   timestamptz,                      -- NULL: it is there
    place     smallint NOT NULL,                -- among the findings of its newest look, the heaviest first
    severity  text NOT NULL,                    -- error, warning, unknown, info
    step      text NOT NULL,
    title     text NOT NULL,
    evidence  text NOT NULL,
    fix       text NOT NULL,
    rule      text NOT NULL,
    blocks    boolean NOT NULL,                 -- a policy in mode enforce has to wait for it
    letter    text,                             -- to whoever can mend it
    PRIMARY KEY (domain_id, code, subject, first_at)
);
CREATE INDEX setup_finding_first ON ledger.setup_finding (first_at) WHERE severity IN ('error', 'warning');
CREATE INDEX setup_finding_gone ON ledger.setup_finding (gone_at) WHERE severity IN ('error', 'warning');

-- The MX hosts of a domain and their addresses, with the newest look at each.
CREATE TABLE ledger.setup_mx (
    domain_id         integer NOT NULL,
    mx                text NOT NULL,
    address           text NOT NULL,            -- '': the host has none
    preference        integer NOT NULL,
    present           boolean NOT NULL,         -- in the newest answer; else it was once
    last_at           timestamptz NOT NULL,     -- when it was in an answer
    probed_at         timestamptz,              -- when it was connected to; NULL: never
    reach             text NOT NULL,            -- open, refused, timeout, unreachable, forbidden, later, none
    starttls          text NOT NULL,            -- offered, missing, refused, none
    tls               text NOT NULL,            -- version; '' when the handshake failed or was not tried
    dane              text NOT NULL,            -- matches, mismatch, none
    passes            smallint NOT NULL,        -- 0 not known, 1 true, 2 false: STARTTLS and certificate
    fails_with        text NOT NULL,            -- result type of RFC 8460 section 4.3; ''
    why               text NOT NULL,            -- what is the matter; ''
    certificate       text,                     -- SHA-256, hex; NULL: none was seen
    certificate_end   timestamptz,
    certificate_since timestamptz,              -- it is served; or begin of its validity, if that was before
                                                -- the first look
    PRIMARY KEY (domain_id, mx, address)
);

-- Values that were published. kind: id (of the TXT record), mx (a name), mx-set (all names, a space
-- between), rpt (the TLSRPT record).
CREATE TABLE ledger.setup_value (
    domain_id   integer NOT NULL,
    kind        text NOT NULL,
    value       text NOT NULL,
    first_at    timestamptz NOT NULL,
    since_at    timestamptz NOT NULL,           -- seen in every look since that saw one of its kind
    last_at     timestamptz NOT NULL,
    ttl_seconds bigint NOT NULL,                -- the greatest seen; -1: not known
    PRIMARY KEY (domain_id, kind, value)
);

-- Policies that were served, with the id that the record had then.
CREATE TABLE ledger.setup_policy (
    domain_id       integer NOT NULL,
    record_id       text NOT NULL,              -- '': there was no valid record
    policy_sha256   text NOT NULL,
    mode            text NOT NULL,
    max_age_seconds bigint NOT NULL,
    body            text NOT NULL,
    first_at        timestamptz NOT NULL,
    last_at         timestamptz NOT NULL,
    PRIMARY KEY (domain_id, record_id, policy_sha256)
);

-- Domains that are looked at again and again, and when.
CREATE TABLE ledger.setup_watch (
    domain_id integer PRIMARY KEY,
    wanted_at timestamptz NOT NULL,             -- when somebody last said that it is to be watched
    look_at   timestamptz NOT NULL,             -- when DNS and policy are due
    probe_at  timestamptz NOT NULL              -- when MX hosts are due too
);
CREATE INDEX setup_watch_look ON ledger.setup_watch (look_at);

-- The newest look at each MX host and address, whichever domain it was for: each at most once an hour.
CREATE TABLE ledger.probe (
    address       text NOT NULL,
    mx            text NOT NULL,
    at            timestamptz NOT NULL,         -- when it began
    known         boolean NOT NULL,             -- false: it is not over, and all that follows says nothing
    reach         smallint NOT NULL DEFAULT 0,  -- numbers as in web/judge/setup.h
    why           text,
    banner        text,
    code          integer NOT NULL DEFAULT 0,
    starttls      smallint NOT NULL DEFAULT 0,
    dane          smallint NOT NULL DEFAULT 0,
    milliseconds  bigint NOT NULL DEFAULT 0,
    tls           smallint NOT NULL DEFAULT 0,  -- bits: 1 tried, 2 done, 4 too old, 8 a certificate was shown
    tls_version   text,
    tls_cipher    text,
    tls_why       text,
    flaws         integer NOT NULL DEFAULT 0,
    flaw_why      text,
    subject       text,
    issuer        text,
    names         text,                         -- lines
    chain         text,                         -- lines
    begins        bigint NOT NULL DEFAULT 0,    -- seconds since 1970
    ends          bigint NOT NULL DEFAULT 0,
    chain_ends    bigint NOT NULL DEFAULT 0,
    sha256        text,
    spki_sha256   text,
    PRIMARY KEY (mx, address)
);
