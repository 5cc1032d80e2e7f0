-- $1 text: name of a domain. The newest look at it. For read_setup().
SELECT domain_id, name, floor(extract(epoch FROM checked_at))::bigint AS checked_seconds,
       coalesce(floor(extract(epoch FROM probed_at)), 0)::bigint AS probed_seconds, milliseconds, verdict,
       attention::int, errors, warnings, unknowns, array_to_string(steps, ' ') AS steps, record_id AS id, mode,
       policy_sha256, max_age_seconds, result::text
  FROM ledger.setup
 WHERE name = $1::text
