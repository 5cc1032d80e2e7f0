-- $1 date, $2 date: first and last day; $3 int: a domain, 0 for all; $4 int: most rows. Policies that
-- the originals quote and that are not kept like that. For verify(), which has read the days before.
SELECT format('policy %s of %s', r.id,
              coalesce((SELECT name FROM ledger.domain WHERE id = r.domain_id), r.domain_id::text))
           AS place,
       CASE WHEN p.id IS NOT NULL
            THEN format('%s, mode %s, max_age %s, mx %s: %s', p.type, p.mode, p.max_age_seconds,
                        array_to_string(p.mx, ' '), p.body) END AS kept,
       format('%s, mode %s, max_age %s, mx %s: %s', r.type, r.mode, r.max_age_seconds,
              array_to_string(r.mx, ' '), r.body) AS recounted,
       count(*) OVER () AS total
  FROM (SELECT DISTINCT * FROM recount_policy WHERE $3::int = 0 OR domain_id = $3::int) r
  LEFT JOIN ledger.policy p ON p.domain_id = r.domain_id AND p.id = r.id
 WHERE $1::date <= $2::date
   AND (p.type, p.body, p.mode, p.mx, p.max_age_seconds)
       IS DISTINCT FROM (r.type, r.body, r.mode, r.mx, r.max_age_seconds)
 ORDER BY r.domain_id, r.id
 LIMIT $4::int
