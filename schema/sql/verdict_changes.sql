-- $1 int: domain id; $2 int: most. How its verdict changed, newest first. For read_verdict_changes().
SELECT extract(epoch FROM at)::bigint AS at_seconds, from_stage, from_verdict, stage, verdict, code, sentence
  FROM ledger.verdict_change
 WHERE domain_id = $1::int
 ORDER BY at DESC
 LIMIT $2::int
