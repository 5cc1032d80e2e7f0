-- No parameters: one row of totals over all domains, 30 days and today. For read_overview().
SELECT s.domains, s.enforced_failing, s.failing, s.silent, s.successful, s.failed,
       s.last_report_seconds, r.rejected
  FROM (SELECT coalesce(sum(domains), 0)::bigint AS domains,
               coalesce(sum(domains) FILTER (WHERE attention = 1), 0)::bigint AS enforced_failing,
               coalesce(sum(domains) FILTER (WHERE attention = 2), 0)::bigint AS failing,
               coalesce(sum(domains) FILTER (WHERE attention = 3), 0)::bigint AS silent,
               ledger.sessions(sum(successful_sessions)) AS successful,
               ledger.sessions(sum(failed_sessions)) AS failed,
               coalesce(extract(epoch FROM max(last_report_at)), 0)::bigint AS last_report_seconds
          FROM ledger.overview) s,
       (SELECT count(*) AS rejected
          FROM ledger.rejected
         WHERE last_at >= now() - interval '30 days') r
