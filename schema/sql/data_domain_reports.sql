-- Parameters as in data_export_reports.sql, but that $1 and $2 are one domain. Reports that speak of
-- it, be it first or among others, newest day first. For read_data_reports().
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
  FROM (SELECT domain_id, day, id
          FROM ledger.report
         WHERE domain_id BETWEEN $1::int AND $2::int AND day BETWEEN $3::date AND $4::date
         UNION
        SELECT report_domain_id, day, report_id
          FROM ledger.report_domain
         WHERE domain_id BETWEEN $1::int AND $2::int AND day BETWEEN $3::date AND $4::date) k
  JOIN ledger.report r ON r.domain_id = k.domain_id AND r.day = k.day AND r.id = k.id
  JOIN ledger.domain d ON d.id = r.domain_id
  JOIN ledger.reporter o ON o.id = r.reporter_id
 WHERE (r.day, r.domain_id, r.id) < ($9::date, $8::int, $10::bigint)
   AND ($5::int = 0 OR r.reporter_id = $5::int)
   AND ($6::boolean IS NULL OR r.trusted = $6::boolean)
   AND ($7::boolean IS NULL OR (r.failed_sessions > 0) = $7::boolean)
 ORDER BY r.day DESC, r.domain_id DESC, r.id DESC
 LIMIT $11::int
