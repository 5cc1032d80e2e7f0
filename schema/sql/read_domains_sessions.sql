-- $1 int, $2 int: least and most attention; $3 text: mode of its policy, $4 text: its verdict, NULL for any;
-- $5 int: most rows; $6 text, $7 bigint: name, and sessions below zero, of the row behind which to begin;
-- '' and the least bigint for the first page. Domains, most sessions first. For read_domains().
SELECT *
  FROM ledger.domain_shown
 WHERE attention BETWEEN $1::int AND $2::int
   AND ($3::text IS NULL OR mode = $3::text)
   AND ($4::text IS NULL OR verdict = $4::text)
   AND (-(successful + failed), name) > ($7::bigint, $6::text)
 ORDER BY -(successful + failed), name
 LIMIT $5::int
