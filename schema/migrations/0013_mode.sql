-- The overview's list of one policy mode, which may be a rare one.

CREATE INDEX domain_status_mode
    ON ledger.domain_status (mode, attention, (-failed_sessions), name);
