-- $1 date, $2 int, $3 bigint: key of the report behind which to begin; $4 int: a domain; $5 int: most rows;
-- $6, $7, $8 boolean: only with failures, only untrusted, only with deviations. Reports that speak of this
-- domain, be it first or among others, newest day first. For read_reports().
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
         WHERE domain_id = $4::int AND day <= $1::date
         UNION
        SELECT report_domain_id, day, report_id
          FROM ledger.report_domain
         WHERE domain_id = $4::int AND day <= $1::date) k
  JOIN ledger.report r ON r.domain_id = k.domain_id AND r.day = k.day AND r.id = k.id
  JOIN ledger.domain d ON d.id = r.domain_id
  JOIN ledger.reporter o ON o.id = r.reporter_id
 WHERE (r.day, r.domain_id, r.id) < ($1::date, $2::int, $3::bigint)
   AND (NOT $6::boolean OR r.failed_sessions > 0)
   AND (NOT $7::boolean OR NOT r.trusted)
   AND (NOT $8::boolean OR cardinality(r.deviations) > 0)
 ORDER BY r.day DESC, r.domain_id DESC, r.id DESC
 LIMIT $5::int
