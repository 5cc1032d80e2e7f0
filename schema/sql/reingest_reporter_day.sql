-- $1 date: the day that was recounted. Brings what reporters told of it, over all domains, to what the
-- originals add up to: a difference is added to one slot, so that what others write meanwhile stays. For
-- reingest_reports().
WITH r AS (
    SELECT reporter_id, CASE WHEN result = 'successful' THEN 0 ELSE mx_id END AS mx_id, result, trusted,
           sum(sessions - mirrored_sessions) AS sessions
      FROM recount_tally
     GROUP BY 1, 2, 3, 4
), gone AS (
    DELETE FROM ledger.reporter_day d
     WHERE d.day = $1::date
       AND NOT EXISTS (
               SELECT
                 FROM r
                WHERE r.reporter_id = d.reporter_id AND r.mx_id = d.mx_id AND r.result = d.result
                  AND r.trusted = d.trusted)
), k AS (
    SELECT reporter_id, mx_id, result, trusted, sum(sessions) AS sessions
      FROM ledger.reporter_day
     WHERE day = $1::date
     GROUP BY reporter_id, mx_id, result, trusted
)
INSERT INTO ledger.reporter_day AS d (day, reporter_id, mx_id, result, trusted, slot, sessions)
SELECT $1::date, reporter_id, mx_id, result, trusted, 0,
       ledger.sessions(r.sessions - coalesce(k.sessions, 0))
  FROM r
  LEFT JOIN k USING (reporter_id, mx_id, result, trusted)
 WHERE r.sessions IS DISTINCT FROM k.sessions
 ORDER BY reporter_id, mx_id, result, trusted
ON CONFLICT (day, reporter_id, mx_id, result, trusted, slot)
DO UPDATE SET sessions = ledger.sessions(d.sessions::numeric + excluded.sessions)
