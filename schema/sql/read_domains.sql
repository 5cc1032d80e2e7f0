-- $1 int, $2 int: least and most attention; $3 text: mode of its policy, $4 text: its verdict, NULL for any;
-- $5 int: most rows; $6 text, $7 bigint, $8 int: name, failed sessions below zero, and attention of the row
-- behind which to begin; '', the least bigint and 0 for the first page. Domains, those that need somebody first.
-- Planned anew for each question, so that each mode and verdict finds its index. For read_domains().
SELECT *
  FROM ledger.domain_shown
 WHERE attention BETWEEN $1::int AND $2::int
   AND ($3::text IS NULL OR mode = $3::text)
   AND ($4::text IS NULL OR verdict = $4::text)
   AND (attention, -failed, name) > ($8::int, $7::bigint, $6::text)
 ORDER BY attention, -failed, name
 LIMIT $5::int
