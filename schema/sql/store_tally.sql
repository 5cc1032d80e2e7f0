-- One array per column of ledger.tally: adds sessions to its rows. For store_batch().
INSERT INTO ledger.tally AS t
       (domain_id, day, reporter_id, policy_id, mx_id, result, trusted, policy_type, sessions,
        mirrored_sessions, reports)
SELECT domain_id, day, reporter_id, policy_id, mx_id, result, trusted, min(policy_type),
       sum(sessions)::bigint, sum(mirrored_sessions)::bigint, sum(reports)::int
  FROM unnest($1::int[], $2::date[], $3::int[], $4::bigint[], $5::int[], $6::text[], $7::boolean[],
              $8::text[], $9::bigint[], $10::bigint[], $11::int[])
       AS given (domain_id, day, reporter_id, policy_id, mx_id, result, trusted, policy_type,
                 sessions, mirrored_sessions, reports)
 GROUP BY domain_id, day, reporter_id, policy_id, mx_id, result, trusted
 ORDER BY domain_id, day, reporter_id, policy_id, mx_id, result, trusted
ON CONFLICT (domain_id, day, reporter_id, policy_id, mx_id, result, trusted)
DO UPDATE SET sessions = t.sessions + excluded.sessions,
              mirrored_sessions = t.mirrored_sessions + excluded.mirrored_sessions,
              reports = t.reports + excluded.reports
