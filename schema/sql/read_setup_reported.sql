-- $1 int: domain id. MX hosts that reports of 90 days name. For read_setup_past().
SELECT m.name AS mx, (t.first_day - date '1970-01-01') AS first_day, (t.last_day - date '1970-01-01') AS last_day
  FROM (SELECT mx_id, min(day) AS first_day, max(day) AS last_day
          FROM ledger.tally
         WHERE domain_id = $1::int AND day > current_date - 90 AND mx_id <> 0 AND trusted
         GROUP BY mx_id
         ORDER BY max(day) DESC, mx_id
         LIMIT 200) t
  JOIN ledger.mx m ON m.id = t.mx_id
 ORDER BY t.last_day DESC, m.name
