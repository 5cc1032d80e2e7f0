-- A day in the future waits until it has come: the last 30 days are these and today, as on the pages.

CREATE OR REPLACE FUNCTION ledger.status_of(domain integer, today date)
RETURNS TABLE (successful_sessions bigint, failed_sessions bigint, reporters integer, first_day date,
               last_day date, worst_mx_id integer, worst_mx_failed bigint, mode text)
LANGUAGE sql STABLE AS $$
-- What ledger.domain_status says of DOMAIN: the 30 days before TODAY and TODAY.
SELECT u.successful, u.failed, u.reporters, f.day, l.day, coalesce(w.mx_id, 0),
       coalesce(w.failed, 0), coalesce(m.mode, '')
  FROM (SELECT ledger.sessions(sum(sessions - mirrored_sessions)
                               FILTER (WHERE result = 'successful')) AS successful,
               ledger.sessions(sum(sessions - mirrored_sessions)
                               FILTER (WHERE result = 'total-failure')) AS failed,
               count(DISTINCT reporter_id)::int AS reporters
          FROM ledger.tally
         WHERE domain_id = $1 AND day BETWEEN $2 - 30 AND $2) u
  LEFT JOIN LATERAL (
           SELECT mx_id, ledger.sessions(sum(sessions - mirrored_sessions)) AS failed
             FROM ledger.tally
            WHERE domain_id = $1 AND day BETWEEN $2 - 30 AND $2
              AND mx_id <> 0 AND result NOT IN ('successful', 'total-failure')
            GROUP BY mx_id
           HAVING sum(sessions - mirrored_sessions) > 0
            ORDER BY 2 DESC, mx_id
            LIMIT 1) w ON true
  LEFT JOIN LATERAL (
           SELECT day FROM ledger.tally WHERE domain_id = $1 ORDER BY day LIMIT 1) f ON true
  LEFT JOIN LATERAL (
           SELECT day FROM ledger.tally WHERE domain_id = $1 ORDER BY day DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (
           SELECT p.mode
             FROM ledger.tally t
             JOIN ledger.policy p ON p.domain_id = $1 AND p.id = t.policy_id
            WHERE t.domain_id = $1 AND t.policy_type = 'sts' AND p.mode <> ''
            ORDER BY t.day DESC, p.id
            LIMIT 1) m ON true
$$;
