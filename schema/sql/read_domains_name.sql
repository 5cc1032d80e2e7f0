-- $1 int, $2 int: least and most attention; $3 text: mode of its policy, $4 text: its verdict, NULL for any;
-- $5 int: most rows; $6 text: name of the row behind which to begin, '' for the first page; $7 text:
-- how names begin. Domains, by name. For read_domains().
SELECT *
  FROM ledger.domain_shown
 WHERE attention BETWEEN $1::int AND $2::int
   AND ($3::text IS NULL OR mode = $3::text)
   AND ($4::text IS NULL OR verdict = $4::text)
   AND name >= $7::text AND name < $7::text || U&'\+10FFFF' AND name > $6::text
 ORDER BY name
 LIMIT $5::int
