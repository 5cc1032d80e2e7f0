-- $1 date: the day that was recounted. Brings its rows of the tally to what the originals add up to,
-- and marks the domains. Touches as many rows as there are such domains. For reingest_reports(), whose
-- transaction sees one moment: what others write meanwhile makes it fail.
WITH r AS (
    SELECT domain_id, day, reporter_id, policy_id, mx_id, result, trusted,
           min(policy_type) AS policy_type,
           ledger.sessions(sum(sessions)) AS sessions,
           ledger.sessions(sum(mirrored_sessions)) AS mirrored_sessions,
           sum(reports)::int AS reports
      FROM recount_tally
     GROUP BY domain_id, day, reporter_id, policy_id, mx_id, result, trusted
), gone AS (
    DELETE FROM ledger.tally t
     WHERE t.day = $1::date
       AND NOT EXISTS (
               SELECT
                 FROM r
                WHERE r.domain_id = t.domain_id AND r.day = t.day AND r.reporter_id = t.reporter_id
                  AND r.policy_id = t.policy_id AND r.mx_id = t.mx_id AND r.result = t.result
                  AND r.trusted = t.trusted)
    RETURNING t.domain_id
), put AS (
    INSERT INTO ledger.tally AS t
           (domain_id, day, reporter_id, policy_id, mx_id, result, trusted, policy_type, sessions,
            mirrored_sessions, reports)
    SELECT domain_id, day, reporter_id, policy_id, mx_id, result, trusted, policy_type, sessions,
           mirrored_sessions, reports
      FROM r
     WHERE NOT EXISTS (
               SELECT
                 FROM ledger.tally k
                WHERE k.domain_id = r.domain_id AND k.day = r.day AND k.reporter_id = r.reporter_id
                  AND k.policy_id = r.policy_id AND k.mx_id = r.mx_id AND k.result = r.result
                  AND k.trusted = r.trusted AND k.policy_type = r.policy_type
                  AND k.sessions = r.sessions AND k.mirrored_sessions = r.mirrored_sessions
                  AND k.reports = r.reports)
     ORDER BY domain_id, day, reporter_id, policy_id, mx_id, trusted, result
    ON CONFLICT (domain_id, day, reporter_id, policy_id, mx_id, result, trusted) DO UPDATE
       SET policy_type = excluded.policy_type, sessions = excluded.sessions,
           mirrored_sessions = excluded.mirrored_sessions, reports = excluded.reports
    RETURNING t.domain_id
)
INSERT INTO ledger.touched (domain_id)
SELECT domain_id FROM gone UNION SELECT domain_id FROM put
