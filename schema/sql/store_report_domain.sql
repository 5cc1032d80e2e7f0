-- One array per column of ledger.report_domain. For store_batch().
INSERT INTO ledger.report_domain (domain_id, day, report_id, report_domain_id)
SELECT domain_id, day, report_id, report_domain_id
  FROM unnest($1::int[], $2::date[], $3::bigint[], $4::int[])
       AS given (domain_id, day, report_id, report_domain_id)
 ORDER BY domain_id, day, report_id
ON CONFLICT (domain_id, day, report_id) DO NOTHING
