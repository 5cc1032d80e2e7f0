-- $1 text: domain; $2 text: goal; $3 text[]: goal_mx; $4 timestamptz: now; $5 boolean: the policy in force is
-- served here; $6 boolean: MTA-STS is given up and nothing is served any more. The policy in force stays.
-- The change begins now if it is another one, and so does the time without. For hosting_aim().
WITH placed AS (
    UPDATE ledger.hosted_policy p
       SET elsewhere = true
      FROM ledger.hosted_domain h
      JOIN ledger.domain d ON d.id = h.domain_id
     WHERE d.name = $1::text AND p.domain_id = h.domain_id AND p.version = h.version
       AND NOT $5::boolean AND NOT $6::boolean
)
UPDATE ledger.hosted_domain h
   SET begun_at = CASE WHEN (h.goal, h.goal_mx, h.ended) IS DISTINCT FROM ($2::text, $3::text[], $6::boolean)
                       THEN $4::timestamptz ELSE h.begun_at END,
       goal = $2::text,
       goal_mx = $3::text[],
       served = $5::boolean AND NOT $6::boolean,
       ended = $6::boolean,
       revision = nextval('ledger.hosting_revision')
  FROM ledger.domain d
 WHERE d.name = $1::text AND h.domain_id = d.id
