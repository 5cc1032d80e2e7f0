-- $1 int: most. Takes marks of ledger.verdict_due whose time has come, those that reports left before those
-- that only a new day left, and tells of their domains what the last verdict was, and how often it could not be
-- stored. Whoever takes them holds the lock of verdicts_take(). For verdicts_take().
WITH taken AS (
    DELETE FROM ledger.verdict_due
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM ledger.verdict_due
                              WHERE not_before <= now()
                              ORDER BY urgent DESC, domain_id LIMIT $1::int FOR UPDATE))
    RETURNING domain_id, tries
)
SELECT d.id AS domain_id, d.name AS domain, v.stage, v.verdict, t.tries
  FROM (SELECT domain_id, max(tries) AS tries FROM taken GROUP BY domain_id) t
  JOIN ledger.domain d ON d.id = t.domain_id
  LEFT JOIN ledger.verdict v ON v.domain_id = t.domain_id
 ORDER BY d.id
