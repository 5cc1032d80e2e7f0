-- No parameters: failure details that the originals say and that are not there. For reingest_reports().
INSERT INTO ledger.failure
SELECT r.*
  FROM recount_failure r
 WHERE NOT EXISTS (
           SELECT
             FROM ledger.failure f
            WHERE f.domain_id = r.domain_id AND f.day = r.day AND f.report_id = r.report_id
              AND f.policy_number = r.policy_number AND f.detail_number = r.detail_number)
 ORDER BY domain_id, day, report_id, policy_number, detail_number
