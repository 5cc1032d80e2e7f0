/* Decisions about requests: hosts, plain text, proxies, passwords and what is remembered of them;
 * settings that change meanwhile. And credentials out of headers.
 * SPDX-License-Identifier: MIT */
#include "web/auth.h"
#include "base/clock.h"
#include "web/basic.h"
#include "web/known.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* bcrypt with few rounds */
#define ANNA  "anna:$2b$04$3ZJrjRChj7TGXykIoa5juewmaclQgWuwbDc//ghWKcVukgyqgNdiq" /* correct horse */
#define RIGHT "Basic YW5uYTpjb3JyZWN0IGhvcnNl"
#define WRONG "Basic YW5uYTp3cm9uZw=="
#define OTHER "Basic YmVydDpjb3JyZWN0IGhvcnNl"

static const char *const users[] = { ANNA };
static const char *const proxies[] = { "192.0.2.0/24" };
static const char *const names[] = { "Reports.Example.org" };
static const char *const addresses[] = { "127.0.0.1:8460", "pages.example.org:443", "unix:/run/x" };

#define LIST(items)              \
    {                            \
        items, ARRAY_SIZE(items) \
    }
#define ALL_ADDRESSES (&(struct text_list)LIST(addresses))

static struct auth *new_auth(const struct auth_settings *settings, bool encrypted)
{
    struct auth *auth = NULL;
    struct err err = { 0 };
    if (!auth_new(settings, ALL_ADDRESSES, encrypted, &auth, &err))
        fail_msg("%s", err.text);
    return auth;
}

struct asked {
    const char *client;
    const char *headers[8]; /* name, value, …, in their order */
};

/* Looks at a request, and compares its password if it is to be. */
static struct auth_decision ask(struct auth *auth, const struct asked *asked,
                                struct request *request)
{
    struct auth_decision decision;
    *request = (struct request){ .client = asked->client, .method = "GET", .path = "/" };
    for (size_t i = 0; i < ARRAY_SIZE(asked->headers) && asked->headers[i]; i += 2) {
        struct http_field *field = arena_alloc(&request->arena, sizeof *field);
        *field = (struct http_field){ request->headers, asked->headers[i], asked->headers[i + 1] };
        request->headers = field;
    }
    auth_decide(auth, request, &decision);
    if (decision.verdict == AUTH_CHECK)
        auth_compare(auth, request, &decision);
    return decision;
}

static void expect(struct auth *auth, const struct asked *asked, enum auth_verdict verdict,
                   const char *user)
{
    struct request request;
    struct auth_decision decision = ask(auth, asked, &request);
    print_message("%s %s: %s\n", asked->client, asked->headers[0] ? asked->headers[0] : "",
                  asked->headers[0] ? asked->headers[1] : "");
    assert_int_equal(decision.verdict, verdict);
    if (user)
        assert_string_equal(decision.user, user);
    else
        assert_null(decision.user);
    arena_free(&request.arena);
}

static void test_open(void **state)
{
    (void)state;
    struct auth *auth = new_auth(&(struct auth_settings){ .hosts = LIST(names) }, false);
    expect(auth, &(struct asked){ "127.0.0.1", { NULL } }, AUTH_PASSED, NULL);
    expect(auth, &(struct asked){ "::1", { NULL } }, AUTH_PASSED, NULL);
    expect(auth, &(struct asked){ "unix", { NULL } }, AUTH_PASSED, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { NULL } }, AUTH_PLAIN, NULL);
    expect(auth, &(struct asked){ "127.0.0.1", { "Authorization", WRONG } }, AUTH_PASSED, NULL);
    auth_free(&auth);
    auth_free(&auth);
}

