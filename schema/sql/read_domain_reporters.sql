-- $1 int: domain, $2 date, $3 date: first and last day. Who reported in these days, most sessions first:
-- on how many days, and which policy the newest report quotes. Mirrored blocks count once. The 40
-- largest of `reporters`. For read_domain_reporters().
WITH t AS MATERIALIZED (
    SELECT reporter_id, day, policy_id, policy_type, result, trusted,
           sessions - mirrored_sessions AS sessions
      FROM ledger.tally
     WHERE domain_id = $1::int AND day BETWEEN $2::date AND $3::date
       AND result IN ('successful', 'total-failure')
), sums AS (
    SELECT reporter_id,
           ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful')) AS successful,
           ledger.sessions(sum(sessions) FILTER (WHERE result = 'total-failure')) AS failed,
           count(DISTINCT day) AS days,
           min(day) AS first_day,
           max(day) AS last_day,
           bool_and(trusted) AS trusted,
           count(*) OVER () AS reporters
      FROM t
     GROUP BY reporter_id
     ORDER BY sum(sessions) DESC, reporter_id
     LIMIT 40
), newest AS (
    SELECT DISTINCT ON (reporter_id) reporter_id, policy_id
      FROM t
     ORDER BY reporter_id, day DESC, policy_type = 'sts' DESC, sessions DESC, policy_id
)
SELECT r.name AS organization,
       s.successful,
       s.failed,
       s.days,
       (s.first_day - date '1970-01-01') AS first_day,
       (s.last_day - date '1970-01-01') AS last_day,
       s.trusted,
       n.policy_id,
       s.reporters
  FROM sums s
  JOIN newest n ON n.reporter_id = s.reporter_id
  JOIN ledger.reporter r ON r.id = s.reporter_id
 ORDER BY s.successful + s.failed DESC, r.name
