-- $1 text: address, $2 text: MX; $3 timestamptz: when; $4 and on: the columns. For setup_probe_put().
INSERT INTO ledger.probe AS p (address, mx, at, known, reach, why, banner, code, starttls, dane, milliseconds, tls,
                               tls_version, tls_cipher, tls_why, flaws, flaw_why, subject, issuer, names, chain, begins,
                               ends, chain_ends, sha256, spki_sha256)
VALUES ($1::text, $2::text, $3::timestamptz, true, $4::smallint, $5::text, $6::text, $7::int, $8::smallint, $9::smallint,
        $10::bigint, $11::smallint, $12::text, $13::text, $14::text, $15::int, $16::text, $17::text, $18::text,
        $19::text, $20::text, $21::bigint, $22::bigint, $23::bigint, $24::text, $25::text)
ON CONFLICT (mx, address) DO UPDATE
   SET (at, known, reach, why, banner, code, starttls, dane, milliseconds, tls, tls_version, tls_cipher, tls_why, flaws,
        flaw_why, subject, issuer, names, chain, begins, ends, chain_ends, sha256, spki_sha256)
     = (excluded.at, true, excluded.reach, excluded.why, excluded.banner, excluded.code, excluded.starttls, excluded.dane,
        excluded.milliseconds, excluded.tls, excluded.tls_version, excluded.tls_cipher, excluded.tls_why, excluded.flaws,
        excluded.flaw_why, excluded.subject, excluded.issuer, excluded.names, excluded.chain, excluded.begins,
        excluded.ends, excluded.chain_ends, excluded.sha256, excluded.spki_sha256)
