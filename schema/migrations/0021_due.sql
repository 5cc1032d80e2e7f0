-- A domain whose verdict cannot be stored keeps no other waiting, and is tried again later and later.

ALTER TABLE ledger.verdict_due
    ADD COLUMN not_before timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN tries      integer NOT NULL DEFAULT 0;    -- in vain, so far
