-- $1 timestamptz: what last came before it goes; $2 bigint: most bytes, a row counting 1 KiB beside what
-- is kept of its delivery: the oldest go first. Rows that a batch has in hand stay for the next time,
-- so that no batch waits. For purge_rejected().
DELETE FROM ledger.rejected
 WHERE id = ANY (ARRAY(
           SELECT r.id
             FROM ledger.rejected r
             JOIN (SELECT id, last_at,
                          sum(octet_length(head) + 1024) OVER (ORDER BY last_at DESC, id DESC) AS bytes
                     FROM ledger.rejected) w ON w.id = r.id
            WHERE w.last_at < $1 OR w.bytes > $2
              FOR UPDATE OF r SKIP LOCKED))
