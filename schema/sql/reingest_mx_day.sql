-- $1 date: the day that was recounted. Brings its rows of the roll-up by MX to what the originals add up
-- to. For reingest_reports().
WITH r AS (
    SELECT mx_id, day, result, trusted, ledger.sessions(sum(sessions - mirrored_sessions)) AS sessions
      FROM recount_tally
     WHERE mx_id <> 0
     GROUP BY mx_id, day, result, trusted
), gone AS (
    DELETE FROM ledger.mx_day m
     WHERE m.day = $1::date
       AND NOT EXISTS (
               SELECT
                 FROM r
                WHERE r.mx_id = m.mx_id AND r.day = m.day AND r.result = m.result
                  AND r.trusted = m.trusted)
)
INSERT INTO ledger.mx_day AS m (mx_id, day, result, trusted, sessions)
SELECT mx_id, day, result, trusted, sessions
  FROM r
 WHERE NOT EXISTS (
           SELECT
             FROM ledger.mx_day k
            WHERE k.mx_id = r.mx_id AND k.day = r.day AND k.result = r.result
              AND k.trusted = r.trusted AND k.sessions = r.sessions)
 ORDER BY mx_id, day, trusted, result
ON CONFLICT (mx_id, day, result, trusted) DO UPDATE SET sessions = excluded.sessions
