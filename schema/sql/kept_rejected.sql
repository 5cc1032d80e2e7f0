-- $1 bigint: id behind which to begin; $2 date, $3 date: first and last day of its first coming;
-- $4 int: most rows. What was rejected and is kept whole, in the order of its coming. For
-- kept_rejected().
SELECT id,
       extract(epoch FROM first_at)::bigint AS first_seconds,
       source,
       origin,
       vouched,
       vouched_by,
       head
  FROM ledger.rejected
 WHERE id > $1::bigint AND octet_length(head) = size
   AND (first_at AT TIME ZONE 'UTC')::date BETWEEN $2::date AND $3::date
 ORDER BY id
 LIMIT $4::int
