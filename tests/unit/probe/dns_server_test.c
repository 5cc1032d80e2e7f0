/* Questions to servers by their addresses: a server on loopback that answers by the first label of the name,
 * well, badly, or not at all.
 * SPDX-License-Identifier: MIT */
#include "probe/dns_server.h"
#include "base/clock.h"
#include "dns_answers.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define ZONE "example.org"
#define OK   (FLAG_QR | FLAG_AA)
#define LONG 200 /* records of an answer that needs TCP */

struct server {
    int udp, udp6, tcp, port; /* udp6: -1 where there is no IPv6 */
    pthread_t thread;
};

/* One question that came, and the answer to it. */
struct talk {
    unsigned id;
    char name[256];
    unsigned type;
    bool edns, tcp, recursive;
    struct buf out;
};

static void found(struct talk *talk, unsigned flags)
{
    put_head(&talk->out, talk->id, flags, talk->name, talk->type, 1, 0);
    put_txt(&talk->out, talk->name, 300, "v=STSv1; id=1");
}

static void good(struct talk *talk)
{
    found(talk, OK);
}

static void silent(struct talk *talk)
{
    (void)talk;
}

static void once_lost(struct talk *talk)
{
    static int times;
    if (times++)
        good(talk);
}

static void truncated(struct talk *talk)
{
    put_head(&talk->out, talk->id, talk->tcp ? OK : OK | FLAG_TC, talk->name, talk->type,
             talk->tcp ? LONG : 1, 0);
    for (int i = 0; i < (talk->tcp ? LONG : 1); i++)
        put_txt(&talk->out, talk->name, 300,
                "a record of a long answer, which no datagram would hold");
}

static void without_edns(struct talk *talk)
{
    if (talk->edns)
        put_head(&talk->out, talk->id, FLAG_QR | DNS_FORMERR, talk->name, talk->type, 0, 0);
    else
        good(talk);
}

static void drops_edns(struct talk *talk)
{
    if (!talk->edns)
        good(talk);
}

static void forged_first(struct talk *talk)
{
    talk->id ^= 1;
    found(talk, OK);
    talk->id ^= 1;
}

static void rubbish(struct talk *talk)
{
    buf_text(&talk->out, "rubbish");
}

static void no_such_name(struct talk *talk)
{
    put_head(&talk->out, talk->id, OK | DNS_NXDOMAIN, talk->name, talk->type, 0, 1);
    put_soa(&talk->out, ZONE, 60, 60);
}

static void nothing(struct talk *talk)
{
    put_head(&talk->out, talk->id, OK, talk->name, talk->type, 0, 1);
    put_soa(&talk->out, ZONE, 60, 60);
}

static void fails(struct talk *talk)
{
    put_head(&talk->out, talk->id, FLAG_QR | DNS_SERVFAIL, talk->name, talk->type, 0, 0);
}

static void refuses(struct talk *talk)
{
    put_head(&talk->out, talk->id, FLAG_QR | DNS_REFUSED, talk->name, talk->type, 0, 0);
}

static void upward(struct talk *talk)
{
    put_head(&talk->out, talk->id, FLAG_QR, talk->name, talk->type, 0, 1);
    put_named(&talk->out, "org", 2, 60, -1, "ns.org");
}

static void downward(struct talk *talk)
{
    put_head(&talk->out, talk->id, FLAG_QR, talk->name, talk->type, 0, 1);
    put_named(&talk->out, talk->name, 2, 60, -1, "ns.below");
}

static void from_a_cache(struct talk *talk)
{
    found(talk, FLAG_QR | FLAG_RA);
}

static void alias(struct talk *talk)
{
    put_head(&talk->out, talk->id, OK, talk->name, talk->type, 1, 0);
    put_named(&talk->out, talk->name, 5, 60, -1, "elsewhere.example");
}

static void resolves(struct talk *talk)
{
    if (talk->recursive)
        found(talk, FLAG_QR | FLAG_RA);
    else
        refuses(talk);
}

