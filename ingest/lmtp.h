/* The LMTP door (RFC 2033): listeners and connections around lmtp_session.
 * SPDX-License-Identifier: MIT
 * Before: lmtp_session.h */
#pragma once

#include "base/network.h"
#include "ingest/delivery.h"

struct lmtp_settings {
    struct text_list listen;    /* addresses as in base/listen.h; none: the door is shut */
    int64_t connections;        /* at once, over all listeners */
    int64_t per_client;         /* at once from one client; 0: no such limit */
    struct text_list unlimited; /* clients that may have any number: our own mail servers */
    struct network_list unlimited_networks; /* made of them by the settings */
    int64_t idle_seconds;                   /* between two commands, and for replies to be read */
    int64_t message_seconds;                /* for one message */
    int64_t session_seconds;                /* for a session; 0: any */
    int64_t bytes_per_second;               /* of a message, once GRACE_SECONDS are over; 0: any */
    int64_t session_commands;               /* in a row without a message; 0: any number */
    int64_t session_errors; /* refused commands before the session is closed with 421 */
    int64_t recipients;     /* of one message */
};

extern const struct door door_lmtp; /* its settings are struct lmtp_settings */
