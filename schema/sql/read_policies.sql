-- $1 int: domain, $2 date, $3 date: first and last day. Each policy that reports of these days quote,
-- newest first, and its sessions in them: `shared` are successes that its hosts share. The newest 40.
-- For read_policies().
SELECT p.id,
       p.type,
       p.mode,
       array_to_string(p.mx, ' ') AS mx,
       coalesce(p.max_age_seconds, -1) AS max_age_seconds,
       p.body,
       (s.first_day - date '1970-01-01') AS first_day,
       (s.last_day - date '1970-01-01') AS last_day,
       t.shared,
       t.successful,
       t.failed
  FROM ledger.policy p
  JOIN (SELECT policy_id,
               ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful' AND mx_id = 0))
                   AS shared,
               ledger.sessions(sum(sessions) FILTER (WHERE result = 'successful'))
                   AS successful,
               ledger.sessions(sum(sessions) FILTER (WHERE result = 'total-failure')) AS failed
          FROM ledger.tally
         WHERE domain_id = $1::int AND day BETWEEN $2::date AND $3::date
         GROUP BY policy_id) t ON t.policy_id = p.id
  JOIN (SELECT policy_id, min(day) AS first_day, max(day) AS last_day
          FROM ledger.tally
         WHERE domain_id = $1::int
         GROUP BY policy_id) s ON s.policy_id = p.id
 WHERE p.domain_id = $1::int
 ORDER BY s.last_day DESC, p.type, s.first_day DESC, p.id
 LIMIT 40
