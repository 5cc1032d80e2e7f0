-- $1 int: most MX. Those with most failed sessions. For read_mx_counters().
SELECT m.name AS mx, w.failed_sessions AS failed
  FROM (SELECT mx_id, failed_sessions
          FROM ledger.mx_counter
         ORDER BY failed_sessions DESC, mx_id
         LIMIT $1::int) w
  JOIN ledger.mx m ON m.id = w.mx_id
 ORDER BY m.name COLLATE "C"
