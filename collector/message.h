/* A mail of ours as bytes (RFC 5322): two versions of one content, text and HTML, as multipart/alternative
 * in quoted-printable. Nothing that is put into a header can begin another one, and no line is longer than
 * RFC 5321 allows.
 *
 * It is marked as written by a program (RFC 3834), as one of a list (RFC 2919), and as not to be answered by
 * those who look at other marks.
 *
 * SPDX-License-Identifier: MIT
 * Next: mail.h, cmd_summary.c */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>

struct mailbox {
    const char *name;    /* "" or UTF-8, of people */
    const char *address; /* local@domain, ASCII */
    const char *domain;  /* of the address */
};

/* "address" or "Name <address>". Only dot-atoms are taken as local parts (RFC 5322 section 3.4.1), and only
 * ASCII. In ARENA. ERR_SETUP: it is neither. */
MUST_CHECK bool mailbox_parse(struct arena *arena, const char *text, struct mailbox *out,
                              struct err *err);

struct message {
    struct mailbox from;
    const struct mailbox *to;
    size_t to_count;
    const char *subject; /* UTF-8; control characters become spaces */
    const char *week;    /* "2026-W47": stands in a header by which our own doors know it */
    int64_t date_seconds;
    bool deliver_without_tls; /* TLS-Required: No (RFC 8689) */
    const char *text, *html;  /* UTF-8, lines ended by LF */
};

/* The whole mail, lines ended by CRLF. The same week, recipients and subject's domain give the same
 * Message-ID, so that a second sending can be known as one. */
void message_print(struct buf *out, struct arena *arena, const struct message *message);
