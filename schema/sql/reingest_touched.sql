-- Parameters as in store_touched.sql, of which only these domains' status is behind from now on: their
-- sessions were counted before. For store_again().
INSERT INTO ledger.touched (domain_id, at)
SELECT domain_id, max(at)
  FROM unnest($1::int[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
       AS given (domain_id, at, policy_type, result, sessions, mirrored_sessions)
 GROUP BY domain_id
