-- $1 int[]: domain ids; $2, $3 date: days, both included; $4 boolean: untrusted reports too; $5 int: most
-- rows of one domain and kind, the newest. The evidence of verdicts: sessions of the tally, and of the
-- failed ones what their details say. Mirrored sessions stay in, since policy types are never added
-- together. For read_verdict().
SELECT e.domain_id, (e.day - date '1970-01-01') AS day, r.name AS reporter, e.policy_id, e.policy_type,
       m.name AS mx, e.result, e.sessions, e.transient, e.addressed
  FROM unnest($1::int[]) AS d (id)
 CROSS JOIN LATERAL (
        SELECT d.id AS domain_id, day, reporter_id, policy_id, max(policy_type) AS policy_type, mx_id,
               result, ledger.sessions(sum(sessions)) AS sessions,
               ledger.sessions(sum(transient)) AS transient,
               ledger.sessions(sum(addressed)) AS addressed
          FROM ((SELECT day, reporter_id, policy_id, policy_type, mx_id, result, sessions,
                        0 AS transient, 0 AS addressed
                   FROM ledger.tally
                  WHERE domain_id = d.id AND day BETWEEN $2::date AND $3::date
                    AND (trusted OR $4::boolean)
                    AND policy_type IN ('sts', 'tlsa', 'no-policy-found')
                  ORDER BY day DESC
                  LIMIT $5::int)
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
  LEFT JOIN ledger.mx m ON m.id = e.mx_id
 ORDER BY e.domain_id, e.policy_id
