-- One array per column of ledger.conflict: reports whose identity is known with other content from
-- the same sender. For store_batch().
INSERT INTO ledger.conflict AS c
       (domain_id, day, report_id, content, received_at, source, origin, contact, original, trusted,
        trust_ground, mail_domain, mail_submitter, arrivals)
SELECT domain_id, day, report_id, content, max(received_at), max(source), max(origin), max(contact),
       (array_agg(original))[1], bool_and(trusted), max(trust_ground),
       max(mail_domain), max(mail_submitter), count(*)
  FROM unnest($1::int[], $2::date[], $3::bigint[], $4::bytea[], $5::timestamptz[], $6::text[],
              $7::text[], $8::text[], $9::bytea[], $10::boolean[], $11::text[],
              $12::text[], $13::text[])
       AS given (domain_id, day, report_id, content, received_at, source, origin, contact, original,
                 trusted, trust_ground, mail_domain, mail_submitter)
 GROUP BY domain_id, day, report_id, content
 ORDER BY domain_id, day, report_id, content
ON CONFLICT (domain_id, day, report_id, content) DO UPDATE SET arrivals = c.arrivals + excluded.arrivals