static void test_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool ours;
    } cases[] = {
        { "localhost", true },
        { "LocalHost:8460", true },
        { "127.0.0.1:8460", true },
        { "[::1]:8460", true },
        { "[::1]", true },
        { "203.0.113.9", true },
        { "reports.example.org:1", true },
        { "pages.example.org", true },
        { "pages.example.org.", true },
        { "", true },
        { "example.org", false },
        { "x.pages.example.org", false },
        { "127.0.0.1.example.org", false },
        { "localhost.example", false },
        { "::1", false },
        { "[::1", true }, /* an address all the same */
        { "[evil.example]", false },
        { "127.1", false },
        { "localhost@evil.example", false },
        { "localhost/evil", false },
        { ":8460", false },
    };
    struct auth *auth = new_auth(&(struct auth_settings){ .hosts = LIST(names) }, false);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(auth, &(struct asked){ "127.0.0.1", { "host", cases[i].host } },
               cases[i].ours ? AUTH_PASSED : AUTH_STRANGE, NULL);
    auth_free(&auth);
}

static void test_passwords(void **state)
{
    (void)state;
    const struct auth_settings settings = { .users = LIST(users), .failures_per_client = 100 };
    struct auth *auth = new_auth(&settings, true);
    struct request request;
    struct auth_decision decision;
    expect(auth, &(struct asked){ "192.0.2.1", { NULL } }, AUTH_NEEDED, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { "Authorization", "Basic ?" } }, AUTH_NEEDED, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { "Authorization", WRONG } }, AUTH_WRONG, "anna");
    expect(auth, &(struct asked){ "192.0.2.1", { "Authorization", OTHER } }, AUTH_WRONG, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { "Authorization", RIGHT } }, AUTH_PASSED, "anna");
    decision = ask(auth, &(struct asked){ "192.0.2.1", { "Authorization", RIGHT } }, &request);
    arena_free(&request.arena);
    assert_int_equal(decision.verdict, AUTH_PASSED);

    /* Remembered, or not, by the decision alone. */
    for (int changed = 0; changed < 2; changed++) {
        static const struct asked right = { "192.0.2.1", { "Authorization", RIGHT } };
        struct http_field field = { NULL, right.headers[0], right.headers[1] };
        request = (struct request){ .client = right.client, .headers = &field };
        auth_decide(auth, &request, &decision);
        assert_int_equal(decision.verdict, changed ? AUTH_CHECK : AUTH_PASSED);
        arena_free(&request.arena);
        assert_true(auth_change(auth, &settings, ALL_ADDRESSES, true, &(struct err){ 0 }));
    }
    auth_free(&auth);
}

static void test_limited(void **state)
{
    (void)state;
    const struct auth_settings settings = { .users = LIST(users), .failures_per_client = 2 };
    struct auth *auth = new_auth(&settings, true);
    for (int i = 0; i < 5; i++) {
        struct request request;
        struct auth_decision decision =
            ask(auth, &(struct asked){ "192.0.2.1", { "Authorization", WRONG } }, &request);
        assert_int_equal(decision.verdict, i < 2 ? AUTH_WRONG : AUTH_LIMITED);
        assert_int_equal(decision.first, i == 2);
        assert_in_range(decision.retry_seconds, i < 2 ? 0 : 1, 31);
        arena_free(&request.arena);
    }
    expect(auth, &(struct asked){ "192.0.2.2", { "Authorization", RIGHT } }, AUTH_PASSED, "anna");
    auth_free(&auth);
}

/* Who guesses finds no way around the limit in the log-in of somebody else, nor in one of its own
 * address, and whoever is logged in stays so when strangers use up the attempts of all. */
static void test_limited_beside_a_login(void **state)
{
    (void)state;
    const struct auth_settings settings = { .users = LIST(users),
                                            .failures_per_client = 2,
                                            .failures = 4 };
    struct auth *auth = new_auth(&settings, true);
    const struct asked owner = { "192.0.2.1", { "Authorization", RIGHT } };
    const struct asked guess[] = { { "192.0.2.2", { "Authorization", WRONG } },
                                   { "192.0.2.3", { "Authorization", WRONG } },
                                   { "192.0.2.1", { "Authorization", WRONG } } };
    const struct asked right = { "192.0.2.2", { "Authorization", RIGHT } };
    expect(auth, &owner, AUTH_PASSED, "anna");
    for (int i = 0; i < 4; i++)
        expect(auth, &guess[i / 2], AUTH_WRONG, "anna");
    expect(auth, &right, AUTH_LIMITED, NULL);
    expect(auth, &owner, AUTH_PASSED, "anna");
    expect(auth, &guess[2], AUTH_LIMITED, NULL);
    auth_free(&auth);

    auth =
        new_auth(&(struct auth_settings){ .users = LIST(users), .failures_per_client = 2 }, true);
    expect(auth, &owner, AUTH_PASSED, "anna");
    for (int i = 0; i < 3; i++)
        expect(auth, &guess[2], i < 2 ? AUTH_WRONG : AUTH_LIMITED, i < 2 ? "anna" : NULL);
    expect(auth, &owner, AUTH_LIMITED, NULL);
    auth_free(&auth);
}

