-- $1 date: today. Takes up to 5000 marks of ledger.touched and brings the status of their domains up
-- to date: the 30 days before today and today. Its marks are written with the tally, so that whoever
-- sees a mark sees the tally too. Touches as many rows as domains. For status_refresh().
WITH taken AS (
    DELETE FROM ledger.touched
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM ledger.touched LIMIT 5000 FOR UPDATE SKIP LOCKED))
    RETURNING domain_id, at
), named AS (
    SELECT domain_id, max(at) AS at FROM taken GROUP BY domain_id
), sums AS (
    SELECT n.domain_id, n.at,
           ledger.sessions(sum(t.sessions - t.mirrored_sessions)
                           FILTER (WHERE t.result = 'successful')) AS successful,
           ledger.sessions(sum(t.sessions - t.mirrored_sessions)
                           FILTER (WHERE t.result = 'total-failure')) AS failed,
           count(DISTINCT t.reporter_id)::int AS reporters
      FROM named n
      LEFT JOIN ledger.tally t ON t.domain_id = n.domain_id AND t.day >= $1::date - 30
     GROUP BY n.domain_id, n.at
), failing AS (
    SELECT n.domain_id, t.mx_id, ledger.sessions(sum(t.sessions - t.mirrored_sessions)) AS failed
      FROM named n
      JOIN ledger.tally t ON t.domain_id = n.domain_id
     WHERE t.mx_id <> 0 AND t.result NOT IN ('successful', 'total-failure')
       AND t.day >= $1::date - 30
     GROUP BY n.domain_id, t.mx_id
), worst AS (
    SELECT DISTINCT ON (domain_id) domain_id, mx_id, failed
      FROM failing
     WHERE failed > 0
     ORDER BY domain_id, failed DESC, mx_id
)
INSERT INTO ledger.domain_status AS s
       (domain_id, successful_sessions, failed_sessions, reporters, first_day, last_day,
        last_report_at, worst_mx_id, worst_mx_failed, mode, evaluated_at)
SELECT u.domain_id, u.successful, u.failed, u.reporters, f.day, l.day,
       u.at, coalesce(w.mx_id, 0), coalesce(w.failed, 0), coalesce(m.mode, ''), now()
  FROM sums u
  LEFT JOIN worst w ON w.domain_id = u.domain_id
  LEFT JOIN LATERAL (SELECT day FROM ledger.tally
                      WHERE domain_id = u.domain_id ORDER BY day LIMIT 1) f ON true
  LEFT JOIN LATERAL (SELECT day FROM ledger.tally
                      WHERE domain_id = u.domain_id ORDER BY day DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (SELECT p.mode
                       FROM ledger.tally t
                       JOIN ledger.policy p ON p.domain_id = u.domain_id AND p.id = t.policy_id
                      WHERE t.domain_id = u.domain_id AND t.policy_type = 'sts' AND p.mode <> ''
                      ORDER BY t.day DESC, p.id LIMIT 1) m ON true
 ORDER BY u.domain_id
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
