/* All questions of one look at a domain, put to servers on port 53: a resolver, servers of the zones, of which one
 * is behind, one lame and one silent. In a network namespace of its own; without one the tests are skipped.
 * (Signed zones, truncation and a real server: tests/integration, by the real command.)
 * SPDX-License-Identifier: MIT */
#include "probe/names.h"
#include "base/clock.h"
#include "dns_answers.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

/* Who answers: bits. */
enum { RESOLVER = 1, BEHIND = 2, NS1 = 4, NS2 = 8, LAME = 16, SILENT = 32, ALL = 63 };

static const struct {
    const char *address;
    int who;
} servers[] = {
    { "192.0.2.53", RESOLVER }, { "192.0.2.54", BEHIND }, { "192.0.2.1", NS1 },
    { "192.0.2.2", NS2 },       { "192.0.2.3", LAME },    { "192.0.2.4", SILENT },
};
#define SERVERS ARRAY_SIZE(servers)

/* clang-format off */
static const struct record {
    int who; /* says so */
    const char *name;
    enum dns_type type;
    const char *data;
} records[] = {
    { ALL, "good.example", DNS_NS, "ns1.good.example" },
    { ALL, "good.example", DNS_NS, "ns2.good.example" },
    { ALL, "good.example", DNS_NS, "lame.good.example" },
    { ALL, "good.example", DNS_NS, "silent.good.example" },
    { ALL, "good.example", DNS_NS, "inside.good.example" },
    { ALL, "good.example", DNS_NS, "nowhere.good.example" },
    { ALL, "ns1.good.example", DNS_A, "192.0.2.1" },
    { ALL, "ns2.good.example", DNS_A, "192.0.2.2" },
    { ALL, "lame.good.example", DNS_A, "192.0.2.3" },
    { ALL, "silent.good.example", DNS_A, "192.0.2.4" },
    { ALL, "inside.good.example", DNS_A, "127.0.0.1" },
    { RESOLVER | NS1, "_mta-sts.good.example", DNS_TXT, "v=STSv1; id=2;" },
    { BEHIND | NS2, "_mta-sts.good.example", DNS_TXT, "v=STSv1; id=1;" },
    { ALL, "_smtp._tls.good.example", DNS_CNAME, "tls.provider.example" },
    { RESOLVER | BEHIND, "tls.provider.example", DNS_TXT, "v=TLSRPTv1; rua=mailto:a@provider.example" },
    { ALL, "good.example", DNS_MX, "20 MX2.good.example" },
    { ALL, "good.example", DNS_MX, "10 mx1.good.example" },
    { ALL, "good.example", DNS_MX, "10 an.alias.good.example" },
    { ALL, "good.example", DNS_MX, "30 mx1.good.example" },
    { ALL, "good.example", DNS_MX, "40 192.0.2.9" },
    { ALL, "mx1.good.example", DNS_A, "192.0.2.11" },
    { ALL, "mx1.good.example", DNS_A, "192.0.2.12" },
    { ALL, "mx1.good.example", DNS_AAAA, "2001:db8::11" },
    { ALL, "an.alias.good.example", DNS_CNAME, "mx1.good.example" },
    { ALL, "good.example", DNS_TXT, "v=spf1 mx -all" },
    { ALL, "mta-sts.good.example", DNS_A, "192.0.2.80" },
    { ALL, "good.example", DNS_CAA, "0 issue ca.example" },
    { ALL, "example", DNS_CAA, "0 issue another.example" },
    { RESOLVER, "implicit.example", DNS_A, "192.0.2.13" },
    { RESOLVER, "null.example", DNS_MX, "0 " },
    { RESOLVER, "mixed.example", DNS_MX, "0 " },
    { RESOLVER, "mixed.example", DNS_MX, "10 mx1.good.example" },
    { RESOLVER, "wild.example", DNS_MX, "0 " },
    { RESOLVER, "*.wild.example", DNS_TXT, "v=STSv1; id=1;" },
    { RESOLVER, "lost.example", DNS_TXT, "v=STSv1; id=1;" },
    { RESOLVER, "_tls.lost.example", DNS_TXT, "\"v=TLSRPTv1; rua=mailto:a@lost.example\"" },
    { RESOLVER, "_mta-sts.lost.example.lost.example", DNS_TXT, "V=stsv1; id=1;" },
    { RESOLVER, "_mta-sts.lost.example", DNS_TXT, "something else" },
    { RESOLVER | NS1, "_mta-sts.sub.zone.example", DNS_TXT, "v=STSv1; id=3;" },
    { RESOLVER | NS1, "sub.zone.example", DNS_MX, "10 mx1.good.example" },
    { ALL, "zone.example", DNS_NS, "ns1.good.example" },
};
/* clang-format on */

