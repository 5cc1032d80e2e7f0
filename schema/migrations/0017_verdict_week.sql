-- The summary of a week tells which verdicts changed in it.

CREATE INDEX verdict_change_at ON ledger.verdict_change (at DESC);
