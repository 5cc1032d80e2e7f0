-- $1 date: first day of a month, $2 int: how many months from it. Gives those that have no partitions
-- yet. For migrate_months().
SELECT (m::date - date '1970-01-01') AS day
  FROM generate_series($1::date, $1::date + ($2::int - 1) * interval '1 month', interval '1 month') AS m
 WHERE to_regclass('ledger.report' || to_char(m, '_YYYYMM')) IS NULL
    OR to_regclass('ledger.failure' || to_char(m, '_YYYYMM')) IS NULL
 ORDER BY m
