-- $1, $2 date: days. Those of them whose reports, which come on the day after, may be lost to us: in a quarter of
-- that day's hours nobody could take them. Days before the first hour that is known are not told. For
-- read_verdict().
SELECT (d.day - 1)::int AS day
  FROM (SELECT min(hour) AS first FROM ledger.collecting) k
 CROSS JOIN generate_series($1::date - date '1970-01-01' + 1, $2::date - date '1970-01-01' - 1) AS d (day)
  LEFT JOIN LATERAL (SELECT count(*) AS hours
                       FROM ledger.collecting c
                      WHERE c.hour BETWEEN d.day * 24 AND d.day * 24 + 23) h ON true
 WHERE d.day * 24 >= k.first AND h.hours <= 18
 ORDER BY d.day
