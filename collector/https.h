/* The report door over HTTPS (RFC 8460 section 5.4): POST /v1/tlsrpt, and /v1/tlsrpt/TOKEN for
 * senders whom the operator gave a token and whose reports he therefore believes.
 *
 * The same listener is the policy host (policy_host.h).
 *
 * SPDX-License-Identifier: MIT
 * Next: intake.c */
#pragma once

#include "collector/https_trust.h"
#include "collector/policy_host.h"
#include "ingest/delivery.h"
#include "web/http.h"

struct https_settings {
    struct http_settings http; /* no address: the door is shut; body_bytes comes from the limits */
    struct text_list trusted_proxies; /* of http.trusted_proxies, as in the settings */
    struct text_list unlimited;       /* of http.unlimited, ditto */
    struct https_trust_settings trust;
    const char *certificates;        /* directory of http.certs; "": none */
    struct policy_host *policy_host; /* that it serves too; NULL: none. Set by the service */
};

/* As http_address(); STATE is the door's, NULL when it is shut. */
const char *https_address(const void *state, size_t index);

extern const struct door door_https; /* its settings are struct https_settings */
