-- $1 date: a Monday, $2 int: a domain, 0 for all, $3 int: most rows. Reporters that reported on three days or
-- more of the week before and on none of its week, most sessions first; the largest of `reporters`. For
-- read_week_silent().
WITH t AS (
    SELECT day, reporter_id, result, sessions
      FROM ledger.reporter_day
     WHERE $2::int = 0 AND day BETWEEN $1::date - 7 AND $1::date + 6
       AND result IN ('successful', 'total-failure')
     UNION ALL
    SELECT day, reporter_id, result, sessions - mirrored_sessions
      FROM ledger.tally
     WHERE $2::int <> 0 AND domain_id = $2::int AND day BETWEEN $1::date - 7 AND $1::date + 6
       AND result IN ('successful', 'total-failure')
)
SELECT o.name AS organization,
       s.days,
       ledger.sessions(s.sessions) AS sessions,
       (s.last_day - date '1970-01-01') AS last_day,
       s.reporters
  FROM (SELECT reporter_id,
               count(DISTINCT day) AS days,
               sum(sessions) AS sessions,
               max(day) AS last_day,
               count(*) OVER () AS reporters
          FROM t
         GROUP BY reporter_id
        HAVING max(day) < $1::date AND count(DISTINCT day) >= 3
         ORDER BY sum(sessions) DESC, reporter_id
         LIMIT $3::int) s
  JOIN ledger.reporter o ON o.id = s.reporter_id
 ORDER BY s.sessions DESC, o.name
