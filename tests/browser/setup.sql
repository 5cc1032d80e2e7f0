-- A look at a domain of the sample reports, with errors, notes, what is over, and everything published. In place of its own.
DELETE FROM ledger.setup USING ledger.domain d WHERE d.id = domain_id AND d.name = 'dane.example';
DELETE FROM ledger.setup_run USING ledger.domain d WHERE d.id = domain_id AND d.name = 'dane.example';
DELETE FROM ledger.setup_finding USING ledger.domain d WHERE d.id = domain_id AND d.name = 'dane.example';
DELETE FROM ledger.setup_mx USING ledger.domain d WHERE d.id = domain_id AND d.name = 'dane.example';
DELETE FROM ledger.setup_policy USING ledger.domain d WHERE d.id = domain_id AND d.name = 'dane.example';
DELETE FROM ledger.setup_value USING ledger.domain d WHERE d.id = domain_id AND d.name = 'dane.example';
INSERT INTO ledger.setup
SELECT id, name, now() - interval '9 days', now() - interval '5 minutes', now() - interval '2 hours', 1200, 'not-yet', 1, 1, 1, 0,
    '{warned,good,good,good,good,faulty,good}', '{1,1,1,1,1,2,1,1,1}', '{"","","","","","mx2 has expired","","",""}',
    '20261101000000', 'testing', 86400, repeat('ab', 32), NULL, NULL, '{"domain":"dane.example"}'
FROM ledger.domain WHERE name = 'dane.example';
INSERT INTO ledger.setup_run
SELECT domain_id, at, true, 'not-yet', 1, 1, '{1,1,1,1,1,2,1,1,1}'
FROM ledger.setup, generate_series(now() - interval '3 hours', now(), interval '1 hour') AS at;
INSERT INTO ledger.setup_finding
SELECT domain_id, f.* FROM ledger.setup, (VALUES
    ('mx.expired', 'mx2.dane.example', now() - interval '1 day', now(), NULL::timestamptz, 0::smallint, 'error', 'servers',
     'The certificate has expired', 'It expired on 2026-11-27, 2 days ago. <script>alert(1)</script>', 'Renew it.', 'RFC 8461 section 4.2', true,
     E'Subject: TLS at the mail server mx2.dane.example\n\nHello,\n\n* <b>The certificate</b> has expired\n'),
    ('dns.rpt.rua-many', '_smtp._tls.dane.example', now() - interval '1 day', now(), NULL, 1::smallint, 'warning', 'reporting',
     'Several addresses in rua', E'\u202e', 'Keep one.', 'RFC 8460 section 3', false, NULL),
    ('dane.no-spare', 'mx1.dane.example', now() - interval '1 day', now(), NULL, 2::smallint, 'info', 'dane',
     'One TLSA record only', 'The only record is 3 1 1 00.', '', '', false, NULL),
    ('http.slow', 'mta-sts.dane.example', now() - interval '8 days', now() - interval '7 days', now() - interval '7 days', 3::smallint, 'warning',
     'policy-host', 'The policy host is slow', 'It took 7.3 seconds.', 'Make it quick.', '', false, NULL)) AS f;
INSERT INTO ledger.setup_mx
SELECT domain_id, m.mx, m.address, 10, m.present, now(), now(), m.reach, 'offered', 'TLSv1.3', 'matches', m.passes, m.fails, m.why,
    repeat('cd', 32), now() + interval '40 days', now() - interval '50 days'
FROM ledger.setup, (VALUES
    ('mx1.dane.example', '192.0.2.1', true, 'open', 1::smallint, '', ''),
    ('mx1.dane.example', '2001:db8::1', true, 'unreachable', 0::smallint, '', 'no route'),
    ('mx2.dane.example', '192.0.2.2', true, 'open', 2::smallint, 'certificate-expired', 'expired on 2026-11-27'),
    ('old.dane.example', '', false, 'none', 0::smallint, '', '')) AS m (mx, address, present, reach, passes, fails, why);
INSERT INTO ledger.setup_value
SELECT domain_id, v.kind, v.value, now() - interval '9 days', now() - interval '9 days', now(), 3600
FROM ledger.setup, (VALUES ('id', '20261101000000'), ('id', '20261001000000'), ('mx', 'mx1.dane.example'),
    ('mx-set', 'mx1.dane.example mx2.dane.example'), ('rpt', 'v=TLSRPTv1; rua=mailto:tlsrpt@dane.example')) AS v (kind, value);
INSERT INTO ledger.setup_policy
SELECT domain_id, '20261101000000', policy_sha256, 'testing', 86400,
    E'version: STSv1\r\nmode: testing\r\nmx: mx1.dane.example\r\nmx: mx2.dane.example\r\nmax_age: 86400\r\n', now() - interval '9 days', now()
FROM ledger.setup;
