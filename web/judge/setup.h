/* What a look at a domain's live set-up saw: plain facts, without an opinion. Whoever looks
 * (probe/check.h) fills them, setup_judge() (judge/setup_judge.h) makes findings of them, and pages,
 * commands and the ledger show both.
 *
 * Everything is in one arena; what was not looked at is zero. Texts come from strangers: they are
 * bounded by who fills them in, and escaped by who prints them.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict.h. Next: setup_judge.h */
#pragma once

#include "base/arena.h"
#include "base/text.h"
#include <stdint.h>

/* --- DNS --- */

enum setup_lookup {
    LOOKUP_NONE, /* not asked */
    LOOKUP_FOUND,
    LOOKUP_NODATA,   /* the name exists, not with this type */
    LOOKUP_NXDOMAIN, /* there is no such name */
    LOOKUP_SERVFAIL, /* or another code that is no answer */
    LOOKUP_BOGUS,    /* DNSSEC does not hold */
    LOOKUP_TIMEOUT,  /* no answer in time, or no way to a server */
};

/* How one question was answered by one server, or by our resolvers. One that was not asked has LOOKUP_NONE and
 * its reason; one that does not answer as a server of the zone has a `why` that begins with "lame". */
struct setup_answer {
    const char *name, *type; /* as asked: "_mta-sts.example.org", "TXT" */
    /* "ns1.example.org 192.0.2.1" of the zone, "192.0.2.53" a further resolver; NULL: our resolvers */
    const char *server;
    enum setup_lookup status;
    const char *why; /* what is the matter, where something is; else NULL */
    /* TXT: strings of a record joined; MX: "10 mx.example.org" (lower case, no trailing dot; "0 ." is
     * null MX); A, AAAA: the address; CNAME, NS: the name; TLSA: "3 1 1 <hex>"; CAA: "0 issue \"…\"". */
    struct text_list records;
    struct text_list aliases; /* names that CNAMEs led to, in order */
    /* The least of the records and aliases; -1: not known. Of `sts`, `rpt` and `mx_answer` the greatest that a
     * server of the zone gave, if one did: a resolver counts down, and caps it. */
    int64_t ttl_seconds;
    bool secure; /* validated by DNSSEC, here or by the resolver that we trust */
};

struct setup_answers {
    struct setup_answer *items;
    size_t count;
};

/* --- TLS --- */

/* What is wrong with a certificate; each is looked for by itself (RFC 8461 section 4.2, RFC 6125). */
enum setup_flaw {
    FLAW_EXPIRED = 1 << 0,
    FLAW_NOT_YET = 1 << 1,
    FLAW_UNTRUSTED = 1 << 2,   /* its root is none that we trust */
    FLAW_SELF_SIGNED = 1 << 3, /* beside FLAW_UNTRUSTED */
    FLAW_CHAIN = 1 << 4,       /* an intermediate is missing from what the server sent */
    FLAW_NAME = 1 << 5,        /* no DNS-ID fits; the common name does not count */
    FLAW_WEAK = 1 << 6,        /* key or signature that verifiers refuse: SHA-1, RSA below 2048 */
    FLAW_PURPOSE = 1 << 7,     /* not for TLS servers */
    FLAW_OTHER = 1 << 8,       /* see `why` */
};

struct setup_certificate {
    bool shown;
    unsigned flaws;                     /* of enum setup_flaw */
    const char *why;                    /* OpenSSL's words on the first flaw; NULL: none */
    const char *subject, *issuer;       /* RFC 4514 */
    struct text_list names;             /* DNS-IDs */
    int64_t begin_seconds, end_seconds; /* of its validity */
    int64_t chain_end_seconds;          /* the first of the chain to expire */
    const char *sha256;                 /* of the whole certificate, hex */
    const char *spki_sha256;            /* of its public key (SubjectPublicKeyInfo), hex */
    struct text_list chain;             /* subjects of what the server sent, its own first */
};

struct setup_tls {
    bool tried, done;    /* done: the handshake succeeded, whatever the certificate is worth */
    const char *version; /* "TLSv1.3" */
    const char *cipher;
    const char *why; /* alert or error, where not done */
    bool too_old;    /* it would only speak less than TLS 1.2 */
    struct setup_certificate certificate;
};

/* --- connections --- */

enum setup_reach {
    REACH_NONE, /* not tried */
    REACH_OPEN,
    REACH_REFUSED,
    REACH_TIMEOUT,
    REACH_UNREACHABLE, /* no route, or no address family here */
    REACH_FORBIDDEN,   /* an address that we do not connect to: check.allow_networks */
    REACH_LATER,       /* gone to often enough within the hour, for other hosts at this address */
};

