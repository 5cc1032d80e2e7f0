-- $1 text: name. What is in force and under way there; no row when no policy was ever made. For
-- read_hosting().
SELECT h.domain_id, d.name AS domain, h.version, extract(epoch FROM h.since)::bigint AS since_seconds,
       h.served, h.ended, h.goal, array_to_string(h.goal_mx, ' ') AS goal_mx,
       extract(epoch FROM h.begun_at)::bigint AS begun_seconds
  FROM ledger.domain d
  JOIN ledger.hosted_domain h ON h.domain_id = d.id
 WHERE d.name = $1::text
