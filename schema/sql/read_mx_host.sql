-- $1 text: name of an MX; $2 date: last day. Its id, and when its present failures began: the first day of
-- the newest run of failing days in which no week was without one; NULLs when it never failed. No row when
-- no report named it. For read_mx_host().
SELECT m.id,
       m.name,
       (s.began - date '1970-01-01') AS began,
       (s.last_failure - date '1970-01-01') AS last_failure
  FROM ledger.mx m
 CROSS JOIN LATERAL (
           SELECT max(day) FILTER (WHERE begins) AS began, max(day) AS last_failure
             FROM (SELECT day, coalesce(day - lag(day) OVER (ORDER BY day) > 7, true) AS begins
                     FROM (SELECT DISTINCT day
                             FROM ledger.mx_day
                            WHERE mx_id = m.id AND day <= $2::date AND result <> 'successful'
                              AND sessions > 0) d) r) s
 WHERE m.name = $1::text
