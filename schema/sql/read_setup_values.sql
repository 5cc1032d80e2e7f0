-- $1 int: domain id. What it published; MX names of 90 days. For read_setup_past().
SELECT kind, value, floor(extract(epoch FROM first_at))::bigint AS first_seconds,
       floor(extract(epoch FROM since_at))::bigint AS since_seconds, floor(extract(epoch FROM last_at))::bigint AS last_seconds,
       ttl_seconds
  FROM ledger.setup_value
 WHERE domain_id = $1::int AND (kind <> 'mx' OR last_at > now() - interval '90 days')
 ORDER BY kind, last_at DESC, since_at DESC, value
