-- $1 int, $2 int: first and last domain, $3 date, $4 date: first and last day, $5 int: an MX, $6 int: a
-- reporter, 0 for all; $7 text: policy type, $8 text: result type, $9 boolean: trusted, NULL for all;
-- $10 int, $11 date, $12 int, $13 bigint, $14 int, $15 text, $16 boolean: key of the row behind which to
-- begin; $17 int: most rows. Rows of the tally in the order of their key; what a policy's summary says
-- of failures is left out, since details and the unexplained rest say it too. For read_data_tally().
SELECT t.domain_id,
       (t.day - date '1970-01-01') AS day,
       t.reporter_id,
       t.policy_id,
       t.mx_id,
       t.result,
       t.trusted,
       d.name AS domain,
       m.name AS mx,
       t.policy_type,
       r.name AS reporter,
       CASE WHEN t.result <> 'successful' THEN t.result END AS result_type,
       CASE WHEN t.result = 'successful' AND t.mx_id <> 0 THEN t.sessions ELSE 0 END AS successful,
       CASE WHEN t.result = 'successful' AND t.mx_id = 0 THEN t.sessions ELSE 0 END AS shared,
       CASE WHEN t.result <> 'successful' THEN t.sessions ELSE 0 END AS failed,
       t.mirrored_sessions AS mirrored
  FROM ledger.tally t
  JOIN ledger.domain d ON d.id = t.domain_id
  JOIN ledger.reporter r ON r.id = t.reporter_id
  LEFT JOIN ledger.mx m ON m.id = t.mx_id
 WHERE t.domain_id >= $1::int
   AND t.domain_id <= $2::int
   AND t.day BETWEEN $3::date AND $4::date
   AND ($5::int = 0 OR t.mx_id = $5::int)
   AND ($6::int = 0 OR t.reporter_id = $6::int)
   AND ($7::text IS NULL OR t.policy_type = $7::text)
   AND ($8::text IS NULL OR t.result = $8::text)
   AND ($9::boolean IS NULL OR t.trusted = $9::boolean)
   AND t.result <> 'total-failure'
   AND t.sessions <> 0
   AND (t.domain_id, t.day, t.reporter_id, t.policy_id, t.mx_id, t.result, t.trusted)
       > ($10::int, $11::date, $12::int, $13::bigint, $14::int, $15::text, $16::boolean)
 ORDER BY t.domain_id, t.day, t.reporter_id, t.policy_id, t.mx_id, t.result, t.trusted
 LIMIT $17::int
