-- $1 int: most rows. How the steps of each domain are, worst domains first. For read_live_metrics().
SELECT name AS domain, array_to_string(steps, ' ') AS steps, floor(extract(epoch FROM checked_at))::bigint AS checked_seconds
  FROM (SELECT name, steps, checked_at FROM ledger.setup ORDER BY attention, name LIMIT $1::int) s
 ORDER BY name
