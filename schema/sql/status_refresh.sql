-- $1 date: today. Takes up to 20000 marks of ledger.touched, brings the status of their domains up to
-- date (the 30 days before today and today), adds to their counters what the marks say, and leaves word
-- that their verdicts are due. Marks are
-- written with the tally, so that whoever sees a mark sees the tally too. Each domain is looked up by
-- itself, whatever the statistics say. Gives how many domains those were. For status_refresh().
WITH taken AS (
    DELETE FROM ledger.touched
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM ledger.touched LIMIT 20000 FOR UPDATE SKIP LOCKED))
    RETURNING domain_id, at, policy_type, result, sessions, mirrored_sessions
), counted AS (
    INSERT INTO ledger.counter AS c (domain_id, policy_type, result, sessions, mirrored_sessions)
    SELECT coalesce(domain_id, 0), policy_type, result, ledger.sessions(sum(sessions)),
           ledger.sessions(sum(mirrored_sessions))
      FROM taken
     WHERE result IS NOT NULL
     GROUP BY GROUPING SETS ((domain_id, policy_type, result), (policy_type, result))
     ORDER BY domain_id, policy_type, result
    ON CONFLICT (domain_id, policy_type, result) DO UPDATE
       SET sessions = ledger.sessions(c.sessions::numeric + excluded.sessions),
           mirrored_sessions =
               ledger.sessions(c.mirrored_sessions::numeric + excluded.mirrored_sessions)
), named AS MATERIALIZED (
    SELECT domain_id, max(at) AS at FROM taken GROUP BY domain_id ORDER BY domain_id
), due AS (
    INSERT INTO ledger.verdict_due (domain_id, urgent) SELECT domain_id, at IS NOT NULL FROM named
), refreshed AS (
    INSERT INTO ledger.domain_status AS s
           (domain_id, successful_sessions, failed_sessions, reporters, first_day, last_day,
            last_report_at, worst_mx_id, worst_mx_failed, mode, evaluated_at, today, name,
            daily_sessions, daily_failed)
    SELECT n.domain_id, u.successful_sessions, u.failed_sessions, u.reporters, u.first_day, u.last_day,
           n.at, u.worst_mx_id, u.worst_mx_failed, u.mode, clock_timestamp(),
           $1::date, coalesce((SELECT name FROM ledger.domain WHERE id = n.domain_id), ''), c.daily_sessions,
           c.daily_failed
      FROM named n
     CROSS JOIN LATERAL ledger.status_of(n.domain_id, $1::date) u
     CROSS JOIN LATERAL ledger.days_of(n.domain_id, $1::date) c
    ON CONFLICT (domain_id) DO UPDATE
       SET successful_sessions = excluded.successful_sessions,
           failed_sessions = excluded.failed_sessions,
           reporters = excluded.reporters,
           first_day = excluded.first_day,
           last_day = excluded.last_day,
           last_report_at = greatest(s.last_report_at, excluded.last_report_at),
           worst_mx_id = excluded.worst_mx_id,
           worst_mx_failed = excluded.worst_mx_failed,
           mode = excluded.mode,
           evaluated_at = excluded.evaluated_at,
           today = excluded.today,
           name = excluded.name,
           daily_sessions = excluded.daily_sessions,
           daily_failed = excluded.daily_failed
    RETURNING xmax = 0 AS fresh
), grown AS (
    INSERT INTO ledger.total AS t (name, number)
    SELECT 'domains', count(*) FROM refreshed WHERE fresh HAVING count(*) > 0
    ON CONFLICT (name) DO UPDATE SET number = t.number + excluded.number
)
SELECT count(*) AS refreshed FROM refreshed
