-- $1 timestamptz: now. What is too old goes, and of what a domain makes appear again and again, the oldest beyond a number.
-- For setup_purge().
WITH forgotten AS (
    DELETE FROM ledger.setup WHERE checked_at < $1::timestamptz - interval '90 days' RETURNING domain_id
), runs AS (
    DELETE FROM ledger.setup_run WHERE at < $1::timestamptz - interval '30 days' RETURNING 1
), findings AS (
    DELETE FROM ledger.setup_finding f
     USING (SELECT domain_id, code, subject, first_at,
                   row_number() OVER (PARTITION BY domain_id
                                      ORDER BY gone_at IS NULL DESC, last_at DESC, code, subject, first_at) AS place
              FROM ledger.setup_finding) n
     WHERE n.domain_id = f.domain_id AND n.code = f.code AND n.subject = f.subject AND n.first_at = f.first_at
       AND (n.place > 1000 OR f.gone_at < $1::timestamptz - interval '365 days'
            OR f.last_at < $1::timestamptz - interval '365 days')
    RETURNING 1
), mx AS (
    DELETE FROM ledger.setup_mx m
     USING (SELECT domain_id, mx, address,
                   row_number() OVER (PARTITION BY domain_id ORDER BY present DESC, last_at DESC, mx, address) AS place
              FROM ledger.setup_mx) n
     WHERE n.domain_id = m.domain_id AND n.mx = m.mx AND n.address = m.address
       AND (n.place > 2000 OR m.last_at < $1::timestamptz - interval '90 days')
    RETURNING 1
), values_ AS (
    DELETE FROM ledger.setup_value v
     USING (SELECT domain_id, kind, value,
                   row_number() OVER (PARTITION BY domain_id, kind ORDER BY last_at DESC, value) AS place
              FROM ledger.setup_value) n
     WHERE n.domain_id = v.domain_id AND n.kind = v.kind AND n.value = v.value
       AND (n.place > 200 OR v.last_at < $1::timestamptz - interval '400 days')
    RETURNING 1
), policies AS (
    DELETE FROM ledger.setup_policy p
     USING (SELECT domain_id, record_id, policy_sha256,
                   row_number() OVER (PARTITION BY domain_id ORDER BY last_at DESC, record_id, policy_sha256) AS place
              FROM ledger.setup_policy) n
     WHERE n.domain_id = p.domain_id AND n.record_id = p.record_id AND n.policy_sha256 = p.policy_sha256
       AND n.place > 100
    RETURNING 1
), watches AS (
    DELETE FROM ledger.setup_watch WHERE wanted_at < $1::timestamptz - interval '30 days' RETURNING 1
), probes AS (
    DELETE FROM ledger.probe WHERE at < $1::timestamptz - interval '30 days' RETURNING 1
)
SELECT count(*) AS removed
  FROM (SELECT 1 FROM forgotten UNION ALL SELECT 1 FROM runs UNION ALL SELECT 1 FROM findings
        UNION ALL SELECT 1 FROM mx UNION ALL SELECT 1 FROM values_ UNION ALL SELECT 1 FROM policies
        UNION ALL SELECT 1 FROM watches UNION ALL SELECT 1 FROM probes) r
