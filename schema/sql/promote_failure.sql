-- $1 int[] domain_id, $2 date[] day, $3 bigint[] report_id: failure details of reports that are trusted
-- from now on, each under every domain it is counted for. For promote_failures().
UPDATE ledger.failure f
   SET trusted = true
  FROM unnest($1::int[], $2::date[], $3::bigint[]) AS g (domain_id, day, report_id)
 WHERE f.domain_id = g.domain_id AND f.day = g.day AND f.report_id = g.report_id AND NOT f.trusted
