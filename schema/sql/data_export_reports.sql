-- $1 int, $2 int: first and last domain, $3 date, $4 date: first and last day, $5 int: a reporter, 0 for
-- all; $6 boolean: trusted, $7 boolean: with failed sessions or without, NULL for all; $8 int, $9 date,
-- $10 bigint: key of the row behind which to begin; $11 int: most rows. Reports of all domains in the
-- order of their key. For read_data_reports().
SELECT r.domain_id,
       (r.day - date '1970-01-01') AS day,
       r.id,
       d.name AS domain,
       o.name AS organization,
       r.report_id,
       r.contact,
       extract(epoch FROM r.begin_at)::bigint AS begin_seconds,
       extract(epoch FROM r.end_at)::bigint AS end_seconds,
       r.successful_sessions AS successful,
       r.failed_sessions AS failed,
       r.trusted,
       r.trust_ground,
       r.source,
       extract(epoch FROM r.received_at)::bigint AS received_seconds,
       array_to_string(r.deviations, ' ') AS deviations
  FROM ledger.report r
  JOIN ledger.domain d ON d.id = r.domain_id
  JOIN ledger.reporter o ON o.id = r.reporter_id
 WHERE r.domain_id >= $1::int
   AND r.domain_id <= $2::int
   AND r.day BETWEEN $3::date AND $4::date
   AND ($5::int = 0 OR r.reporter_id = $5::int)
   AND ($6::boolean IS NULL OR r.trusted = $6::boolean)
   AND ($7::boolean IS NULL OR (r.failed_sessions > 0) = $7::boolean)
   AND (r.domain_id, r.day, r.id) > ($8::int, $9::date, $10::bigint)
 ORDER BY r.domain_id, r.day, r.id
 LIMIT $11::int
