-- $1 date, $2 date: first and last day; $3 int: a domain, 0 for all; $4 int: most rows. Rows of the
-- tally that are not what the originals add up to. For verify().
SELECT format('tally of %s on %s, reporter "%s", policy %s %s, MX %s, %s, %s',
              coalesce((SELECT name FROM ledger.domain WHERE id = domain_id), domain_id::text), day,
              coalesce((SELECT name FROM ledger.reporter WHERE id = reporter_id), reporter_id::text),
              coalesce(t.policy_type, r.policy_type), policy_id,
              coalesce((SELECT name FROM ledger.mx WHERE id = mx_id), mx_id::text), result,
              CASE WHEN trusted THEN 'trusted' ELSE 'not trusted' END) AS place,
       t.sessions || ' sessions, ' || t.mirrored_sessions || ' mirrored, ' || t.reports || ' blocks of '
           || t.policy_type AS kept,
       r.sessions || ' sessions, ' || r.mirrored_sessions || ' mirrored, ' || r.reports || ' blocks of '
           || r.policy_type AS recounted,
       count(*) OVER () AS total
  FROM (SELECT domain_id, day, reporter_id, policy_id, mx_id, result, trusted,
               min(policy_type) AS policy_type,
               ledger.sessions(sum(sessions)) AS sessions,
               ledger.sessions(sum(mirrored_sessions)) AS mirrored_sessions,
               sum(reports) AS reports
          FROM recount_tally
         WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)
         GROUP BY domain_id, day, reporter_id, policy_id, mx_id, result, trusted) r
  FULL JOIN (SELECT *
               FROM ledger.tally
              WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)) t
       USING (domain_id, day, reporter_id, policy_id, mx_id, result, trusted)
 WHERE coalesce(t.sessions, 0) <> coalesce(r.sessions, 0)
    OR coalesce(t.mirrored_sessions, 0) <> coalesce(r.mirrored_sessions, 0)
    OR coalesce(t.reports, 0) <> coalesce(r.reports, 0)
    OR t.policy_type <> r.policy_type
 ORDER BY domain_id, day, reporter_id, policy_id, mx_id, result, trusted
 LIMIT $4::int
