-- $1 date: today. Marks the domains whose status was last made for another day: the window has moved,
-- or the clock. For status_daily().
INSERT INTO ledger.touched (domain_id)
SELECT domain_id FROM ledger.domain_status WHERE today IS DISTINCT FROM $1::date
