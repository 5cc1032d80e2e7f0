-- Parameters as in store_report_domain.sql. For recount_add().
INSERT INTO recount_domain (domain_id, day, report_id, report_domain_id)
SELECT * FROM unnest($1::int[], $2::date[], $3::bigint[], $4::int[])
