-- $1 int: domain id. Its MX hosts and their addresses. For read_setup_mx().
SELECT mx, address, preference, present, floor(extract(epoch FROM last_at))::bigint AS last_seconds,
       coalesce(floor(extract(epoch FROM probed_at)), 0)::bigint AS probed_seconds, reach, starttls, tls, dane,
       passes::int, fails_with, why, certificate,
       coalesce(floor(extract(epoch FROM certificate_end)), 0)::bigint AS certificate_end_seconds,
       coalesce(floor(extract(epoch FROM certificate_since)), 0)::bigint AS certificate_since_seconds
  FROM ledger.setup_mx
 WHERE domain_id = $1::int
 ORDER BY NOT present, preference, mx, address
