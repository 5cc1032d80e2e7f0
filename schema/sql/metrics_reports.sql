-- No parameters: reports by door and outcome, and how many domains and MX have counters: rows of
-- source "domains" and "mx", without an outcome. For read_report_counters().
SELECT source, outcome, sum(reports)::bigint AS number
  FROM ledger.report_counter
 GROUP BY source, outcome
UNION ALL
SELECT name, NULL, number FROM ledger.total
 ORDER BY 1, 2
