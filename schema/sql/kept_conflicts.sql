-- $1 to $6: as in kept_next.sql; $7 bytea: content behind which to begin, with the key. What is in
-- conflict with a report and not counted. For kept_conflicts().
SELECT c.domain_id,
       (c.day - date '1970-01-01') AS day,
       c.report_id AS id,
       0 AS variant,
       (SELECT name FROM ledger.domain WHERE id = c.domain_id) AS domain,
       NULL AS organization,
       NULL AS report_id,
       c.contact,
       NULL AS submitter,
       0::bigint AS begin_seconds,
       0::bigint AS end_seconds,
       0::bigint AS successful,
       0::bigint AS failed,
       c.content,
       c.trusted,
       c.trust_ground,
       c.source,
       c.origin,
       extract(epoch FROM c.received_at)::bigint AS received_seconds,
       NULL AS deviations,
       c.mail_domain,
       c.mail_submitter,
       NULL AS mail_from,
       NULL AS mail_message_id,
       NULL AS others,
       NULL AS sender_result,
       NULL AS sender_method,
       NULL AS sender_domain,
       NULL AS sender_selector,
       NULL AS sender_reason,
       c.arrivals,
       0::bigint AS last_arrival_seconds,
       NULL AS last_arrival_source,
       c.original
  FROM ledger.conflict c
 WHERE (c.domain_id, c.day, c.report_id, c.content) > ($1::int, $2::date, $3::bigint, $7::bytea)
   AND c.day BETWEEN $4::date AND $5::date
 ORDER BY c.domain_id, c.day, c.report_id, c.content
 LIMIT $6::int
