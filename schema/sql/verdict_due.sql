-- $1 text: domain. Lets its verdict be made anew, at once. For verdict_acknowledge().
INSERT INTO ledger.verdict_due (domain_id, urgent)
SELECT id, true FROM ledger.domain WHERE name = $1::text
