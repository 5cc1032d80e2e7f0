-- $1 int: domain id; $2 timestamptz: when; $3 text: id of the record, $4 text: SHA-256 of the policy, $5 text: its mode,
-- $6 bigint: its max_age, $7 text: its bytes. For setup_store().
INSERT INTO ledger.setup_policy (domain_id, record_id, policy_sha256, mode, max_age_seconds, body, first_at, last_at)
VALUES ($1::int, $3::text, $4::text, $5::text, $6::bigint, $7::text, $2::timestamptz, $2::timestamptz)
ON CONFLICT (domain_id, record_id, policy_sha256) DO UPDATE SET last_at = excluded.last_at
