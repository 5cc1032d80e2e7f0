/* Networks: how they are written, who is in them, who stands behind a proxy.
 * SPDX-License-Identifier: MIT */
#include "base/network.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int want_kind, want_bits; /* -1: refused */
        const char *want_fault;
    } rows[] = {
        { "192.0.2.7", NETWORK_FOUR, 32, NULL },
        { "192.0.2.0/24", NETWORK_FOUR, 24, NULL },
        { "0.0.0.0/0", NETWORK_FOUR, 0, NULL },
        { "192.0.2.7/32", NETWORK_FOUR, 32, NULL },
        { "128.0.0.0/1", NETWORK_FOUR, 1, NULL },
        { "2001:db8::1", NETWORK_SIX, 128, NULL },
        { "2001:DB8::/32", NETWORK_SIX, 32, NULL },
        { "::/0", NETWORK_SIX, 0, NULL },
        { "2001:db8:8000::/33", NETWORK_SIX, 33, NULL },
        { "::ffff:192.0.2.0/120", NETWORK_FOUR, 24, NULL },
        { "::ffff:192.0.2.1", NETWORK_FOUR, 32, NULL },
        { "::ffff:0:0/96", NETWORK_FOUR, 0, NULL },
        { "::/95", NETWORK_SIX, 95, NULL },
        { "unix", NETWORK_UNIX, 0, NULL },
        { "", 0, -1, "\"\" is no address or network; write 192.0.2.7" },
        { "example.org", 0, -1, "\"example.org\" is no address or network" },
        { "192.0.2", 0, -1, "no address or network" },
        { "192.0.2.256", 0, -1, "no address or network" },
        { "192.0.2.0/", 0, -1, "no address or network" },
        { "192.0.2.0/33", 0, -1, "no address or network" },
        { "192.0.2.0/-1", 0, -1, "no address or network" },
        { "192.0.2.0/24x", 0, -1, "no address or network" },
        { "192.0.2.0/255.255.255.0", 0, -1, "no address or network" },
        { "/24", 0, -1, "no address or network" },
        { "[::1]", 0, -1, "no address or network" },
        { "2001:db8::/129", 0, -1, "no address or network" },
        { "unix/0", 0, -1, "no address or network" },
        { "192.0.2.7/24", 0, -1, "bits beyond /24 are set" },
        { "2001:db8::1/64", 0, -1, "bits beyond /64 are set" },
        { "128.0.0.0/0", 0, -1, "bits beyond /0 are set" },
        { "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000/32", 0, -1, "no address or network" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct network network = { .kind = 77 };
        struct err err = { 0 };
        bool good = network_parse(rows[i].text, &network, &err);
        if (good != (rows[i].want_bits >= 0))
            fail_msg("\"%s\": %s", rows[i].text, good ? "taken" : err.text);
        if (!good) {
            assert_int_equal(err.kind, ERR_SETUP);
            if (!strstr(err.text, rows[i].want_fault))
                fail_msg("\"%s\": %s", rows[i].text, err.text);
            assert_int_equal(network.kind, 77); /* untouched */
            continue;
        }
        if (network.kind != rows[i].want_kind || network.bits != rows[i].want_bits)
            fail_msg("\"%s\": kind %d, %d bits", rows[i].text, network.kind, network.bits);
    }
}

static bool has(const char *networks, const char *client)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct err err = { 0 };
    const char *items[8];
    size_t count = 0;
    for (const char *at = networks; *at;) {
        size_t size = strcspn(at, " ");
        items[count++] = arena_copy(&arena, at, size);
        at += size + (at[size] == ' ');
    }
    struct network_list list;
    if (!network_list_parse(&arena, &(struct text_list){ items, count }, &list, &err))
        fail_msg("%s: %s", networks, err.text);
    return network_list_has(&list, client);
}

