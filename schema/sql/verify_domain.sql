-- $1 date, $2 date: first and last day; $3 int: a domain, 0 for all; $4 int: most rows. Further domains
-- of reports that are not what the originals say. For verify().
SELECT format('domain %s of report %s-%s-%s',
              coalesce((SELECT name FROM ledger.domain WHERE id = domain_id), domain_id::text),
              coalesce(k.report_domain_id, r.report_domain_id), to_char(day, 'YYYYMMDD'),
              lpad(to_hex(report_id), 16, '0')) AS place,
       CASE WHEN k.report_domain_id IS NOT NULL THEN 'listed' END AS kept,
       CASE WHEN r.report_domain_id IS NOT NULL THEN 'listed' END AS recounted,
       count(*) OVER () AS total
  FROM (SELECT *
          FROM recount_domain
         WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)) r
  FULL JOIN (SELECT *
               FROM ledger.report_domain
              WHERE day BETWEEN $1::date AND $2::date AND ($3::int = 0 OR domain_id = $3::int)) k
       USING (domain_id, day, report_id)
 WHERE k.report_domain_id IS DISTINCT FROM r.report_domain_id
 ORDER BY domain_id, day, report_id
 LIMIT $4::int
