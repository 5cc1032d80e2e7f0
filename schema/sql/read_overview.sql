-- No parameters: one row of totals over all domains, 30 days and today. For read_overview().
SELECT s.domains, s.successful, s.failed, s.last_report_seconds, r.rejected
  FROM (SELECT count(*) AS domains,
               ledger.sessions(sum(successful_sessions)) AS successful,
               ledger.sessions(sum(failed_sessions)) AS failed,
               coalesce(extract(epoch FROM max(last_report_at)), 0)::bigint AS last_report_seconds
          FROM ledger.domain_status) s,
       (SELECT count(*) AS rejected
          FROM ledger.rejected
         WHERE last_at >= now() - interval '30 days') r
