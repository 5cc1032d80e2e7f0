-- One array per column of ledger.policy; mx is one text, separated by blanks. Makes the policies that
-- were not seen before. For store_batch().
INSERT INTO ledger.policy (domain_id, id, type, body, mode, mx, max_age_seconds)
SELECT domain_id, id, type, body, mode, string_to_array(mx, ' '), nullif(max_age_seconds, -1)
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
       AS given (domain_id, id, type, body, mode, mx, max_age_seconds)
 ORDER BY domain_id, id
ON CONFLICT (domain_id, id) DO NOTHING
