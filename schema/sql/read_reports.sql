-- $1 date, $2 int, $3 bigint: key of the report behind which to begin; $4, $5, $6 boolean, one at most:
-- reports with failures, untrusted ones, those with deviations; $7 int: how many of these to look at;
-- $8 int: most rows; $9, $10, $11 boolean: of these only those with failures, and so on. Reports of all domains,
-- newest day first. Planned anew for each question, so that it finds the index of what is asked for. For
-- read_reports().
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
  FROM (SELECT * FROM (
               SELECT domain_id, day, id, reporter_id, successful_sessions, failed_sessions, trusted,
                      source, received_at, deviations
                 FROM ledger.report
                WHERE (day, domain_id, id) < ($1::date, $2::int, $3::bigint)
                  AND (NOT $4::boolean OR failed_sessions > 0)
                  AND (NOT $5::boolean OR NOT trusted)
                  AND (NOT $6::boolean OR cardinality(deviations) > 0)
                ORDER BY day DESC, domain_id DESC, id DESC
                LIMIT $7::int) looked
         WHERE (NOT $9::boolean OR failed_sessions > 0)
           AND (NOT $10::boolean OR NOT trusted)
           AND (NOT $11::boolean OR cardinality(deviations) > 0)
         ORDER BY day DESC, domain_id DESC, id DESC
         LIMIT $8::int) r
  JOIN ledger.domain d ON d.id = r.domain_id
  JOIN ledger.reporter o ON o.id = r.reporter_id
 ORDER BY r.day DESC, r.domain_id DESC, r.id DESC
