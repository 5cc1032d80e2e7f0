/* DNS messages (RFC 1035, EDNS: RFC 6891) in their bytes: a question is written, an answer is read into
 * struct setup_answer. Whoever carries them is elsewhere; the only place that knows libldns (in
 * dns_wire.c).
 *
 * Answers come from strangers: so many records, so many bytes of each, so many aliases are kept, and the
 * rest is said to be missing.
 *
 * SPDX-License-Identifier: MIT
 * Next: dns_server.h */
#pragma once

#include "base/err.h"
#include "judge/setup.h"

enum dns_type {
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_TLSA = 52,
    DNS_CAA = 257,
};

enum dns_rcode {
    DNS_NOERROR,
    DNS_FORMERR,
    DNS_SERVFAIL,
    DNS_NXDOMAIN,
    DNS_NOTIMP,
    DNS_REFUSED,
    DNS_BADVERS = 16,
};

#define DNS_RECORDS_MAX  64
#define DNS_RECORD_BYTES 8192 /* as text */
#define DNS_ALIASES_MAX  16

/* "TXT" */
const char *dns_type_to_text(enum dns_type type);

#define DNS_QUERY_BYTES 512
#define DNS_UDP_BYTES   1232 /* what we say we take in one datagram */

struct dns_query {
    const char *name;
    enum dns_type type;
    unsigned id;    /* 16 bits */
    bool recursive; /* RD */
    bool edns;
};

/* Writes QUERY, *SIZE bytes. ERR_INPUT: its name is none. */
MUST_CHECK bool dns_wire_write(const struct dns_query *query, unsigned char out[DNS_QUERY_BYTES],
                               size_t *size, struct err *err);

/* What a message says beside its answer. */
struct dns_message {
    bool truncated, authoritative, recursion; /* TC, AA, RA */
    int rcode;                                /* with the bits of EDNS */
    const char *zone; /* owner of the SOA record in the authority section; NULL: none */
    const char *cut;  /* owner of NS records there: the zone that is referred to; NULL: none */
};

/* Reads PACKET as the answer to QUERY. What is found goes into *MESSAGE, and into the records, aliases, TTL
 * (of a denial: how long it may be kept, RFC 2308), status and `why` of *ANSWER; all in ARENA. Found, absent
 * or SERVFAIL by its code: DNSSEC and who says so are the caller's. ERR_INPUT: these bytes are no such answer
 * (another id or question, or no message). */
MUST_CHECK bool dns_wire_read(struct arena *arena, const struct dns_query *query,
                              struct bytes packet, struct dns_message *message,
                              struct setup_answer *answer, struct err *err);

/* The code of an answer that is none, for people: "SERVFAIL", "the answer's code is 9". In ARENA. */
const char *dns_wire_rcode(struct arena *arena, int rcode);
