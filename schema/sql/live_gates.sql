-- $1 int[]: domain ids. How each gate of the verdict is, and was in the looks of 14 days before the newest. For read_live().
SELECT s.domain_id, (n.place - 1)::int AS gate, n.state::int, s.found[n.place] AS found,
       coalesce(r.known_runs, 0) AS known_runs, coalesce(r.true_runs, 0) AS true_runs,
       coalesce(extract(epoch FROM r.false_at), 0)::bigint AS false_seconds
  FROM ledger.setup s
 CROSS JOIN LATERAL unnest(s.gates) WITH ORDINALITY AS n (state, place)
  LEFT JOIN (SELECT r.domain_id, g.place, count(*) FILTER (WHERE g.state <> 0) AS known_runs,
                    count(*) FILTER (WHERE g.state = 1) AS true_runs, max(r.at) FILTER (WHERE g.state = 2) AS false_at
               FROM ledger.setup_run r
               JOIN ledger.setup w ON w.domain_id = r.domain_id AND r.at > w.checked_at - interval '14 days'
              CROSS JOIN LATERAL unnest(r.gates) WITH ORDINALITY AS g (state, place)
              WHERE r.domain_id = ANY ($1::int[])
              GROUP BY r.domain_id, g.place) r ON r.domain_id = s.domain_id AND r.place = n.place
 WHERE s.domain_id = ANY ($1::int[])
 ORDER BY s.domain_id, n.place
