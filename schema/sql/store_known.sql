-- $1 int[] domain_id, $2 date[] day, $3 bigint[] id: keys of reports that are there. Gives what tells
-- a repeated report from another one under the same identity; of the sending addresses those of the
-- first 200 details, without what is too long for one. For store_batch().
SELECT k.number::int AS number, r.content, r.contact, r.submitter, r.trusted,
       (SELECT string_agg(DISTINCT f.sending_mta_ip, ' ')
          FROM (SELECT sending_mta_ip
                  FROM ledger.failure
                 WHERE domain_id = k.domain_id AND day = k.day AND report_id = k.id
                 ORDER BY policy_number, detail_number
                 LIMIT 200) f
         WHERE octet_length(f.sending_mta_ip) <= 64) AS addresses
  FROM unnest($1::int[], $2::date[], $3::bigint[]) WITH ORDINALITY AS k (domain_id, day, id, number)
 CROSS JOIN LATERAL (SELECT content, contact, submitter, trusted
                       FROM ledger.report
                      WHERE domain_id = k.domain_id AND day = k.day AND id = k.id
                     OFFSET 0) r
