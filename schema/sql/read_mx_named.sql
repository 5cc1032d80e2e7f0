-- $1 date, $2 date: first and last day; $3 text: how names begin; $4 text: name behind which to begin, ''
-- for the first page; $5 int: most rows. MX hosts over all domains by name, whether they failed or not;
-- columns as in read_mx_failing.sql. For read_mx_list().
SELECT m.name AS mx,
       o.failed,
       o.own,
       (o.last_failure - date '1970-01-01') AS last_failure,
       coalesce(o.results, '') AS results
  FROM ledger.mx m
 CROSS JOIN LATERAL (
           SELECT ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful')) AS own,
                  ledger.sessions(sum(sessions) FILTER (WHERE result <> 'successful')) AS failed,
                  max(day) FILTER (WHERE result <> 'successful' AND sessions > 0) AS last_failure,
                  string_agg(DISTINCT left(result, 64), ' ')
                      FILTER (WHERE result <> 'successful' AND sessions > 0) AS results
             FROM ledger.mx_day
            WHERE mx_id = m.id AND day BETWEEN $1::date AND $2::date) o
 WHERE m.name COLLATE "C" >= $3::text AND m.name COLLATE "C" < $3::text || U&'\+10FFFF'
   AND m.name COLLATE "C" > $4::text
 ORDER BY m.name COLLATE "C"
 LIMIT $5::int
