/* Replies of SMTP servers: whole and cut, they are read the same; what is read stays within its bounds.
 * SPDX-License-Identifier: MIT */
#include "probe/smtp_reply.h"
#include "probe/wire.h"
#include <assert.h>
#include <string.h>

#define CUTS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct smtp_reply *reply, size_t used, size_t size)
{
    assert(used > 0 && used <= size);
    assert(reply->code >= 200 && reply->code < 600);
    assert(reply->lines.count > 0 && reply->lines.count <= SMTP_REPLY_LINES);
    for (size_t i = 0; i < reply->lines.count; i++) {
        size_t length = strlen(reply->lines.items[i]);
        assert(text_is_utf8(reply->lines.items[i], length));
        assert(length <= (size_t)3 * WIRE_TEXT_BYTES + 3);
    }
    if (smtp_reply_offers(reply, "STARTTLS"))
        assert(reply->lines.count > 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = { (const char *)data, size };
    for (;;) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct smtp_reply reply, again;
        const char *why = NULL;
        size_t used = 0, used_again = 0;
        enum smtp_read state = smtp_reply_parse(&arena, rest, &reply, &used, &why);
        assert(state != SMTP_WRONG || (why && *why));
        if (state != SMTP_WHOLE)
            return 0;
        check(&reply, used, rest.size);
        for (size_t cut = used > CUTS_MAX ? used - CUTS_MAX : 0; cut < used; cut++)
            assert(smtp_reply_parse(&arena, (struct bytes){ rest.data, cut }, &again, &used_again,
                                    &why)
                   == SMTP_MORE);
        rest = (struct bytes){ rest.data + used, rest.size - used };
    }
}
