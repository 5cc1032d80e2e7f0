-- Policies that are made here, and mostly served here too (RFC 8461 section 3.3): every version that ever
-- was, the one in force, what change it is part of, and who fetched which.

-- Grows with every change; programs that keep policies in memory read what is newer than what they know.
-- Whoever takes a number holds a lock until he commits, so that none is seen before a smaller one.
CREATE SEQUENCE ledger.hosting_revision;

CREATE TABLE ledger.hosted_policy (
    domain_id       integer NOT NULL,
    version         integer NOT NULL,           -- 1, 2, … of the domain
    id              text NOT NULL,              -- of the TXT record that belongs to it
    body            bytea NOT NULL,             -- exactly as served
    sha256          text NOT NULL,              -- of the body, hex
    mode            text NOT NULL,
    mx              text[] NOT NULL,
    max_age_seconds bigint NOT NULL,
    made_at         timestamptz NOT NULL,
    made_by         text NOT NULL,
    note            text NOT NULL,              -- why it was made against advice; '' when it was not
    elsewhere       boolean NOT NULL DEFAULT false, -- somebody else was to serve it, at some time
    first_served    timestamptz,                -- NULL: never
    last_served     timestamptz,
    fetches         bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (domain_id, version)
);

CREATE TABLE ledger.hosted_domain (
    domain_id integer PRIMARY KEY,
    version   integer NOT NULL,                 -- the one in force
    since     timestamptz NOT NULL,             -- it is in force
    served    boolean NOT NULL,                 -- here; false: somebody else serves these bytes, or nobody
    ended     boolean NOT NULL,                 -- nobody: MTA-STS was given up
    goal      text NOT NULL,                    -- of the change under way: setup, enforce, mx, rollback, removal
    goal_mx   text[] NOT NULL,                  -- patterns that shall be there in the end
    begun_at  timestamptz NOT NULL,             -- the change, or when it ended
    revision  bigint NOT NULL
);
CREATE INDEX hosted_domain_revision ON ledger.hosted_domain (revision);

-- One row for each network (IPv4: /24, IPv6: /48) that fetched a version: the newest fetch, and how many.
CREATE TABLE ledger.hosted_fetch (
    domain_id  integer NOT NULL,
    version    integer NOT NULL,
    network    text NOT NULL,
    client     text NOT NULL,
    user_agent text NOT NULL,
    sni        text NOT NULL,
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    fetches    bigint NOT NULL,
    PRIMARY KEY (domain_id, version, network)
);
CREATE INDEX hosted_fetch_last ON ledger.hosted_fetch (last_at);
