-- $1 text, $2 text, $3 text: names of a domain, an MX, a reporter; NULL: all. Their ids: 0 for all, -1
-- for a name that is not known. For read_data_find().
SELECT CASE WHEN $1::text IS NULL THEN 0
            ELSE coalesce((SELECT id FROM ledger.domain WHERE name = $1::text), -1) END AS domain_id,
       CASE WHEN $2::text IS NULL THEN 0
            ELSE coalesce((SELECT id FROM ledger.mx WHERE name = $2::text), -1) END AS mx_id,
       CASE WHEN $3::text IS NULL THEN 0
            ELSE coalesce((SELECT id FROM ledger.reporter WHERE name = $3::text), -1) END AS reporter_id
