-- One array per column of ledger.tally, each key once and in order: adds sessions to its rows. For
-- store_batch().
INSERT INTO ledger.tally AS t
       (domain_id, day, reporter_id, policy_id, mx_id, result, trusted, policy_type, sessions,
        mirrored_sessions, reports)
SELECT * FROM unnest($1::int[], $2::date[], $3::int[], $4::bigint[], $5::int[], $6::text[],
                     $7::boolean[], $8::text[], $9::bigint[], $10::bigint[], $11::int[])
ON CONFLICT (domain_id, day, reporter_id, policy_id, mx_id, result, trusted)
DO UPDATE SET sessions = ledger.sessions(t.sessions::numeric + excluded.sessions),
              mirrored_sessions =
                  ledger.sessions(t.mirrored_sessions::numeric + excluded.mirrored_sessions),
              reports = t.reports + excluded.reports
