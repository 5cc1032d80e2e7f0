-- $1 int: attention, 0 for any; $2 int, $3 text: attention and name of the row behind which to begin; $4 int: most rows.
-- Domains that were looked at, worst first. For read_setup_list().
SELECT domain_id, name, floor(extract(epoch FROM checked_at))::bigint AS checked_seconds,
       coalesce(floor(extract(epoch FROM probed_at)), 0)::bigint AS probed_seconds, milliseconds, verdict,
       attention::int, errors, warnings, unknowns, array_to_string(steps, ' ') AS steps, record_id AS id, mode,
       policy_sha256, max_age_seconds, NULL::text AS result
  FROM ledger.setup
 WHERE (attention, name) > ($2::int, $3::text)
   AND ($1::int = 0 OR attention = $1::int)
 ORDER BY attention, name
 LIMIT $4::int
