-- What pages about one MX ask for: where it failed, and which hosts failed on a day. Only failures are in
-- these indexes, so that a batch of clean reports pays nothing for them.

CREATE INDEX tally_mx_failed ON ledger.tally (mx_id, day)
 WHERE mx_id <> 0 AND result NOT IN ('successful', 'total-failure');
CREATE INDEX mx_day_failed ON ledger.mx_day (day, mx_id) WHERE result <> 'successful';
CREATE INDEX mx_name ON ledger.mx (name COLLATE "C");
