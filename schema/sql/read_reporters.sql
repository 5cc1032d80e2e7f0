-- $1 date, $2 date: first and last day. Who reported, over all domains, mirrored sessions once, most
-- sessions first; the 100 largest of `reporters`. For read_reporters().
SELECT o.name AS organization,
       ledger.sessions(s.successful) AS successful,
       ledger.sessions(s.failed) AS failed,
       ledger.sessions(s.untrusted) AS untrusted,
       s.days,
       (s.first_day - date '1970-01-01') AS first_day,
       (s.last_day - date '1970-01-01') AS last_day,
       s.reporters
  FROM (SELECT reporter_id,
               coalesce(sum(sessions) FILTER (WHERE result = 'successful'), 0) AS successful,
               coalesce(sum(sessions) FILTER (WHERE result = 'total-failure'), 0) AS failed,
               coalesce(sum(sessions) FILTER (WHERE NOT trusted), 0) AS untrusted,
               count(DISTINCT day) AS days,
               min(day) AS first_day,
               max(day) AS last_day,
               count(*) OVER () AS reporters
          FROM ledger.reporter_day
         WHERE day BETWEEN $1::date AND $2::date AND result IN ('successful', 'total-failure')
         GROUP BY reporter_id
         ORDER BY sum(sessions) DESC, reporter_id
         LIMIT 100) s
  JOIN ledger.reporter o ON o.id = s.reporter_id
 ORDER BY s.successful + s.failed DESC, o.name
