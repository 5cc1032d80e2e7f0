-- $1 text: MX, $2 text: address; $3 timestamptz: now; $4 timestamptz: a look since then is new enough; $5 int: most looks at
-- one address within an hour, whatever hosts are said to be there. A row: the caller is to look. A look that did not end
-- within five minutes never will. For setup_probe_take().
INSERT INTO ledger.probe AS p (address, mx, at, known)
SELECT $2::text, $1::text, $3::timestamptz, false
 WHERE $5::int > (SELECT count(*)
                    FROM (SELECT FROM ledger.probe
                           WHERE address = $2::text AND at > $3::timestamptz - interval '1 hour'
                           LIMIT $5::int) n)
ON CONFLICT (mx, address) DO UPDATE
   SET at = excluded.at, known = false
 WHERE p.at < $4::timestamptz OR NOT p.known AND p.at < $3::timestamptz - interval '5 minutes'
