/* Replies of an SMTP server (RFC 5321 section 4.2), read from bytes: pure, so that they can be fed whole, byte
 * by byte, and by a fuzzer.
 *
 * SPDX-License-Identifier: MIT
 * Before: tls.h. Next: smtp.h */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum smtp_read {
    SMTP_MORE,  /* it is not whole yet */
    SMTP_WHOLE, /* all its lines are there */
    SMTP_WRONG, /* it is no reply, or longer than a reply may be */
};

#define SMTP_LINE_BYTES  2048 /* RFC 5321 section 4.5.3.1.5 allows 512 */
#define SMTP_REPLY_LINES 200
#define SMTP_REPLY_BYTES 32768 /* of what is not whole yet */

struct smtp_reply {
    int code;               /* 200 to 599 */
    struct text_list lines; /* what stands behind the code; at least one; valid UTF-8 */
};

/* The reply at the beginning of RECEIVED. SMTP_WHOLE: *OUT, in the arena, and the bytes *USED by it.
 * SMTP_WRONG: *WHY is a sentence. Else nothing is allocated. A line may end with a bare LF. */
enum smtp_read smtp_reply_parse(struct arena *arena, struct bytes received, struct smtp_reply *out,
                                size_t *used, const char **why);

/* Whether a reply to EHLO offers KEYWORD (RFC 5321 section 4.1.1.1; without regard to case). */
bool smtp_reply_offers(const struct smtp_reply *reply, const char *keyword);
