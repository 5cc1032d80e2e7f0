-- $1 int: an MX, 0 for all, $2 date, $3 date: first and last day, $4 boolean: trusted, NULL for all;
-- $5 int: MX behind which to begin, $6 int: most rows. Each MX that reports of these days name, over all
-- domains. For read_data_mx().
SELECT s.mx_id, m.name AS mx, s.successful, s.failed, s.first_day, s.last_day, s.last_failure_day
  FROM (SELECT mx_id,
               ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful')) AS successful,
               ledger.sessions(sum(sessions) FILTER (WHERE result <> 'successful')) AS failed,
               (min(day) - date '1970-01-01') AS first_day,
               (max(day) - date '1970-01-01') AS last_day,
               coalesce(max(day) FILTER (WHERE result <> 'successful' AND sessions > 0)
                            - date '1970-01-01', 0) AS last_failure_day
          FROM ledger.mx_day
         WHERE mx_id > $5::int
           AND ($1::int = 0 OR mx_id = $1::int)
           AND day BETWEEN $2::date AND $3::date
           AND ($4::boolean IS NULL OR trusted = $4::boolean)
         GROUP BY mx_id
         ORDER BY mx_id
         LIMIT $6::int) s
  JOIN ledger.mx m ON m.id = s.mx_id
 ORDER BY s.mx_id
