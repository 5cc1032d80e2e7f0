-- $1 date, $2 date: first and last day; $3 int: a domain, 0 for all; $4 int: most rows. Failure details
-- that are not what the originals say. For verify().
SELECT format('failure detail %s of policy %s, report %s-%s-%s', detail_number, policy_number, domain_id,
              to_char(day, 'YYYYMMDD'), lpad(to_hex(report_id), 16, '0')) AS place,
       CASE WHEN f.policy_id IS NOT NULL
            THEN format('%s × %s at MX %s', f.failed_sessions, f.result_type, f.mx_id) END AS kept,
       CASE WHEN r.policy_id IS NOT NULL
            THEN format('%s × %s at MX %s', r.failed_sessions, r.result_type, r.mx_id) END AS recounted,
       count(*) OVER () AS total
  FROM (SELECT *
          FROM recount_failure
         WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)) r
  FULL JOIN (SELECT *
               FROM ledger.failure
              WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)) f
       USING (domain_id, day, report_id, policy_number, detail_number)
 WHERE (f.policy_id, f.reporter_id, f.mx_id, f.result_type, f.failed_sessions, f.trusted,
        f.sending_mta_ip, f.receiving_ip, f.receiving_mx_helo, f.additional_information,
        f.failure_reason_code)
       IS DISTINCT FROM
       (r.policy_id, r.reporter_id, r.mx_id, r.result_type, r.failed_sessions, r.trusted,
        r.sending_mta_ip, r.receiving_ip, r.receiving_mx_helo, r.additional_information,
        r.failure_reason_code)
 ORDER BY domain_id, day, report_id, policy_number, detail_number
 LIMIT $4::int
