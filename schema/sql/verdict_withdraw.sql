-- $1 text: domain; $2 text: MX, '' when none is named; $3 text: result type. Forgets what was acknowledged
-- of it; the domain's verdict is due at once. One row, none when there was nothing. For
-- verdicts_withdraw().
WITH gone AS (
    DELETE FROM ledger.verdict_ack a
     USING ledger.domain d
     WHERE d.name = $1::text AND a.domain_id = d.id AND a.mx = $2::text AND a.result = $3::text
    RETURNING a.domain_id
)
INSERT INTO ledger.verdict_due (domain_id, urgent)
SELECT domain_id, true FROM gone
