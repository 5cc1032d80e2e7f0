/* A mail, with and without parts that look like reports.
 * SPDX-License-Identifier: MIT */
#include "ingest/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct limits limits = LIMITS_DEFAULT;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct bytes message = { arena_copy(&arena, data, size), size };
    struct mail mail = { 0 };
    struct mime_part *parts = NULL;
    struct err err = { 0 };
    if (mime_open(&arena, message, &limits, &mail, &parts, &err))
        for (const struct mime_part *part = parts; part; part = part->next)
            if (part->content.size > size)
                __builtin_trap(); /* transfer encodings only ever shrink */
    return 0;
}
