/* What a sender would report of a session, by our own look at the server (RFC 8460 section 4.3.1).
 * SPDX-License-Identifier: MIT */
#include "collector/look_entry.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_result_types) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
