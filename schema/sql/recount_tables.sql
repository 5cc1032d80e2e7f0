-- What a recount makes of the originals, until the transaction ends. For recount_begin().
CREATE TEMP TABLE recount_failure (LIKE ledger.failure) ON COMMIT DROP;
CREATE TEMP TABLE recount_domain (LIKE ledger.report_domain) ON COMMIT DROP;
CREATE TEMP TABLE recount_policy (LIKE ledger.policy) ON COMMIT DROP;
CREATE TEMP TABLE recount_tally (LIKE ledger.tally) ON COMMIT DROP;
