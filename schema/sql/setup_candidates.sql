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
           FROM ledger.domain_status s
          WHERE s.last_report_at > $1::timestamptz - interval '30 days'
            AND EXISTS (SELECT FROM ledger.tally t
                         WHERE t.domain_id = s.domain_id AND t.trusted
                           AND t.day > ($1::timestamptz AT TIME ZONE 'UTC')::date - 30)
          ORDER BY s.last_report_at DESC
          LIMIT $2::int)) c
 GROUP BY name
 ORDER BY bool_or(hosted) DESC, name
 LIMIT $2::int
