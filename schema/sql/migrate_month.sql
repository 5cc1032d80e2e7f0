-- $1 date: first day of a month. Makes its partitions. For migrate_months().
SELECT ledger.ensure_month('report', $1::date) AS report, ledger.ensure_month('failure', $1::date) AS failure
