-- $1 int, $2 date, $3 bigint: a report's key. What came under the same identity with other content and
-- was not counted, newest first. For read_conflicts().
SELECT extract(epoch FROM received_at)::bigint AS received_seconds,
       source,
       origin,
       contact,
       arrivals,
       octet_length(original) AS size
  FROM ledger.conflict
 WHERE domain_id = $1::int AND day = $2::date AND report_id = $3::bigint
 ORDER BY received_at DESC, content
 LIMIT 100