/* --- the servers --- */

static void put_data(struct buf *out, const char *owner, enum dns_type type, const char *data)
{
    char address[16];
    switch (type) {
    case DNS_A:
        inet_pton(AF_INET, data, address);
        put_record(out, owner, type, 300, address, 4);
        break;
    case DNS_AAAA:
        inet_pton(AF_INET6, data, address);
        put_record(out, owner, type, 300, address, 16);
        break;
    case DNS_MX:
        put_named(out, owner, type, 300, (int)strtol(data, NULL, 10), strchr(data, ' ') + 1);
        break;
    case DNS_TXT:
        put_txt(out, owner, 300, data);
        break;
    case DNS_CAA:
        put_record(out, owner, type, 300, "\0\5issueca.example", 17);
        break;
    case DNS_NS:
    case DNS_CNAME:
    case DNS_SOA:
    case DNS_TLSA:
        put_named(out, owner, type, 300, -1, data);
        break;
    }
}

/* Matches a row, or the wildcard above NAME. */
static bool is_of(const struct record *record, const char *name)
{
    if (strncmp(record->name, "*.", 2) == 0)
        return text_ends(name, record->name + 1);
    return text_same(record->name, name);
}

static const char *zone_of(const char *name)
{
    if (text_ends(name, "zone.example"))
        return "zone.example";
    const char *last = name, *before = name;
    for (const char *c = name; *c; c++)
        if (*c == '.') {
            before = last;
            last = c + 1;
        }
    return before;
}

static unsigned put_found(struct buf *out, int who, const char *name, unsigned type)
{
    unsigned found = 0;
    for (size_t i = 0; i < ARRAY_SIZE(records); i++)
        if ((records[i].who & who) && is_of(&records[i], name)
            && (records[i].type == type || records[i].type == DNS_CNAME)) {
            put_data(out, name, records[i].type, records[i].data);
            found++;
            if (records[i].type == DNS_CNAME && (who & (RESOLVER | BEHIND)))
                found += put_found(out, who, records[i].data, type);
        }
    /* Many hosts, to be cut. */
    for (int i = 0; strcmp(name, "many.example") == 0 && type == DNS_MX && i < 60; i++, found++) {
        char host[32];
        snprintf(host, sizeof host, "%d mx%d.many.example", 1000 - i, i);
        put_data(out, name, type, host);
    }
    for (unsigned i = 0; strcmp(name, "mta-sts.many.example") == 0 && type == DNS_A && i < 40;
         i++, found++)
        put_record(out, name, type, 300, (char[]){ (char)192, 0, 2, (char)(100 + i) }, 4);
    return found;
}

static bool exists(int who, const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(records); i++)
        if ((records[i].who & who)
            && (is_of(&records[i], name)
                || (text_ends(records[i].name, name)
                    && records[i].name[strlen(records[i].name) - strlen(name) - 1] == '.')))
            return true;
    return text_ends(name, "many.example");
}

static void answer(int fd, int who)
{
    unsigned char in[1500];
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t got = recvfrom(fd, in, sizeof in, 0, (struct sockaddr *)&from, &from_size);
    if (got < 17 || who == SILENT)
        return;
    char name[256] = "";
    size_t at = 12, end = 0;
    for (; in[at]; at += in[at] + 1u) {
        memcpy(name + end, in + at + 1, in[at]);
        end += in[at];
        name[end++] = '.';
    }
    name[end ? end - 1 : 0] = '\0';
    unsigned id = (unsigned)(in[0] << 8 | in[1]), type = (unsigned)(in[at + 1] << 8 | in[at + 2]);
    CLEANUP(buf_done) struct buf body = BUF(65535);
    CLEANUP(buf_done) struct buf out = BUF(65535);
    unsigned found = who == LAME ? 0 : put_found(&body, who, name, type);
    unsigned flags = FLAG_QR | (who & (RESOLVER | BEHIND) ? FLAG_RA : FLAG_AA);
    if (who == LAME)
        flags = FLAG_QR | DNS_REFUSED;
    else if (!found && !exists(who, name))
        flags |= DNS_NXDOMAIN;
    put_head(&out, id, flags, name, type, found, found || who == LAME ? 0 : 1);
    buf_add(&out, buf_get(&body), body.size);
    if (!found && who != LAME)
        put_soa(&out, zone_of(name), 60, 30);
    sendto(fd, out.data, out.size, 0, (struct sockaddr *)&from, from_size);
}

