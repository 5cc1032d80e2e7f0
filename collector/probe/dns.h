/* DNS with DNSSEC, for those who ask through struct dns (ingest/dns.h); the only place that knows
 * libunbound (in dns.c).
 *
 * Bounded: so many questions at once, so long for each, so much memory for what was answered.
 *
 * SPDX-License-Identifier: MIT
 * Next: verify.h */
#pragma once

#include "ingest/dns.h"

struct dns_settings {
    struct text_list
        servers; /* "192.0.2.1", "192.0.2.1:53", "[2001:db8::1]:53"; none: the system's */
    const char *trust_anchor; /* a file with DNSKEY or DS records; "": no DNSSEC of our own */
    int64_t timeout_seconds;  /* of one question */
    int64_t questions;        /* at once; the others wait, within their time */
};

/* Starts the thread that asks. False with ERR_SETUP naming the key. SETTINGS need not outlive it. */
MUST_CHECK bool dns_open(const struct dns_settings *settings, struct dns **out, struct err *err);

/* Answers all that is asked and will be asked with DNS_TROUBLE, at once. */
void dns_stop(struct dns *dns);

/* Nobody may ask any more. Accepts NULL; sets NULL. */
void dns_close(struct dns **dns);
