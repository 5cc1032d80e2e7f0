-- $1 bigint: seconds until the first try, $2 int: most rows. Mails whose time has come; the next try is
-- set at once, later each time, so that of several services one takes each, and one that dies while it
-- has some only costs time. `last`: three days are over. For unverified_take().
UPDATE ledger.unverified u
   SET tries = u.tries + 1,
       next_at = now() + least(make_interval(secs => $1::bigint * power(4, least(u.tries + 1, 10))),
                               greatest(interval '6 hours', make_interval(secs => $1::bigint)))
 WHERE u.id = ANY (ARRAY(SELECT id
                           FROM ledger.unverified
                          WHERE next_at <= now()
                          ORDER BY next_at
                          LIMIT $2::int
                            FOR UPDATE SKIP LOCKED))
RETURNING u.id, u.source, u.origin, extract(epoch FROM u.received_at)::bigint AS received_seconds,
          u.first_at <= now() - interval '3 days' AS last, u.mail
