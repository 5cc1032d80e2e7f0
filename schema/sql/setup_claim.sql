-- $1 timestamptz: now; $2, $3 bigint: seconds from look to look, and from probes to probes; $4 int: most rows. Domains
-- that are due; the next time is set at once, each domain's own moment of the period, so that of several services one
-- takes each, and one that dies while it looks only costs a look. For setup_claim().
UPDATE ledger.setup_watch w
   SET look_at = to_timestamp((floor((extract(epoch FROM $1::timestamptz) - h.hash % $2::bigint + $2::bigint / 4)
                                     / $2::bigint) + 1) * $2::bigint + h.hash % $2::bigint),
       probe_at = CASE WHEN w.probe_at > $1::timestamptz THEN w.probe_at
                       ELSE to_timestamp((floor((extract(epoch FROM $1::timestamptz) - h.hash % $3::bigint
                                                 + $3::bigint / 4) / $3::bigint) + 1) * $3::bigint
                                         + h.hash % $3::bigint) END
  FROM (SELECT t.domain_id, d.name, t.probe_at <= $1::timestamptz AS probes,
               ('x' || substr(md5(d.name), 1, 8))::bit(32)::bigint AS hash
          FROM (SELECT domain_id, probe_at
                  FROM ledger.setup_watch
                 WHERE look_at <= $1::timestamptz AND wanted_at > $1::timestamptz - interval '2 days'
                 ORDER BY look_at
                 LIMIT $4::int
                   FOR UPDATE SKIP LOCKED) t
          JOIN ledger.domain d ON d.id = t.domain_id
        OFFSET 0) h
 WHERE w.domain_id = h.domain_id
RETURNING w.domain_id, h.name AS domain, h.probes
