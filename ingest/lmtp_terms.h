/* The terms on which LMTP clients are served, as far as they may change while the door is open.
 * SPDX-License-Identifier: MIT
 * Before: lmtp_session.h, base/visits.h. Next: lmtp.c */
#pragma once

#include "base/shared.h"
#include "base/visits.h"
#include "ingest/lmtp.h"
#include "ingest/lmtp_session.h"

#define LMTP_HOSTNAME_BYTES 256

struct lmtp_terms {
    struct shared shared;    /* never changed once made */
    struct lmtp_rules rules; /* of a session, which keeps those that it began with */
    struct visit_rules visits;
    struct network_list unlimited;
    char hostname[LMTP_HOSTNAME_BYTES]; /* of this machine */
    struct network networks[];          /* of `unlimited` */
};

/* Of one owner; keeps nothing of SETTINGS and LIMITS. BUDGET outlives it, or is NULL. */
struct lmtp_terms *lmtp_terms_new(const struct lmtp_settings *settings, const struct limits *limits,
                                  struct budget *budget);
