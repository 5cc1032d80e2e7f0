-- Lists of what is rare are read from where they begin, as those of all are, and who reported from few rows.

-- Only reports like these are in them, so that the others pay nothing.
CREATE INDEX report_failed ON ledger.report (day, domain_id, id) WHERE failed_sessions > 0;
CREATE INDEX report_untrusted ON ledger.report (day, domain_id, id) WHERE NOT trusted;
CREATE INDEX report_deviating ON ledger.report (day, domain_id, id) WHERE cardinality(deviations) > 0;

-- What each reporter told of a day without the MX hosts of failures, which may be many more rows.
CREATE INDEX reporter_day_whole ON ledger.reporter_day (day, reporter_id)
 WHERE result IN ('successful', 'total-failure');
