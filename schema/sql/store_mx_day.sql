-- $1 int[] mx_id, $2 date[] day, $3 text[] result, $4 boolean[] trusted, $5 bigint[] sessions, each key
-- once and in order: adds to the roll-up of each MX over all domains. Last in a batch, since its rows
-- are the most shared ones. For store_batch().
INSERT INTO ledger.mx_day AS m (mx_id, day, result, trusted, sessions)
SELECT * FROM unnest($1::int[], $2::date[], $3::text[], $4::boolean[], $5::bigint[])
ON CONFLICT (mx_id, day, result, trusted)
DO UPDATE SET sessions = ledger.sessions(m.sessions::numeric + excluded.sessions)
