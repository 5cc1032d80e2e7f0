-- $1 bigint: an id. The whole row, with all that is kept. For read_rejected_one().
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
       head
  FROM ledger.rejected
 WHERE id = $1::bigint
