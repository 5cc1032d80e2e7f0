-- $1 text[]: MX hosts. The newest look at each of their addresses. For setup_probes().
SELECT address, mx, extract(epoch FROM at)::bigint AS at_seconds, known, reach::int, why, banner, code, starttls::int,
       dane::int, milliseconds, tls::int, tls_version, tls_cipher, tls_why, flaws, flaw_why, subject, issuer, names,
       chain, begins, ends, chain_ends, sha256, spki_sha256
  FROM ledger.probe
 WHERE mx = ANY ($1::text[])
 ORDER BY mx, address