/* GET of a policy (RFC 8461 section 3.3) at one address. */
struct setup_fetch {
    const char *url, *address;
    const char *client; /* User-Agent that was sent; "" for none */
    enum setup_reach reach;
    const char *why;          /* of `reach`, or of what broke later; NULL: nothing did */
    struct setup_tls tls;     /* not tried for http: */
    int status;               /* HTTP; 0: no answer */
    const char *location;     /* of a redirect, never followed; NULL: none */
    const char *type;         /* Content-Type; NULL: none */
    const char *encoding;     /* Content-Encoding; NULL: none */
    const char *authenticate; /* WWW-Authenticate; NULL: none */
    struct bytes body;        /* at most SETUP_BODY_BYTES + 1 */
    bool too_large, cut;      /* more than SETUP_BODY_BYTES; it ended before its end */
    int64_t milliseconds;
};
#define SETUP_BODY_BYTES 65536

struct setup_fetches {
    struct setup_fetch *items;
    size_t count;
};

enum setup_starttls {
    STARTTLS_NONE, /* not got so far */
    STARTTLS_OFFERED,
    STARTTLS_MISSING, /* EHLO was answered, and it is not there */
    STARTTLS_REFUSED, /* offered, and the command answered otherwise than 220 */
};

enum setup_dane {
    DANE_NONE, /* no TLSA records that count, or not looked at */
    DANE_MATCHES,
    DANE_MISMATCH,
};

/* A look at one address of an MX host: banner, EHLO, STARTTLS, handshake, QUIT (RFC 3207). */
struct setup_probe {
    const char *address;
    int64_t at_seconds; /* when; may lie before this check: one look an hour */
    enum setup_reach reach;
    const char *why;    /* what is the matter; NULL: nothing */
    const char *banner; /* first line of the greeting */
    int code;           /* of the last SMTP reply that was not as hoped; 0: none */
    enum setup_starttls starttls;
    struct setup_tls tls;
    enum setup_dane dane;
    int64_t milliseconds;
};

struct setup_mx {
    const char *name; /* as in the MX records, canonical; an IP literal is left as it is */
    int preference;
    bool implicit; /* there are no MX records: the domain itself (RFC 5321 section 5.1) */
    struct setup_answer a, aaaa;
    struct setup_answer tlsa; /* _25._tcp.NAME */
    struct setup_probe *probes;
    size_t probe_count;
};

/* --- all of it --- */

struct setup_facts {
    const char *domain;
    int64_t at_seconds;
    int64_t at_us;        /* the same to the microsecond: which of two looks is the newer */
    int64_t milliseconds; /* that it took */

    struct setup_answer sts;          /* TXT _mta-sts.DOMAIN, by our resolvers */
    struct setup_answers sts_servers; /* the same by each authoritative server and other resolver */
    struct setup_answer rpt;          /* TXT _smtp._tls.DOMAIN */
    struct setup_answers rpt_servers;
    struct setup_answer tls_parent;        /* TXT _tls.DOMAIN: whether the empty name exists */
    struct setup_answers misplaced;        /* TXT at wrong names; only what was found there */
    struct setup_answer wildcard;          /* TXT of a name of chance below _mta-sts' parent */
    struct setup_answer mx_answer;         /* MX DOMAIN */
    struct setup_answers mx_servers;       /* MX by each authoritative server and other resolver */
    struct setup_answer host_a, host_aaaa; /* mta-sts.DOMAIN */
    struct setup_answer host_caa;          /* the nearest CAA set */
    struct setup_answer domain_soa;        /* `secure` tells whether the zone is signed */

    struct setup_fetches fetches;   /* the policy, at each address */
    struct setup_fetches clients;   /* again with other clients' names, at one address */
    struct setup_fetches elsewhere; /* diagnosis after a failure: http:, other paths */
    struct setup_fetch head;        /* HEAD */

    struct setup_mx *mx; /* by preference, then name; each name once */
    size_t mx_count;
    bool null_mx;
    bool smtp_blocked; /* port 25 seems closed on the way out: no address of any MX answered */
};

/* What was seen before this look: (first seen, last seen) of each value. */
struct setup_seen {
    const char *value;
    int64_t first_seconds, last_seconds;
    int64_t ttl_seconds; /* of records, the greatest seen; -1: not known */
};
struct setup_seen_list {
    const struct setup_seen *items; /* newest first */
    size_t count;
};

/* A policy that was served together with the id that the record had then. */
struct setup_pair {
    const char *id, *policy_sha256; /* hex, of the bytes as served */
    const char *mode;
    int64_t max_age_seconds; /* -1: not known */
    int64_t first_seconds, last_seconds;
};

struct setup_history {
    struct setup_seen_list ids;     /* of the record */
    const struct setup_pair *pairs; /* newest first */
    size_t pair_count;
    struct setup_seen_list mx;          /* names in MX records, 90 days back */
    struct setup_seen_list reported_mx; /* receiving-mx-hostname of reports, 90 days back */
    /* rua addresses that come to this program, e.g. "mailto:tlsrpt@example.org"; none: not known */
    struct text_list own_rua;
    const char *hosted_policy;   /* the bytes that we serve for it; NULL: we do not */
    const char *hosted_id;       /* NULL: ditto */
    bool given_up;               /* the operator has ended MTA-STS: there is to be none */
    int64_t last_report_seconds; /* 0: none came; -1: not known */
};
