-- The overview's order by what verdicts say: domains whose mail is refused today, then those where something
-- must be mended before enforce, before those whose failures are told to be nobody's or wait for days only.

ALTER TABLE ledger.domain_status
    ADD COLUMN weight smallint NOT NULL DEFAULT 5;       -- of the verdict's heaviest reason; 5: a note

UPDATE ledger.domain_status s
   SET weight = w.weight
  FROM ledger.verdict v
  JOIN (VALUES ('refuses', 0), ('blocks', 1), ('waits', 2), ('unknown', 3), ('limits', 4)) AS w (name, weight)
    ON w.name = v.result #>> '{reasons,0,weight}'
 WHERE v.domain_id = s.domain_id;

-- 1 mail is refused today, 2 something to mend, 3 failed in enforce, 4 failed, 5 silent, 6 to wait for,
-- 7 nothing to do.
ALTER TABLE ledger.domain_status
    ADD COLUMN urgency smallint NOT NULL GENERATED ALWAYS AS (
        CASE WHEN weight = 0 THEN 1
             WHEN weight = 1 THEN 2
             WHEN failed_sessions > 0 AND mode = 'enforce' THEN 3
             WHEN failed_sessions > 0 THEN 4
             WHEN last_day < today - 3 THEN 5
             WHEN weight = 2 THEN 6
             ELSE 7 END) STORED;

DROP INDEX ledger.domain_status_attention;
DROP INDEX ledger.domain_status_verdict;
DROP INDEX ledger.domain_status_mode;
CREATE INDEX domain_status_urgency ON ledger.domain_status (urgency, (-failed_sessions), name);
CREATE INDEX domain_status_attention ON ledger.domain_status (attention, urgency, (-failed_sessions), name);
CREATE INDEX domain_status_verdict ON ledger.domain_status (verdict, urgency, (-failed_sessions), name);
CREATE INDEX domain_status_mode ON ledger.domain_status (mode, urgency, (-failed_sessions), name);

CREATE OR REPLACE VIEW ledger.domain_shown AS
SELECT s.domain_id AS id,
       s.name,
       s.successful_sessions AS successful,
       s.failed_sessions AS failed,
       s.reporters,
       coalesce(extract(epoch FROM s.last_report_at), 0)::bigint AS last_report_seconds,
       m.name AS worst_mx,
       s.worst_mx_failed,
       s.mode,
       s.attention,
       s.daily_sessions,
       s.daily_failed,
       s.stage,
       s.verdict,
       s.urgency
  FROM ledger.domain_status s
  LEFT JOIN ledger.mx m ON m.id = s.worst_mx_id;
