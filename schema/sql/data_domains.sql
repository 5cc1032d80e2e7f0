-- $1 smallint, $2 bigint, $3 text: urgency, failed sessions and name of the domain behind which to
-- begin; $4 int: most rows. Domains with their 30 days, as the overview sorts them. For
-- read_data_domains().
SELECT s.attention::int AS attention,
       s.urgency::int AS urgency,
       s.name,
       s.successful_sessions AS successful,
       s.failed_sessions AS failed,
       s.reporters,
       coalesce(s.first_day - date '1970-01-01', 0) AS first_day,
       coalesce(s.last_day - date '1970-01-01', 0) AS last_day,
       coalesce(extract(epoch FROM s.last_report_at), 0)::bigint AS last_report_seconds,
       m.name AS worst_mx,
       s.worst_mx_failed,
       nullif(s.mode, '') AS mode,
       extract(epoch FROM s.evaluated_at)::bigint AS evaluated_seconds
  FROM ledger.domain_status s
  LEFT JOIN ledger.mx m ON m.id = s.worst_mx_id
 WHERE (s.urgency, (-s.failed_sessions), s.name) > ($1::smallint, -$2::bigint, $3::text)
 ORDER BY s.urgency, (-s.failed_sessions), s.name
 LIMIT $4::int
