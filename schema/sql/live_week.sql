-- $1 date: a Monday, $2 int: a domain, 0 for all, $3 int: most rows of each kind. Errors and warnings of set-ups that came
-- in its week and were there at its end (1), and that went in it and had come before (2); certificates of MX hosts that
-- run out within 21 days of its end (3). For read_live_week().
WITH week AS (
    SELECT $1::date::timestamp AT TIME ZONE 'UTC' AS begins, ($1::date + 7)::timestamp AT TIME ZONE 'UTC' AS ends
), found AS (
    SELECT 1 AS kind, f.domain_id, f.severity, f.code, f.subject, f.title, f.first_at AS at
      FROM week w
      JOIN ledger.setup_finding f ON f.first_at >= w.begins AND f.first_at < w.ends
     WHERE f.severity IN ('error', 'warning') AND (f.gone_at IS NULL OR f.gone_at >= w.ends)
     UNION ALL
    SELECT 2, f.domain_id, f.severity, f.code, f.subject, f.title, f.gone_at
      FROM week w
      JOIN ledger.setup_finding f ON f.gone_at >= w.begins AND f.gone_at < w.ends
     WHERE f.severity IN ('error', 'warning') AND f.first_at < w.begins
), lines AS (
    SELECT f.kind, d.name AS domain, f.severity, f.code, f.subject, f.title, f.at, 1::bigint AS domains
      FROM found f
      JOIN ledger.domain d ON d.id = f.domain_id
     WHERE $2::int = 0 OR f.domain_id = $2::int
     UNION ALL
    SELECT 3, NULL, '', '', m.mx, '', min(m.certificate_end), count(DISTINCT m.domain_id)
      FROM week w
      JOIN ledger.setup_mx m ON m.present AND m.certificate_end >= w.begins
                            AND m.certificate_end < w.ends + interval '21 days'
     WHERE $2::int = 0 OR m.domain_id = $2::int
     GROUP BY m.mx
), placed AS (
    SELECT l.*, count(*) OVER (PARTITION BY kind) AS of_kind,
           row_number() OVER (PARTITION BY kind
                              ORDER BY severity = 'warning', CASE WHEN kind = 3 THEN at END, domain, code, subject)
               AS place
      FROM lines l
)
SELECT kind, of_kind, domain, severity, code, subject, title, extract(epoch FROM at)::bigint AS at_seconds, domains
  FROM placed
 WHERE place <= $3::int
 ORDER BY kind, place
