-- $1 int: attention, 0 for any; $2 text: mode of its policy, $3 text: its verdict, NULL for any; $4 int: most
-- rows; $5 text, $6 bigint, $7 int: name, failed sessions below zero, and urgency of the row behind which to begin;
-- '', the least bigint and 0 for the first page. Domains, those that need somebody first. Planned anew for each
-- question, so that each attention, mode and verdict finds its index. For read_domains().
SELECT *
  FROM ledger.domain_shown
 WHERE ($1::int = 0 OR attention = $1::int)
   AND ($2::text IS NULL OR mode = $2::text)
   AND ($3::text IS NULL OR verdict = $3::text)
   AND (urgency, -failed, name) > ($7::int, $6::bigint, $5::text)
 ORDER BY urgency, -failed, name
 LIMIT $4::int
