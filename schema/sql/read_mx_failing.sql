-- $1 date, $2 date: first and last day; $3 bigint, $4 text: failed sessions and name of the row behind
-- which to begin, the greatest bigint and '' for the first page; $5 int: most rows. MX hosts over all
-- domains that failed in these days, most first; mirrored sessions once. What else is said of a
-- host is read of those shown alone. For read_mx_list().
SELECT f.mx,
       f.failed,
       coalesce(o.own, 0) AS own,
       (f.last_failure - date '1970-01-01') AS last_failure,
       o.results
  FROM (SELECT s.mx_id, m.name AS mx, s.failed, s.last_failure
          FROM (SELECT mx_id, ledger.sessions(sum(sessions)) AS failed, max(day) AS last_failure
                  FROM ledger.mx_day
                 WHERE day BETWEEN $1::date AND $2::date AND result <> 'successful' AND sessions > 0
                 GROUP BY mx_id) s
          JOIN ledger.mx m ON m.id = s.mx_id
         WHERE s.failed < $3::bigint OR (s.failed = $3::bigint AND m.name COLLATE "C" > $4::text)
         ORDER BY s.failed DESC, m.name COLLATE "C"
         LIMIT $5::int) f
 CROSS JOIN LATERAL (
           SELECT ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful')) AS own,
                  string_agg(DISTINCT left(result, 64), ' ')
                      FILTER (WHERE result <> 'successful' AND sessions > 0) AS results
             FROM ledger.mx_day
            WHERE mx_id = f.mx_id AND day BETWEEN $1::date AND $2::date) o
 ORDER BY f.failed DESC, f.mx COLLATE "C"
