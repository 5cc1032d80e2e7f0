-- $1 int: domain id; $2 timestamptz: when; $3 boolean: MX hosts were gone to; $4 bigint: milliseconds; $5 text: verdict;
-- $6, $7, $8 int: errors, warnings, parts unknown; $9 text[]: steps; $10 smallint[]: gates; $11 text[]: what is
-- wrong with each; $12 int: the policy host, 1 serves, 2 fails, else 0; $13 text: id, $14 text: mode, $15 bigint:
-- max_age, $16 text: SHA-256 of the policy; $17 text: the result, JSON. No row: a newer look is there. `changed`: the
-- verdict may become another by it, also where the look before was too old to count. For setup_store().
WITH before AS (
    SELECT * FROM ledger.setup WHERE domain_id = $1::int FOR UPDATE
), stored AS (
    INSERT INTO ledger.setup AS s (domain_id, name, first_at, checked_at, probed_at, milliseconds, verdict,
                                   attention, errors, warnings, unknowns, steps, gates, found, record_id, mode,
                                   max_age_seconds, policy_sha256, host_failed_at, host_back_at, result)
    SELECT $1::int, d.name, coalesce(b.first_at, $2::timestamptz), $2::timestamptz, CASE WHEN $3::boolean THEN $2::timestamptz END,
           least($4::bigint, 2147483647)::int, $5::text,
           CASE WHEN $5::text = 'not-yet' THEN 1 WHEN $7::int > 0 THEN 2 WHEN $8::int > 0 THEN 3 ELSE 4 END,
           $6::int, $7::int, $8::int, $9::text[], $10::smallint[], $11::text[], $13::text, $14::text,
           $15::bigint, $16::text, CASE WHEN $12::int = 2 THEN $2::timestamptz END, NULL, $17::text::jsonb
      FROM ledger.domain d
      LEFT JOIN before b ON b.domain_id = d.id -- so that it is read before it is overwritten
     WHERE d.id = $1::int
    ON CONFLICT (domain_id) DO UPDATE
       SET checked_at = excluded.checked_at,
           probed_at = coalesce(excluded.probed_at, s.probed_at),
           milliseconds = excluded.milliseconds,
           verdict = excluded.verdict,
           attention = excluded.attention,
           errors = excluded.errors,
           warnings = excluded.warnings,
           unknowns = excluded.unknowns,
           steps = excluded.steps,
           gates = excluded.gates,
           found = excluded.found,
           record_id = excluded.record_id,
           mode = excluded.mode,
           max_age_seconds = excluded.max_age_seconds,
           policy_sha256 = excluded.policy_sha256,
           host_failed_at = CASE $12::int WHEN 1 THEN NULL
                                          WHEN 2 THEN coalesce(s.host_failed_at, excluded.checked_at)
                                          ELSE s.host_failed_at END,
           host_back_at = CASE WHEN $12::int = 1
                                AND s.host_failed_at < excluded.checked_at - interval '24 hours'
                               THEN excluded.checked_at ELSE s.host_back_at END,
           result = excluded.result
     WHERE s.checked_at <= excluded.checked_at
    RETURNING s.domain_id, s.gates, s.found, s.mode, s.host_back_at, s.checked_at
)
SELECT (b.domain_id IS NULL OR b.checked_at < n.checked_at - interval '24 hours'
        OR (b.gates, b.found, b.mode, b.host_back_at)
           IS DISTINCT FROM (n.gates, n.found, n.mode, n.host_back_at)) AS changed
  FROM stored n
  LEFT JOIN before b ON b.domain_id = n.domain_id
