-- $1 text[] source, $2 text[] outcome, $3 bigint[] reports, each key once and in order: adds to the
-- counters of reports. Last in a batch; each connection has a slot of its own, as far as there are
-- any. For store_batch().
INSERT INTO ledger.report_counter AS c (source, outcome, slot, reports)
SELECT source, outcome, pg_backend_pid() % 32, reports
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (source, outcome, reports)
ON CONFLICT (source, outcome, slot) DO UPDATE SET reports = c.reports + excluded.reports
