-- $1 int: MX, $2 date, $3 date: first and last day. Its sessions by day over all domains; mirrored ones
-- once. For read_mx_host_days().
SELECT (day - date '1970-01-01') AS day,
       ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful')) AS own,
       ledger.sessions(sum(sessions) FILTER (WHERE result <> 'successful')) AS failed
  FROM ledger.mx_day
 WHERE mx_id = $1::int AND day BETWEEN $2::date AND $3::date
 GROUP BY day
 ORDER BY day
