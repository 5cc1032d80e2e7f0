-- What could not be counted may be tried again later: who vouched for it is kept with it, and with
-- what is in conflict.

ALTER TABLE ledger.rejected
    ADD COLUMN vouched    boolean NOT NULL DEFAULT false,  -- by the operator, or a secret of his
    ADD COLUMN vouched_by text NOT NULL DEFAULT '';

ALTER TABLE ledger.conflict
    ADD COLUMN trusted      boolean NOT NULL DEFAULT false,
    ADD COLUMN trust_ground text NOT NULL DEFAULT '';
