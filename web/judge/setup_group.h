/* What several addresses of one host have in common: a fault that all of them have is one finding about the
 * host, and one that some have is one finding that names these.
 * SPDX-License-Identifier: MIT
 * Before: setup_case.h. Next: setup_certificate.h */
#pragma once

#include "judge/setup_case.h"

#define SETUP_GROUP_MAX 40 /* different faults */

struct setup_fault {
    const char *code, *evidence;
    enum setup_severity severity; /* the worst that was seen */
    const char *addresses;        /* "192.0.2.1, 2001:db8::1" */
    size_t count;                 /* of them */
    bool v4, v6;                  /* seen at one of this family */
};

struct setup_group {
    struct setup_case *it;
    const char *host;
    size_t addresses; /* that were looked at */
    struct setup_fault faults[SETUP_GROUP_MAX];
    size_t count;
};

/* At ADDRESS there is the fault CODE; evidence from FORMAT, of the first address that has it. */
void setup_group_see(struct setup_group *group, const char *code, const char *address,
                     const char *format, ...) PRINTF(4, 5);

/* CODE, seen just now, weighs otherwise than in the table; the worst of all addresses counts. */
void setup_group_weigh(struct setup_group *group, const char *code, enum setup_severity severity);

/* Makes findings of all. */
void setup_group_end(struct setup_group *group);
