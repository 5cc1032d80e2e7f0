-- $1 int: domain id; $2 int: the version that its maker knew as the newest, 0 for none: no row when it is
-- another one by now; $3 text: id; $4 bytea: body; $5 text: sha256; $6 text: mode; $7 text[]: mx; $8 bigint:
-- max_age; $9 timestamptz: now; $10, $11 text: by whom, note; $12 boolean: it is served here; $13 text: goal;
-- $14 text[]: goal_mx; $15 boolean: that goal is new. A new version, in force at once. For hosting_put().
WITH made AS (
    INSERT INTO ledger.hosted_policy (domain_id, version, id, body, sha256, mode, mx, max_age_seconds,
                                      made_at, made_by, note, elsewhere)
    SELECT $1::int, $2::int + 1, $3::text, $4::bytea, $5::text, $6::text, $7::text[], $8::bigint,
           $9::timestamptz, $10::text, $11::text, NOT $12::boolean
     WHERE $2::int = (SELECT coalesce(max(version), 0) FROM ledger.hosted_policy WHERE domain_id = $1::int)
    RETURNING domain_id, version
)
INSERT INTO ledger.hosted_domain AS h (domain_id, version, since, served, ended, goal, goal_mx, begun_at,
                                       revision)
SELECT domain_id, version, $9::timestamptz, $12::boolean, false, $13::text, $14::text[], $9::timestamptz,
       nextval('ledger.hosting_revision')
  FROM made
ON CONFLICT (domain_id) DO UPDATE
   SET version = excluded.version,
       since = excluded.since,
       served = excluded.served,
       ended = false,
       goal = excluded.goal,
       goal_mx = excluded.goal_mx,
       begun_at = CASE WHEN $15::boolean THEN excluded.begun_at ELSE h.begun_at END,
       revision = excluded.revision
