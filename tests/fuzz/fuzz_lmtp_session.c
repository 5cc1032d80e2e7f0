/* An LMTP session: the same bytes give the same replies, fed whole or in pieces.
 * SPDX-License-Identifier: MIT */
#include "ingest/lmtp_session.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feeds at most STEP bytes at a time; all replies come into OUT. */
static void talk(const uint8_t *data, size_t size, size_t step, struct buf *out)
{
    static const struct lmtp_rules rules = {
        .hostname = "mx.example", .message_bytes = 1 << 16, .recipients = 5, .session_errors = 10
    };
    struct lmtp_session session;
    lmtp_session_init(&session, &rules, "192.0.2.1");
    struct bytes input = { .data = (const char *)data };
    size_t given = 0;
    while (session.end == LMTP_OPEN) {
        size_t before = input.size;
        enum lmtp_event event = lmtp_session_feed(&session, &input);
        if (event == LMTP_MESSAGE) {
            struct delivery *delivery = lmtp_session_message(&session);
            const struct answer answer = { .outcome = OUTCOME_STORED,
                                           .id = "1-20261123-0000000000000001",
                                           .organization = "Fuzz",
                                           .domain = "example.org" };
            lmtp_session_answer(&session, &answer);
            delivery_free(&delivery);
        }
        buf_add(out, session.out.data, session.out.size);
        buf_drop(&session.out, session.out.size);
        if (event != LMTP_MORE || input.size < before)
            continue;
        size_t more = size - given < step ? size - given : step;
        if (!more)
            break;
        input.data = (const char *)data + given - input.size;
        input.size += more;
        given += more;
    }
    lmtp_session_done(&session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF(1 << 26), pieces = BUF(1 << 26);
    talk(data, size, size ? size : 1, &whole);
    talk(data, size, size ? 1 + data[0] % 7 : 1, &pieces);
    assert(strcmp(buf_get(&whole), buf_get(&pieces)) == 0);
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
