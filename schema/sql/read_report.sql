-- $1 int, $2 date, $3 bigint: a report's key. The whole row, its original included. For read_report().
SELECT d.name AS domain,
       o.name AS organization,
       r.report_id,
       r.contact,
       r.submitter,
       extract(epoch FROM r.begin_at)::bigint AS begin_seconds,
       extract(epoch FROM r.end_at)::bigint AS end_seconds,
       r.successful_sessions AS successful,
       r.failed_sessions AS failed,
       r.trusted,
       r.trust_ground,
       r.sender_result,
       r.sender_method,
       r.sender_domain,
       r.sender_selector,
       r.source,
       r.origin,
       extract(epoch FROM r.received_at)::bigint AS received_seconds,
       array_to_string(r.deviations, ' ') AS deviations,
       r.mail_domain,
       r.mail_submitter,
       r.mail_from,
       r.mail_message_id,
       r.arrivals,
       coalesce(extract(epoch FROM r.last_arrival_at), 0)::bigint AS last_arrival_seconds,
       r.last_arrival_source,
       r.variant::int AS variant,
       r.original
  FROM ledger.report r
  JOIN ledger.domain d ON d.id = r.domain_id
  JOIN ledger.reporter o ON o.id = r.reporter_id
 WHERE r.domain_id = $1::int AND r.day = $2::date AND r.id = $3::bigint
