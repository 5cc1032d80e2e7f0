-- $1 date, $2 date: all days; $3 int: a domain, 0 for all; $4 int: most rows. Domains whose status,
-- unless it is marked to be made anew, is not what tally and reports say. For verify().
WITH seen AS (
    SELECT domain_id, max(received_at) AS at
      FROM (SELECT domain_id, received_at FROM ledger.report
             UNION ALL
            SELECT o.domain_id, r.received_at
              FROM ledger.report_domain o
              JOIN ledger.report r ON r.domain_id = o.report_domain_id AND r.day = o.day
                                  AND r.id = o.report_id) x
     GROUP BY domain_id
), named AS (
    SELECT domain_id FROM ledger.domain_status
     UNION
    SELECT domain_id FROM seen
)
SELECT format('status of %s',
              coalesce((SELECT name FROM ledger.domain WHERE id = n.domain_id), n.domain_id::text))
           AS place,
       format('%s and %s sessions of %s reporters on days %s to %s, worst MX %s with %s, mode %s, last '
              || 'report at %s', s.successful_sessions, s.failed_sessions, s.reporters, s.first_day,
              s.last_day, s.worst_mx_id, s.worst_mx_failed, s.mode, s.last_report_at) AS kept,
       format('%s and %s sessions of %s reporters on days %s to %s, worst MX %s with %s, mode %s, last '
              || 'report at %s', u.successful_sessions, u.failed_sessions, u.reporters, u.first_day,
              u.last_day, u.worst_mx_id, u.worst_mx_failed, u.mode, coalesce(c.at, s.last_report_at))
           AS recounted,
       count(*) OVER () AS total
  FROM named n
  LEFT JOIN ledger.domain_status s ON s.domain_id = n.domain_id
  LEFT JOIN seen c ON c.domain_id = n.domain_id
 CROSS JOIN LATERAL ledger.status_of(n.domain_id, s.today) u
 WHERE $1::date <= $2::date
   AND ($3::int = 0 OR n.domain_id = $3::int)
   AND (s.domain_id IS NULL OR s.today IS NOT NULL)
   AND NOT EXISTS (SELECT FROM ledger.touched t WHERE t.domain_id = n.domain_id)
   AND (s.successful_sessions, s.failed_sessions, s.reporters, s.first_day, s.last_day, s.worst_mx_id,
        s.worst_mx_failed, s.mode, s.last_report_at)
       IS DISTINCT FROM
       (u.successful_sessions, u.failed_sessions, u.reporters, u.first_day, u.last_day, u.worst_mx_id,
        u.worst_mx_failed, u.mode, coalesce(c.at, s.last_report_at))
 ORDER BY n.domain_id
 LIMIT $4::int
