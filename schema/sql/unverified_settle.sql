-- $1 bigint[]: mails that are settled, one way or the other. For unverified_settle().
DELETE FROM ledger.unverified WHERE id = ANY ($1::bigint[])
