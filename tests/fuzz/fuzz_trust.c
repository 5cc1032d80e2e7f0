/* The sender of a mail: its signatures, their key (the first line of the input; the rest is the mail)
 * and Authentication-Results. What libopendkim makes of what it is given is fuzzed along with it.
 * SPDX-License-Identifier: MIT */
#include "ingest/trust.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct one_key {
    struct dns dns; /* first: one is cast to the other */
    const char *record;
    int asked;
};

static enum dns_status answer(struct dns *dns, struct arena *arena, const char *name,
                              int milliseconds, struct text_list *out, struct err *why)
{
    struct one_key *key = (struct one_key *)dns;
    const char **records = arena_array(arena, 1, sizeof *records);
    (void)name, (void)milliseconds, (void)why;
    records[0] = key->record;
    *out = (struct text_list){ records, 1 };
    key->asked++;
    return DNS_FOUND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ids[] = { "mx.ours.example" }, *const services[] = { "tlsrpt" };
    static const struct trust_rules rules = { .dkim = true,
                                              .authres = true,
                                              .authserv_ids = { ids, 1 },
                                              .key_services = { services, 1 },
                                              .rsa_bits = 1024,
                                              .signatures = 3 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    size_t line = newline ? (size_t)(newline - data) : size;
    struct one_key key = { .dns.txt = answer, .record = arena_copy(&arena, data, line) };
    size_t rest = newline ? size - line - 1 : 0;
    struct bytes message = { arena_copy(&arena, data + size - rest, rest), rest };
    struct mail mail = { .submitter = "sender.example" };
    struct report report = { .submitter = "sender.example" };
    struct sender sender;
    trust_judge(trust_begin(&arena, &rules, message, 1600000000), &key.dns, &mail, &report,
                &sender);
    assert(key.asked <= 3);
    assert(sender.reason && text_is_utf8(sender.reason, strlen(sender.reason)));
    if (sender.result == PROOF_PASS)
        assert(text_ends(sender.domain, "sender.example"));
    return 0;
}
