-- $1 int: attention, 0 for any; $2 text: mode of its policy, $3 text: its verdict, NULL for any; $4 int: most
-- rows; $5 text: name of the row behind which to begin, '' for the first page; $6 text: how names begin. Domains, by
-- name. For read_domains().
SELECT *
  FROM ledger.domain_shown
 WHERE ($1::int = 0 OR attention = $1::int)
   AND ($2::text IS NULL OR mode = $2::text)
   AND ($3::text IS NULL OR verdict = $3::text)
   AND name >= $6::text AND name < $6::text || U&'\+10FFFF' AND name > $5::text
 ORDER BY name
 LIMIT $4::int
