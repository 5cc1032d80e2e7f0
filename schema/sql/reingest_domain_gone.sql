-- $1 date: the day that was recounted. Further domains that no report of it speaks of. For
-- reingest_reports().
DELETE FROM ledger.report_domain k
 WHERE k.day = $1::date
   AND NOT EXISTS (
           SELECT
             FROM recount_domain r
            WHERE r.domain_id = k.domain_id AND r.day = k.day AND r.report_id = k.report_id
              AND r.report_domain_id = k.report_domain_id)
