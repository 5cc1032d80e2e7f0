-- The public views (schema tlsrpt): stable names and columns for dashboards and exports.

CREATE SCHEMA tlsrpt;

-- mx is NULL where a report does not say which host: successes that the policy's hosts share, and
-- failures without a named MX.
CREATE VIEW tlsrpt.mx_daily AS
SELECT t.day,
       d.name AS domain,
       m.name AS mx,
       t.policy_type,
       r.name AS reporter,
       t.trusted,
       ledger.sessions(sum(t.sessions) FILTER (WHERE t.result = 'successful' AND t.mx_id <> 0))
           AS successful_sessions,
       ledger.sessions(sum(t.sessions) FILTER (WHERE t.result = 'successful' AND t.mx_id = 0))
           AS shared_successful_sessions,
       ledger.sessions(sum(t.sessions) FILTER (WHERE t.result <> 'successful'))
           AS failed_sessions
  FROM ledger.tally t
  JOIN ledger.domain d ON d.id = t.domain_id
  JOIN ledger.reporter r ON r.id = t.reporter_id
  LEFT JOIN ledger.mx m ON m.id = t.mx_id
 WHERE t.result <> 'total-failure'
 GROUP BY t.day, d.name, m.name, t.policy_type, r.name, t.trusted;

-- result_type 'unexplained' is the part of a policy's total for which no detail was given.
CREATE VIEW tlsrpt.failure_daily AS
SELECT t.day,
       d.name AS domain,
       m.name AS mx,
       t.policy_type,
       t.result AS result_type,
       r.name AS reporter,
       t.trusted,
       ledger.sessions(sum(t.sessions)) AS failed_sessions
  FROM ledger.tally t
  JOIN ledger.domain d ON d.id = t.domain_id
  JOIN ledger.reporter r ON r.id = t.reporter_id
  LEFT JOIN ledger.mx m ON m.id = t.mx_id
 WHERE t.result NOT IN ('successful', 'total-failure')
 GROUP BY t.day, d.name, m.name, t.policy_type, t.result, r.name, t.trusted;

-- failed_sessions are the totals of the policies' summaries. Policy types are never to be added
-- together: some reporters list the same sessions under two of them.
CREATE VIEW tlsrpt.domain_daily AS
SELECT t.day,
       d.name AS domain,
       t.policy_type,
       t.trusted,
       ledger.sessions(sum(t.sessions) FILTER (WHERE t.result = 'successful'))
           AS successful_sessions,
       ledger.sessions(sum(t.sessions) FILTER (WHERE t.result = 'total-failure'))
           AS failed_sessions,
       coalesce(sum(t.reports) FILTER (WHERE t.result = 'successful'), 0)::bigint
           AS reports
  FROM ledger.tally t
  JOIN ledger.domain d ON d.id = t.domain_id
 GROUP BY t.day, d.name, t.policy_type, t.trusted;

COMMENT ON VIEW tlsrpt.mx_daily IS
    'TLS sessions per day, domain, MX, policy type and reporter (RFC 8460)';
COMMENT ON VIEW tlsrpt.failure_daily IS
    'Failed TLS sessions per day, domain, MX, policy type, result type and reporter (RFC 8460)';
COMMENT ON VIEW tlsrpt.domain_daily IS
    'TLS sessions per day, domain and policy type (RFC 8460)';

-- Who may look: a role without login, to be granted to dashboards. Where this program's own role
-- may not make roles, the operator makes it and grants the same.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tlsrptd_reader') THEN
        BEGIN
            CREATE ROLE tlsrptd_reader NOLOGIN;
        EXCEPTION
            WHEN unique_violation OR duplicate_object THEN
                NULL; -- another database of this server has just made it
        END;
    END IF;
    GRANT USAGE ON SCHEMA tlsrpt TO tlsrptd_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA tlsrpt TO tlsrptd_reader;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role tlsrptd_reader was not made: this role may not create roles';
END $$;