struct row {
    const char *label;
    void (*answer)(struct talk *talk);
    enum setup_lookup want;
    const char *want_why;
    size_t want_records, want_aliases;
    int want_rcode; /* -1: none */
    bool want_lame;
    bool resolver;
};

/* clang-format off */
static const struct row rows[] = {
    { "good", good, LOOKUP_FOUND, NULL, 1, 0, 0, false, false },
    { "silent", silent, LOOKUP_TIMEOUT, "no answer in time", 0, 0, -1, false, false },
    { "lost", once_lost, LOOKUP_FOUND, NULL, 1, 0, 0, false, false },
    { "truncated", truncated, LOOKUP_FOUND, "136 of 200", DNS_RECORDS_MAX, 0, 0, false, false },
    { "no-edns", without_edns, LOOKUP_FOUND, NULL, 1, 0, 0, false, false },
    { "drops", drops_edns, LOOKUP_FOUND, NULL, 1, 0, 0, false, false },
    { "forged", forged_first, LOOKUP_TIMEOUT, "no answer in time", 0, 0, -1, false, false },
    { "rubbish", rubbish, LOOKUP_TIMEOUT, "no answer in time", 0, 0, -1, false, false },
    { "nxdomain", no_such_name, LOOKUP_NXDOMAIN, NULL, 0, 0, 3, false, false },
    { "nodata", nothing, LOOKUP_NODATA, NULL, 0, 0, 0, false, false },
    { "servfail", fails, LOOKUP_SERVFAIL, "SERVFAIL", 0, 0, 2, false, false },
    { "refused", refuses, LOOKUP_SERVFAIL, "lame: REFUSED", 0, 0, 5, true, false },
    { "upward", upward, LOOKUP_SERVFAIL, "lame", 0, 0, 0, true, false },
    { "downward", downward, LOOKUP_NONE, "refers to the servers of downward.example.org", 0, 0, 0, false, false },
    { "cache", from_a_cache, LOOKUP_FOUND, "lame", 1, 0, 0, true, false },
    { "alias", alias, LOOKUP_FOUND, NULL, 0, 1, 0, false, false },
    { "resolver", resolves, LOOKUP_FOUND, NULL, 1, 0, 0, false, true },
    { "no-resolver", alias, LOOKUP_NODATA, NULL, 0, 1, 0, false, true },
    { "shut", nothing, LOOKUP_SERVFAIL, "offers no recursion", 0, 0, 0, false, true },
};
/* clang-format on */

/* --- the server --- */

static void read_question(struct talk *talk, const unsigned char *in)
{
    talk->id = (unsigned)(in[0] << 8 | in[1]);
    talk->recursive = in[2] & 1;
    talk->edns = in[11] == 1;
    size_t at = 12, end = 0;
    for (; in[at]; at += in[at] + 1u) {
        memcpy(talk->name + end, in + at + 1, in[at]);
        end += in[at];
        talk->name[end++] = '.';
    }
    talk->name[end - 1] = '\0';
    talk->type = (unsigned)(in[at + 1] << 8 | in[at + 2]);
    talk->out = BUF(65535);
}

static void answer(struct talk *talk)
{
    size_t label = strcspn(talk->name, ".");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (strlen(rows[i].label) == label && memcmp(rows[i].label, talk->name, label) == 0)
            rows[i].answer(talk);
}

static void serve_datagram(int fd)
{
    unsigned char in[1500];
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(fd, in, sizeof in, 0, (struct sockaddr *)&from, &size);
    if (got < 17)
        return;
    struct talk talk = { .tcp = false };
    read_question(&talk, in);
    answer(&talk);
    if (talk.out.size)
        sendto(fd, talk.out.data, talk.out.size, 0, (struct sockaddr *)&from, size);
    buf_done(&talk.out);
}

