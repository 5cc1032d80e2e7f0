-- $1 date[] day, $2 int[] reporter_id, $3 int[] mx_id, $4 text[] result, $5 boolean[] trusted, $6 bigint[]
-- sessions, each key once and in order: adds to what reporters told of a day over all domains. Each
-- connection has a slot of its own, as far as there are any. For store_batch().
INSERT INTO ledger.reporter_day AS r (day, reporter_id, mx_id, result, trusted, slot, sessions)
SELECT day, reporter_id, mx_id, result, trusted, pg_backend_pid() % 16, sessions
  FROM unnest($1::date[], $2::int[], $3::int[], $4::text[], $5::boolean[], $6::bigint[])
       AS given (day, reporter_id, mx_id, result, trusted, sessions)
ON CONFLICT (day, reporter_id, mx_id, result, trusted, slot)
DO UPDATE SET sessions = ledger.sessions(r.sessions::numeric + excluded.sessions)
