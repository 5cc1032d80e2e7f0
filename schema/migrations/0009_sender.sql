-- What was found out about the sender of a mail (RFC 8460 section 3), and the mails whose sender could
-- not be verified, to be tried again.

ALTER TABLE ledger.report
    ADD COLUMN sender_result   text,            -- pass, fail, none, unknown; NULL: nobody looked
    ADD COLUMN sender_method   text,            -- dkim, authres
    ADD COLUMN sender_domain   text,            -- that signed
    ADD COLUMN sender_selector text,
    ADD COLUMN sender_reason   text;

-- Mails whose reports are stored as not trusted since DNS failed. They go once that is settled.
CREATE TABLE ledger.unverified (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest      bytea NOT NULL UNIQUE,          -- SHA-256 of the mail
    source      text NOT NULL,
    origin      text NOT NULL,
    received_at timestamptz NOT NULL,
    first_at    timestamptz NOT NULL,           -- when it could not be verified first
    next_at     timestamptz NOT NULL,           -- when it is tried again
    tries       integer NOT NULL DEFAULT 0,
    mail        bytea NOT NULL                  -- gzip
);
ALTER TABLE ledger.unverified ALTER COLUMN mail SET STORAGE EXTERNAL;
CREATE INDEX unverified_next ON ledger.unverified (next_at);
