-- No parameters: further domains of the recounted reports that are not there. For reingest_reports().
INSERT INTO ledger.report_domain (domain_id, day, report_id, report_domain_id)
SELECT domain_id, day, report_id, report_domain_id
  FROM recount_domain
 ORDER BY domain_id, day, report_id
ON CONFLICT (domain_id, day, report_id) DO NOTHING
