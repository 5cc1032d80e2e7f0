-- Lists of what is rare are read from where they begin, as those of all are; who reported, from few rows.

-- Only reports like these are in them, so that the others pay nothing.
CREATE INDEX report_failed ON ledger.report (day, domain_id, id) WHERE failed_sessions > 0;
CREATE INDEX report_untrusted ON ledger.report (day, domain_id, id) WHERE NOT trusted;
CREATE INDEX report_deviating ON ledger.report (day, domain_id, id) WHERE cardinality(deviations) > 0;

-- What each reporter told of a day without the MX hosts of failures, which may be many more rows.
CREATE INDEX reporter_day_whole ON ledger.reporter_day (day, reporter_id)
 WHERE result IN ('successful', 'total-failure');

-- What the lists of domains show, in their order; see `struct domain_row`.
CREATE VIEW ledger.domain_shown AS
SELECT s.domain_id AS id,
       s.name,
       s.successful_sessions AS successful,
       s.failed_sessions AS failed,
       s.reporters,
       coalesce(extract(epoch FROM s.last_report_at), 0)::bigint AS last_report_seconds,
       m.name AS worst_mx,
       s.worst_mx_failed,
       s.mode,
       s.attention,
       s.daily_sessions,
       s.daily_failed,
       s.stage,
       s.verdict
  FROM ledger.domain_status s
  LEFT JOIN ledger.mx m ON m.id = s.worst_mx_id;
