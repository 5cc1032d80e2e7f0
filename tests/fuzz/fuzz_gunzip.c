/* gzip within limits.
 * SPDX-License-Identifier: MIT */
#include "ingest/gunzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct limits limits = LIMITS_DEFAULT;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct bytes gzip = { (const char *)data, size }, out = { 0 };
    bool trailing = false;
    struct err err = { 0 };
    if (gunzip(&arena, gzip, &limits, &out, &trailing, &err)
        && out.size > (size_t)limits.inflated_bytes)
        __builtin_trap();
    return 0;
}
