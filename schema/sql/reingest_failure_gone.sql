-- $1 date: the day that was recounted. Failure details that the originals do not say (like this). For
-- reingest_reports(), before reingest_failure.sql.
DELETE FROM ledger.failure f
 WHERE f.day = $1::date
   AND NOT EXISTS (
           SELECT
             FROM recount_failure r
            WHERE r.domain_id = f.domain_id AND r.day = f.day AND r.report_id = f.report_id
              AND r.policy_number = f.policy_number AND r.detail_number = f.detail_number
              AND (r.policy_id, r.reporter_id, r.mx_id, r.result_type, r.failed_sessions, r.trusted,
                   r.sending_mta_ip, r.receiving_ip, r.receiving_mx_helo, r.additional_information,
                   r.failure_reason_code)
                  IS NOT DISTINCT FROM
                  (f.policy_id, f.reporter_id, f.mx_id, f.result_type, f.failed_sessions, f.trusted,
                   f.sending_mta_ip, f.receiving_ip, f.receiving_mx_helo, f.additional_information,
                   f.failure_reason_code))
