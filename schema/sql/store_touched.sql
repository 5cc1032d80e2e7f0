-- $1 int[] domain_id, $2 timestamptz[] at, $3 text[] policy_type, $4 text[] result, $5 bigint[]
-- sessions, $6 bigint[] mirrored_sessions: their status is behind from now on, and by this much their
-- counters. For store_batch().
INSERT INTO ledger.touched (domain_id, at, policy_type, result, sessions, mirrored_sessions)
SELECT * FROM unnest($1::int[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
