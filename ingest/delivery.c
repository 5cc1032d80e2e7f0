/* See delivery.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/delivery.h"
#include "base/clock.h"
#include "base/text.h"
#include "ingest/figures.h"
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct outcome_row outcomes[] = {
    [OUTCOME_STORED] = { .word = "stored",
                         .http_status = 201,
                         .lmtp_reply = "250 2.0.0",
                         .maildir_flag = 'S',
                         .exit_code = EX_OK },
    [OUTCOME_DUPLICATE] = { .word = "duplicate",
                            .http_status = 200,
                            .lmtp_reply = "250 2.0.0",
                            .maildir_flag = 'S',
                            .exit_code = EX_OK },
    [OUTCOME_SPOOLED] = { .word = "spooled",
                          .http_status = 202,
                          .lmtp_reply = "250 2.0.0",
                          .maildir_flag = 'S',
                          .exit_code = EX_OK },
    /* By mail a rejected report is taken: a bounce would only reach an address that nobody reads,
     * or the victim of a forged one. */
    [OUTCOME_REJECTED] = { .word = "rejected",
                           .http_status = 400,
                           .lmtp_reply = "250 2.0.0",
                           .maildir_flag = 'F',
                           .exit_code = EX_OK },
    [OUTCOME_REFUSED] = { .word = "refused",
                          .http_status = 403,
                          .lmtp_reply = "550 5.7.1",
                          .maildir_flag = 'T',
                          .exit_code = EX_NOPERM },
    [OUTCOME_RETRY] = { .word = "retry",
                        .http_status = 503,
                        .lmtp_reply = "451 4.3.0",
                        .maildir_flag = 0,
                        .exit_code = EX_TEMPFAIL },
    [OUTCOME_THROTTLED] = { .word = "throttled",
                            .http_status = 429,
                            .lmtp_reply = "451 4.7.1",
                            .maildir_flag = 0,
                            .exit_code = EX_TEMPFAIL },
    /* Taken, so that nobody sends a bounce about it. */
    [OUTCOME_IGNORED] = { .word = "ignored",
                          .http_status = 200,
                          .lmtp_reply = "250 2.0.0",
                          .maildir_flag = 'S',
                          .exit_code = EX_OK },
};

static const char *const sources[] = {
    [SOURCE_HTTPS] = "https",
    [SOURCE_LMTP] = "lmtp",
    [SOURCE_MAILDIR] = "maildir",
    [SOURCE_COMMAND] = "command",
};

struct delivery *delivery_new(enum source source, const char *origin)
{
    struct delivery *delivery = memory_new(sizeof *delivery);
    delivery->source = source;
    bool replaced; /* a path may hold any byte */
    delivery->origin = text_to_utf8(&delivery->arena, origin, strlen(origin), &replaced);
    delivery->received_seconds = clock_now();
    delivery->bytes = (struct bytes){ .data = "" };
    return delivery;
}

void delivery_answer(struct delivery *delivery, const struct answer *answer)
{
    if (delivery->figures)
        figures_answered(delivery->figures, delivery, answer);
    delivery->answered(delivery, answer);
}

void delivery_free(struct delivery **delivery)
{
    if (!*delivery)
        return;
    arena_free(&(*delivery)->arena);
    charge_done(&(*delivery)->charge);
    free(*delivery);
    *delivery = NULL;
}

const char *source_to_text(enum source source)
{
    return sources[source];
}

bool source_from_text(const char *text, enum source *out)
{
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
        if (strcmp(text, sources[i]) == 0) {
            *out = (enum source)i;
            return true;
        }
    return false;
}

const struct outcome_row *outcome_row(enum outcome outcome)
{
    return &outcomes[outcome];
}

enum outcome outcome_of(const struct err *err)
{
    switch (err->kind) {
    case ERR_NONE:
        return OUTCOME_STORED;
    case ERR_INPUT:
    case ERR_LIMIT:
        return OUTCOME_REJECTED;
    case ERR_REFUSED:
        return OUTCOME_REFUSED;
    case ERR_AGAIN:
    case ERR_SETUP:
    case ERR_BUG:
        break;
    }
    return OUTCOME_RETRY;
}
