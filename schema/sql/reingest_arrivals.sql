-- $1 int[] domain_id, $2 date[] day, $3 bigint[] id, $4 int[] arrivals, $5 timestamptz[] last_at, $6
-- text[] source (NULL: once): how often reports came that were stored anew. For reingest_reports().
UPDATE ledger.report r
   SET arrivals = r.arrivals - 1 + g.arrivals,
       last_arrival_at = CASE WHEN g.source IS NULL THEN r.last_arrival_at ELSE g.at END,
       last_arrival_source = coalesce(g.source, r.last_arrival_source)
  FROM unnest($1::int[], $2::date[], $3::bigint[], $4::int[], $5::timestamptz[], $6::text[])
       AS g (domain_id, day, id, arrivals, at, source)
 WHERE r.domain_id = g.domain_id AND r.day = g.day AND r.id = g.id
