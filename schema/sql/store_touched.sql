-- $1 int[] domain_id, $2 timestamptz[] at: their status is behind from now on. For store_batch().
INSERT INTO ledger.touched (domain_id, at)
SELECT domain_id, max(at) FROM unnest($1::int[], $2::timestamptz[]) AS g (domain_id, at)
 GROUP BY domain_id
