-- $1 int: domain, $2 date: first day. Sessions per UTC day and policy type, newest first; the same
-- sums as the view tlsrpt.domain_daily. For read_days().
SELECT (day - date '1970-01-01') AS day,
       policy_type,
       coalesce(sum(sessions) FILTER (WHERE result = 'successful'), 0)::bigint AS successful,
       coalesce(sum(sessions) FILTER (WHERE result = 'total-failure'), 0)::bigint AS failed,
       coalesce(sum(sessions) FILTER (WHERE result = 'unexplained'), 0)::bigint AS unexplained,
       coalesce(sum(sessions - mirrored_sessions)
                    FILTER (WHERE result IN ('successful', 'total-failure') AND NOT trusted), 0)::bigint
           AS untrusted,
       coalesce(sum(mirrored_sessions) FILTER (WHERE result = 'successful'), 0)::bigint
           AS mirrored_successful,
       coalesce(sum(mirrored_sessions) FILTER (WHERE result = 'total-failure'), 0)::bigint
           AS mirrored_failed,
       coalesce(sum(reports) FILTER (WHERE result = 'successful'), 0)::bigint AS reports
  FROM ledger.tally
 WHERE domain_id = $1::int AND day >= $2::date
 GROUP BY day, policy_type
 ORDER BY day DESC, policy_type
