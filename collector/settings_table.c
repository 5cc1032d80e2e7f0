/* See settings_table.h.
 * SPDX-License-Identifier: MIT */
#include "collector/settings_table.h"
#include <stddef.h>

#define TYPE_OF(member) \
    _Generic(((struct settings *)0)->member, \
        const char *: SETTING_TEXT, \
        int64_t: SETTING_NUMBER, \
        bool: SETTING_FLAG, \
        struct text_list: SETTING_LIST)
#define ROW(member, flags)     TYPE_OF(member), flags, offsetof(struct settings, member)
#define AT(member)             ROW(member, 0)
#define LIVE_AT(member)        ROW(member, SETTING_LIVE)
#define SECRET_AT(member)      ROW(member, SETTING_SECRET)
#define LIVE_SECRET_AT(member) ROW(member, SETTING_SECRET | SETTING_LIVE)

#ifdef TLSRPTD_DKIM
#define TRUST_MAIL "dkim"
#else
#define TRUST_MAIL "none"
#endif

const struct setting settings_table[] = {
    { "database.url", SECRET_AT(database.url), "", 0, 0,
      "Where reports are kept: a libpq connection string or URI. Empty: $TLSRPTD_DATABASE, or else "
      "postgresql:///tlsrptd." },
    { "database.url_file", AT(database.url_file), "", 0, 0,
      "A file whose first line is the above, for those who keep secrets out of this file." },
    { "database.writers", AT(writer.connections), "2", 1, 64,
      "Connections that write, each with a thread." },
    { "database.batch_reports", AT(writer.batch_reports), "1000", 1, 10000,
      "Most reports in one transaction." },
    { "database.queue_reports", AT(writer.queue_reports), "4000", 1, 1000000,
      "Most reports that wait to be written; beyond, they go to the spool." },
    { "database.queue_bytes", AT(writer.queue_bytes), "67108864", 1 << 20, INT64_C(1) << 34,
      "Most memory, in bytes, of reports that wait to be written." },
    { "domains.names", LIVE_AT(domains.names), "", 0, 0,
      "Whose reports are taken: \"example.org\", or \"*.example.org\" for all below it (write both "
      "for both). Nothing here, nor in the next two: all." },
    { "domains.file", LIVE_AT(domains.file), "", 0, 0,
      "A file that holds more of them, one a line; what follows # is a comment." },
    { "domains.table", LIVE_AT(domains.table), "false", 0, 0,
      "true: table tlsrpt.accepted_domain of the database holds more of them." },
    { "domains.mx", LIVE_AT(domains.mx), "", 0, 0,
      "Our MX hosts, written the same way: DANE reports may name one in place of the domain." },
    { "collector.listen", AT(collector.http.listen), "[::]:8443", 0, 0,
      "Where reports come in over HTTPS: host:port, unix:/path, or systemd:NAME. Empty: nowhere." },
    { "collector.certificate", LIVE_AT(collector.http.certificate), "", 0, 0,
      "PEM file: certificate and chain. Empty: none with --standalone, which makes its own." },
    { "collector.key", LIVE_AT(collector.http.key), "", 0, 0, "PEM file: the certificate's key." },
    { "collector.tokens", LIVE_SECRET_AT(collector.trust.tokens), "", 0, 0,
      "Secrets of 16 characters or more; a report that comes to /v1/tlsrpt/SECRET is trusted." },
    { "collector.tokens_file", LIVE_AT(collector.trust.tokens_file), "", 0, 0,
      "A file with more of them, one a line." },
    { "collector.trusted_clients", LIVE_AT(collector.trust.clients), "", 0, 0,
      "Addresses and networks (192.0.2.0/24, 2001:db8::/32) of senders whose reports are trusted." },
    { "collector.trusted_proxies", LIVE_AT(collector.trusted_proxies), "", 0, 0,
      "Addresses, networks or \"unix\" of proxies before this listener, which say in X-Forwarded-For "
      "who sends." },
    { "collector.connections", AT(collector.http.connections), "1000", 1, 100000,
      "Connections at once." },
    { "collector.per_client", LIVE_AT(collector.http.per_client), "50", 0, 100000,
      "Connections at once from one address; 0: no such limit." },
    { "collector.unlimited", LIVE_AT(collector.unlimited), "", 0, 0,
      "Addresses or networks (192.0.2.0/24) of clients to which per_client does not apply." },
    { "collector.handshake_seconds", LIVE_AT(collector.http.handshake_seconds), "10", 1, 3600,
      "Time for a new connection: TLS handshake and the first line of a request." },
    { "collector.header_seconds", LIVE_AT(collector.http.header_seconds), "10", 1, 3600,
      "Time for a request's headers." },
    { "collector.request_seconds", LIVE_AT(collector.http.request_seconds), "300", 1, 86400,
      "Time for a request's body, and for its answer to be read." },
    { "collector.bytes_per_second", LIVE_AT(collector.http.bytes_per_second), "500", 0, 1 << 30,
      "Slowest body; asked for after header_seconds. 0: any." },
    { "collector.timeout_seconds", AT(collector.http.timeout_seconds), "60", 1, 3600,
      "A connection on which nothing moves is closed after so long." },
    { "policy.serve", AT(policy.serve), "true", 0, 0,
      "Whether collector.listen also serves the policies that `tlsrptd policy set` makes, under "
      "https://mta-sts.DOMAIN/.well-known/mta-sts.txt." },
    { "policy.certificates", LIVE_AT(collector.certificates), "", 0, 0,
      "A directory with the certificates of policy hosts: HOST/fullchain.pem and HOST/privkey.pem, or "
      "HOST.pem and HOST.key, where HOST is mta-sts.DOMAIN, or DOMAIN if it is for both. Read when asked "
      "for, and again when they change. Empty: only collector.certificate is shown." },
    { "policy.delegation", AT(policy.delegation), "", 0, 0,
      "A name of ours that domains may point to with CNAME records, instead of publishing records that "
      "change: `tlsrptd policy show` prints them for it. Empty: none." },
    { "lmtp.listen", AT(lmtp.listen), "127.0.0.1:2424", 0, 0,
      "Where mail servers deliver reports by LMTP: host:port, unix:/path, or systemd:NAME." },
    { "lmtp.connections", LIVE_AT(lmtp.connections), "200", 1, 10000, "Connections at once." },
    { "lmtp.per_client", LIVE_AT(lmtp.per_client), "20", 0, 10000,
      "Connections at once from one address (IPv6: one /64); 0: no such limit." },
    { "lmtp.unlimited", LIVE_AT(lmtp.unlimited), "127.0.0.1,::1,unix", 0, 0,
      "Our own mail servers: addresses, networks (192.0.2.0/24) or \"unix\"; no limit per client." },
    { "lmtp.idle_seconds", LIVE_AT(lmtp.idle_seconds), "300", 1, 3600,
      "Time for the next command, and for replies to be read." },
    { "lmtp.message_seconds", LIVE_AT(lmtp.message_seconds), "600", 1, 86400,
      "Time for one message." },
    { "lmtp.bytes_per_second", LIVE_AT(lmtp.bytes_per_second), "500", 0, 1 << 30,
      "Slowest message; asked for after 10 seconds. 0: any." },
    { "lmtp.session_seconds", LIVE_AT(lmtp.session_seconds), "3600", 0, 86400,
      "Time for one session. 0: any." },
    { "lmtp.session_commands", LIVE_AT(lmtp.session_commands), "1000", 0, 1000000,
      "A session is closed after so many commands without a message. 0: never." },
    { "lmtp.session_errors", LIVE_AT(lmtp.session_errors), "20", 1, 1000,
      "A session is closed after so many refused commands." },
    { "lmtp.recipients", LIVE_AT(lmtp.recipients), "100", 1, 10000, "Recipients of one message." },
    { "maildir.path", AT(maildir.path), "", 0, 0,
      "A maildir whose new/ is watched for reports. Empty: none." },
    { "maildir.rescan_seconds", LIVE_AT(maildir.rescan_seconds), "60", 1, 86400,
      "new/ is looked through so often even when the kernel reports no change." },
    { "spool.path", AT(spool.path), "auto", 0, 0,
      "Directory where reports wait while the database is away. auto: spool/ in $STATE_DIRECTORY, in the "
      "directory of --standalone, or in /var/lib/tlsrptd. Empty: none, senders are told to come again." },
    { "spool.max_bytes", AT(spool.max_bytes), "1073741824", 1 << 20, INT64_C(1) << 50,
      "Most bytes in the spool; beyond, senders are told to come again." },
    { "web.listen", AT(web.listen), "127.0.0.1:8460", 0, 0,
      "Where the pages are served: host:port, unix:/path, or systemd:NAME. Addresses that other "
      "machines reach need users (or a proxy that names them) and encryption (or a proxy)." },
    { "web.certificate", LIVE_AT(web.certificate), "", 0, 0,
      "PEM file: certificate and chain. Empty: plain HTTP." },
    { "web.key", LIVE_AT(web.key), "", 0, 0, "PEM file: the certificate's key." },
    { "web.users", LIVE_SECRET_AT(web.auth.users), "", 0, 0,
      "Who may look at the pages: \"name:hash\", as `tlsrptd user NAME` prints it. Empty, and no "
      "users_file or proxy_user_header: whoever reaches the address." },
    { "web.users_file", LIVE_AT(web.auth.users_file), "", 0, 0,
      "A file with more of them, one a line; `tlsrptd user NAME --write` writes it." },
    { "web.trusted_proxies", LIVE_AT(web.auth.trusted_proxies), "", 0, 0,
      "Addresses, networks (192.0.2.0/24) or \"unix\" of proxies before the pages: what they say of "
      "the client (X-Forwarded-For) and the user is believed, and encryption is their business." },
    { "web.proxy_user_header", LIVE_AT(web.auth.proxy_user_header), "", 0, 0,
      "The header in which a trusted proxy names the user that it has logged in, for example "
      "X-Remote-User. The proxy must remove it from what clients send." },
    { "web.hosts", LIVE_AT(web.auth.hosts), "", 0, 0,
      "Names by which browsers ask for the pages, beside localhost and addresses; requests for "
      "other names are refused." },
    { "web.login_failures_per_client", AT(web.auth.failures_per_client), "10", 0, 100000,
      "Wrong passwords a minute from one address (IPv6: /64); 0: any number." },
    { "web.login_failures", AT(web.auth.failures), "120", 0, 100000,
      "Wrong passwords a minute from all addresses together; 0: any number." },
    { "web.url", LIVE_AT(web.url), "", 0, 0,
      "Where people reach the pages, e.g. https://tlsrpt.example.org: begins the links of the weekly "
      "summary. Empty: it names paths only." },
    { "web.database", SECRET_AT(web.database), "", 0, 0,
      "A libpq connection string or URI for the pages alone, which only read. Empty: the service's "
      "own, with the rights of the role tlsrptd_reader." },
    { "web.statement_timeout_seconds", AT(web.statement_timeout_seconds), "24", 1, 3600,
      "A query of a page is given up after so long." },
    { "web.metrics_domains", LIVE_AT(web.metrics_domains), "1000", 0, 1000000,
      "Domains, and as many MX hosts, that /metrics tells of one by one: those that need somebody most. "
      "The others are in its totals." },
    { "web.metrics_public", LIVE_AT(web.metrics_public), "false", 0, 0,
      "Whether /metrics is for whoever reaches the address, and not only for users." },
    { "web.changes_without_login", LIVE_AT(web.changes_without_login), "false", 0, 0,
      "Whether the forms of the pages are, where nobody has to log in, for whoever reaches the address: for "
      "a machine of your own without a proxy before it. false: for users alone." },
    { "web.connections", AT(web.connections), "200", 1, 10000, "Connections at once." },
    { "verdict.days", AT(verdict.days), "14", 1, 56,
      "Clean days in a row before a domain is ready to enforce." },
    { "verdict.stretch_days", AT(verdict.stretch_days), "56", 1, 89,
      "Most days that are looked at where little mail comes." },
    { "verdict.active_days", AT(verdict.active_days), "10", 1, 56,
      "Of `days`, those on which sessions must have checked the policy." },
    { "verdict.reporters", AT(verdict.reporters), "2", 1, 100,
      "Reporters that must have told of the clean days." },
    { "verdict.reporter_days", AT(verdict.reporter_days), "5", 1, 56,
      "Days on which each of these must have had sessions." },
    { "verdict.single_reporter_days", AT(verdict.single_reporter_days), "28", 1, 89,
      "Clean days after which one reporter will do, with reserve." },
    { "verdict.session_bound_permille", AT(verdict.session_bound_permille), "10", 1, 1000,
      "Ready without reserve: so much of the sessions, in thousandths, may at most be refused in truth "
      "(upper end of the 95 % interval)." },
    { "verdict.day_bound_permille", AT(verdict.day_bound_permille), "150", 1, 1000,
      "The same of days of a reporter." },
    { "verdict.limited_sessions", AT(verdict.limited_sessions), "30", 1, 1000000,
      "Least sessions to be ready with reserve." },
    { "verdict.limited_reporter_days", AT(verdict.limited_reporter_days), "20", 1, 10000,
      "The same of days of a reporter." },
    { "verdict.failing_days", AT(verdict.failing_days), "7", 1, 56,
      "In enforce: a domain is failing for so many days after a failure that counts." },
    { "verdict.include_untrusted", AT(verdict.include_untrusted), "false", 0, 0,
      "Whether reports of senders that nobody vouches for are evidence." },
    { "verdict.own_reporters", AT(verdict.own_reporters), "", 0, 0,
      "Organizations that are yourselves: their reports tell of your own sending, the sending of reports "
      "included, and are no evidence." },
    { "trust.mail", LIVE_AT(trust.mail), TRUST_MAIL, 0, 0,
      "By what the sender of a mail is known: dkim (its signature is verified here), authres (your "
      "mail server's Authentication-Results), any of the two, or none." },
    { "trust.authserv_ids", LIVE_AT(trust.authserv_ids), "", 0, 0,
      "Names under which your mail server writes Authentication-Results; it must remove those that "
      "come from outside under these names. Of several fields the topmost counts." },
    { "trust.submitter_fit", LIVE_AT(trust.submitter_fit), "organization", 0, 0,
      "How the signing domain must fit what the report says of its submitter: organization (same "
      "registered domain), subdomain (the same or one below the signing domain), or exact." },
    { "trust.key_services", LIVE_AT(trust.key_services), "tlsrpt", 0, 0,
      "A DKIM key that is restricted to services (s=) must name one of these." },
    { "trust.rsa_bits", LIVE_AT(trust.rsa_bits), "1024", 1024, 4096,
      "Least size of an RSA key of DKIM (RFC 8301)." },
    { "trust.signatures", LIVE_AT(trust.signatures), "5", 1, 100,
      "Most signatures of one mail that are looked at." },
    { "trust.recheck_seconds", AT(writer.unverified.first_seconds), "900", 1, 86400,
      "When DNS fails, the sender is verified again after so long, then less and less often, for three "
      "days." },
    { "trust.recheck_bytes", AT(writer.unverified.bytes), "268435456", 0, INT64_C(1) << 40,
      "Most that is kept of mails to be verified again, in bytes (gzip); beyond, senders stay unknown." },
    { "dns.servers", AT(dns.servers), "", 0, 0,
      "Resolvers: \"192.0.2.1\", \"192.0.2.1:53\", \"[2001:db8::1]:53\". Empty: those of "
      "/etc/resolv.conf." },
    { "dns.trust_anchor", AT(dns.trust_anchor), "", 0, 0,
      "A file with DNSSEC trust anchors, e.g. /usr/share/dns/root.key, if the resolvers pass DNSSEC "
      "on. Empty: no validation of our own." },
    { "dns.timeout_seconds", AT(dns.timeout_seconds), "5", 1, 60, "Longest wait for one answer." },
    { "dns.questions", AT(dns.questions), "16", 1, 256,
      "Questions at once, each with a thread of its own." },
    { "check.enabled", AT(check.enabled), "true", 0, 0,
      "Whether the service looks at the live set-up of its domains: records, policy host, mail servers." },
    { "check.dns_seconds", AT(check.dns_seconds), "3600", 60, 604800,
      "From one look at a domain's records and policy to the next." },
    { "check.probe_seconds", AT(check.probe_seconds), "21600", 3600, 604800,
      "The same for its mail servers. None is connected to more often than once an hour." },
    { "check.parallel", AT(check.parallel), "8", 1, 64, "Domains that are looked at at once." },
    { "check.allow_networks", AT(check.allow_networks), "", 0, 0,
      "Addresses and networks that are connected to although they are not of the world: private ones, "
      "loopback. Others of that kind are never connected to, whatever DNS says." },
    { "check.ca_file", AT(check.ca_file), "", 0, 0,
      "PEM file: the certification authorities that are trusted. Empty: the system's." },
    { "check.hello", AT(check.hello), "", 0, 0,
      "What mail servers are told that we are (EHLO). Empty: this machine's name." },
    { "check.connect_seconds", AT(check.connect_seconds), "5", 1, 60,
      "Longest wait for a connection." },
    { "check.step_seconds", AT(check.step_seconds), "10", 1, 60, "Longest wait for one answer." },
    { "check.total_seconds", AT(check.total_seconds), "30", 2, 300,
      "Longest time for one domain, whatever its servers do." },
    { "check.resolvers", AT(check.resolvers), "", 0, 0,
      "Further resolvers, whose answers are compared with ours: \"192.0.2.1\", \"[2001:db8::1]:53\"." },
    { "check.own_rua", AT(check.own_rua), "", 0, 0,
      "Addresses by which reports come to this program (\"mailto:tlsrpt@example.org\", "
      "\"https://tlsrpt.example.org/v1/tlsrpt\"): a record without any of them is told of. Empty: none is." },
    { "smtp.url", AT(smtp.url), "", 0, 0,
      "The mail server that `tlsrptd summary --mail` hands mails to: smtp://localhost:25, "
      "smtp://mail.example.org:587, smtps://mail.example.org. Empty: none." },
    { "smtp.from", AT(smtp.from), "", 0, 0,
      "Who sends: an address, or \"Name <address>\". Bounces go there too: an address that people read, "
      "and never one that reports come to." },
    { "smtp.to", AT(smtp.to), "", 0, 0, "Who gets the summary over all domains." },
    { "smtp.domains", AT(smtp.domains), "", 0, 0,
      "Who gets the summary of one domain: \"example.org=postmaster@example.org\"; a domain may be there "
      "several times." },
    { "smtp.quiet_weeks", AT(smtp.quiet_weeks), "true", 0, 0,
      "Whether a week in which all is well is told too. With false, silence may also mean that the "
      "sending has broken." },
    { "smtp.tls", AT(smtp.tls), "auto", 0, 0,
      "TLS to that server: required, tried (if the server offers it; its certificate does not matter), "
      "none, or auto: tried on this machine's own addresses, else required." },
    { "smtp.ca_file", AT(smtp.ca_file), "", 0, 0,
      "PEM file of the authorities that may vouch for that server. Empty: those of the system." },
    { "smtp.user", AT(smtp.user), "", 0, 0, "A name to log in with. Empty: no log-in." },
    { "smtp.password", SECRET_AT(smtp.password), "", 0, 0, "Its password." },
    { "smtp.password_file", AT(smtp.password_file), "", 0, 0,
      "A file whose first line is the password." },
    { "smtp.timeout_seconds", AT(smtp.timeout_seconds), "60", 1, 3600, "Time for one mail." },
    { "smtp.deliver_without_tls", AT(smtp.deliver_without_tls), "true", 0, 0,
      "Adds TLS-Required: No (RFC 8689): mail servers on the way deliver a summary even where TLS fails, "
      "which is when it is needed." },
    { "limits.message_bytes", LIVE_AT(limits.message_bytes), "10485760", 1024, 1 << 30,
      "Largest report, as received." },
    { "limits.memory_bytes", AT(limits.memory_bytes), "41943040", 1 << 20, INT64_C(1) << 40,
      "Most memory for all reports at once: those being received and those that wait." },
    { "limits.inflated_bytes", LIVE_AT(limits.inflated_bytes), "20971520", 1024, 1 << 30,
      "Largest report, inflated." },
    { "limits.delivery_bytes", LIVE_AT(limits.delivery_bytes), "41943040", 1 << 20,
      INT64_C(1) << 32, "Most memory of one delivery: as received, inflated and read." },
    { "limits.inflate_ratio", LIVE_AT(limits.inflate_ratio), "200", 2, 100000,
      "Most inflated bytes for each byte received, beyond the first MiB." },
    { "limits.mime_parts", LIVE_AT(limits.mime_parts), "100", 1, 10000, "Parts of one mail." },
    { "limits.mime_depth", LIVE_AT(limits.mime_depth), "8", 1, 100, "Parts inside each other." },
    { "limits.mime_headers", LIVE_AT(limits.mime_headers), "20000", 20, 1000000,
      "Header lines of one mail, its parts' too." },
    { "limits.header_bytes", LIVE_AT(limits.header_bytes), "65536", 1000, 1 << 20,
      "Longest header of a mail." },
    { "limits.json_depth", LIVE_AT(limits.json_depth), "32", 8, 250,
      "Levels of one report's JSON." },
    { "limits.json_values", LIVE_AT(limits.json_values), "1000000", 100, 100000000,
      "Values of one report's JSON: objects, lists, texts, numbers." },
    { "limits.policies", LIVE_AT(limits.policies), "1000", 1, 30000, "Policies of one report." },
    { "limits.details", LIVE_AT(limits.details), "50000", 1, 1000000,
      "Failure details of one report." },
    { "limits.text_bytes", LIVE_AT(limits.text_bytes), "1024", 64, 2000,
      "Longest text in a report; what is longer is cut." },
    { "limits.client_per_hour", LIVE_AT(rates.client_per_hour), "200000", 0, 1000000000,
      "Reports an hour from one address (IPv6: one /64) that nobody vouches for; 0: any number." },
    { "limits.reporter_per_hour", LIVE_AT(rates.reporter_per_hour), "1000000", 0, 1000000000,
      "Reports an hour in one organization's name; 0: any number." },
    { "limits.rejected_per_hour", LIVE_AT(rates.rejected_per_hour), "5000", 0, 1000000000,
      "Begun 64 KiB an hour from one address that were no report; 0: any number." },
    { "limits.burst_minutes", LIVE_AT(rates.burst_minutes), "15", 1, 60,
      "How much of what may come in an hour may come at once, in minutes' worth." },
    { "limits.rejected_bytes", AT(writer.rejected.bytes), "268435456", 1 << 20, INT64_C(1) << 40,
      "Most that is kept of all that cannot be counted, in bytes; beyond, the oldest goes." },
    { "limits.rejected_head_bytes", AT(writer.rejected.head_bytes), "1048576", 1024, 1 << 30,
      "Most that is kept of one delivery that cannot be counted. Only what is kept whole can be tried "
      "again." },
    { "retention.rejected", AT(writer.rejected.days), "90", 1, 36500,
      "Days for which what cannot be counted is kept since it last came." },
    { "retention.policy_fetches", AT(policy.fetch_days), "400", 1, 36500,
      "Days for which it is kept that a network fetched a policy, since it last did." },
};

const size_t settings_table_count = ARRAY_SIZE(settings_table);
