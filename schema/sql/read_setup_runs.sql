-- $1 int: domain id; $2 int: most rows. Looks, newest first. For read_setup_runs().
SELECT floor(extract(epoch FROM at))::bigint AS at_seconds, probed, verdict, errors, warnings
  FROM ledger.setup_run
 WHERE domain_id = $1::int
 ORDER BY at DESC
 LIMIT $2::int
