-- $1 int[]: domain ids. MX hosts, now and once, and how they passed when they were last looked at. For read_live().
SELECT v.domain_id, v.value AS name, v.last_at >= w.last_at AS present,
       extract(epoch FROM v.last_at)::bigint AS last_seconds,
       (CASE WHEN bool_or(m.passes = 2) THEN 2 WHEN bool_or(m.passes = 1) THEN 1 ELSE 0 END) AS passes,
       coalesce(min(m.fails_with) FILTER (WHERE m.passes = 2), '') AS fails_with,
       coalesce(extract(epoch FROM max(m.certificate_since)), 0)::bigint AS certificate_since_seconds
  FROM ledger.setup_value v
  JOIN (SELECT domain_id, max(last_at) AS last_at
          FROM ledger.setup_value
         WHERE domain_id = ANY ($1::int[]) AND kind = 'mx-set'
         GROUP BY domain_id) w ON w.domain_id = v.domain_id
  LEFT JOIN ledger.setup_mx m ON m.domain_id = v.domain_id AND m.mx = v.value AND m.present
 WHERE v.domain_id = ANY ($1::int[]) AND v.kind = 'mx'
 GROUP BY v.domain_id, v.value, v.last_at, w.last_at
 ORDER BY v.domain_id, v.value
