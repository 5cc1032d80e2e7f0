-- As copy_failure.sql, for recount_add().
COPY recount_failure
     (domain_id, day, report_id, policy_number, detail_number, policy_id, reporter_id, mx_id,
      result_type, failed_sessions, trusted, sending_mta_ip, receiving_ip, receiving_mx_helo,
      additional_information, failure_reason_code)
FROM STDIN (FORMAT binary)
