-- $1 text[]: names. Makes those that are not there; gives the id of each. For names_resolve().
WITH given AS (
    SELECT DISTINCT name FROM unnest($1::text[]) AS g (name)
), known AS (
    SELECT k.id, k.name FROM given g
    CROSS JOIN LATERAL (SELECT d.id, d.name FROM ledger.mx d WHERE d.name = g.name OFFSET 0) k
), fresh AS (
    INSERT INTO ledger.mx (name)
    SELECT g.name FROM given g WHERE NOT EXISTS (SELECT FROM known k WHERE k.name = g.name)
     ORDER BY g.name
    ON CONFLICT (name) DO NOTHING
    RETURNING id, name
)
SELECT id, name FROM known UNION ALL SELECT id, name FROM fresh
