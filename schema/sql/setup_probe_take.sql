-- $1 text: MX, $2 text: address; $3 timestamptz: now; $4 timestamptz: a look since then is new enough. A row: the caller
-- is to look. A look that did not end within five minutes never will. For setup_probe_take().
INSERT INTO ledger.probe AS p (address, mx, at, known)
VALUES ($2::text, $1::text, $3::timestamptz, false)
ON CONFLICT (mx, address) DO UPDATE
   SET at = excluded.at
 WHERE p.at < $4::timestamptz OR NOT p.known AND p.at < $3::timestamptz - interval '5 minutes'
