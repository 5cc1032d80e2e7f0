-- $1 int: domain id; $2 timestamptz: when; $3 boolean: MX hosts were gone to; $4 text: verdict; $5, $6 int: errors,
-- warnings; $7 smallint[]: gates. Adds a look, and removes those of the domain that are older than 30 days. For
-- setup_store().
WITH old AS (
    DELETE FROM ledger.setup_run WHERE domain_id = $1::int AND at < $2::timestamptz - interval '30 days'
)
INSERT INTO ledger.setup_run (domain_id, at, probed, verdict, errors, warnings, gates)
VALUES ($1::int, $2::timestamptz, $3::boolean, $4::text, $5::int, $6::int, $7::smallint[])
ON CONFLICT (domain_id, at) DO UPDATE
   SET probed = excluded.probed,
       verdict = excluded.verdict,
       errors = excluded.errors,
       warnings = excluded.warnings,
       gates = excluded.gates
