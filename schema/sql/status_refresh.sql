-- $1 date: today. Takes up to 20000 marks of ledger.touched and brings the status of their domains up
-- to date: the 30 days before today and today. Its marks are written with the tally, so that whoever
-- sees a mark sees the tally too. Each domain is looked up by itself, whatever the statistics say.
-- Touches as many rows as domains. For status_refresh().
WITH taken AS (
    DELETE FROM ledger.touched
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM ledger.touched LIMIT 20000 FOR UPDATE SKIP LOCKED))
    RETURNING domain_id, at
), named AS MATERIALIZED (
    SELECT domain_id, max(at) AS at FROM taken GROUP BY domain_id ORDER BY domain_id
)
INSERT INTO ledger.domain_status AS s
       (domain_id, successful_sessions, failed_sessions, reporters, first_day, last_day,
        last_report_at, worst_mx_id, worst_mx_failed, mode, evaluated_at)
SELECT n.domain_id, u.successful, u.failed, u.reporters, f.day, l.day,
       n.at, coalesce(w.mx_id, 0), coalesce(w.failed, 0), coalesce(m.mode, ''), now()
  FROM named n
 CROSS JOIN LATERAL (
           SELECT ledger.sessions(sum(sessions - mirrored_sessions)
                                  FILTER (WHERE result = 'successful')) AS successful,
                  ledger.sessions(sum(sessions - mirrored_sessions)
                                  FILTER (WHERE result = 'total-failure')) AS failed,
                  count(DISTINCT reporter_id)::int AS reporters
             FROM ledger.tally
            WHERE domain_id = n.domain_id AND day >= $1::date - 30) u
  LEFT JOIN LATERAL (
           SELECT mx_id, ledger.sessions(sum(sessions - mirrored_sessions)) AS failed
             FROM ledger.tally
            WHERE domain_id = n.domain_id AND day >= $1::date - 30
              AND mx_id <> 0 AND result NOT IN ('successful', 'total-failure')
            GROUP BY mx_id
           HAVING sum(sessions - mirrored_sessions) > 0
            ORDER BY 2 DESC, mx_id
            LIMIT 1) w ON true
  LEFT JOIN LATERAL (
           SELECT day FROM ledger.tally
            WHERE domain_id = n.domain_id ORDER BY day LIMIT 1) f ON true
  LEFT JOIN LATERAL (
           SELECT day FROM ledger.tally
            WHERE domain_id = n.domain_id ORDER BY day DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (
           SELECT p.mode
             FROM ledger.tally t
             JOIN ledger.policy p ON p.domain_id = n.domain_id AND p.id = t.policy_id
            WHERE t.domain_id = n.domain_id AND t.policy_type = 'sts' AND p.mode <> ''
            ORDER BY t.day DESC, p.id
            LIMIT 1) m ON true
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
       evaluated_at = excluded.evaluated_at
 WHERE excluded.evaluated_at >= s.evaluated_at
