-- $1 date, $2 date: first and last day; $3 int: 0; $4 int: most rows. Rows of the roll-up by MX that
-- are not what the originals add up to. For verify().
SELECT format('roll-up of MX %s on %s, %s, %s',
              coalesce((SELECT name FROM ledger.mx WHERE id = mx_id), mx_id::text), day, result,
              CASE WHEN trusted THEN 'trusted' ELSE 'not trusted' END) AS place,
       m.sessions || ' sessions' AS kept,
       r.sessions || ' sessions' AS recounted,
       count(*) OVER () AS total
  FROM (SELECT mx_id, day, result, trusted,
               ledger.sessions(sum(sessions - mirrored_sessions)) AS sessions
          FROM recount_tally
         WHERE day BETWEEN $1::date AND $2::date AND mx_id <> 0 AND $3::int = 0
         GROUP BY mx_id, day, result, trusted) r
  FULL JOIN (SELECT * FROM ledger.mx_day WHERE day BETWEEN $1::date AND $2::date) m
       USING (mx_id, day, result, trusted)
 WHERE coalesce(m.sessions, 0) <> coalesce(r.sessions, 0)
 ORDER BY mx_id, day, result, trusted
 LIMIT $4::int
