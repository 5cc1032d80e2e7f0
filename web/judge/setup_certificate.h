/* What a TLS session and its certificate show, for the policy host and for mail servers alike.
 * SPDX-License-Identifier: MIT
 * Before: setup_group.h. Next: setup_host.c */
#pragma once

#include "judge/setup_group.h"

#define SETUP_EXPIRING_SECONDS (INT64_C(21) * 86400) /* a warning */
#define SETUP_CRITICAL_SECONDS (INT64_C(7) * 86400)  /* an error */
#define SETUP_LASTS_SECONDS    (INT64_C(14) * 86400) /* less closes the verdict's gate */

/* KIND is "tls.policy" or "mx": codes begin with it. Adds every flaw to GROUP, and notes when the certificate
 * runs out. Nothing where the handshake was not tried. */
void setup_certificate(struct setup_group *group, const char *kind, const char *address,
                       const struct setup_tls *tls);
