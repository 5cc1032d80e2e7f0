-- The number of the newest migration that the database has. For migrate().
SELECT coalesce(max(number), 0) AS number FROM ledger_migration
