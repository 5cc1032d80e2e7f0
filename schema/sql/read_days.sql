-- $1 int: domain, $2 date, $3 date: first and last day. Sessions per UTC day and policy type, newest
-- first; the same sums as the view tlsrpt.domain_daily. For read_days().
SELECT (day - date '1970-01-01') AS day,
       policy_type,
       ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful')) AS successful,
       ledger.sessions(sum(sessions - mirrored_sessions)
                           FILTER (WHERE result = 'successful' AND mx_id = 0)) AS shared,
       ledger.sessions(sum(sessions) FILTER (WHERE result = 'total-failure')) AS failed,
       ledger.sessions(sum(sessions) FILTER (WHERE result = 'unexplained')) AS unexplained,
       ledger.sessions(sum(sessions - mirrored_sessions)
                           FILTER (WHERE result IN ('successful', 'total-failure') AND NOT trusted))
           AS untrusted,
       ledger.sessions(sum(mirrored_sessions) FILTER (WHERE result = 'successful'))
           AS mirrored_successful,
       ledger.sessions(sum(mirrored_sessions) FILTER (WHERE result = 'total-failure'))
           AS mirrored_failed,
       coalesce(sum(reports) FILTER (WHERE result = 'successful'), 0)::bigint AS reports
  FROM ledger.tally
 WHERE domain_id = $1::int AND day BETWEEN $2::date AND $3::date
 GROUP BY day, policy_type
 ORDER BY day DESC, policy_type
