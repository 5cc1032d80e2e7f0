-- $1 int, $2 date, $3 bigint: key of the report behind which to begin, $1 0 for the first; $4 date,
-- $5 date: first and last day; $6 int: most rows. Reports with their originals, in the order of their
-- keys. For kept_next().
SELECT r.domain_id,
       (r.day - date '1970-01-01') AS day,
       r.id,
       r.variant::int AS variant,
       (SELECT name FROM ledger.domain WHERE id = r.domain_id) AS domain,
       (SELECT name FROM ledger.reporter WHERE id = r.reporter_id) AS organization,
       r.report_id,
       r.contact,
       r.submitter,
       extract(epoch FROM r.begin_at)::bigint AS begin_seconds,
       extract(epoch FROM r.end_at)::bigint AS end_seconds,
       r.successful_sessions AS successful,
       r.failed_sessions AS failed,
       r.content,
       r.trusted,
       r.trust_ground,
       r.source,
       r.origin,
       extract(epoch FROM r.received_at)::bigint AS received_seconds,
       array_to_string(r.deviations, ' ') AS deviations,
       r.mail_domain,
       r.mail_submitter,
       r.mail_from,
       r.mail_message_id,
       (SELECT string_agg(d.name, ' ')
          FROM ledger.report_domain o
          JOIN ledger.domain d ON d.id = o.domain_id
         WHERE o.report_domain_id = r.domain_id AND o.day = r.day AND o.report_id = r.id) AS others,
       r.sender_result,
       r.sender_method,
       r.sender_domain,
       r.sender_selector,
       r.sender_reason,
       r.arrivals,
       coalesce(extract(epoch FROM r.last_arrival_at), 0)::bigint AS last_arrival_seconds,
       r.last_arrival_source,
       r.original
  FROM ledger.report r
 WHERE (r.domain_id, r.day, r.id) > ($1::int, $2::date, $3::bigint)
   AND r.day BETWEEN $4::date AND $5::date
 ORDER BY r.domain_id, r.day, r.id
 LIMIT $6::int
