-- $1 date: today. Marks the domains whose status was last made before today: the window has moved.
-- For status_daily().
INSERT INTO ledger.touched (domain_id)
SELECT domain_id FROM ledger.domain_status WHERE evaluated_at < $1::date
