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
    { "web.connections", AT(web.connections), "200", 1, 10000, "Connections at once." },
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
};

const size_t settings_table_count = ARRAY_SIZE(settings_table);
