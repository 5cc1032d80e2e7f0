-- What the summary of a week asks over all domains, at a cost that does not grow with their number.

-- What each reporter told of a day, over all domains; mirrored sessions once. result is as in
-- ledger.tally; mx_id is 0 but for failures at a named MX. Every batch of every writer adds to these few
-- rows, so each connection has its own slot of them: a count is the sum of its slots, of which one alone
-- may be below zero. A day on which it reported has a row `successful`, if of 0 sessions.
CREATE TABLE ledger.reporter_day (
    day         date NOT NULL,
    reporter_id integer NOT NULL,
    mx_id       integer NOT NULL,
    result      text NOT NULL,
    trusted     boolean NOT NULL,
    slot        smallint NOT NULL,
    sessions    bigint NOT NULL,
    PRIMARY KEY (day, reporter_id, mx_id, result, trusted, slot)
) WITH (fillfactor = 50);

INSERT INTO ledger.reporter_day (day, reporter_id, mx_id, result, trusted, slot, sessions)
SELECT day, reporter_id, CASE WHEN result = 'successful' THEN 0 ELSE mx_id END, result, trusted, 0,
       ledger.sessions(sum(sessions - mirrored_sessions))
  FROM ledger.tally
 GROUP BY 1, 2, 3, 4, 5;

-- Which domains a failure concerns. Only failures are in it, so that a batch of clean reports pays
-- nothing.
CREATE INDEX tally_failed ON ledger.tally (day, mx_id, result, domain_id)
 WHERE result NOT IN ('successful', 'total-failure');