static int sockets[SERVERS], wake[2];

static void *serve(void *thing)
{
    (void)thing;
    for (;;) {
        struct pollfd fds[SERVERS + 1] = { { .fd = wake[0], .events = POLLIN } };
        for (size_t i = 0; i < SERVERS; i++)
            fds[i + 1] = (struct pollfd){ .fd = sockets[i], .events = POLLIN };
        poll(fds, SERVERS + 1, -1);
        if (fds[0].revents)
            return NULL;
        for (size_t i = 0; i < SERVERS; i++)
            if (fds[i + 1].revents)
                answer(sockets[i], servers[i].who);
    }
}

/* --- a network of our own --- */

static bool make_network(void)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    bool good = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    struct sockaddr_in address = { .sin_family = AF_INET };
    request = (struct ifreq){ .ifr_name = "lo:1" };
    inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
    memcpy(&request.ifr_addr, &address, sizeof address);
    good = good && ioctl(fd, SIOCSIFADDR, &request) == 0;
    inet_pton(AF_INET, "255.255.255.0", &address.sin_addr);
    memcpy(&request.ifr_netmask, &address, sizeof address);
    good = good && ioctl(fd, SIOCSIFNETMASK, &request) == 0;
    close(fd);
    return good;
}

struct world {
    bool there;
    struct dns *dns;
    pthread_t thread;
};

static int start(void **state)
{
    static struct world world;
    *state = &world;
    world.there = make_network();
    if (!world.there)
        return 0;
    for (size_t i = 0; i < SERVERS; i++) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(53) };
        inet_pton(AF_INET, servers[i].address, &address.sin_addr);
        sockets[i] = socket(AF_INET, SOCK_DGRAM, 0);
        assert_int_equal(bind(sockets[i], (struct sockaddr *)&address, sizeof address), 0);
    }
    assert_int_equal(pipe(wake), 0);
    assert_int_equal(pthread_create(&world.thread, NULL, serve, NULL), 0);
    struct dns_settings settings = { .servers = { (const char *const[]){ "192.0.2.53" }, 1 },
                                     .trust_anchor = "",
                                     .timeout_seconds = 60,
                                     .questions = 200 };
    struct err err = { 0 };
    assert_true(dns_open(&settings, &world.dns, &err));
    return 0;
}

static int stop(void **state)
{
    struct world *world = *state;
    if (!world->there)
        return 0;
    dns_close(&world->dns);
    assert_int_equal(write(wake[1], "", 1), 1);
    pthread_join(world->thread, NULL);
    for (size_t i = 0; i < SERVERS; i++)
        close(sockets[i]);
    close(wake[0]);
    close(wake[1]);
    return 0;
}

/* --- tests --- */

static struct setup_facts look(void **state, struct arena *arena, const char *domain)
{
    const struct world *world = *state;
    if (!world->there)
        skip();
    static const char *const others[] = { "192.0.2.54" };
    static const struct network_list none;
    struct names_settings settings = { .dns = world->dns,
                                       .resolvers = { others, 1 },
                                       .allow = &none,
                                       .server_ms = 1200,
                                       .until_ms = clock_monotonic_ms() + 50000 };
    struct setup_facts facts = { .domain = domain };
    names_look(arena, &settings, &facts);
    return facts;
}

static void want(const struct setup_answer *answer, enum setup_lookup status, const char *first)
{
    print_message("%s %s: %d %s\n", answer->name, answer->type, (int)answer->status,
                  answer->why ? answer->why : "");
    assert_int_equal(answer->status, status);
    if (first)
        assert_string_equal(answer->records.items[0], first);
    else
        assert_int_equal(answer->records.count, 0);
}

static const struct setup_answer *by(const struct setup_answers *answers, const char *server)
{
    for (size_t i = 0; i < answers->count; i++)
        if (strcmp(answers->items[i].server, server) == 0)
            return &answers->items[i];
    fail_msg("%s was not asked", server);
    return NULL;
}

