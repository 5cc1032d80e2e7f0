-- $1 int[]: domain ids. The newest look at each. For read_live().
SELECT s.domain_id, floor(extract(epoch FROM s.first_at))::bigint AS first_seconds,
       floor(extract(epoch FROM s.checked_at))::bigint AS checked_seconds, s.mode,
       coalesce(floor(extract(epoch FROM s.host_back_at)), 0)::bigint AS host_back_seconds,
       coalesce((SELECT CASE WHEN v.since_at > s.first_at THEN floor(extract(epoch FROM v.since_at)) END
                   FROM ledger.setup_value v
                  WHERE v.domain_id = s.domain_id AND v.kind = 'mx-set'
                  ORDER BY v.last_at DESC
                  LIMIT 1), 0)::bigint AS mx_since_seconds,
       EXISTS (SELECT FROM ledger.hosted_domain h WHERE h.domain_id = s.domain_id AND h.ended) AS given_up
  FROM ledger.setup s
 WHERE s.domain_id = ANY ($1::int[])
 ORDER BY s.domain_id
