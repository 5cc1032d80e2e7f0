-- $1 int: domain id; $2 timestamptz: when; $3 text[]: steps that could not be looked at; $4 and on: one array for each
-- column of the findings, the heaviest first. What comes back within a day never went; what was found of a step that
-- could not be looked at stays. For setup_store().
WITH fresh AS (
    SELECT DISTINCT ON (code, subject) f.*
      FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                  $12::boolean[], $13::text[]) WITH ORDINALITY
           AS f (code, subject, severity, step, title, evidence, fix, rule, blocks, letter, place)
     ORDER BY code, subject, place
), again AS (
    UPDATE ledger.setup_finding s
       SET last_at = $2::timestamptz,
           gone_at = NULL,
           place = f.place,
           severity = f.severity,
           step = f.step,
           title = f.title,
           evidence = f.evidence,
           fix = f.fix,
           rule = f.rule,
           blocks = f.blocks,
           letter = f.letter
      FROM fresh f
     WHERE s.domain_id = $1::int AND s.code = f.code AND s.subject = f.subject
       AND (s.gone_at IS NULL OR s.gone_at > $2::timestamptz - interval '1 day')
    RETURNING s.code, s.subject
), gone AS (
    UPDATE ledger.setup_finding s
       SET gone_at = $2::timestamptz
     WHERE s.domain_id = $1::int AND s.gone_at IS NULL AND s.step <> ALL ($3::text[])
       AND NOT EXISTS (SELECT FROM fresh f WHERE f.code = s.code AND f.subject = s.subject)
)
INSERT INTO ledger.setup_finding (domain_id, code, subject, first_at, last_at, place, severity, step, title, evidence,
                                  fix, rule, blocks, letter)
SELECT $1::int, code, subject, $2::timestamptz, $2::timestamptz, place, severity, step, title, evidence, fix, rule,
       blocks, letter
  FROM fresh f
 WHERE NOT EXISTS (SELECT FROM again a WHERE a.code = f.code AND a.subject = f.subject)
