-- $1 int: domain id; $2 timestamptz: when; $3, $4 text[], $5 bigint[]: kinds, values, TTL. A value that was missing in a
-- look that saw others of its kind is there anew. For setup_store().
INSERT INTO ledger.setup_value AS v (domain_id, kind, value, first_at, since_at, last_at, ttl_seconds)
SELECT $1::int, f.kind, f.value, $2::timestamptz, $2::timestamptz, $2::timestamptz, max(f.ttl)
  FROM unnest($3::text[], $4::text[], $5::bigint[]) AS f (kind, value, ttl)
 GROUP BY f.kind, f.value
ON CONFLICT (domain_id, kind, md5(value)) DO UPDATE
   SET last_at = excluded.last_at,
       since_at = CASE WHEN EXISTS (SELECT FROM ledger.setup_value o
                                     WHERE o.domain_id = v.domain_id AND o.kind = v.kind
                                       AND o.last_at > v.last_at)
                       THEN excluded.since_at ELSE v.since_at END,
       ttl_seconds = greatest(v.ttl_seconds, excluded.ttl_seconds)
