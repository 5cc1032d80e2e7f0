/* A report's JSON alone, so that no time is spent on its containers.
 * SPDX-License-Identifier: MIT */
#include "ingest/report.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct limits limits = LIMITS_DEFAULT;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct mail mail = { .report_domain = "mail.example" };
    struct payload payload = { .json = { arena_copy(&arena, data, size), size }, .mail = &mail };
    struct report first, again;
    struct err err = { 0 };
    if (!report_parse(&arena, &payload, &limits, 1795392000, &first, &err))
        return 0;
    /* The same bytes are the same report. */
    bool good = report_parse(&arena, &payload, &limits, 1795392000, &again, &err);
    assert(good && memcmp(first.content, again.content, HASH_BYTES) == 0);
    assert(memcmp(first.identity, again.identity, HASH_BYTES) == 0);
    return 0;
}