/* The answer in two pieces. */
static void serve_stream(struct server *server)
{
    int fd = accept(server->tcp, NULL, NULL);
    unsigned char in[1500];
    if (read(fd, in, sizeof in) > 17) {
        struct talk talk = { .tcp = true };
        read_question(&talk, in + 2);
        answer(&talk);
        unsigned char size[2] = { (unsigned char)(talk.out.size >> 8),
                                  (unsigned char)talk.out.size };
        ssize_t sent = send(fd, size, 1, MSG_NOSIGNAL);
        usleep(1000);
        sent += send(fd, size + 1, 1, MSG_NOSIGNAL);
        sent += send(fd, talk.out.data, talk.out.size, MSG_NOSIGNAL);
        assert_int_equal(sent, talk.out.size + 2);
        buf_done(&talk.out);
    }
    close(fd);
}

static void *serve(void *thing)
{
    struct server *server = thing;
    for (;;) {
        struct pollfd fds[3] = { { .fd = server->udp, .events = POLLIN },
                                 { .fd = server->tcp, .events = POLLIN },
                                 { .fd = server->udp6, .events = POLLIN } };
        poll(fds, 3, -1);
        if (fds[0].revents & POLLIN)
            serve_datagram(server->udp);
        if (fds[2].revents & POLLIN)
            serve_datagram(server->udp6);
        if (fds[1].revents & POLLIN)
            serve_stream(server);
        else if (fds[1].revents) /* shut down */
            return NULL;
    }
}

static int start(void **state)
{
    static struct server server;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    server.udp = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(server.udp, (struct sockaddr *)&address, size), 0);
    getsockname(server.udp, (struct sockaddr *)&address, &size);
    server.tcp = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server.tcp, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server.tcp, 5), 0);
    server.port = ntohs(address.sin_port);
    struct sockaddr_in6 six = { .sin6_family = AF_INET6,
                                .sin6_port = address.sin_port,
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    server.udp6 = socket(AF_INET6, SOCK_DGRAM, 0);
    if (server.udp6 >= 0 && bind(server.udp6, (struct sockaddr *)&six, sizeof six) != 0) {
        close(server.udp6);
        server.udp6 = -1;
    }
    assert_int_equal(pthread_create(&server.thread, NULL, serve, &server), 0);
    *state = &server;
    return 0;
}

static int stop(void **state)
{
    struct server *server = *state;
    shutdown(server->tcp, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->tcp);
    close(server->udp);
    if (server->udp6 >= 0)
        close(server->udp6);
    return 0;
}

/* --- tests --- */

static const struct dns_server_question *question_of(const struct dns_server_question *questions,
                                                     const char *label)
{
    while (strncmp(questions->name, label, strlen(label)) != 0
           || questions->name[strlen(label)] != '.')
        questions++;
    return questions;
}

static void check(const struct dns_server_question *questions)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct dns_server_question *question = question_of(questions, rows[i].label);
        const struct setup_answer *got = &question->answer;
        print_message("%s: %d %s\n", rows[i].label, (int)got->status, got->why ? got->why : "");
        assert_int_equal(got->status, rows[i].want);
        assert_int_equal(got->records.count, rows[i].want_records);
        assert_int_equal(got->aliases.count, rows[i].want_aliases);
        assert_int_equal(question->rcode, rows[i].want_rcode);
        assert_int_equal(question->lame, rows[i].want_lame);
        assert_string_equal(got->server, "here");
        assert_string_equal(got->type, "TXT");
        assert_false(got->secure);
        assert_int_equal(!got->why, !rows[i].want_why);
        if (rows[i].want_why)
            assert_non_null(strstr(got->why, rows[i].want_why));
    }
}

static size_t ask(struct arena *arena, const struct server *server, bool silent_ones,
                  struct dns_server_question *questions)
{
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if ((rows[i].want == LOOKUP_TIMEOUT) == silent_ones)
            questions[count++] = (struct dns_server_question){
                .address = arena_printf(arena, "127.0.0.1:%d", server->port),
                .server = "here",
                .name = arena_printf(arena, "%s." ZONE, rows[i].label),
                .type = DNS_TXT,
                .zone = rows[i].resolver ? NULL : ZONE,
            };
    return count;
}

