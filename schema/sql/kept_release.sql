-- $1 bigint[]: ids of what was rejected and is counted now. For kept_release().
DELETE FROM ledger.rejected WHERE id = ANY ($1::bigint[])
