-- Takes up to 20000 marks of ledger.touched_mx and adds them to the counters of their MX. Gives how
-- many MX those were. For status_refresh().
WITH taken AS (
    DELETE FROM ledger.touched_mx
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM ledger.touched_mx LIMIT 20000 FOR UPDATE SKIP LOCKED))
    RETURNING mx_id, failed_sessions
), counted AS (
    INSERT INTO ledger.mx_counter AS c (mx_id, failed_sessions)
    SELECT mx_id, ledger.sessions(sum(failed_sessions)) FROM taken GROUP BY mx_id ORDER BY mx_id
    ON CONFLICT (mx_id) DO UPDATE
       SET failed_sessions = ledger.sessions(c.failed_sessions::numeric + excluded.failed_sessions)
    RETURNING xmax = 0 AS fresh
), grown AS (
    INSERT INTO ledger.total AS t (name, number)
    SELECT 'mx', count(*) FROM counted WHERE fresh HAVING count(*) > 0
    ON CONFLICT (name) DO UPDATE SET number = t.number + excluded.number
)
SELECT count(*) AS refreshed FROM counted
