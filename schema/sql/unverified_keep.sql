-- $1 bytea[] digest, $2 text[] source, $3 text[] origin, $4 timestamptz[] received_at, $5 bytea[] mail;
-- $6 bigint: most bytes of all that is kept, $7 bigint: seconds until the first try. Mails whose sender
-- could not be verified; beyond the bound none is kept. For unverified_keep().
INSERT INTO ledger.unverified (digest, source, origin, received_at, first_at, next_at, mail)
SELECT DISTINCT ON (digest) digest, source, origin, received_at, now(),
       now() + make_interval(secs => $7::bigint), mail
  FROM unnest($1::bytea[], $2::text[], $3::text[], $4::timestamptz[], $5::bytea[])
       AS given (digest, source, origin, received_at, mail)
 WHERE (SELECT coalesce(sum(octet_length(mail)), 0) FROM ledger.unverified) < $6::bigint
 ORDER BY digest
ON CONFLICT (digest) DO NOTHING
