/* Authentication-Results: a field's body, and the choice of a field in a mail.
 * SPDX-License-Identifier: MIT */
#include "ingest/authres.h"
#include <assert.h>
#include <ctype.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct authres *read)
{
    for (const struct authres_result *r = read->results; r; r = r->next) {
        assert(*r->method && *r->result);
        for (const char *c = r->result; *c; c++)
            assert(!isupper((unsigned char)*c) && (isalnum((unsigned char)*c) || strchr("-_", *c)));
        assert(!r->domain || (*r->domain && !strchr(r->domain, ';')));
        assert(!r->reason || text_is_utf8(r->reason, strlen(r->reason)));
        assert(!r->selector || text_is_utf8(r->selector, strlen(r->selector)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ids[] = { "mx.example.org" };
    const struct text_list list = { ids, 1 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct bytes body = { arena_copy(&arena, data, size), size };
    struct authres read;
    struct err err = { 0 };
    bool found;
    if (authres_parse(&arena, body, &read, &err))
        check(&read);
    err = (struct err){ 0 };
    if (authres_find(&arena, body, &list, &read, &found, &err) && found) {
        assert(text_same(read.authserv_id, ids[0]));
        check(&read);
    }
    return 0;
}
