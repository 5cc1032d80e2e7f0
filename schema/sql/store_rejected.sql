-- One array per column of ledger.rejected: what could not be counted. For store_batch().
INSERT INTO ledger.rejected AS r
       (digest, first_at, last_at, times, source, origin, field, reason, organization, size, head,
        vouched, vouched_by)
SELECT digest, min(at), max(at), count(*), max(source), max(origin), max(field), max(reason),
       max(organization), max(size), (array_agg(head))[1], bool_and(vouched), max(vouched_by)
  FROM unnest($1::bytea[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
              $7::text[], $8::bigint[], $9::bytea[], $10::boolean[], $11::text[])
       AS given (digest, at, source, origin, field, reason, organization, size, head, vouched,
                 vouched_by)
 GROUP BY digest
 ORDER BY digest
ON CONFLICT (digest) DO UPDATE
   SET times = r.times + excluded.times, last_at = greatest(r.last_at, excluded.last_at),
       vouched = r.vouched AND excluded.vouched
