-- $1 int[] domain_id, $2 date[] day, $3 bigint[] id, $4 text[] ground, $5 … $9 text[]: the sender;
-- $10 text[] domains: the ids of all domains it is counted for, in order, separated by commas; NULL when
-- that is known. Reports that came again from a verified sender: trusted from now on. Gives the keys of
-- those that were not, and that are counted for the same domains as now. For promote_reports().
UPDATE ledger.report r
   SET trusted = true, trust_ground = g.ground, sender_result = g.result, sender_method = g.method,
       sender_domain = g.sender_domain, sender_selector = g.selector, sender_reason = g.reason
  FROM (SELECT DISTINCT ON (domain_id, day, id) *
          FROM unnest($1::int[], $2::date[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                      $7::text[], $8::text[], $9::text[], $10::text[])
               AS given (domain_id, day, id, ground, result, method, sender_domain, selector, reason,
                         domains)
         ORDER BY domain_id, day, id) g
 WHERE r.domain_id = g.domain_id AND r.day = g.day AND r.id = g.id
   AND NOT r.trusted
   AND (g.domains IS NULL
        OR g.domains = (SELECT string_agg(d.id::text, ',' ORDER BY d.id)
                          FROM (SELECT g.domain_id AS id
                                UNION
                                SELECT o.domain_id
                                  FROM ledger.report_domain o
                                 WHERE o.report_domain_id = g.domain_id AND o.day = g.day
                                   AND o.report_id = g.id) d))
RETURNING r.domain_id, (r.day - date '1970-01-01') AS day, r.id
