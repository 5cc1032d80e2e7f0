-- How many domains there are of each attention. For read_setup_counts().
SELECT attention::int, count(*) AS domains, floor(extract(epoch FROM min(checked_at)))::bigint AS oldest_seconds
  FROM ledger.setup
 GROUP BY attention
 ORDER BY attention
