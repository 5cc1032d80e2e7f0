-- $1 date: a Monday, $2 int: a domain, 0 for all, $3 int: most lines of a kind, $4 int: rows of the tally to
-- look at for the domains of one line. Failures of its week beside those of the week before, a line for
-- each MX and result type, mirrored sessions once; each line with the three reporters that tell most, in
-- rows that follow each other. Kinds: 1 new, 2 worse, 3 going on, 4 better, 5 gone; worse and better by a
-- quarter and five sessions at least. For read_week_lines().
WITH t AS (
    SELECT day >= $1::date AS present, reporter_id, mx_id, result, trusted, sessions
      FROM ledger.reporter_day
     WHERE $2::int = 0 AND day BETWEEN $1::date - 7 AND $1::date + 6
     UNION ALL
    SELECT day >= $1::date, reporter_id, mx_id, result, trusted, sessions - mirrored_sessions
      FROM ledger.tally
     WHERE $2::int <> 0 AND domain_id = $2::int AND day BETWEEN $1::date - 7 AND $1::date + 6
), heard AS (
    SELECT reporter_id FROM t WHERE present GROUP BY reporter_id
), cell AS MATERIALIZED (
    SELECT mx_id,
           result,
           reporter_id,
           greatest(coalesce(sum(sessions) FILTER (WHERE present), 0), 0) AS failed,
           greatest(coalesce(sum(sessions) FILTER (WHERE NOT present), 0), 0) AS before,
           greatest(coalesce(sum(sessions) FILTER (WHERE present AND NOT trusted), 0), 0) AS untrusted
      FROM t
     WHERE result NOT IN ('successful', 'total-failure')
     GROUP BY mx_id, result, reporter_id
), sums AS (
    SELECT c.mx_id, c.result, sum(c.failed) AS failed, sum(c.before) AS before,
           sum(c.untrusted) AS untrusted,
           count(*) FILTER (WHERE c.failed + c.before > 0) AS reporters,
           bool_or(c.before > 0 AND h.reporter_id IS NOT NULL) AS heard
      FROM cell c
      LEFT JOIN heard h ON h.reporter_id = c.reporter_id
     GROUP BY c.mx_id, c.result
    HAVING sum(c.failed + c.before) > 0
), judged AS (
    SELECT *,
           CASE WHEN before = 0 THEN 1
                WHEN failed = 0 THEN 5
                WHEN failed - before >= 5 AND failed * 4 >= before * 5 THEN 2
                WHEN before - failed >= 5 AND before * 4 >= failed * 5 THEN 4
                ELSE 3 END AS kind
      FROM sums
), line AS MATERIALIZED (
    SELECT *
      FROM (SELECT *,
                   count(*) OVER (PARTITION BY kind) AS of_kind,
                   row_number() OVER (PARTITION BY kind
                                      ORDER BY greatest(failed, before) DESC, mx_id, result) AS place
              FROM judged) j
     WHERE place <= $3::int
), place AS MATERIALIZED (
    SELECT l.kind, l.place, d.domains, d.looked, d.names
      FROM line l
     CROSS JOIN LATERAL (
           SELECT count(*) AS domains,
                  coalesce(sum(g.looked), 0)::bigint AS looked,
                  string_agg(n.name, ' ' ORDER BY g.sessions DESC, n.name) AS names
             FROM (SELECT s.domain_id, sum(s.sessions) AS sessions, count(*) AS looked,
                          row_number() OVER (ORDER BY sum(s.sessions) DESC, s.domain_id) AS rank
                     FROM (SELECT f.domain_id, f.sessions - f.mirrored_sessions AS sessions
                             FROM ledger.tally f
                            WHERE f.day BETWEEN $1::date - CASE l.kind WHEN 5 THEN 7 ELSE 0 END
                                            AND $1::date + CASE l.kind WHEN 5 THEN -1 ELSE 6 END
                              AND f.mx_id = l.mx_id AND f.result = l.result
                              AND f.result NOT IN ('successful', 'total-failure')
                              AND f.sessions > f.mirrored_sessions
                            LIMIT $4::int) s
                    GROUP BY s.domain_id) g
             LEFT JOIN ledger.domain n ON n.id = g.domain_id AND g.rank <= 3) d
     WHERE $2::int = 0
), teller AS (
    SELECT l.kind, l.place, c.reporter_id, c.failed, c.before, c.untrusted,
           row_number() OVER (PARTITION BY l.kind, l.place
                              ORDER BY greatest(c.failed, c.before) DESC, c.reporter_id) AS rank
      FROM line l
      JOIN cell c ON c.mx_id = l.mx_id AND c.result = l.result
     WHERE c.failed + c.before > 0
)
SELECT l.kind,
       l.of_kind,
       l.place,
       m.name AS mx,
       l.result,
       ledger.sessions(l.failed) AS failed,
       ledger.sessions(l.before) AS before,
       ledger.sessions(l.untrusted) AS untrusted,
       l.heard,
       coalesce(p.domains, 0) AS domains,
       coalesce(p.looked, 0) AS looked,
       coalesce(p.names, '') AS names,
       l.reporters,
       o.name AS organization,
       ledger.sessions(r.failed) AS told,
       ledger.sessions(r.before) AS told_before
  FROM line l
  JOIN teller r ON r.kind = l.kind AND r.place = l.place AND r.rank <= 3
  JOIN ledger.reporter o ON o.id = r.reporter_id
  LEFT JOIN place p ON p.kind = l.kind AND p.place = l.place
  LEFT JOIN ledger.mx m ON m.id = l.mx_id
 ORDER BY l.kind, l.place, r.rank
