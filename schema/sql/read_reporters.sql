-- $1 date, $2 date: first and last day; $3 int: how many reports to look at, the newest. Who reported, over
-- all domains, most sessions first; the 100 largest of `reporters`. For read_reporters().
WITH looked AS MATERIALIZED (
    SELECT domain_id, day, reporter_id, successful_sessions, failed_sessions, trusted
      FROM ledger.report
     WHERE day BETWEEN $1::date AND $2::date
     ORDER BY day DESC, domain_id DESC, id DESC
     LIMIT $3::int
), whole AS (
    SELECT count(*) AS looked, min(day) AS since FROM looked
)
SELECT o.name AS organization,
       s.successful,
       s.failed,
       s.reports,
       s.untrusted,
       s.domains,
       s.days,
       (s.first_day - date '1970-01-01') AS first_day,
       (s.last_day - date '1970-01-01') AS last_day,
       s.reporters,
       w.looked,
       (w.since - date '1970-01-01') AS since_day
  FROM (SELECT reporter_id,
               ledger.sessions(sum(successful_sessions)) AS successful,
               ledger.sessions(sum(failed_sessions)) AS failed,
               count(*) AS reports,
               count(*) FILTER (WHERE NOT trusted) AS untrusted,
               count(DISTINCT domain_id) AS domains,
               count(DISTINCT day) AS days,
               min(day) AS first_day,
               max(day) AS last_day,
               count(*) OVER () AS reporters
          FROM looked
         GROUP BY reporter_id
         ORDER BY sum(successful_sessions + failed_sessions) DESC, reporter_id
         LIMIT 100) s
 CROSS JOIN whole w
  JOIN ledger.reporter o ON o.id = s.reporter_id
 ORDER BY s.successful + s.failed DESC, o.name