/* All that are answered, well before their limit; then those that nobody answers, which take it. */
static void test_answers(void **state)
{
    struct server *server = *state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct dns_server_question questions[ARRAY_SIZE(rows)] = { 0 };
    size_t count = ask(&arena, server, false, questions);
    int64_t begin = clock_monotonic_ms();
    dns_server_ask(&arena, questions, count, begin + 60000);
    assert_in_range(clock_monotonic_ms() - begin, 0, 59999);
    size_t silent = ask(&arena, server, true, questions + count);
    begin = clock_monotonic_ms();
    dns_server_ask(&arena, questions + count, silent, begin + 1500);
    assert_in_range(clock_monotonic_ms() - begin, 1500, 59999);
    check(questions);
}

/* Nobody there: told at once, or not from here. */
static void test_nobody(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct dns_server_question questions[3] = {
        { .address = "127.0.0.1:1", .name = "good." ZONE, .type = DNS_TXT, .zone = ZONE },
        { .address = "not an address", .name = "good." ZONE, .type = DNS_TXT, .zone = ZONE },
        { .address = "127.0.0.1:1", .name = "bad..name", .type = DNS_TXT, .zone = ZONE },
    };
    int64_t begin = clock_monotonic_ms();
    dns_server_ask(&arena, questions, 3, begin + 30000);
    assert_in_range(clock_monotonic_ms() - begin, 0, 29000);
    assert_int_equal(questions[0].answer.status, LOOKUP_TIMEOUT);
    assert_non_null(strstr(questions[0].answer.why, "refused"));
    assert_int_equal(questions[1].answer.status, LOOKUP_NONE);
    assert_int_equal(questions[2].answer.status, LOOKUP_SERVFAIL);
    dns_server_ask(&arena, NULL, 0, begin);
}

static void test_ipv6(void **state)
{
    struct server *server = *state;
    if (server->udp6 < 0)
        skip();
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct dns_server_question question = { .address =
                                                arena_printf(&arena, "[::1]:%d", server->port),
                                            .name = "good." ZONE,
                                            .type = DNS_TXT,
                                            .zone = ZONE };
    dns_server_ask(&arena, &question, 1, clock_monotonic_ms() + 60000);
    assert_int_equal(question.answer.status, LOOKUP_FOUND);
}

static void test_time_is_over(void **state)
{
    struct server *server = *state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct dns_server_question question = { .address =
                                                arena_printf(&arena, "127.0.0.1:%d", server->port),
                                            .name = "silent." ZONE,
                                            .type = DNS_TXT,
                                            .zone = ZONE };
    dns_server_ask(&arena, &question, 1, clock_monotonic_ms() - 1);
    assert_int_equal(question.answer.status, LOOKUP_TIMEOUT);
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want_host;
        int want_port;
    } texts[] = {
        { "192.0.2.1", "192.0.2.1", 0 },
        { "192.0.2.1:5353", "192.0.2.1", 5353 },
        { "2001:db8::1", "2001:db8::1", 0 },
        { "[2001:db8::1]", "2001:db8::1", 0 },
        { "[2001:db8::1]:53", "2001:db8::1", 53 },
        { "fe80::1%eth0", "fe80::1%eth0", 0 },
        { "", NULL, 0 },
        { ":53", NULL, 0 },
        { "[2001:db8::1", NULL, 0 },
        { "[2001:db8::1]53", NULL, 0 },
        { "192.0.2.1:", NULL, 0 },
        { "192.0.2.1:x", NULL, 0 },
        { "192.0.2.1:65536", NULL, 0 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct dns_address address;
        print_message("%s\n", texts[i].text);
        bool good = dns_server_parse(texts[i].text, &address);
        assert_int_equal(good, texts[i].want_host != NULL);
        if (!good)
            continue;
        assert_string_equal(address.host, texts[i].want_host);
        assert_int_equal(address.port, texts[i].want_port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers), cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_ipv6),    cmocka_unit_test(test_time_is_over),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
