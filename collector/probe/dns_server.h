/* Questions put to servers by their addresses: to those that are authoritative for a zone (RFC 1034
 * section 4.3.1, without recursion), or to a resolver. UDP, then TCP where an answer does not fit (RFC 7766);
 * without EDNS where a server does not take it.
 *
 * All are asked at the same time, and nothing lasts longer than its limit, whatever the servers do. Nothing
 * is validated: `secure` stays false. The addresses are to be vetted before.
 *
 * SPDX-License-Identifier: MIT
 * Before: dns_wire.h. Next: dns.h */
#pragma once

#include "probe/dns_wire.h"

#define DNS_ADDRESS_BYTES 64 /* of an address as text */

struct dns_address {
    char host[DNS_ADDRESS_BYTES];
    int port; /* 0: none was given */
};

/* "192.0.2.1", "192.0.2.1:53", "[2001:db8::1]:53", "2001:db8::1", with an interface after "%". False when TEXT
 * has not the form of one; whether it is an address is not looked at. */
MUST_CHECK bool dns_server_parse(const char *text, struct dns_address *out);

struct dns_server_question {
    const char *address; /* as above */
    const char *server;  /* as it is shown: "ns1.example.org 192.0.2.1" */
    const char *name;
    enum dns_type type;
    const char *zone; /* that it should answer for; NULL: it is a resolver, which is to find out */

    /* Filled in. Of an authoritative server, an alias that leads out of the server's zones ends the answer: it is
     * found then, with aliases and without records. LOOKUP_NONE: there is no way from here to such an
     * address, or the server refers to those of a zone below. */
    struct setup_answer answer;
    int rcode;          /* as the server gave it; -1: no answer came */
    bool authoritative; /* AA */
    bool lame;          /* it should answer for the zone and does not: REFUSED, or no AA */
};

/* Asks all of them; returns when the last is answered, and not after UNTIL_MS (clock_monotonic_ms()). Blocks;
 * needs a socket for each. Answers are in ARENA. Never fails: each has its status. */
void dns_server_ask(struct arena *arena, struct dns_server_question *questions, size_t count,
                    int64_t until_ms);
