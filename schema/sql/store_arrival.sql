-- $1 int[] domain_id, $2 date[] day, $3 bigint[] id, $4 text[] source, $5 timestamptz[] received_at:
-- notes that these reports came again. For store_batch().
UPDATE ledger.report r
   SET arrivals = r.arrivals + g.times, last_arrival_at = g.at, last_arrival_source = g.source
  FROM (SELECT domain_id, day, id, count(*)::int AS times, max(at) AS at, max(source) AS source
          FROM unnest($1::int[], $2::date[], $3::bigint[], $4::text[], $5::timestamptz[])
               AS given (domain_id, day, id, source, at)
         GROUP BY domain_id, day, id
         ORDER BY domain_id, day, id) g
 WHERE r.domain_id = g.domain_id AND r.day = g.day AND r.id = g.id
