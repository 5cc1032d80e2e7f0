-- No parameters: policies that the recounted reports quote, as they are read now. For
-- reingest_reports().
INSERT INTO ledger.policy AS p (domain_id, id, type, body, mode, mx, max_age_seconds)
SELECT DISTINCT domain_id, id, type, body, mode, mx, max_age_seconds
  FROM recount_policy
 ORDER BY domain_id, id
ON CONFLICT (domain_id, id) DO UPDATE
   SET type = excluded.type, body = excluded.body, mode = excluded.mode, mx = excluded.mx,
       max_age_seconds = excluded.max_age_seconds
 WHERE (p.type, p.body, p.mode, p.mx, p.max_age_seconds)
       IS DISTINCT FROM
       (excluded.type, excluded.body, excluded.mode, excluded.mx, excluded.max_age_seconds)
