-- $1 int: most domains. Counters of the domains that need somebody most, as the overview sorts them, and
-- those of all domains together, whose name is NULL. Rows of one domain and result follow each other. For
-- read_counters().
WITH worst AS MATERIALIZED (
    SELECT domain_id FROM ledger.domain_status ORDER BY urgency, (-failed_sessions), name LIMIT $1::int
)
SELECT d.name AS domain, c.policy_type, c.result, c.sessions, c.mirrored_sessions AS mirrored
  FROM (SELECT 0 AS domain_id UNION ALL SELECT domain_id FROM worst) w
  JOIN ledger.counter c ON c.domain_id = w.domain_id
  LEFT JOIN ledger.domain d ON d.id = w.domain_id
 ORDER BY d.name COLLATE "C" NULLS FIRST, c.result COLLATE "C", c.policy_type COLLATE "C"
