-- $1 int: how `reached` is said; $2 timestamptz: since when. For setup_reached().
SELECT EXISTS (SELECT FROM ledger.probe WHERE known AND reach = $1::int AND at > $2::timestamptz) AS changed
