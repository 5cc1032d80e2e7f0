-- $1 int[] mx_id, $2 bigint[] failed_sessions: by this much their counters are behind. For
-- store_batch().
INSERT INTO ledger.touched_mx (mx_id, failed_sessions) SELECT * FROM unnest($1::int[], $2::bigint[])
