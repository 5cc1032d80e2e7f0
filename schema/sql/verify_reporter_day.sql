-- $1 date, $2 date: first and last day; $3 int: 0; $4 int: most rows. What reporters told of a day over
-- all domains, where it is not what the originals add up to. For verify().
SELECT format('roll-up of reporter "%s" on %s, MX %s, %s, %s',
              coalesce((SELECT name FROM ledger.reporter WHERE id = reporter_id), reporter_id::text), day,
              coalesce((SELECT name FROM ledger.mx WHERE id = mx_id), mx_id::text), result,
              CASE WHEN trusted THEN 'trusted' ELSE 'not trusted' END) AS place,
       k.sessions || ' sessions' AS kept,
       r.sessions || ' sessions' AS recounted,
       count(*) OVER () AS total
  FROM (SELECT day, reporter_id, CASE WHEN result = 'successful' THEN 0 ELSE mx_id END AS mx_id, result,
               trusted, sum(sessions - mirrored_sessions) AS sessions
          FROM recount_tally
         WHERE day BETWEEN $1::date AND $2::date AND $3::int = 0
         GROUP BY 1, 2, 3, 4, 5) r
  FULL JOIN (SELECT day, reporter_id, mx_id, result, trusted, sum(sessions) AS sessions
               FROM ledger.reporter_day
              WHERE day BETWEEN $1::date AND $2::date
              GROUP BY day, reporter_id, mx_id, result, trusted) k
       USING (day, reporter_id, mx_id, result, trusted)
 WHERE coalesce(k.sessions, 0) <> coalesce(r.sessions, 0)
    OR (result = 'successful' AND r.sessions IS NOT NULL AND k.sessions IS NULL)
 ORDER BY day, reporter_id, mx_id, result, trusted
 LIMIT $4::int
