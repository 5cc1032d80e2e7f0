-- $1 int: domain id; $2 timestamptz: when; $3 and on: one array for each column. What is not among them is past. Where no
-- certificate was seen, what is known of the last one stays. `changed`: some host passes or fails otherwise than
-- before, or is new, or gone. For setup_store().
WITH fresh AS (
    SELECT DISTINCT ON (mx, address) f.*
      FROM unnest($3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
                  $10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::timestamptz[],
                  $16::timestamptz[])
           AS f (mx, address, preference, probed_at, reach, starttls, tls, dane, passes, fails_with, why, certificate,
                 certificate_begin, certificate_end)
     ORDER BY mx, address, preference
), before AS (
    SELECT * FROM ledger.setup_mx WHERE domain_id = $1::int
), past AS (
    UPDATE ledger.setup_mx m
       SET present = false
     WHERE m.domain_id = $1::int AND m.present
       AND NOT EXISTS (SELECT FROM fresh f WHERE f.mx = m.mx AND f.address = m.address)
    RETURNING m.mx
), stored AS (
    INSERT INTO ledger.setup_mx AS m (domain_id, mx, address, preference, present, last_at, probed_at, reach, starttls,
                                      tls, dane, passes, fails_with, why, certificate, certificate_end,
                                      certificate_since)
    SELECT $1::int, mx, address, preference, true, $2::timestamptz, probed_at, reach, starttls, tls, dane, passes,
           fails_with, why, certificate, certificate_end, certificate_begin
      FROM fresh
    ON CONFLICT (domain_id, mx, address) DO UPDATE
       SET preference = excluded.preference,
           present = true,
           last_at = excluded.last_at,
           probed_at = coalesce(excluded.probed_at, m.probed_at),
           reach = excluded.reach,
           starttls = excluded.starttls,
           tls = excluded.tls,
           dane = excluded.dane,
           passes = excluded.passes,
           fails_with = excluded.fails_with,
           why = excluded.why,
           certificate = coalesce(excluded.certificate, m.certificate),
           certificate_end = CASE WHEN excluded.certificate IS NULL THEN m.certificate_end
                                  ELSE excluded.certificate_end END,
           certificate_since = CASE WHEN excluded.certificate IS NULL OR excluded.certificate = m.certificate
                                    THEN m.certificate_since
                                    WHEN m.certificate IS NULL THEN excluded.certificate_since
                                    ELSE coalesce(excluded.probed_at, excluded.last_at) END
    RETURNING m.mx, m.address, m.passes, m.fails_with, m.certificate
)
SELECT (EXISTS (SELECT FROM past)
        OR EXISTS (SELECT FROM stored s LEFT JOIN before b ON b.mx = s.mx AND b.address = s.address
                    WHERE (b.present, b.passes, b.fails_with, b.certificate)
                          IS DISTINCT FROM (true, s.passes, s.fails_with, s.certificate))) AS changed
