-- $1 timestamptz: fetches of networks that came last before it are forgotten; when a version was served first
-- and last stays known. For hosting_purge().
DELETE FROM ledger.hosted_fetch WHERE last_at < $1::timestamptz
