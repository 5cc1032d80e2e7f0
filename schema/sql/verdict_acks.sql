-- $1 int[]: domain ids. What operators have acknowledged. For read_verdict().
SELECT a.domain_id, a.mx, a.result, (a.last_day - date '1970-01-01') AS last_day, a.note, a.who,
       extract(epoch FROM a.at)::bigint AS at_seconds
  FROM ledger.verdict_ack a
 WHERE a.domain_id = ANY ($1::int[])
 ORDER BY a.domain_id, a.mx, a.result
