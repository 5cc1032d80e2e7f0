-- $1 int: domain, $2 date, $3 date: first and last day. Failed sessions per result type and policy
-- type, most first, and the MX that each names most; the same sums as the view tlsrpt.failure_daily.
-- For read_failures().
WITH t AS MATERIALIZED (
    SELECT result, policy_type, mx_id, reporter_id, day, sessions
      FROM ledger.tally
     WHERE domain_id = $1::int AND day BETWEEN $2::date AND $3::date
       AND result NOT IN ('successful', 'total-failure') AND sessions > 0
), worst AS (
    SELECT DISTINCT ON (result, policy_type) result, policy_type, mx_id
      FROM t
     WHERE mx_id <> 0
     GROUP BY result, policy_type, mx_id
     ORDER BY result, policy_type, sum(sessions) DESC, mx_id
), cause AS (
    SELECT result,
           policy_type,
           ledger.sessions(sum(sessions)) AS sessions,
           count(DISTINCT mx_id) FILTER (WHERE mx_id <> 0) AS hosts,
           count(DISTINCT reporter_id) AS reporters,
           min(day) AS first_day,
           max(day) AS last_day
      FROM t
     GROUP BY result, policy_type
     ORDER BY sum(sessions) DESC, result, policy_type
     LIMIT 40
)
SELECT c.result,
       c.policy_type,
       c.sessions,
       c.hosts,
       c.reporters,
       (c.first_day - date '1970-01-01') AS first_day,
       (c.last_day - date '1970-01-01') AS last_day,
       m.name AS worst_mx
  FROM cause c
  LEFT JOIN worst w ON w.result = c.result AND w.policy_type = c.policy_type
  LEFT JOIN ledger.mx m ON m.id = w.mx_id
 ORDER BY c.sessions DESC, c.result, c.policy_type
