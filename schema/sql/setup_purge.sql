-- $1 timestamptz: now. For setup_purge().
WITH forgotten AS (
    DELETE FROM ledger.setup WHERE checked_at < $1::timestamptz - interval '90 days' RETURNING domain_id
), runs AS (
    DELETE FROM ledger.setup_run WHERE at < $1::timestamptz - interval '30 days' RETURNING 1
), findings AS (
    DELETE FROM ledger.setup_finding
     WHERE gone_at < $1::timestamptz - interval '365 days' OR last_at < $1::timestamptz - interval '365 days'
    RETURNING 1
), mx AS (
    DELETE FROM ledger.setup_mx WHERE last_at < $1::timestamptz - interval '90 days' RETURNING 1
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
