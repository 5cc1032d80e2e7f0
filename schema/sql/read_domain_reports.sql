-- $1 date, $2 int, $3 bigint: as in read_reports.sql; $4 int: most rows; $5 int: a domain. Reports
-- that speak of this domain, be it first or among others, newest day first. For read_reports().
SELECT r.domain_id,
       (r.day - date '1970-01-01') AS day,
       r.id,
       d.name AS domain,
       o.name AS organization,
       r.successful_sessions AS successful,
       r.failed_sessions AS failed,
       r.trusted,
       r.source,
       extract(epoch FROM r.received_at)::bigint AS received_seconds,
       coalesce(cardinality(r.deviations), 0) AS deviations
  FROM (SELECT domain_id, day, id
          FROM ledger.report
         WHERE domain_id = $5::int
         UNION
        SELECT report_domain_id, day, report_id
          FROM ledger.report_domain
         WHERE domain_id = $5::int) k
  JOIN ledger.report r ON r.domain_id = k.domain_id AND r.day = k.day AND r.id = k.id
  JOIN ledger.domain d ON d.id = r.domain_id
  JOIN ledger.reporter o ON o.id = r.reporter_id
 WHERE $1::date IS NULL OR (r.day, r.domain_id, r.id) < ($1::date, $2::int, $3::bigint)
 ORDER BY r.day DESC, r.domain_id DESC, r.id DESC
 LIMIT $4::int
