-- $1 date: a Monday, $2 int: a domain, 0 for all. Sums of its week and of the week before, mirrored
-- sessions once. One row. For read_week_totals().
WITH t AS (
    SELECT day >= $1::date AS present, reporter_id, result, trusted, sessions
      FROM ledger.reporter_day
     WHERE $2::int = 0 AND day BETWEEN $1::date - 7 AND $1::date + 6
       AND result IN ('successful', 'total-failure')
     UNION ALL
    SELECT day >= $1::date, reporter_id, result, trusted, sessions - mirrored_sessions
      FROM ledger.tally
     WHERE $2::int <> 0 AND domain_id = $2::int AND day BETWEEN $1::date - 7 AND $1::date + 6
       AND result IN ('successful', 'total-failure')
)
SELECT ledger.sessions(sum(sessions) FILTER (WHERE present AND result = 'successful')) AS successful,
       ledger.sessions(sum(sessions) FILTER (WHERE present AND result = 'total-failure')) AS failed,
       ledger.sessions(sum(sessions) FILTER (WHERE present AND NOT trusted)) AS untrusted,
       count(DISTINCT reporter_id) FILTER (WHERE present) AS reporters,
       ledger.sessions(sum(sessions) FILTER (WHERE NOT present AND result = 'successful'))
           AS successful_before,
       ledger.sessions(sum(sessions) FILTER (WHERE NOT present AND result = 'total-failure'))
           AS failed_before,
       ledger.sessions(sum(sessions) FILTER (WHERE NOT present AND NOT trusted)) AS untrusted_before,
       count(DISTINCT reporter_id) FILTER (WHERE NOT present) AS reporters_before
  FROM t
