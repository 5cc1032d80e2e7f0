-- $1 int: most. Takes marks of ledger.verdict_due, those that reports left before those that only a new
-- day left, and tells of their domains what the last verdict was. Whoever takes them holds the lock of
-- verdicts_take(). For verdicts_take().
WITH taken AS (
    DELETE FROM ledger.verdict_due
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM ledger.verdict_due
                              ORDER BY urgent DESC, domain_id LIMIT $1::int FOR UPDATE))
    RETURNING domain_id
)
SELECT d.id AS domain_id, d.name AS domain, v.stage, v.verdict
  FROM (SELECT DISTINCT domain_id FROM taken) t
  JOIN ledger.domain d ON d.id = t.domain_id
  LEFT JOIN ledger.verdict v ON v.domain_id = t.domain_id
 ORDER BY d.id
