/* The signatures of a mail, verified with keys whose other half nobody has: none may hold.
 * SPDX-License-Identifier: MIT */
#include "ingest/dkim.h"
#include <assert.h>
#include <string.h>

#define SIGNATURES 4
#define RSA_KEY                                                                                                    \
    "v=DKIM1; k=rsa; s=tlsrpt; p="                                                                                 \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDRCfLoGMVeUvBCDK0zfJBq5B5al+XXlspm5cDNLXyWd7DKFvgzzu1lv9qaiRK0GWiZ6qYQ" \
    "MfCXf5bhVYd4/598en2FW9wbM+0aUiB3upy2KOvk5HbGyz59BpSU1oih6TUv8y5JZ38GpDSTHELMSwZQYWQAYYo82MLe4Hzia0VLxQIDAQAB"
#define ED25519_KEY "v=DKIM1; k=ed25519; p=wCJaKURB+ltXtkSEAFwfu40LLfCFtkYMMwlBc1iKn+A="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verify(struct arena *arena, struct bytes mail, const struct header_field *field)
{
    static const char *const services[] = { "tlsrpt" };
    const struct text_list list = { services, 1 };
    struct signature signature;
    struct signature_key key;
    struct err err = { 0 };
    int64_t bits = 0;
    signature_read(arena, field, &signature);
    if (signature.err.kind != ERR_NONE) {
        assert(signature.err.kind == ERR_INPUT);
        return;
    }
    const char *record = strcmp(signature.algorithm, "ed25519-sha256") == 0 ? ED25519_KEY : RSA_KEY;
    if (!signature_key(arena, &signature, record, &list, &key, &err))
        return;
    bool holds = dkim_check(mail, &signature, &key, 1024, &bits, &err);
    assert(!holds && err.kind == ERR_INPUT && *err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct bytes mail = { arena_copy(&arena, data, size), size };
    struct bytes rest = header_of(mail);
    struct header_field field;
    for (int found = 0; found < SIGNATURES && header_next(&rest, &field);)
        if (header_is(&field, "DKIM-Signature")) {
            verify(&arena, mail, &field);
            found++;
        }
    return 0;
}