static void test_proxies(void **state)
{
    (void)state;
    const struct auth_settings settings = { .trusted_proxies = LIST(proxies),
                                            .proxy_user_header = "X-User" };
    struct auth *auth = new_auth(&settings, false);
    expect(auth, &(struct asked){ "192.0.2.1", { "x-user", "bert" } }, AUTH_PASSED, "bert");
    expect(auth, &(struct asked){ "192.0.2.1", { NULL } }, AUTH_PROXY_ONLY, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { "X-User", "" } }, AUTH_PROXY_ONLY, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { "X-User", "\xff" } }, AUTH_PROXY_ONLY, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { "X-User", "a", "X-User", "b" } }, AUTH_PROXY_ONLY,
           NULL);
    expect(auth, &(struct asked){ "127.0.0.1", { "X-User", "bert" } }, AUTH_PROXY_ONLY, NULL);
    expect(auth, &(struct asked){ "203.0.113.1", { "X-User", "bert" } }, AUTH_PLAIN, NULL);
    struct request request;
    const struct asked through = { "192.0.2.1",
                                   { "X-Forwarded-For", "10.0.0.1", "X-Forwarded-For",
                                     "203.0.113.7, 192.0.2.9", "X-User", "bert" } };
    struct auth_decision decision = ask(auth, &through, &request);
    assert_string_equal(decision.client, "203.0.113.7");
    arena_free(&request.arena);
    auth_free(&auth);
}

static void test_guards(void **state)
{
    (void)state;
    static const struct {
        struct auth_settings settings;
        bool encrypted;
        const char *want; /* NULL: they guard */
    } cases[] = {
        { { .users = LIST(users) }, true, NULL },
        { { .users = LIST(users), .trusted_proxies = LIST(proxies) }, false, NULL },
        { { .trusted_proxies = LIST(proxies), .proxy_user_header = "X-User" }, false, NULL },
        { { .users = LIST(users) }, false, "readable" },
        { { .trusted_proxies = LIST(proxies) }, true, "anybody" },
        { { .failures = 1 }, true, "anybody" },
        { { .failures = 1 }, false, "anybody" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct err err = { 0 };
        struct auth *auth = new_auth(&cases[i].settings, cases[i].encrypted);
        assert_int_equal(auth_guards(auth, &err), !cases[i].want);
        if (cases[i].want)
            assert_non_null(strstr(err.text, cases[i].want));
        auth_free(&auth);
    }
}

static void test_change(void **state)
{
    (void)state;
    const struct auth_settings first = { .users = LIST(users), .failures_per_client = 10 };
    const struct auth_settings none = { .failures_per_client = 10 };
    const struct auth_settings bad = { .users = { (const char *const[]){ "x" }, 1 } };
    struct auth *auth = new_auth(&first, true);
    struct err err = { 0 };
    assert_false(auth_change(auth, &bad, ALL_ADDRESSES, false, &err));
    err = (struct err){ 0 };
    assert_false(auth_change(auth, &none, ALL_ADDRESSES, true, &err));
    assert_non_null(strstr(err.text, "anybody"));
    expect(auth, &(struct asked){ "192.0.2.1", { NULL } }, AUTH_NEEDED, NULL);
    expect(auth, &(struct asked){ "192.0.2.1", { "Authorization", RIGHT } }, AUTH_PASSED, "anna");
    assert_true(auth_change(auth, &none, ALL_ADDRESSES, false, &err));
    expect(auth, &(struct asked){ "192.0.2.1", { NULL } }, AUTH_PASSED, NULL);
    auth_free(&auth);
}

static void *change_often(void *thing)
{
    const struct auth_settings settings = { .users = LIST(users), .failures_per_client = 100000 };
    for (int i = 0; i < 200; i++)
        assert_true(auth_change(thing, &settings, ALL_ADDRESSES, true, &(struct err){ 0 }));
    return NULL;
}

static void test_change_meanwhile(void **state)
{
    (void)state;
    const struct auth_settings settings = { .users = LIST(users), .failures_per_client = 100000 };
    struct auth *auth = new_auth(&settings, true);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, change_often, auth), 0);
    for (int i = 0; i < 20; i++)
        expect(auth, &(struct asked){ "192.0.2.1", { "Authorization", i % 2 ? WRONG : RIGHT } },
               i % 2 ? AUTH_WRONG : AUTH_PASSED, "anna");
    pthread_join(thread, NULL);
    auth_free(&auth);
}

