-- $1 date, $2 date: first and last day; $3 int: a domain, 0 for all. How many reports there are, for a
-- progress bar. For kept_count().
SELECT count(*) AS reports
  FROM ledger.report
 WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)
