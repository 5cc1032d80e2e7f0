-- $1 int, $2 int: least and most attention; $3 text: mode of its policy, NULL for any; $4 int: most rows;
-- $5 int, $6 bigint, $7 text: attention, nothing, and name of the row behind which to begin,
-- 0, the least bigint and '' for the first page. Domains, by name;
-- $8 text: how their names begin.
-- $9 text: verdict, NULL for any. For read_domains().
SELECT s.domain_id AS id,
       s.name,
       s.successful_sessions AS successful,
       s.failed_sessions AS failed,
       s.reporters,
       coalesce(extract(epoch FROM s.last_report_at), 0)::bigint AS last_report_seconds,
       m.name AS worst_mx,
       s.worst_mx_failed,
       s.mode,
       s.attention::int AS attention,
       s.daily_sessions,
       s.daily_failed,
       s.stage,
       s.verdict
  FROM ledger.domain_status s
  LEFT JOIN ledger.mx m ON m.id = s.worst_mx_id
 WHERE s.attention BETWEEN $1::int AND $2::int
   AND ($3::text IS NULL OR s.mode = $3::text)
   AND s.name >= $8::text AND s.name < $8::text || U&'\+10FFFF' AND s.name > $7::text
   AND $5::int >= 0 AND $6::bigint IS NOT NULL
   AND ($9::text IS NULL OR s.verdict = $9::text)
 ORDER BY s.name
 LIMIT $4::int
