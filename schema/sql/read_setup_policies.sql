-- $1 int: domain id. Policies that it served. For read_setup_past().
SELECT record_id AS id, policy_sha256, mode, body, max_age_seconds, floor(extract(epoch FROM first_at))::bigint AS first_seconds,
       floor(extract(epoch FROM last_at))::bigint AS last_seconds
  FROM ledger.setup_policy
 WHERE domain_id = $1::int
 ORDER BY last_at DESC, first_at DESC, record_id, policy_sha256
