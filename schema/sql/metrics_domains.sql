-- $1 int: most domains. When the last report of each of the domains in metrics_counters.sql came, and
-- its verdict. For read_metrics().
SELECT d.name AS domain, coalesce(extract(epoch FROM w.last_report_at), 0)::bigint AS last_report_seconds,
       w.verdict
  FROM (SELECT domain_id, last_report_at, verdict
          FROM ledger.domain_status
         ORDER BY urgency, (-failed_sessions), name
         LIMIT $1::int) w
  JOIN ledger.domain d ON d.id = w.domain_id
 ORDER BY d.name COLLATE "C"
