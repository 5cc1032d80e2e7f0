-- $1 int: domain id; $2 timestamptz: a moment. The change that was in force then, and what it was made of.
-- For read_verdict_change().
SELECT extract(epoch FROM at)::bigint AS at_seconds, stage, verdict, code, sentence, input::text AS input
  FROM ledger.verdict_change
 WHERE domain_id = $1::int AND at <= $2::timestamptz
 ORDER BY at DESC
 LIMIT 1
