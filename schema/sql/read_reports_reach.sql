-- $1 to $7: as in read_reports.sql. The last of the reports looked at, where a search among them ends; no
-- row when there are no more. For read_reports_reach().
SELECT domain_id, (day - date '1970-01-01') AS day, id
  FROM ledger.report
 WHERE (day, domain_id, id) < ($1::date, $2::int, $3::bigint)
   AND (NOT $4::boolean OR failed_sessions > 0)
   AND (NOT $5::boolean OR NOT trusted)
   AND (NOT $6::boolean OR cardinality(deviations) > 0)
 ORDER BY day DESC, domain_id DESC, id DESC
OFFSET $7::int - 1
 LIMIT 1
