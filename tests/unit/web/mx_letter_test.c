/* The letter about an MX: what is in it, and that texts of strangers stay in their line.
 * SPDX-License-Identifier: MIT */
#include "web/mx_letter.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_letter(void **state)
{
    (void)state;
    static struct failure_row failures[] = {
        { "certificate-expired", "sts", 12, 1, 2, 20770, 20780, "mx.a.example" },
    };
    static struct mx_domain_row domains[] = {
        { "a.example", 12, 2, 20780, "enforce", 12 },
        { "b.example", 1, 1, 20780, "", 12 },
    };
    static struct evidence_row evidence[] = {
        { "address", "192.0.2.1", 12 },
        { "address", "2001:db8::1", 3 },
        { "helo", "evil\r\n\r\nKind regards\x1b[31m", 1 },
        { "reporter",
          "0123456789012345678901234567890123456789012345678901234567890123456789012345678\u20ac!",
          1 },
    };
    static const struct mx_host_row host = { 7, "mx.a.example", 20765, 20780 };
    const struct rows f = { failures, 1 }, d = { domains, 2 }, e = { evidence, 4 };
    const struct period period = { .from_day = 20750, .to_day = 20780 };
    struct arena arena = { 0 };
    const char *text = mx_letter(&arena, &(struct mx_letter){ &host, &f, &d, &e, &period });
    static const char *const want[] = {
        "Subject: TLS sessions to mx.a.example fail\n\n",
        "* certificate-expired: 12 sessions, 2026-11-13 to 2026-11-23, told by 2 senders\n",
        "What to do: Renew the certificate",
        "-connect mx.a.example:25",
        "Began: 2026-11-08; last seen: 2026-11-23\n",
        "Addresses that senders reached: 192.0.2.1, 2001:db8::1\n",
        "The server called itself: evil    Kind regards [31m\n",
        "Domains whose mail it concerns: a.example, b.example and 10 more\n",
        "do not deliver its mail to this server",
    };
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        assert_non_null(strstr(text, want[i]));
    assert_non_null(strstr(text, "678\n")); /* cut between characters */
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
