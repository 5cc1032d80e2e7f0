-- $1 bigint, $2 text: failed sessions and name behind which to begin, NULL for the first page;
-- $3 int: most rows. Domains with their 30 days, most failures first. For read_domains().
SELECT d.id,
       d.name,
       s.successful_sessions AS successful,
       s.failed_sessions AS failed,
       s.reporters,
       coalesce(extract(epoch FROM s.last_report_at), 0)::bigint AS last_report_seconds,
       m.name AS worst_mx,
       s.worst_mx_failed,
       s.mode
  FROM ledger.domain_status s
  JOIN ledger.domain d ON d.id = s.domain_id
  LEFT JOIN ledger.mx m ON m.id = s.worst_mx_id
 WHERE $1::bigint IS NULL
    OR s.failed_sessions < $1
    OR (s.failed_sessions = $1 AND d.name > $2::text COLLATE "C")
 ORDER BY s.failed_sessions DESC, d.name COLLATE "C"
 LIMIT $3::int
