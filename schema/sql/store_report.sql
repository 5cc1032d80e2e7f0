-- One array per column of ledger.report. Inserts what is not there; gives the keys of those that
-- were. Of two with one key in the arrays the first is taken. For store_batch().
INSERT INTO ledger.report
       (domain_id, day, id, variant, reporter_id, report_id, contact, submitter, begin_at, end_at,
        successful_sessions, failed_sessions, content, trusted, trust_ground, source, origin,
        received_at, deviations, mail_domain, mail_submitter, mail_from, mail_message_id, original,
        sender_result, sender_method, sender_domain, sender_selector, sender_reason)
SELECT domain_id, day, id, variant, reporter_id, report_id, contact, submitter, begin_at, end_at,
       successful_sessions, failed_sessions, content, trusted, trust_ground, source, origin,
       received_at, string_to_array(deviations, ' '), mail_domain, mail_submitter, mail_from,
       mail_message_id, original, sender_result, sender_method, sender_domain, sender_selector,
       sender_reason
  FROM unnest($1::int[], $2::date[], $3::bigint[], $4::smallint[], $5::int[], $6::text[], $7::text[],
              $8::text[], $9::timestamptz[], $10::timestamptz[], $11::bigint[], $12::bigint[],
              $13::bytea[], $14::boolean[], $15::text[], $16::text[], $17::text[],
              $18::timestamptz[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[],
              $24::bytea[], $25::text[], $26::text[], $27::text[], $28::text[], $29::text[])
       WITH ORDINALITY
       AS given (domain_id, day, id, variant, reporter_id, report_id, contact, submitter, begin_at,
                 end_at, successful_sessions, failed_sessions, content, trusted, trust_ground,
                 source, origin, received_at, deviations, mail_domain, mail_submitter, mail_from,
                 mail_message_id, original,
                 sender_result, sender_method, sender_domain, sender_selector, sender_reason, number)
 ORDER BY domain_id, day, id, number
ON CONFLICT (domain_id, day, id) DO NOTHING
RETURNING domain_id, (day - date '1970-01-01') AS day, id
