-- $1 text[]: domains, with a row in ledger.domain each; $2 timestamptz: now. For setup_watch().
INSERT INTO ledger.setup_watch (domain_id, wanted_at, look_at, probe_at)
SELECT d.id, $2::timestamptz, $2::timestamptz, $2::timestamptz
  FROM ledger.domain d
 WHERE d.name = ANY ($1::text[])
 ORDER BY d.id
ON CONFLICT (domain_id) DO UPDATE
   SET look_at = CASE WHEN ledger.setup_watch.wanted_at < excluded.wanted_at - interval '2 days'
                      THEN excluded.look_at ELSE ledger.setup_watch.look_at END,
       wanted_at = excluded.wanted_at
 WHERE ledger.setup_watch.wanted_at < excluded.wanted_at - interval '1 hour' -- it is said again every minute