/* --- credentials --- */

static void test_basic(void **state)
{
    (void)state;
    static const struct {
        const char *value, *name, *password; /* name NULL: none */
    } cases[] = {
        { "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame" }, /* RFC 7617 section 2 */
        { "basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame" },
        { "Basic dGVzdDoxMjPCow==", "test", "123\u00a3" }, /* ditto, section 2.1 */
        { "Basic YTpiOmM=", "a", "b:c" },
        { "Basic Og==", "", "" },
        { "Basic YQ==", NULL, NULL },     /* no colon */
        { "Basic YTpiOmM", NULL, NULL },  /* not whole */
        { "Basic YTp=iOmM", NULL, NULL }, /* padding inside */
        { "Basic YTpi AAA", NULL, NULL },
        { "Basic YToA", NULL, NULL }, /* zero byte */
        { "Basic YToK", NULL, NULL }, /* line feed */
        { "Basic ====", NULL, NULL },
        { "Basic =", NULL, NULL },
        { "Basic ", NULL, NULL },
        { "Basic", NULL, NULL },
        { "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", NULL, NULL },
        { "", NULL, NULL },
        { NULL, NULL, NULL },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct credentials got = { NULL, NULL };
        print_message("%s\n", cases[i].value ? cases[i].value : "");
        assert_int_equal(basic_parse(&arena, cases[i].value, &got), cases[i].name != NULL);
        if (cases[i].name) {
            assert_string_equal(got.name, cases[i].name);
            assert_string_equal(got.password, cases[i].password);
        }
        arena_free(&arena);
    }
}

static void test_known(void **state)
{
    (void)state;
    struct known *known = known_new();
    const struct credentials one = { "anna", "secret" }, shifted = { "annas", "ecret" };
    int64_t now = 1000;
    assert_false(known_has(known, &one, "192.0.2.1", now));
    known_add(known, &one, "192.0.2.1", now);
    assert_true(known_has(known, &one, "192.0.2.1", now));
    assert_false(known_has(known, &one, "192.0.2.2", now));
    assert_false(known_has(known, &shifted, "192.0.2.1", now));
    assert_true(known_has(known, &one, "192.0.2.1", now + KNOWN_SECONDS * 1000 - 1));
    assert_false(known_has(known, &one, "192.0.2.1", now + KNOWN_SECONDS * 1000));
    for (int i = 0; i < 1000; i++) {
        char name[16] = { 'u', (char)('a' + i / 26 / 26), (char)('a' + i / 26 % 26),
                          (char)('a' + i % 26) };
        const struct credentials many = { name, "x" };
        known_add(known, &many, "192.0.2.1", now + 1 + i);
        assert_true(known_has(known, &many, "192.0.2.1", now + 1 + i));
    }
    assert_false(known_has(known, &one, "192.0.2.1", now)); /* the oldest had to go */
    known_add(known, &one, "192.0.2.1", now + 2000);
    known_forget(known);
    assert_false(known_has(known, &one, "192.0.2.1", now + 2000));
    known_free(&known);
    assert_null(known);
    known_free(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_limited),
        cmocka_unit_test(test_limited_beside_a_login),
        cmocka_unit_test(test_proxies),
        cmocka_unit_test(test_guards),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_change_meanwhile),
        cmocka_unit_test(test_basic),
        cmocka_unit_test(test_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
