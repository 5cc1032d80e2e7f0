/* Policy texts as they are served: what the strictest sender takes the RFC takes too, and either of them can be
 * published again in our form.
 * SPDX-License-Identifier: MIT */
#include "ingest/policy_lint.h"
#include "ingest/policy_text.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A policy that is valid, in our own form: without a flaw, and the same. */
static void publish(struct arena *arena, const struct policy *policy)
{
    struct policy_terms terms = { policy->mode,
                                  policy->max_age_seconds,
                                  { policy->mx, policy->mx_count } };
    const char *text = NULL;
    struct err err = { 0 };
    if (!policy_text_make(arena, &terms, &text, &err)) {
        assert(strcmp(err.field, "mx")
               == 0); /* a single label, a name of digits, too many of them */
        return;
    }
    struct policy_lint lint = policy_lint(arena, (struct bytes){ text, strlen(text) });
    assert(lint.valid && lint.flaw_count == (policy->mx_count == 0));
    assert(strcmp(lint.policy.canonical, policy->canonical) == 0);
    char id[POLICY_ID_BYTES];
    struct bytes bytes = { text, strlen(text) };
    assert(policy_text_fit(policy_text_id(0, bytes, id), bytes) == POLICY_FIT_GOOD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct policy_lint lint = policy_lint(&arena, (struct bytes){ (const char *)data, size });
    assert(lint.valid || !lint.strict);
    assert(lint.valid == (*lint.policy.mode != '\0'));
    size_t line = 0;
    bool refused = false;
    for (size_t i = 0; i < lint.flaw_count; i++) {
        assert(lint.flaws[i].line >= line && lint.flaws[i].line <= size);
        assert(lint.flaws[i].text && lint.flaws[i].what);
        line = lint.flaws[i].line;
        refused = refused || lint.flaws[i].rfc;
    }
    assert(lint.left_out || lint.valid == !refused);
    if (lint.valid) {
        assert(lint.policy.max_age_seconds >= 0
               && lint.policy.max_age_seconds <= POLICY_MAX_AGE_MAX);
        publish(&arena, &lint.policy);
    }
    return 0;
}