static void test_good(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_facts facts = look(state, &arena, "good.example");
    want(&facts.sts, LOOKUP_FOUND, "v=STSv1; id=2;");
    assert_string_equal(facts.sts.name, "_mta-sts.good.example");
    assert_in_range(facts.sts.ttl_seconds, 200, 300);
    want(&facts.rpt, LOOKUP_FOUND, "v=TLSRPTv1; rua=mailto:a@provider.example");
    assert_string_equal(facts.rpt.aliases.items[0], "tls.provider.example");
    want(&facts.tls_parent, LOOKUP_NODATA, NULL);
    want(&facts.wildcard, LOOKUP_NXDOMAIN, NULL);
    want(&facts.host_a, LOOKUP_FOUND, "192.0.2.80");
    want(&facts.host_aaaa, LOOKUP_NODATA, NULL);
    want(&facts.host_caa, LOOKUP_FOUND, "0 issue \"ca.example\"");
    assert_string_equal(facts.host_caa.name, "good.example");
    want(&facts.domain_soa, LOOKUP_NODATA, NULL); /* this server has none of that type */
    assert_int_equal(facts.misplaced.count, 0);
}

static void test_mx(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_facts facts = look(state, &arena, "good.example");
    static const struct {
        const char *name;
        int preference;
    } hosts[] = { { "an.alias.good.example", 10 },
                  { "mx1.good.example", 10 },
                  { "mx2.good.example", 20 },
                  { "192.0.2.9", 40 } };
    assert_int_equal(facts.mx_answer.records.count, 5);
    assert_int_equal(facts.mx_count, ARRAY_SIZE(hosts));
    for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
        assert_string_equal(facts.mx[i].name, hosts[i].name);
        assert_int_equal(facts.mx[i].preference, hosts[i].preference);
        assert_false(facts.mx[i].implicit);
        /* Nothing is signed here; it is asked all the same, of hosts that have an address. */
        assert_int_equal(facts.mx[i].tlsa.status, i < 2 ? LOOKUP_NXDOMAIN : LOOKUP_NONE);
        assert_false(facts.mx[i].tlsa.secure);
    }
    assert_string_equal(facts.mx[0].a.aliases.items[0], "mx1.good.example");
    assert_int_equal(facts.mx[1].a.records.count, 2);
    want(&facts.mx[1].aaaa, LOOKUP_FOUND, "2001:db8::11");
    want(&facts.mx[2].a, LOOKUP_NXDOMAIN, NULL);
    assert_int_equal(facts.mx[3].a.status, LOOKUP_NONE);
    assert_false(facts.null_mx);
}

/* Each server by itself: the one behind, the lame, the silent, those that are not asked. */
static void test_servers(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    int64_t begin = clock_monotonic_ms();
    struct setup_facts facts = look(state, &arena, "good.example");
    assert_in_range(clock_monotonic_ms() - begin, 1200,
                    49000); /* the silent one's time, and no more */
    assert_int_equal(facts.sts_servers.count, 7);
    want(by(&facts.sts_servers, "ns1.good.example 192.0.2.1"), LOOKUP_FOUND, "v=STSv1; id=2;");
    want(by(&facts.sts_servers, "ns2.good.example 192.0.2.2"), LOOKUP_FOUND, "v=STSv1; id=1;");
    want(by(&facts.sts_servers, "192.0.2.54"), LOOKUP_FOUND, "v=STSv1; id=1;");
    const struct setup_answer *lame = by(&facts.sts_servers, "lame.good.example 192.0.2.3");
    want(lame, LOOKUP_SERVFAIL, NULL);
    assert_string_equal(lame->why, "lame: REFUSED");
    want(by(&facts.sts_servers, "silent.good.example 192.0.2.4"), LOOKUP_TIMEOUT, NULL);
    const struct setup_answer *inside = by(&facts.sts_servers, "inside.good.example 127.0.0.1");
    want(inside, LOOKUP_NONE, NULL);
    assert_non_null(strstr(inside->why, "not asked: 127.0.0.1 is loopback"));
    const struct setup_answer *nowhere = by(&facts.sts_servers, "nowhere.good.example");
    want(nowhere, LOOKUP_NONE, NULL);
    assert_string_equal(nowhere->why, "not asked: there is no such name");
    const struct setup_answer *alias = by(&facts.rpt_servers, "ns1.good.example 192.0.2.1");
    want(alias, LOOKUP_FOUND, "v=TLSRPTv1; rua=mailto:a@provider.example");
    assert_string_equal(alias->aliases.items[0], "tls.provider.example");
    assert_int_equal(by(&facts.mx_servers, "ns1.good.example 192.0.2.1")->records.count, 5);
    assert_string_equal(facts.mx_servers.items[0].type, "MX");
}

