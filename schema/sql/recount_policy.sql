-- Parameters as in store_policy.sql. For recount_add().
INSERT INTO recount_policy (domain_id, id, type, body, mode, mx, max_age_seconds)
SELECT domain_id, id, type, body, mode, string_to_array(mx, ' '), nullif(max_age_seconds, -1)
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
       AS given (domain_id, id, type, body, mode, mx, max_age_seconds)
