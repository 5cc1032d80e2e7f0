-- $1 int: domain, $2 date: first day. Failed sessions per result type and policy type, most first;
-- the same sums as the view tlsrpt.failure_daily. For read_failures().
SELECT result,
       policy_type,
       ledger.sessions(sum(sessions)) AS sessions,
       count(DISTINCT mx_id) FILTER (WHERE mx_id <> 0) AS hosts,
       count(DISTINCT reporter_id) AS reporters,
       (max(day) - date '1970-01-01') AS last_day
  FROM ledger.tally
 WHERE domain_id = $1::int AND day >= $2::date AND result NOT IN ('successful', 'total-failure')
 GROUP BY result, policy_type
HAVING sum(sessions) > 0
 ORDER BY sum(sessions) DESC, result, policy_type
