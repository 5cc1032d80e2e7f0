-- $1 timestamptz: now; $2 int: most rows. Domains whose policy is made here, then those of which senders that are vouched
-- for have reported in 30 days. For setup_candidates().
SELECT name AS domain, bool_or(hosted) AS hosted
  FROM ((SELECT d.name, true AS hosted
           FROM ledger.hosted_domain h
           JOIN ledger.domain d ON d.id = h.domain_id
          WHERE NOT h.ended
          ORDER BY d.id
          LIMIT $2::int)
         UNION ALL
        (SELECT s.name, false
           FROM (SELECT domain_id, name
                   FROM ledger.domain_status
                  WHERE last_report_at > $1::timestamptz - interval '30 days'
                  ORDER BY last_report_at DESC
                 OFFSET 0) s
          CROSS JOIN LATERAL (SELECT
                                FROM ledger.tally
                               WHERE domain_id = s.domain_id AND trusted
                                 AND day > ($1::timestamptz AT TIME ZONE 'UTC')::date - 30
                               LIMIT 1) t -- by key, one domain after another: never all of the tally
          LIMIT $2::int)) c
 GROUP BY name
 ORDER BY bool_or(hosted) DESC, name
 LIMIT $2::int
