-- $1 int: attention, 0 for any; $2 text: mode of its policy, $3 text: its verdict, NULL for any; $4 int: most
-- rows; $5 text, $6 bigint: name, and sessions below zero, of the row behind which to begin; '' and the least bigint
-- for the first page. Domains, most sessions first. For read_domains().
SELECT *
  FROM ledger.domain_shown
 WHERE ($1::int = 0 OR attention = $1::int)
   AND ($2::text IS NULL OR mode = $2::text)
   AND ($3::text IS NULL OR verdict = $3::text)
   AND (-(successful + failed), name) > ($6::bigint, $5::text)
 ORDER BY -(successful + failed), name
 LIMIT $4::int
