-- $1 int[] domain_id, $2 date[] day, $3 bigint[] id, $4 text[] ground, $5 … $9 text[]: the sender.
-- Reports whose sender turned out not to be one to trust. For unverified_settle().
UPDATE ledger.report r
   SET trust_ground = g.ground, sender_result = g.result, sender_method = g.method,
       sender_domain = g.sender_domain, sender_selector = g.selector, sender_reason = g.reason
  FROM unnest($1::int[], $2::date[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::text[])
       AS g (domain_id, day, id, ground, result, method, sender_domain, selector, reason)
 WHERE r.domain_id = g.domain_id AND r.day = g.day AND r.id = g.id
   AND NOT r.trusted AND r.sender_result = 'unknown'
