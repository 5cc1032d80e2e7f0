-- $1 text: domain; $2 text: MX, '' when none is named; $3 text: result type; $4 date: the newest day with
-- such a failure; $5, $6 text: note, who. The domain's verdict is due at once. One row, none when there is
-- no such domain. For verdicts_acknowledge().
WITH ack AS (
    INSERT INTO ledger.verdict_ack AS a (domain_id, mx, result, last_day, note, who, at)
    SELECT id, $2::text, $3::text, $4::date, $5::text, $6::text, now()
      FROM ledger.domain
     WHERE name = $1::text
    ON CONFLICT (domain_id, mx, result) DO UPDATE
       SET last_day = greatest(a.last_day, excluded.last_day),
           note = excluded.note,
           who = excluded.who,
           at = excluded.at
    RETURNING domain_id
)
INSERT INTO ledger.verdict_due (domain_id, urgent)
SELECT domain_id, true FROM ack
