-- $1 int: domain, $2 date, $3 date: first and last day. Failed sessions of each MX by day and policy
-- type; mx is NULL for failures without a named MX. For read_mx_trend().
SELECT m.name AS mx,
       t.policy_type,
       (t.day - date '1970-01-01') AS day,
       ledger.sessions(sum(t.sessions)) AS failed
  FROM ledger.tally t
  LEFT JOIN ledger.mx m ON m.id = t.mx_id
 WHERE t.domain_id = $1::int AND t.day BETWEEN $2::date AND $3::date
   AND t.result NOT IN ('successful', 'total-failure') AND t.sessions > 0
 GROUP BY m.name, t.policy_type, t.day
 ORDER BY m.name, t.policy_type, t.day
 LIMIT 20000
