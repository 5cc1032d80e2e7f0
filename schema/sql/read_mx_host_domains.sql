-- $1 int: MX, $2 date, $3 date: first and last day. Domains whose sessions failed there, most first; the 40
-- worst of `domains`. Mirrored sessions once. For read_mx_host_domains().
SELECT d.name,
       f.failed,
       f.reporters,
       (f.last_failure - date '1970-01-01') AS last_failure,
       coalesce(s.mode, '') AS mode,
       f.domains
  FROM (SELECT domain_id,
               ledger.sessions(sum(sessions - mirrored_sessions)) AS failed,
               count(DISTINCT reporter_id) AS reporters,
               max(day) AS last_failure,
               count(*) OVER () AS domains
          FROM ledger.tally
         WHERE mx_id = $1::int AND mx_id <> 0 AND day BETWEEN $2::date AND $3::date
           AND result NOT IN ('successful', 'total-failure') AND sessions > 0
         GROUP BY domain_id
         ORDER BY sum(sessions - mirrored_sessions) DESC, domain_id
         LIMIT 40) f
  JOIN ledger.domain d ON d.id = f.domain_id
  LEFT JOIN ledger.domain_status s ON s.domain_id = f.domain_id
 ORDER BY f.failed DESC, d.name
