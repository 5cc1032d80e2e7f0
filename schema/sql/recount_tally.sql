-- Parameters as in store_tally.sql. A key may come in many batches. For recount_add().
INSERT INTO recount_tally (domain_id, day, reporter_id, policy_id, mx_id, result, trusted, policy_type,
                           sessions, mirrored_sessions, reports)
SELECT * FROM unnest($1::int[], $2::date[], $3::int[], $4::bigint[], $5::int[], $6::text[],
                     $7::boolean[], $8::text[], $9::bigint[], $10::bigint[], $11::int[])
