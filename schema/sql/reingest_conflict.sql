-- $1 int, $2 date, $3 bigint, $4 bytea: key and content of a conflict that is judged anew behind this.
-- For reingest_reports().
DELETE FROM ledger.conflict
 WHERE domain_id = $1::int AND day = $2::date AND report_id = $3::bigint AND content = $4::bytea
