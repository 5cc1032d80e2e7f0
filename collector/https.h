/* The report door over HTTPS (RFC 8460 section 5.4): POST /v1/tlsrpt, and /v1/tlsrpt/TOKEN for
 * senders whom the operator gave a token and whose reports he therefore believes.
 * SPDX-License-Identifier: MIT
 * Next: intake.c */
#pragma once

#include "ingest/delivery.h"
#include "web/http.h"

struct https_settings {
    struct http_settings http;  /* no address: the door is shut; body_bytes comes from the limits */
    struct text_list unlimited; /* networks of clients that may have any number of connections */
    struct text_list tokens;
};

extern const struct door door_https; /* its settings are struct https_settings */
