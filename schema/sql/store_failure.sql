-- One array per column of ledger.failure. For store_batch().
INSERT INTO ledger.failure
       (domain_id, day, report_id, policy_number, detail_number, policy_id, reporter_id, mx_id,
        result_type, failed_sessions, trusted, sending_mta_ip, receiving_ip, receiving_mx_helo,
        additional_information, failure_reason_code)
SELECT * FROM unnest($1::int[], $2::date[], $3::bigint[], $4::smallint[], $5::int[], $6::bigint[],
                     $7::int[], $8::int[], $9::text[], $10::bigint[], $11::boolean[], $12::text[],
                     $13::text[], $14::text[], $15::text[], $16::text[])
