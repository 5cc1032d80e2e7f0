/* Host names, addresses and dates: what is canonical stays as it is.
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/text.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    bool replaced = false;
    const char *text = text_to_utf8(&arena, (const char *)data, size, &replaced);
    assert(text_is_utf8(text, strlen(text)));
    const char *host = text_host(&arena, text, NULL);
    if (host) {
        const char *again = text_host(&arena, host, NULL);
        assert(again && strcmp(host, again) == 0);
    }
    const char *address = text_address(&arena, text, NULL);
    if (address) {
        const char *again = text_address(&arena, address, NULL);
        assert(again && strcmp(address, again) == 0);
    }
    int64_t seconds;
    unsigned odd;
    if (clock_from_text(text, &seconds, &odd)) {
        char out[CLOCK_TEXT_BYTES];
        int64_t again;
        bool good = clock_from_text(clock_to_text(seconds, out), &again, &odd);
        assert(good && again == seconds);
    }
    return 0;
}
