/* DNS as those need it who live below the program's own resolver: a table of functions that
 * collector/dns fills, and tests fill with answers of their own.
 * SPDX-License-Identifier: MIT
 * Before: authres.h. Next: trust.h */
#pragma once

#include "base/err.h"
#include "base/text.h"

enum dns_status {
    DNS_FOUND,
    DNS_ABSENT,  /* the name, or a record of this type, does not exist */
    DNS_TROUBLE, /* nobody knows now: no answer in time, SERVFAIL, or DNSSEC that does not hold */
};

struct dns {
    /* The TXT records of NAME, the strings of each joined, in ARENA. Waits at most MILLISECONDS.
     * Any thread. With DNS_TROUBLE *WHY says what is the matter. */
    enum dns_status (*txt)(struct dns *dns, struct arena *arena, const char *name, int milliseconds,
                           struct text_list *out, struct err *why);
};
