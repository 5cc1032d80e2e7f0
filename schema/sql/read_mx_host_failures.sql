-- $1 int: MX, $2 date, $3 date: first and last day. Why its sessions failed, over all domains: columns as
-- in read_failures.sql; the same sums as the view tlsrpt.failure_daily. For read_mx_host_failures().
SELECT t.result,
       t.policy_type,
       ledger.sessions(sum(t.sessions)) AS sessions,
       1::bigint AS hosts,
       count(DISTINCT t.reporter_id) AS reporters,
       (min(t.day) - date '1970-01-01') AS first_day,
       (max(t.day) - date '1970-01-01') AS last_day,
       (SELECT name FROM ledger.mx WHERE id = $1::int) AS worst_mx
  FROM ledger.tally t
 WHERE t.mx_id = $1::int AND t.mx_id <> 0 AND t.day BETWEEN $2::date AND $3::date
   AND t.result NOT IN ('successful', 'total-failure') AND t.sessions > 0
 GROUP BY t.result, t.policy_type
 ORDER BY sum(t.sessions) DESC, t.result, t.policy_type
 LIMIT 40
