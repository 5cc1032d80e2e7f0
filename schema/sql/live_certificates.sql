-- $1 int: most rows. When certificates of MX hosts run out, the first ones. For read_live_metrics().
SELECT mx, extract(epoch FROM ends)::bigint AS end_seconds
  FROM (SELECT mx, min(certificate_end) AS ends
          FROM ledger.setup_mx
         WHERE present AND certificate_end IS NOT NULL
         GROUP BY mx
         ORDER BY min(certificate_end), mx
         LIMIT $1::int) m
 ORDER BY mx COLLATE "C"
