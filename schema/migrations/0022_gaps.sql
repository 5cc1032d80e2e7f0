-- When reports could be taken, by whichever service: what is not told of other hours is no silence of reporters.
CREATE TABLE ledger.collecting (
    hour integer PRIMARY KEY             -- since 1970-01-01 00:00 UTC
);
