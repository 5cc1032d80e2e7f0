-- The list of all reports, newest day first, is read from where a page begins and is never sorted.

CREATE INDEX report_newest ON ledger.report (day, domain_id, id);
