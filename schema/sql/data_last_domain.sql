-- No parameters: the highest id of a domain, 0 when there is none: where a list in the order of the key
-- ends. For read_data_end().
SELECT coalesce(max(id), 0)::int AS id FROM ledger.domain
