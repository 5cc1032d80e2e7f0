/* DNS with DNSSEC, for those who ask through struct dns (ingest/dns.h); the only place that knows
 * libunbound (in dns.c).
 *
 * Bounded: so many questions at once, so long for each, so much memory for what was answered.
 *
 * SPDX-License-Identifier: MIT
 * Before: dns_server.h. Next: names.h */
#pragma once

#include "ingest/dns.h"
#include "probe/dns_wire.h"

struct dns_settings {
    struct text_list
        servers; /* "192.0.2.1", "192.0.2.1:53", "[2001:db8::1]:53"; none: the system's */
    const char *trust_anchor; /* a file with DNSKEY or DS records; "": no DNSSEC of our own */
    int64_t timeout_seconds;  /* of one question */
    int64_t questions;        /* at once; the others wait, within their time */
};

/* Starts the thread that asks. False with ERR_SETUP naming the key. SETTINGS need not outlive it. */
MUST_CHECK bool dns_open(const struct dns_settings *settings, struct dns **out, struct err *err);

struct dns_question {
    const char *name;
    enum dns_type type;
    struct setup_answer answer; /* filled in */
    const char *zone; /* ditto: that a denial comes from (its SOA record); NULL: it is not known */
};

/* Asks all of them at the same time (as many as the settings allow; the others wait, within their time), and
 * returns when the last is answered: not after UNTIL_MS (clock_monotonic_ms()), and none is waited for longer
 * than the settings say. Answers are in ARENA. Any thread. DNS is one of dns_open(). */
void dns_ask(struct dns *dns, struct arena *arena, struct dns_question *questions, size_t count,
             int64_t until_ms);

/* Answers all that is asked and will be asked with LOOKUP_TIMEOUT (DNS_TROUBLE), at once. */
void dns_stop(struct dns *dns);

/* Nobody may ask any more. Accepts NULL; sets NULL. */
void dns_close(struct dns **dns);
