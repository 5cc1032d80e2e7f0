/* Which addresses are connected to: every special network at both of its ends, every form of IPv6 that hides
 * an IPv4 address, and the list of the settings.
 * SPDX-License-Identifier: MIT */
#include "probe/vet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct network_list nobody;

struct sample {
    const char *address, *want; /* part of the reason; NULL: allowed */
};

static const struct sample samples[] = {
    { "0.0.0.0", "is unspecified (0.0.0.0/32)" },
    { "0.255.255.255", "this network" },
    { "1.0.0.0", NULL },
    { "9.255.255.255", NULL },
    { "10.0.0.0", "private (10.0.0.0/8)" },
    { "10.255.255.255", "private" },
    { "11.0.0.0", NULL },
    { "100.63.255.255", NULL },
    { "100.64.0.0", "customers" },
    { "100.100.100.200", "metadata" },
    { "100.127.255.255", "customers" },
    { "100.128.0.0", NULL },
    { "126.255.255.255", NULL },
    { "127.0.0.1", "loopback (127.0.0.0/8)" },
    { "127.255.255.255", "loopback" },
    { "128.0.0.0", NULL },
    { "168.63.129.15", NULL },
    { "168.63.129.16", "metadata" },
    { "169.253.255.255", NULL },
    { "169.254.0.0", "link-local" },
    { "169.254.169.254", "is a metadata service (169.254.169.254/32)" },
    { "169.254.255.255", "link-local" },
    { "172.15.255.255", NULL },
    { "172.16.0.0", "private" },
    { "172.31.255.255", "private" },
    { "172.32.0.0", NULL },
    { "192.0.0.170", "protocols" },
    { "192.0.1.0", NULL },
    { "192.0.2.1", NULL },
    { "198.51.100.1", NULL },
    { "203.0.113.1", NULL },
    { "192.88.99.1", "6to4" },
    { "192.167.255.255", NULL },
    { "192.168.0.0", "private" },
    { "192.168.255.255", "private" },
    { "198.17.255.255", NULL },
    { "198.18.0.0", "benchmarks" },
    { "198.19.255.255", "benchmarks" },
    { "198.20.0.0", NULL },
    { "223.255.255.255", NULL },
    { "224.0.0.1", "multicast" },
    { "239.255.255.255", "multicast" },
    { "240.0.0.1", "reserved" },
    { "255.255.255.255", "broadcast" },
    { "::", "unspecified" },
    { "::1", "loopback (::1/128)" },
    { "2000::1", NULL },
    { "2001:db8::1", NULL },
    { "3fff::1", NULL },
    { "2606:4700::1111", NULL },
    { "100::1", "discarded" },
    { "100:0:0:1::1", NULL },
    { "2001:2::1", "benchmarks" },
    { "2001:10::1", "identifier" },
    { "2001:2f::1", "identifier" },
    { "2001:30::1", NULL },
    { "5f00::1", "segment" },
    { "fbff::1", NULL },
    { "fc00::1", "unique local" },
    { "fd00:ec2::254", "metadata" },
    { "fdff::1", "unique local" },
    { "fe00::1", NULL },
    { "fe80::1", "link-local" },
    { "febf::1", "link-local" },
    { "fec0::1", "site-local" },
    { "ff02::1", "multicast" },
    /* hidden */
    { "::ffff:127.0.0.1", "loopback" },
    { "::ffff:8.8.8.8", NULL },
    { "::127.0.0.1", "IPv4-compatible address, of 127.0.0.1, which is loopback (127.0.0.0/8)" },
    { "::8.8.8.8", NULL },
    { "::ffff:0:10.0.0.1", "IPv4-translated address, of 10.0.0.1" },
    { "64:ff9b::169.254.169.254", "NAT64, of 169.254.169.254, which is a metadata service" },
    { "64:ff9b::8.8.8.8", NULL },
    { "64:ff9b:1::8.8.8.8", "local translation" },
    { "2002:7f00:1::1", "6to4, of 127.0.0.1" },
    { "2002:808:808::1", NULL },
    { "2001:0:a00:1::1", "Teredo, of 10.0.0.1" },               /* the server */
    { "2001:0:808:808:0:0:80ff:fffe", "Teredo, of 127.0.0.1" }, /* the client */
    { "2001:0:808:808:0:0:f7f7:f7f7", NULL },                   /* of 8.8.8.8 */
    { "2606:4700::5efe:192.168.1.1", "ISATAP, of 192.168.1.1" },
    { "2606:4700::200:5efe:192.168.1.1", "ISATAP, of 192.168.1.1" },
    { "2606:4700::200:5efe:8.8.8.8", NULL },
    /* none */
    { "", "is no address" },
    { "unix", "is no address" },
    { "localhost", "is no address" },
    { "127.1", "is no address" },
    { "0x7f000001", "is no address" },
    { "fe80::1%lo", "is no address" },
    { "[::1]", "is no address" },
    { "8.8.8.8:25", "is no address" },
};

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        struct err err = { 0 };
        bool good = vet_address(samples[i].address, &nobody, &err);
        if (good != !samples[i].want || (samples[i].want && !strstr(err.text, samples[i].want)))
            fail_msg("%s: %s", samples[i].address, err.text);
        if (!good)
            assert_int_equal(err.kind, strstr(err.text, "is no address") ? ERR_INPUT : ERR_REFUSED);
    }
}

static void test_what_is_listed(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *const texts[] = { "127.0.0.0/8", "::1", "64:ff9b::/96" };
    struct network_list allow;
    struct err err = { 0 };
    assert_true(network_list_parse(&arena, &(struct text_list){ texts, 3 }, &allow, &err));
    assert_true(vet_address("127.0.0.9", &allow, &err));
    assert_true(vet_address("::ffff:127.0.0.9", &allow, &err));
    assert_true(vet_address("::1", &allow, &err));
    assert_true(vet_address("64:ff9b::10.0.0.1", &allow, &err));
    assert_int_equal(err.kind, ERR_NONE);
    assert_false(vet_address("10.0.0.1", &allow, &err));
    err = (struct err){ 0 };
    assert_false(vet_address("2002:7f00:1::1", &allow, &err)); /* another way to 127.0.0.1 */
    assert_int_equal(err.kind, ERR_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_what_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
