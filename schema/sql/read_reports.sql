-- $1 date, $2 int, $3 bigint: key of the report behind which to begin, NULL for the first page;
-- $4 int: most rows. Reports of all domains, newest day first. For read_reports().
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
  FROM ledger.report r
  JOIN ledger.domain d ON d.id = r.domain_id
  JOIN ledger.reporter o ON o.id = r.reporter_id
 WHERE $1::date IS NULL OR (r.day, r.domain_id, r.id) < ($1::date, $2::int, $3::bigint)
 ORDER BY r.day DESC, r.domain_id DESC, r.id DESC
 LIMIT $4::int
