-- $1 int[] domain_id, $2 date[] day, $3 bigint[] id: reports that have another id now. They are stored
-- anew behind this. For reingest_reports().
DELETE FROM ledger.report r
 USING unnest($1::int[], $2::date[], $3::bigint[]) AS g (domain_id, day, id)
 WHERE r.domain_id = g.domain_id AND r.day = g.day AND r.id = g.id
