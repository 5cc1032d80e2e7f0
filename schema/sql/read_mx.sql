-- $1 int: domain, $2 date, $3 date: first and last day. What reports say of each MX by its name, per
-- policy type and result: failures, and successes that are its own; mx is NULL for failures without a
-- named MX. Successes that hosts share stand in read_policies.sql. Rows of one MX and type follow each
-- other, most failures first; the 40 worst of `hosts`. For read_mx().
WITH t AS MATERIALIZED (
    SELECT mx_id, policy_type, result, reporter_id, day, sessions,
           CASE WHEN result = 'successful' THEN 0 ELSE sessions END AS failed
      FROM ledger.tally
     WHERE domain_id = $1::int AND day BETWEEN $2::date AND $3::date
       AND result <> 'total-failure'
       AND (result <> 'successful' OR mx_id <> 0)
), host AS (
    SELECT mx_id, sum(failed) AS failed, count(*) OVER () AS hosts
      FROM t
     GROUP BY mx_id
     ORDER BY sum(failed) DESC, mx_id
     LIMIT 40
), shown AS MATERIALIZED (
    SELECT t.*, h.failed AS host_failed, h.hosts
      FROM t
      JOIN host h ON h.mx_id = t.mx_id
), side AS (
    SELECT mx_id,
           policy_type,
           count(DISTINCT reporter_id) FILTER (WHERE failed > 0) AS reporters,
           max(day) FILTER (WHERE failed > 0) AS last_failure
      FROM shown
     GROUP BY mx_id, policy_type
)
SELECT m.name AS mx,
       t.policy_type,
       t.result,
       ledger.sessions(sum(t.sessions)) AS sessions,
       s.reporters,
       (s.last_failure - date '1970-01-01') AS last_failure,
       t.hosts
  FROM shown t
  JOIN side s ON s.mx_id = t.mx_id AND s.policy_type = t.policy_type
  LEFT JOIN ledger.mx m ON m.id = t.mx_id
 GROUP BY m.name, t.policy_type, t.result, s.reporters, s.last_failure, t.hosts, t.host_failed
 ORDER BY m.name IS NULL, t.host_failed DESC, m.name, t.policy_type, t.result = 'successful' DESC,
          sum(t.sessions) DESC, t.result
