-- Rows of ledger.failure, binary. For store_batch().
COPY ledger.failure
     (domain_id, day, report_id, policy_number, detail_number, policy_id, reporter_id, mx_id,
      result_type, failed_sessions, trusted, sending_mta_ip, receiving_ip, receiving_mx_helo,
      additional_information, failure_reason_code)
FROM STDIN (FORMAT binary)
