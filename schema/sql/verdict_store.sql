-- One array per column of ledger.verdict, each domain once and in order; $8, $9: why, the heaviest
-- reason's code and sentence; $10: the input, where stage or verdict is another than before; $11:
-- that reason's weight. $12 timestamptz: when; $13 date: the day that counted as today. For verdicts_store().
WITH fresh AS (
    SELECT f.*
      FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[],
                  $8::text[], $9::text[], $10::text[], $11::int[])
           AS f (domain_id, stage, verdict, dane, result, reasons, clean_days, code, sentence, input, weight)
), changed AS (
    INSERT INTO ledger.verdict_change (domain_id, at, from_stage, from_verdict, stage, verdict, code,
                                       sentence, input)
    SELECT f.domain_id, $12::timestamptz, v.stage, v.verdict, f.stage, f.verdict, f.code, f.sentence,
           f.input::jsonb
      FROM fresh f
      LEFT JOIN ledger.verdict v ON v.domain_id = f.domain_id
     WHERE (v.stage, v.verdict) IS DISTINCT FROM (f.stage, f.verdict)
    ON CONFLICT (domain_id, at) DO UPDATE -- again within the second: what came of it counts
       SET stage = excluded.stage,
           verdict = excluded.verdict,
           code = excluded.code,
           sentence = excluded.sentence,
           input = excluded.input
), shown AS (
    UPDATE ledger.domain_status s
       SET stage = f.stage, verdict = f.verdict, weight = f.weight
      FROM fresh f
     WHERE s.domain_id = f.domain_id
       AND (s.stage, s.verdict, s.weight) IS DISTINCT FROM (f.stage, f.verdict, f.weight)
)
INSERT INTO ledger.verdict AS v (domain_id, stage, verdict, dane, result, reasons, clean_days,
                                 evaluated_at, today)
SELECT domain_id, stage, verdict, dane, result::jsonb, reasons, clean_days, $12::timestamptz, $13::date
  FROM fresh
ON CONFLICT (domain_id) DO UPDATE
   SET stage = excluded.stage,
       verdict = excluded.verdict,
       dane = excluded.dane,
       result = excluded.result,
       reasons = excluded.reasons,
       clean_days = excluded.clean_days,
       evaluated_at = excluded.evaluated_at,
       today = excluded.today
