-- One array for each column of fetches: $1 int[], $2 int[]: domain and version; $3, $4, $5 text[]: client,
-- user agent, SNI of the newest; $6, $7 timestamptz[]: the first and the newest; $8 bigint[]: how many. Each
-- (domain, version, client) once. $9 int: most networks that are kept of one version; what others fetch is
-- counted with the version only. For hosting_served().
WITH given AS (
    SELECT g.*, CASE WHEN client ~ '^[0-9a-f.]*[.:][0-9a-f.:]*$'
                     THEN network(set_masklen(client::inet, CASE family(client::inet) WHEN 4 THEN 24
                                                                                      ELSE 48 END))::text
                     ELSE client END AS network
      FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                  $7::timestamptz[], $8::bigint[])
           AS g (domain_id, version, client, user_agent, sni, first_at, last_at, fetches)
), newest AS (
    SELECT DISTINCT ON (domain_id, version, network) domain_id, version, network, client, user_agent, sni
      FROM given
     ORDER BY domain_id, version, network, last_at DESC
), summed AS (
    SELECT domain_id, version, network, min(first_at) AS first_at, max(last_at) AS last_at,
           sum(fetches)::bigint AS fetches
      FROM given
     GROUP BY domain_id, version, network
), counted AS (
    UPDATE ledger.hosted_policy p
       SET first_served = least(p.first_served, s.first_at),
           last_served = greatest(p.last_served, s.last_at),
           fetches = p.fetches + s.fetches
      FROM (SELECT domain_id, version, min(first_at) AS first_at, max(last_at) AS last_at,
                   sum(fetches) AS fetches
              FROM given
             GROUP BY domain_id, version) s
     WHERE p.domain_id = s.domain_id AND p.version = s.version
)
INSERT INTO ledger.hosted_fetch AS f (domain_id, version, network, client, user_agent, sni, first_at,
                                      last_at, fetches)
SELECT s.domain_id, s.version, s.network, n.client, n.user_agent, n.sni, s.first_at, s.last_at, s.fetches
  FROM summed s
  JOIN newest n ON n.domain_id = s.domain_id AND n.version = s.version AND n.network = s.network
 WHERE EXISTS (SELECT FROM ledger.hosted_fetch k
                WHERE k.domain_id = s.domain_id AND k.version = s.version AND k.network = s.network)
    OR (SELECT count(*) FROM ledger.hosted_fetch k
         WHERE k.domain_id = s.domain_id AND k.version = s.version) < $9::int
ON CONFLICT (domain_id, version, network) DO UPDATE
   SET client = excluded.client,
       user_agent = excluded.user_agent,
       sni = excluded.sni,
       first_at = least(f.first_at, excluded.first_at),
       last_at = greatest(f.last_at, excluded.last_at),
       fetches = f.fetches + excluded.fetches
