-- $1 int: domain id; $2 int: most. Its policies, newest first. For read_hosting_versions().
SELECT version, id, body, sha256, mode, array_to_string(mx, ' ') AS mx, max_age_seconds,
       extract(epoch FROM made_at)::bigint AS made_seconds, made_by, note, elsewhere,
       coalesce(extract(epoch FROM first_served)::bigint, 0) AS first_served_seconds,
       coalesce(extract(epoch FROM last_served)::bigint, 0) AS last_served_seconds, fetches
  FROM ledger.hosted_policy
 WHERE domain_id = $1::int
 ORDER BY version DESC
 LIMIT $2::int
