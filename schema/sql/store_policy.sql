-- One array per column of ledger.policy; mx is one text, separated by blanks. Makes policies not seen
-- before and stretches the days of the others. For store_batch().
INSERT INTO ledger.policy AS p
       (domain_id, id, type, body, mode, mx, max_age_seconds, first_day, last_day)
SELECT domain_id, id, min(type), min(body), min(mode), string_to_array(min(mx), ' '),
       nullif(min(max_age_seconds), -1), min(day), max(day)
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
              $8::date[])
       AS given (domain_id, id, type, body, mode, mx, max_age_seconds, day)
 GROUP BY domain_id, id
 ORDER BY domain_id, id
ON CONFLICT (domain_id, id) DO UPDATE
   SET first_day = least(p.first_day, excluded.first_day),
       last_day = greatest(p.last_day, excluded.last_day)
 WHERE excluded.first_day < p.first_day OR excluded.last_day > p.last_day
