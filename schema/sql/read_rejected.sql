-- $1 int: most rows; $2 bigint: id of the row behind which to begin, 0 for the first page. What could
-- not be counted, newest first. For read_rejected().
SELECT id,
       extract(epoch FROM first_at)::bigint AS first_seconds,
       extract(epoch FROM last_at)::bigint AS last_seconds,
       times,
       source,
       origin,
       field,
       reason,
       organization,
       size,
       substring(head FROM 1 FOR 512) AS head
  FROM ledger.rejected
 WHERE $2::bigint = 0
    OR (last_at, id) < ((SELECT last_at FROM ledger.rejected WHERE id = $2), $2)
 ORDER BY last_at DESC, id DESC
 LIMIT $1::int
