-- $1 date, $2 date: first and last day; $3 int: a domain, 0 for all. The days on which there are reports
-- (of the domain). For reingest_reports().
SELECT (day - date '1970-01-01') AS day
  FROM (SELECT day
          FROM ledger.report
         WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)
         UNION
        SELECT day
          FROM ledger.report_domain
         WHERE day BETWEEN $1::date AND $2::date AND domain_id = $3::int) d
 ORDER BY day
