-- $1 int: most rows; $2 bigint, $3 bigint: moment and id of the row behind which to begin, 0 for the
-- first page; $4 text: a source, $5 text: what field, reason, organization or origin must hold, both
-- NULL for all. What could not be counted, newest first. For read_rejected().
SELECT id,
       extract(epoch FROM first_at)::bigint AS first_seconds,
       extract(epoch FROM last_at)::bigint AS last_seconds,
       times,
       source,
       origin,
       field,
       reason,
       organization,
       vouched,
       vouched_by,
       size,
       octet_length(head)::bigint AS kept,
       substring(head FROM 1 FOR 512) AS head
  FROM ledger.rejected
 WHERE ($3::bigint = 0 OR (last_at, id) < (to_timestamp($2::bigint), $3))
   AND ($4::text IS NULL OR source = $4)
   AND ($5::text IS NULL
        OR position(lower($5) IN lower(concat_ws(' ', field || ':', reason, organization, origin))) > 0)
 ORDER BY last_at DESC, id DESC
 LIMIT $1::int
