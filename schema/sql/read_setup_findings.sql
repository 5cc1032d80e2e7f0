-- $1 int: domain id; $2 int: most rows. Findings that are there, the heaviest first, then those that went, newest first.
-- For read_setup_findings().
SELECT code, subject, severity, step, title, evidence, fix, rule, blocks, letter,
       floor(extract(epoch FROM first_at))::bigint AS first_seconds, floor(extract(epoch FROM last_at))::bigint AS last_seconds,
       coalesce(floor(extract(epoch FROM gone_at)), 0)::bigint AS gone_seconds
  FROM ledger.setup_finding
 WHERE domain_id = $1::int
 ORDER BY gone_at IS NOT NULL, CASE WHEN gone_at IS NULL THEN place END, gone_at DESC, code, subject, first_at
 LIMIT $2::int
