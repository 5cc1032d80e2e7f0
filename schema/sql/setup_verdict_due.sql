-- $1 int: domain id. For setup_store().
INSERT INTO ledger.verdict_due (domain_id, urgent) VALUES ($1::int, true)
