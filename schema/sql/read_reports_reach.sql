-- $1 date, $2 int, $3 bigint: key of the report behind which to begin; $4 int: how many reports to look at.
-- The last of these, where a search among them ends; no row when there are no more. For
-- read_reports_reach().
SELECT domain_id, (day - date '1970-01-01') AS day, id
  FROM ledger.report
 WHERE (day, domain_id, id) < ($1::date, $2::int, $3::bigint)
 ORDER BY day DESC, domain_id DESC, id DESC
OFFSET $4::int - 1
 LIMIT 1
