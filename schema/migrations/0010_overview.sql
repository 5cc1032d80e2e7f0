-- The overview at the same cost for one domain and for a million: what it sorts, filters and draws stands
-- in domain_status itself, and its sums are kept beside it.

ALTER TABLE ledger.domain_status
    ADD COLUMN name text COLLATE "C" NOT NULL DEFAULT '',     -- the domain's
    ADD COLUMN daily_sessions text NOT NULL DEFAULT '',       -- of the 30 days before `today`, oldest
    ADD COLUMN daily_failed   text NOT NULL DEFAULT '';       -- first; -1: no report of that day

-- Who needs somebody: 1 failing in enforce, 2 failing, 3 silent, 4 clean.
ALTER TABLE ledger.domain_status
    ADD COLUMN attention smallint NOT NULL GENERATED ALWAYS AS (
        CASE WHEN failed_sessions > 0 AND mode = 'enforce' THEN 1
             WHEN failed_sessions > 0 THEN 2
             WHEN last_day < today - 3 THEN 3
             ELSE 4 END) STORED;

CREATE FUNCTION ledger.days_of(domain integer, today date,
                               OUT daily_sessions text, OUT daily_failed text)
LANGUAGE sql STABLE AS $$
SELECT string_agg(coalesce(t.sessions, -1)::text, ' ' ORDER BY g.day),
       string_agg(coalesce(t.failed, 0)::text, ' ' ORDER BY g.day)
  FROM generate_series(1, 30) AS n (back)
 CROSS JOIN LATERAL (SELECT $2 - n.back AS day) g
  LEFT JOIN (SELECT day,
                    ledger.sessions(sum(sessions - mirrored_sessions)) AS sessions,
                    ledger.sessions(sum(sessions - mirrored_sessions)
                                    FILTER (WHERE result = 'total-failure')) AS failed
               FROM ledger.tally
              WHERE domain_id = $1 AND day BETWEEN $2 - 30 AND $2 - 1
                AND result IN ('successful', 'total-failure')
              GROUP BY day) t ON t.day = g.day
$$;

UPDATE ledger.domain_status s
   SET name = d.name,
       daily_sessions = n.daily_sessions,
       daily_failed = n.daily_failed
  FROM ledger.domain d
 CROSS JOIN LATERAL ledger.days_of(d.id, (now() AT TIME ZONE 'UTC')::date) n
 WHERE d.id = s.domain_id;

DROP INDEX ledger.domain_status_failed;
CREATE INDEX domain_status_attention
    ON ledger.domain_status (attention, (-failed_sessions), name);
CREATE INDEX domain_status_sessions
    ON ledger.domain_status ((-(successful_sessions + failed_sessions)), name);
CREATE INDEX domain_status_name ON ledger.domain_status (name);

-- Sums of domain_status by attention, always those of its rows.
CREATE TABLE ledger.overview (
    attention           smallint PRIMARY KEY,
    domains             bigint NOT NULL,
    successful_sessions numeric NOT NULL,
    failed_sessions     numeric NOT NULL,
    last_report_at      timestamptz
) WITH (fillfactor = 50);

-- One function for each kind of statement: each has other tables of changed rows.
CREATE FUNCTION ledger.overview_insert() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger.overview AS o
    SELECT attention, count(*), sum(successful_sessions), sum(failed_sessions), max(last_report_at)
      FROM fresh
     GROUP BY attention
     ORDER BY attention
    ON CONFLICT (attention) DO UPDATE
       SET domains = o.domains + excluded.domains,
           successful_sessions = o.successful_sessions + excluded.successful_sessions,
           failed_sessions = o.failed_sessions + excluded.failed_sessions,
           last_report_at = greatest(o.last_report_at, excluded.last_report_at);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger.overview_delete() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger.overview o
       SET domains = o.domains - g.domains,
           successful_sessions = o.successful_sessions - g.successful,
           failed_sessions = o.failed_sessions - g.failed
      FROM (SELECT attention, count(*) AS domains, sum(successful_sessions) AS successful,
                   sum(failed_sessions) AS failed
              FROM gone
             GROUP BY attention) g
     WHERE o.attention = g.attention;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger.overview_update() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger.overview AS o
    SELECT attention, sum(domains), sum(successful), sum(failed), max(at)
      FROM (SELECT attention, 1 AS domains, successful_sessions AS successful,
                   failed_sessions AS failed, last_report_at AS at
              FROM fresh
             UNION ALL
            SELECT attention, -1, -successful_sessions, -failed_sessions, NULL
              FROM gone) c
     GROUP BY attention
     ORDER BY attention
    ON CONFLICT (attention) DO UPDATE
       SET domains = o.domains + excluded.domains,
           successful_sessions = o.successful_sessions + excluded.successful_sessions,
           failed_sessions = o.failed_sessions + excluded.failed_sessions,
           last_report_at = greatest(o.last_report_at, excluded.last_report_at);
    RETURN NULL;
END $$;

CREATE TRIGGER overview_insert AFTER INSERT ON ledger.domain_status
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.overview_insert();
CREATE TRIGGER overview_delete AFTER DELETE ON ledger.domain_status
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.overview_delete();
CREATE TRIGGER overview_update AFTER UPDATE ON ledger.domain_status
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.overview_update();

INSERT INTO ledger.overview
SELECT attention, count(*), sum(successful_sessions), sum(failed_sessions), max(last_report_at)
  FROM ledger.domain_status
 GROUP BY attention;
