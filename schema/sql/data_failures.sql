-- $1 to $9 as in data_tally.sql; $10 int, $11 date, $12 bigint, $13 smallint, $14 int: key of the row
-- behind which to begin; $15 int: most rows. Failure details in the order of their key. For
-- read_data_failures().
SELECT f.domain_id,
       (f.day - date '1970-01-01') AS day,
       f.report_id,
       f.policy_number::int AS policy_number,
       f.detail_number,
       coalesce(o.report_domain_id, f.domain_id) AS report_domain_id,
       d.name AS domain,
       m.name AS mx,
       p.type AS policy_type,
       f.result_type,
       r.name AS reporter,
       f.trusted,
       f.failed_sessions AS failed,
       f.sending_mta_ip,
       f.receiving_ip,
       f.receiving_mx_helo,
       f.additional_information,
       f.failure_reason_code
  FROM ledger.failure f
  JOIN ledger.domain d ON d.id = f.domain_id
  JOIN ledger.reporter r ON r.id = f.reporter_id
  JOIN ledger.policy p ON p.domain_id = f.domain_id AND p.id = f.policy_id
  LEFT JOIN ledger.mx m ON m.id = f.mx_id
  LEFT JOIN ledger.report_domain o
         ON o.domain_id = f.domain_id AND o.day = f.day AND o.report_id = f.report_id
 WHERE f.domain_id >= $1::int
   AND f.domain_id <= $2::int
   AND f.day BETWEEN $3::date AND $4::date
   AND ($5::int = 0 OR f.mx_id = $5::int)
   AND ($6::int = 0 OR f.reporter_id = $6::int)
   AND ($7::text IS NULL OR p.type = $7::text)
   AND ($8::text IS NULL OR f.result_type = $8::text)
   AND ($9::boolean IS NULL OR f.trusted = $9::boolean)
   AND (f.domain_id, f.day, f.report_id, f.policy_number, f.detail_number)
       > ($10::int, $11::date, $12::bigint, $13::smallint, $14::int)
 ORDER BY f.domain_id, f.day, f.report_id, f.policy_number, f.detail_number
 LIMIT $15::int
