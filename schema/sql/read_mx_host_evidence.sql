-- $1 int: MX, $2 date, $3 date: first and last day. What failure details say of it beside counts: its
-- addresses, what it calls itself, who sent, and reasons, each value with its failed sessions, at most ten
-- of a kind. From the newest 5000 details of the newest 200 domains and days. For read_mx_host_evidence().
WITH place AS (
    SELECT domain_id, day
      FROM ledger.tally
     WHERE mx_id = $1::int AND mx_id <> 0 AND day BETWEEN $2::date AND $3::date
       AND result NOT IN ('successful', 'total-failure') AND sessions > 0
     GROUP BY domain_id, day
     ORDER BY day DESC, domain_id
     LIMIT 200
), detail AS MATERIALIZED (
    SELECT f.reporter_id, f.receiving_ip, f.receiving_mx_helo, f.sending_mta_ip, f.failure_reason_code,
           f.failed_sessions
      FROM place p
      JOIN ledger.failure f ON f.domain_id = p.domain_id AND f.day = p.day
     WHERE f.mx_id = $1::int
     LIMIT 5000
), said AS (
    SELECT k.kind, k.value, ledger.sessions(sum(d.failed_sessions)) AS sessions
      FROM detail d
     CROSS JOIN LATERAL (VALUES ('address', d.receiving_ip),
                                ('helo', d.receiving_mx_helo),
                                ('sender', d.sending_mta_ip),
                                ('reason', d.failure_reason_code),
                                ('reporter', (SELECT name FROM ledger.reporter
                                               WHERE id = d.reporter_id))) k (kind, value)
     WHERE k.value <> ''
     GROUP BY k.kind, k.value
)
SELECT kind, value, sessions
  FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY sessions DESC, value) AS place
          FROM said) s
 WHERE place <= 10
 ORDER BY kind, place
