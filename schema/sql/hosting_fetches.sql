-- $1 int: domain id; $2 int: most. Who fetched which version, newest first. For read_hosting_fetches().
SELECT version, network, client, user_agent, sni, extract(epoch FROM first_at)::bigint AS first_seconds,
       extract(epoch FROM last_at)::bigint AS last_seconds, fetches
  FROM ledger.hosted_fetch
 WHERE domain_id = $1::int
 ORDER BY last_at DESC, version DESC, network
 LIMIT $2::int
