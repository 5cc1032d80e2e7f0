/* LMTP (RFC 2033) without sockets: bytes in, replies and whole messages out.
 *
 * The caller feeds what it reads, writes what stands in `out`, brings each message to the hall and
 * gives its answer back; between message and answer nothing is consumed, so that pipelined commands
 * (RFC 2920) wait in the caller's hands. The same bytes give the same replies however they are cut.
 *
 * SPDX-License-Identifier: MIT
 * Before: delivery.h. Next: lmtp.h */
#pragma once

#include "ingest/delivery.h"

struct lmtp_rules {
    const char *hostname;     /* of this machine, for greeting and LHLO */
    int64_t message_bytes;    /* of one message */
    int64_t recipients;       /* of one message */
    int64_t session_errors;   /* commands refused with 5xx before the session ends */
    int64_t session_commands; /* in a row without a message, ditto; 0: any number */
    struct budget *budget;    /* that messages are charged to; NULL: none */
};

/* Why a session ended. */
enum lmtp_end {
    LMTP_OPEN,
    LMTP_QUIT,
    LMTP_ERRORS,   /* more refused commands than session_errors */
    LMTP_COMMANDS, /* more than session_commands */
    LMTP_BROWSER,  /* a command of HTTP */
    LMTP_IDLE,     /* told by the caller, as all below */
    LMTP_SLOW,
    LMTP_CROWDED,
    LMTP_SHUTDOWN,
};

/* What feeding has led to. */
enum lmtp_event {
    LMTP_MORE,      /* feed more; when bytes are left over, write `out` or give the answer first */
    LMTP_MESSAGE,   /* lmtp_session_message() has it */
    LMTP_TOO_LARGE, /* a message over the limit was swallowed and refused */
    LMTP_NO_ROOM,   /* ditto, a message for which there was no memory */
    LMTP_ENDED,     /* write `out`, then hang up */
};

struct lmtp_session {
    struct buf out;    /* replies; the caller drops what it has written */
    enum lmtp_end end; /* to be read only, as all below */

    const struct lmtp_rules *rules; /* the caller's; outlives the session */
    const char *origin;             /* ditto */
    unsigned state;                 /* which commands are in order */
    unsigned at;                    /* in a message: what the last bytes were */
    int64_t recipients;             /* accepted for the present message */
    int64_t errors;                 /* refused commands */
    int64_t commands;               /* since the last message */
    bool utf8;                      /* the present message came with SMTPUTF8 (RFC 6531) */
    struct buf line;                /* a command not yet whole; failed: too long, swallowed */
    struct hold body;               /* the message so far, dots unstuffed */
    struct delivery *delivery;      /* whole, not yet taken */
};

/* Begins a session with a client at ORIGIN: the greeting is in `out`. */
void lmtp_session_init(struct lmtp_session *session, const struct lmtp_rules *rules,
                       const char *origin);

/* Consumes INPUT (which moves on) up to the next event. Consumes nothing while a message waits for
 * its answer, after the end, and while `out` holds more than LMTP_OUT_BYTES. */
enum lmtp_event lmtp_session_feed(struct lmtp_session *session, struct bytes *input);
#define LMTP_OUT_BYTES 16384

/* The message of LMTP_MESSAGE, now the caller's. */
struct delivery *lmtp_session_message(struct lmtp_session *session);

/* True between LMTP_MESSAGE and lmtp_session_answer(). */
bool lmtp_session_waits(const struct lmtp_session *session);

/* True while a message is being received. */
bool lmtp_session_receives(const struct lmtp_session *session);

/* One reply for each recipient (RFC 2033 section 4.2); the next message may follow. */
void lmtp_session_answer(struct lmtp_session *session, const struct answer *answer);

/* Ends the session with the reply that END means; does nothing when it has ended before. */
void lmtp_session_end(struct lmtp_session *session, enum lmtp_end end);

const char *lmtp_end_to_text(enum lmtp_end end); /* "quit", "errors", "idle" … */

/* Frees what it holds, an untaken message too. Fits CLEANUP(). */
void lmtp_session_done(struct lmtp_session *session);
