-- $1 int[]: domain ids; $2, $3 date: days, both included; $4 boolean: untrusted reports too; $5 int: most
-- rows of one domain and kind, the newest. The evidence of verdicts: sessions of the tally, and of the
-- failed ones what their details say. Mirrored sessions stay in, since policy types are never added
-- together. Most rows have no details and go out as they stand, since a million domains are read every day; those
-- that have some are grouped with them, and not joined: strangers may make very many. For read_verdict().
SELECT d.id AS domain_id, (e.day - date '1970-01-01') AS day, r.name AS reporter, e.policy_id, e.policy_type,
       CASE WHEN e.mx_id <> 0 THEN (SELECT name FROM ledger.mx WHERE id = e.mx_id) END AS mx, e.result,
       e.sessions, e.transient, e.addressed
  FROM unnest($1::int[]) AS d (id)
 CROSS JOIN LATERAL (
        WITH told AS MATERIALIZED (
            SELECT day, reporter_id, policy_id, policy_type, mx_id, result, sessions,
                   result IN ('successful', 'total-failure', 'unexplained') AS whole
              FROM ledger.tally
             WHERE domain_id = d.id AND day BETWEEN $2::date AND $3::date
               AND (trusted OR $4::boolean)
               AND policy_type IN ('sts', 'tlsa', 'no-policy-found')
             ORDER BY day DESC
             LIMIT $5::int
        )
        SELECT day, reporter_id, policy_id, policy_type, mx_id, result, sessions, 0::bigint AS transient,
               0::bigint AS addressed
          FROM told
         WHERE whole
         UNION ALL
        SELECT day, reporter_id, policy_id, max(policy_type), mx_id, result, ledger.sessions(sum(sessions)),
               ledger.sessions(sum(transient)), ledger.sessions(sum(addressed))
          FROM (SELECT day, reporter_id, policy_id, policy_type, mx_id, result, sessions,
                       0 AS transient, 0 AS addressed
                  FROM told
                 WHERE NOT whole
                 UNION ALL
                (SELECT day, reporter_id, policy_id, NULL, mx_id, result_type, 0,
                        CASE WHEN concat_ws(' ', failure_reason_code, additional_information)
                                  ~* 'timed?[ -]?out|closed|reset|internal.error|unexpected eof'
                             THEN failed_sessions ELSE 0 END,
                        CASE WHEN receiving_ip IS NOT NULL THEN failed_sessions ELSE 0 END
                   FROM ledger.failure
                  WHERE domain_id = d.id AND day BETWEEN $2::date AND $3::date
                    AND (trusted OR $4::boolean)
                  ORDER BY day DESC
                  LIMIT $5::int)) AS u
         GROUP BY day, reporter_id, policy_id, mx_id, result
        HAVING max(policy_type) IS NOT NULL) AS e
  JOIN ledger.reporter r ON r.id = e.reporter_id
 ORDER BY d.id, e.policy_id
