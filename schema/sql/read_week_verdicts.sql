-- $1 date: a Monday, $2 int: a domain, 0 for all, $3 int: most rows, $4 int: most changes looked at, the newest.
-- Domains whose verdict changed in its week, with the verdict at its end, those that got worse first, then
-- those that became ready; of one domain its verdict even without a change. A first verdict is a change only
-- when it is `failing`. Counts are over all such domains. For read_week_verdicts().
WITH changes AS (
    (SELECT c.domain_id, c.at, c.from_verdict, c.stage, c.verdict, c.sentence, true AS inside
       FROM ledger.verdict_change c
      WHERE $2::int = 0
        AND c.at >= $1::date::timestamp AT TIME ZONE 'UTC'
        AND c.at < ($1::date + 7)::timestamp AT TIME ZONE 'UTC'
      ORDER BY c.at DESC
      LIMIT $4::int)
     UNION ALL
    (SELECT c.domain_id, c.at, c.from_verdict, c.stage, c.verdict, c.sentence,
            c.at >= $1::date::timestamp AT TIME ZONE 'UTC'
       FROM ledger.verdict_change c
      WHERE $2::int <> 0 AND c.domain_id = $2::int
        AND c.at < ($1::date + 7)::timestamp AT TIME ZONE 'UTC'
      ORDER BY c.at DESC
      LIMIT $4::int)
), domains AS (
    SELECT domain_id,
           (array_agg(from_verdict ORDER BY at) FILTER (WHERE inside))[1] AS from_verdict,
           (array_agg(stage ORDER BY at DESC))[1] AS stage,
           (array_agg(verdict ORDER BY at DESC))[1] AS verdict,
           (array_agg(sentence ORDER BY at DESC))[1] AS sentence,
           max(at) AS at,
           count(*) FILTER (WHERE inside AND (from_verdict IS NOT NULL OR verdict = 'failing')) AS changes
      FROM changes
     GROUP BY domain_id
), ranked AS (
    SELECT d.*, f.rank AS rank_before, t.rank
      FROM domains d
      JOIN (VALUES ('failing', 0), ('not-yet', 1), ('unknown', 1), ('ready-limited', 2), ('ready', 3),
                   ('healthy', 3)) AS t (verdict, rank) ON t.verdict = d.verdict
      LEFT JOIN (VALUES ('failing', 0), ('not-yet', 1), ('unknown', 1), ('ready-limited', 2), ('ready', 3),
                        ('healthy', 3)) AS f (verdict, rank) ON f.verdict = d.from_verdict
     WHERE d.changes > 0 OR $2::int <> 0
), turned AS (
    SELECT r.*,
           CASE WHEN changes = 0 THEN 4
                WHEN rank < rank_before OR verdict = 'failing' AND rank_before IS NULL THEN 1
                WHEN verdict IN ('ready', 'ready-limited') AND rank_before IS NOT NULL AND rank_before < 2
                    THEN 2
                ELSE 3 END AS turn
      FROM ranked r
)
SELECT n.name AS domain, t.turn, coalesce(t.from_verdict, '') AS from_verdict, t.stage, t.verdict,
       t.sentence, extract(epoch FROM t.at)::bigint AS at_seconds, t.changes,
       count(*) FILTER (WHERE t.changes > 0) OVER () AS domains,
       count(*) FILTER (WHERE t.turn = 1) OVER () AS worse,
       count(*) FILTER (WHERE t.turn = 2) OVER () AS ready
  FROM turned t
  JOIN ledger.domain n ON n.id = t.domain_id
 ORDER BY t.turn, t.rank, t.at DESC, n.name
 LIMIT $3::int