/* The zone of a name that has none of its own is the one above. */
static void test_zone_above(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_facts facts = look(state, &arena, "sub.zone.example");
    want(&facts.sts, LOOKUP_FOUND, "v=STSv1; id=3;");
    assert_int_equal(facts.sts_servers.count, 2);
    want(by(&facts.sts_servers, "ns1.good.example 192.0.2.1"), LOOKUP_FOUND, "v=STSv1; id=3;");
    want(by(&facts.sts_servers, "192.0.2.54"), LOOKUP_NXDOMAIN, NULL);
}

static void test_kinds_of_mx(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_facts facts = look(state, &arena, "implicit.example");
    assert_int_equal(facts.mx_count, 1);
    assert_true(facts.mx[0].implicit);
    assert_string_equal(facts.mx[0].name, "implicit.example");
    want(&facts.mx[0].a, LOOKUP_FOUND, "192.0.2.13");

    facts = look(state, &arena, "null.example");
    assert_true(facts.null_mx);
    assert_int_equal(facts.mx_count, 0);

    facts = look(state, &arena, "mixed.example");
    assert_true(facts.null_mx);
    assert_int_equal(facts.mx_count, 1);

    facts = look(state, &arena, "nothing.example");
    want(&facts.mx_answer, LOOKUP_NXDOMAIN, NULL);
    assert_int_equal(facts.mx_count, 0);
}

static void test_bounded(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_facts facts = look(state, &arena, "many.example");
    assert_int_equal(facts.mx_count, NAMES_MX_MAX);
    assert_string_equal(facts.mx[0].name, "mx59.many.example");
    assert_non_null(strstr(facts.mx_answer.why, "only the first 50 hosts"));
    assert_int_equal(facts.host_a.records.count, NAMES_ADDRESSES_MAX);
    assert_string_equal(facts.host_a.why, "only 20 of 40 records are looked at");
}

static void test_misplaced(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_facts facts = look(state, &arena, "lost.example");
    assert_int_equal(facts.misplaced.count, 3);
    assert_string_equal(facts.misplaced.items[0].name, "_tls.lost.example");
    assert_string_equal(facts.misplaced.items[1].name, "lost.example");
    assert_string_equal(facts.misplaced.items[2].name, "_mta-sts.lost.example.lost.example");

    /* A wildcard puts it everywhere; that is told once. */
    facts = look(state, &arena, "wild.example");
    want(&facts.wildcard, LOOKUP_FOUND, "v=STSv1; id=1;");
    want(&facts.sts, LOOKUP_FOUND, "v=STSv1; id=1;");
    assert_int_equal(facts.misplaced.count, 0);
}

/* No time at all: everything is told to be unknown, and at once. */
static void test_no_time(void **state)
{
    const struct world *world = *state;
    if (!world->there)
        skip();
    CLEANUP(arena_free) struct arena arena = { 0 };
    static const struct network_list none;
    struct names_settings settings = {
        .dns = world->dns, .allow = &none, .server_ms = 60000, .until_ms = clock_monotonic_ms() - 1
    };
    struct setup_facts facts = { .domain = "fresh.example" };
    int64_t begin = clock_monotonic_ms();
    names_look(&arena, &settings, &facts);
    assert_in_range(clock_monotonic_ms() - begin, 0, 50000);
    want(&facts.sts, LOOKUP_TIMEOUT, NULL);
    want(&facts.mx_answer, LOOKUP_TIMEOUT, NULL);
    assert_int_equal(facts.mx_count, 0);
    assert_int_equal(facts.sts_servers.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),        cmocka_unit_test(test_mx),
        cmocka_unit_test(test_servers),     cmocka_unit_test(test_zone_above),
        cmocka_unit_test(test_kinds_of_mx), cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_misplaced),   cmocka_unit_test(test_no_time),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
