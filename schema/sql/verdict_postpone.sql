-- $1 int: domain id; $2 int: how often its verdict could not be stored. It is due again after a minute, then
-- after twice as long each time, an hour at most. For verdicts_postpone().
INSERT INTO ledger.verdict_due (domain_id, urgent, not_before, tries)
SELECT $1::int, false, now() + least(60, 2 ^ least($2::int - 1, 10)) * interval '1 minute', $2::int
