-- $1 int: domain, $2 date: first day. What reports say of each MX by its name, per policy type and
-- result: failures, and successes that are its own; mx is NULL for failures without a named MX.
-- Successes that hosts share stand in read_policies.sql. Rows of one MX and type follow each other,
-- most failures first. For read_mx().
SELECT m.name AS mx,
       t.policy_type,
       t.result,
       ledger.sessions(sum(t.sessions)) AS sessions
  FROM ledger.tally t
  LEFT JOIN ledger.mx m ON m.id = t.mx_id
 WHERE t.domain_id = $1::int AND t.day >= $2::date
   AND t.result <> 'total-failure'
   AND (t.result <> 'successful' OR t.mx_id <> 0)
 GROUP BY m.name, t.policy_type, t.result
 ORDER BY m.name IS NULL,
          coalesce(sum(sum(t.sessions)) FILTER (WHERE t.result <> 'successful')
                       OVER (PARTITION BY m.name), 0) DESC,
          m.name,
          t.policy_type,
          t.result = 'successful' DESC,
          sum(t.sessions) DESC,
          t.result
