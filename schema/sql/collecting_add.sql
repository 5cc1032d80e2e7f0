-- $1 int[]: hours since 1970-01-01 in which reports could be taken. What is older than verdicts look back goes.
-- For collecting_add().
WITH gone AS (
    DELETE FROM ledger.collecting WHERE hour < extract(epoch FROM now())::bigint / 3600 - 110 * 24
)
INSERT INTO ledger.collecting (hour)
SELECT unnest($1::int[])
ON CONFLICT DO NOTHING
