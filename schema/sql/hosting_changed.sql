-- $1 bigint: a revision; $2 int: most. What changed after it, in order. For hosting_changed().
SELECT h.revision, h.domain_id, d.name AS domain, h.version, h.served, p.body, p.sha256
  FROM ledger.hosted_domain h
  JOIN ledger.domain d ON d.id = h.domain_id
  JOIN ledger.hosted_policy p ON p.domain_id = h.domain_id AND p.version = h.version
 WHERE h.revision > $1::bigint
 ORDER BY h.revision
 LIMIT $2::int