static void test_list(void **state)
{
    (void)state;
    static const struct {
        const char *networks, *client;
        bool want;
    } rows[] = {
        { "", "192.0.2.1", false },
        { "192.0.2.1", "192.0.2.1", true },
        { "192.0.2.1", "192.0.2.2", false },
        { "192.0.2.0/24", "192.0.2.255", true },
        { "192.0.2.0/24", "192.0.3.0", false },
        { "192.0.2.0/25", "192.0.2.127", true },
        { "192.0.2.0/25", "192.0.2.128", false },
        { "192.0.2.0/24", "::ffff:192.0.2.9", true },
        { "::ffff:192.0.2.0/120", "192.0.2.9", true },
        { "0.0.0.0/0", "203.0.113.1", true },
        { "0.0.0.0/0", "2001:db8::1", false },
        { "::/0", "2001:db8::1", true },
        { "::/0", "203.0.113.1", false },
        { "::/0", "::ffff:203.0.113.1", false },
        { "2001:db8::/32", "2001:db8:ffff::1", true },
        { "2001:db8::/32", "2001:db9::1", false },
        { "10.0.0.0/8 2001:db8::/32 192.0.2.1", "192.0.2.1", true },
        { "10.0.0.0/8 2001:db8::/32 192.0.2.1", "192.0.2.2", false },
        { "unix", "unix", true },
        { "unix 0.0.0.0/0", "", false },
        { "::/0 0.0.0.0/0", "unix", false },
        { "unix ::/0 0.0.0.0/0", "mail.example", false },
        { "192.0.2.1", "192.0.2.1:25", false }, /* a client carries no port */
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (has(rows[i].networks, rows[i].client) != rows[i].want)
            fail_msg("\"%s\" holds \"%s\": not %d", rows[i].networks, rows[i].client, rows[i].want);
}

static void test_list_names_its_bad_item(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct err err = { 0 };
    struct network_list list;
    const char *const items[] = { "192.0.2.1", "mx.example.org" };
    assert_false(network_list_parse(&arena, &(struct text_list){ items, 2 }, &list, &err));
    assert_non_null(strstr(err.text, "\"mx.example.org\""));
}

static void test_what_clients_are_counted_by(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        { "192.0.2.1", "192.0.2.1", true },
        { "192.0.2.1", "192.0.2.2", false },
        { "192.0.2.1", "::ffff:192.0.2.1", true },
        { "2001:db8::1", "2001:db8::ffff:2", true },
        { "2001:db8::1", "2001:db8:0:1::1", false },
        { "unix", "unix", true },
        { "unix", "192.0.2.1", false },
        { "", "nonsense", true },
        { "", "unix", false },
        { "0.0.0.0", "::", false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct network a, b;
        network_of_client(rows[i].a, 64, &a);
        network_of_client(rows[i].b, 64, &b);
        if ((memcmp(&a, &b, sizeof a) == 0) != rows[i].same)
            fail_msg("%s and %s: not %d", rows[i].a, rows[i].b, rows[i].same);
    }
}

static void test_forwarded(void **state)
{
    (void)state;
    static const struct {
        const char *proxies, *peer, *forwarded, *want;
    } rows[] = {
        { "", "192.0.2.1", "203.0.113.5", "192.0.2.1" }, /* nobody may speak for others */
        { "10.0.0.1", "192.0.2.1", "203.0.113.5", "192.0.2.1" },
        { "10.0.0.1", "10.0.0.1", NULL, "10.0.0.1" },
        { "10.0.0.1", "10.0.0.1", "", "10.0.0.1" },
        { "10.0.0.1", "10.0.0.1", "203.0.113.5", "203.0.113.5" },
        { "10.0.0.1", "10.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5" }, /* 1.1.1.1 is forged */
        { "10.0.0.0/8", "10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5" },
        { "10.0.0.0/8", "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3" }, /* all of them proxies */
        { "10.0.0.0/8", "10.0.0.1", "203.0.113.5, garbage", "10.0.0.1" },
        { "10.0.0.0/8", "10.0.0.1", "203.0.113.5, garbage, 10.0.0.2", "10.0.0.2" },
        { "10.0.0.0/8", "10.0.0.1", "203.0.113.5,", "10.0.0.1" },
        { "10.0.0.0/8", "10.0.0.1", "unknown", "10.0.0.1" },
        { "10.0.0.0/8", "10.0.0.1", "unix", "10.0.0.1" },
        { "unix", "unix", "203.0.113.5:4711", "203.0.113.5" },
        { "unix", "unix", "[2001:DB8::5]:4711", "2001:db8::5" },
        { "unix", "unix", "::ffff:203.0.113.5", "203.0.113.5" },
        { "::ffff:10.0.0.1", "10.0.0.1", "\t 2001:db8::5 ", "2001:db8::5" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct err err = { 0 };
        struct network proxy;
        struct network_list list = { &proxy, *rows[i].proxies != '\0' };
        if (list.count && !network_parse(rows[i].proxies, &proxy, &err))
            fail_msg("%s", err.text);
        const char *client = network_forwarded(&arena, &list, rows[i].peer, rows[i].forwarded);
        if (strcmp(client, rows[i].want) != 0)
            fail_msg("%s by %s: %s, not %s", rows[i].forwarded ? rows[i].forwarded : "(none)",
                     rows[i].peer, client, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_list_names_its_bad_item),
        cmocka_unit_test(test_what_clients_are_counted_by),
        cmocka_unit_test(test_forwarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
