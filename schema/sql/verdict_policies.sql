-- $1 int[], $2 bigint[]: domain and policy ids. For read_verdict().
SELECT p.domain_id, p.id, CASE WHEN p.type = 'sts' THEN p.mode ELSE '' END AS mode,
       array_to_string(p.mx, ' ') AS mx, coalesce(p.max_age_seconds, -1) AS max_age_seconds
  FROM unnest($1::int[], $2::bigint[]) AS k (domain_id, id)
  JOIN ledger.policy p ON p.domain_id = k.domain_id AND p.id = k.id
 ORDER BY p.domain_id, p.id
