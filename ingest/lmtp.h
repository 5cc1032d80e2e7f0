/* The LMTP door (RFC 2033): listeners and connections around lmtp_session.
 * SPDX-License-Identifier: MIT
 * Before: lmtp_session.h */
#pragma once

#include "base/text.h"
#include "ingest/delivery.h"

struct lmtp_settings {
    struct text_list listen; /* addresses as in base/listen.h; none: the door is shut */
    int64_t connections;     /* at once, over all listeners */
    int64_t idle_seconds;    /* without a byte, before the session is closed with 421 */
    int64_t session_errors;  /* refused commands before the session is closed with 421 */
    int64_t recipients;      /* of one message */
};

extern const struct door door_lmtp; /* its settings are struct lmtp_settings */
