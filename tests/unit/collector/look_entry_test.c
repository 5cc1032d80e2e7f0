/* What a sender would report of a session, by our own look at the server (RFC 8460 section 4.3.1).
 * SPDX-License-Identifier: MIT */
#include "collector/look_entry.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define SESSION(flaw)                          \
    {                                          \
        .starttls = STARTTLS_OFFERED, .tls = { \
            .tried = true,                     \
            .done = true,                      \
            .certificate = { .flaws = (flaw) } \
        }                                      \
    }

static const struct sample {
    struct setup_probe probe;
    enum verdict_known want;
    const char *want_type;
} samples[] = {
    { { .reach = REACH_TIMEOUT }, KNOWN_NOT, "" },
    { { .reach = REACH_OPEN, .code = 421 }, KNOWN_NOT, "" },
    { { .starttls = STARTTLS_OFFERED }, KNOWN_NOT, "" },
    { { .starttls = STARTTLS_MISSING }, KNOWN_FALSE, "starttls-not-supported" },
    { { .starttls = STARTTLS_REFUSED }, KNOWN_FALSE, "starttls-not-supported" },
    { { .starttls = STARTTLS_OFFERED, .tls = { .tried = true } },
      KNOWN_FALSE,
      "validation-failure" },
    { SESSION(0), KNOWN_TRUE, "" },
    { SESSION(FLAW_EXPIRED), KNOWN_FALSE, "certificate-expired" },
    { SESSION(FLAW_NOT_YET), KNOWN_FALSE, "certificate-expired" },
    { SESSION(FLAW_UNTRUSTED | FLAW_SELF_SIGNED), KNOWN_FALSE, "certificate-not-trusted" },
    { SESSION(FLAW_CHAIN), KNOWN_FALSE, "certificate-not-trusted" },
    { SESSION(FLAW_NAME), KNOWN_FALSE, "certificate-host-mismatch" },
    { SESSION(FLAW_NAME | FLAW_EXPIRED), KNOWN_FALSE, "certificate-expired" },
    { SESSION(FLAW_OTHER), KNOWN_FALSE, "validation-failure" },
};

static void test_result_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        const char *type = NULL;
        assert_int_equal(look_passes(&samples[i].probe, &type), samples[i].want);
        assert_string_equal(type, samples[i].want_type);
    }
}

/* V8: the clock of a verdict starts anew with other names, not with other preferences or with a second one. */
static void test_preferences_do_not_make_another_set(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_mx mx[] = { { .name = "mx2.a.example", .preference = 10 },
                             { .name = "mx1.a.example", .preference = 20 },
                             { .name = "mx2.a.example", .preference = 30 } };
    const struct setup_facts facts = { .domain = "a.example",
                                       .mx = mx,
                                       .mx_count = ARRAY_SIZE(mx) };
    const struct setup_history history = { 0 };
    const struct setup_result result = setup_judge(&arena, &facts, &history);
    struct setup_entry entry = { 0 };
    const char *found = NULL;
    look_entry(&arena, &facts, &result, &entry);
    for (size_t i = 0; i < entry.value_count; i++)
        if (strcmp(entry.values[i].kind, "mx-set") == 0)
            found = entry.values[i].value;
    assert_string_equal(found, "mx1.a.example mx2.a.example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result_types),
        cmocka_unit_test(test_preferences_do_not_make_another_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
