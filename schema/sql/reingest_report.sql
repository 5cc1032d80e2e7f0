-- Parameters as in store_report.sql: what these reports say, as it is read now. How they came stays. For
-- reingest_reports().
UPDATE ledger.report r
   SET reporter_id = g.reporter_id, report_id = g.report_id, contact = g.contact,
       submitter = g.submitter, begin_at = g.begin_at, end_at = g.end_at,
       successful_sessions = g.successful_sessions, failed_sessions = g.failed_sessions,
       content = g.content, deviations = string_to_array(g.deviations, ' ')
  FROM (SELECT *
          FROM unnest($1::int[], $2::date[], $3::bigint[], $4::smallint[], $5::int[], $6::text[],
                      $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::bigint[],
                      $12::bigint[], $13::bytea[], $14::boolean[], $15::text[], $16::text[],
                      $17::text[], $18::timestamptz[], $19::text[], $20::text[], $21::text[],
                      $22::text[], $23::text[], $24::bytea[], $25::text[], $26::text[],
                      $27::text[], $28::text[], $29::text[])
               AS given (domain_id, day, id, variant, reporter_id, report_id, contact, submitter,
                         begin_at, end_at, successful_sessions, failed_sessions, content, trusted,
                         trust_ground, source, origin, received_at, deviations, mail_domain,
                         mail_submitter, mail_from, mail_message_id, original,
                         sender_result, sender_method, sender_domain, sender_selector,
                         sender_reason)
         ORDER BY domain_id, day, id) g
 WHERE r.domain_id = g.domain_id AND r.day = g.day AND r.id = g.id
