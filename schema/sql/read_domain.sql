-- $1 text: a domain's name. Its row as in read_domains.sql, all zero while no status was made of its
-- reports; no row when it is not known. For read_domain().
SELECT d.id,
       d.name,
       coalesce(s.successful_sessions, 0) AS successful,
       coalesce(s.failed_sessions, 0) AS failed,
       coalesce(s.reporters, 0) AS reporters,
       coalesce(extract(epoch FROM s.last_report_at), 0)::bigint AS last_report_seconds,
       m.name AS worst_mx,
       coalesce(s.worst_mx_failed, 0) AS worst_mx_failed,
       coalesce(s.mode, '') AS mode,
       coalesce(s.attention, 4)::int AS attention,
       coalesce(s.daily_sessions, '') AS daily_sessions,
       coalesce(s.daily_failed, '') AS daily_failed,
       coalesce(s.stage, 'none') AS stage,
       coalesce(s.verdict, 'unknown') AS verdict,
       coalesce(s.urgency, 7)::int AS urgency
  FROM ledger.domain d
  LEFT JOIN ledger.domain_status s ON s.domain_id = d.id
  LEFT JOIN ledger.mx m ON m.id = s.worst_mx_id
 WHERE d.name = $1::text
