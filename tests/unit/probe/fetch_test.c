/* Looks at policy hosts of every kind: what is kept of an answer, and what is never done: no redirect is
 * followed, no proxy asked, nothing sent but the request.
 * SPDX-License-Identifier: MIT */
#include "probe/fetch.h"
#include "servers.h"

#define HOST   "mta-sts.example.org"
#define POLICY "version: STSv1\r\nmode: testing\r\nmx: mx.example.org\r\nmax_age: 86400\r\n"

struct sample {
    const char *does, *certificate;
    int status;
    const char *body; /* its beginning; NULL: none */
    const char *why;  /* part of it; NULL: nothing is the matter */
    bool cut;
    const char *location, *type, *encoding, *authenticate;
};

static const struct sample samples[] = {
    { "good", "good", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "good", "expired and name", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "good", "self-signed", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "redirect http://127.0.0.1/elsewhere", "good", 301, "", NULL, false,
      "http://127.0.0.1/elsewhere", "text/plain", NULL, NULL },
    { "redirect /.well-known/mta-sts.txt", "good", 301, "", NULL, false, "/.well-known/mta-sts.txt",
      "text/plain", NULL, NULL },
    { "status 404", "good", 404, "Sorry.", NULL, false, NULL, "text/plain", NULL, NULL },
    { "status 503", "good", 503, "Sorry.", NULL, false, NULL, "text/plain", NULL, NULL },
    { "misdirected", "good", 421, "Not here.", NULL, false, NULL, "text/plain", NULL, NULL },
    { "login", "good", 401, "Who", NULL, false, NULL, "text/plain", NULL,
      "Basic realm=\"policies\"" },
    { "browsers", "good", 403, "Denied.", NULL, false, NULL, "text/plain", NULL, NULL },
    { "html", "good", 200, "<!DOCTYPE", NULL, false, NULL, "text/html; charset=utf-8", NULL, NULL },
    { "type TEXT/Plain;x=y", "good", 200, POLICY, NULL, false, NULL, "TEXT/Plain;x=y", NULL, NULL },
    { "no-type", "good", 200, POLICY, NULL, false, NULL, NULL, NULL, NULL },
    { "gzip", "good", 200, "\x1f\x8b", NULL, false, NULL, "text/plain", "gzip", NULL },
    { "chunked", "good", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "http10", "good", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "early", "good", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "cookie", "good", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "cut", "good", 200, POLICY, "", true, NULL, "text/plain", NULL, NULL },
    { "headers 20", "good", 200, POLICY, NULL, false, NULL, "text/plain", NULL, NULL },
    { "headers 60", "good", 200, "", "the headers are longer than 32768 bytes", true, NULL,
      "text/plain", NULL, NULL },
    { "alert", "good", 0, NULL, "the server refused the handshake: alert \"handshake failure\"",
      false, NULL, NULL, NULL, NULL },
    { "plain", "good", 0, NULL, "not TLS", false, NULL, NULL, NULL, NULL },
    { "tls old", "good", 0, NULL, "1.2", false, NULL, NULL, NULL, NULL },
};

static struct fetch_target target_of(struct arena *arena, const char *does, const char *certificate)
{
    return (struct fetch_target){ .host = HOST,
                                  .path = FETCH_PATH,
                                  .address =
                                      arena_text(arena, ask("web %s / %s", does, certificate)),
                                  .client = "" };
}

static void look_at(struct arena *arena, const char *does, const char *certificate,
                    struct setup_fetch *out)
{
    struct fetch_target target = target_of(arena, does, certificate);
    memset(out, 0xff, sizeof *out);
    fetch_look(arena, &servers.terms, &target, out);
    assert_string_equal(out->url, "https://mta-sts.example.org/.well-known/mta-sts.txt");
    assert_true(out->address == target.address);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void test_samples(void **state)
{
    int open_before = open_files();
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct sample *want = &samples[i];
        struct setup_fetch got;
        look_at(&arena, want->does, want->certificate, &got);
        if (got.reach != REACH_OPEN || got.status != want->status || got.cut != want->cut
            || !!got.why != !!want->why || (want->why && !strstr(got.why, want->why)))
            fail_msg("%s: status %d, cut %d, \"%s\"", want->does, got.status, got.cut, got.why);
        if (!same(got.location, want->location) || !same(got.type, want->type)
            || !same(got.encoding, want->encoding) || !same(got.authenticate, want->authenticate))
            fail_msg("%s: %s, %s, %s, %s", want->does, got.location, got.type, got.encoding,
                     got.authenticate);
        assert_false(got.too_large);
        assert_true(got.tls.tried && got.tls.done == (want->status != 0));
        size_t size = want->body ? strlen(want->body) : 0;
        assert_true(got.body.size >= size
                    && (size == 0 || memcmp(got.body.data, want->body, size) == 0));
        if (want->body && strcmp(want->body, POLICY) == 0)
            assert_int_equal(got.body.size, size);
    }
    assert_int_equal(open_files(), open_before);
}

static void test_certificate_and_contents(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_fetch got;
    look_at(&arena, "good", "expired and name", &got);
    assert_int_equal(got.tls.certificate.flaws, FLAW_EXPIRED | FLAW_NAME);
    assert_string_equal(got.tls.version, "TLSv1.3");
    assert_string_equal(got.tls.certificate.spki_sha256, ask("spki"));
    look_at(&arena, "good", "good", &got);
    assert_int_equal(got.tls.certificate.flaws, 0);
    look_at(&arena, "good", "self-signed but good by name", &got); /* so the name was sent */
    assert_int_equal(got.tls.certificate.flaws, 0);
    look_at(&arena, "tls old", "good", &got);
    assert_true(got.tls.too_old);
    assert_string_equal(got.why, got.tls.why);
}

/* The end of a connection by force overtakes what was sent before, or not. */
static void test_broken_connection(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_fetch got;
    look_at(&arena, "abort", "good", &got);
    assert_true(got.tls.done && got.why && got.cut == (got.status != 0));
}

static void test_sizes(void **state)
{
    static const struct {
        const char *does;
        size_t size;
        bool too_large;
    } cases[] = {
        { "endless", 65537, true },        { "length 65536", 65536, false },
        { "length 65537", 65537, true },   { "length 65538", 65537, true },
        { "length 3000000", 65537, true }, { "stream 65536", 65536, false },
        { "stream 3000000", 65537, true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct setup_fetch got;
        look_at(&arena, cases[i].does, "good", &got);
        if (got.body.size != cases[i].size || got.too_large != cases[i].too_large || got.why)
            fail_msg("%s: %zu bytes, %d, %s", cases[i].does, got.body.size, got.too_large, got.why);
        assert_false(got.cut);
        assert_true(got.milliseconds < servers.terms.total_ms); /* nothing more is read */
    }
}

/* What libcurl will not even begin with leaves no connection behind. */
static void test_impossible_name(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fetch_target target = target_of(&arena, "good", "good");
    struct setup_fetch got;
    int open_before = open_files();
    target.host = "mta sts.example.org";
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_true(got.reach == REACH_OPEN && got.status == 0 && got.why && !got.tls.done);
    assert_int_equal(open_files(), open_before);
}

static void test_slow_servers(void **state)
{
    static const struct {
        const char *does, *why;
        int status;
    } cases[] = { { "mute", "no answer in time", 0 },
                  { "drip 0.4", "it did not end in time", 200 },
                  { "hints", "the headers are longer", 103 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct wire_terms terms = servers.terms;
        struct fetch_target target = target_of(&arena, cases[i].does, "good");
        struct setup_fetch got;
        terms.total_ms = 6000;
        fetch_look(&arena, &terms, &target, &got);
        assert_true(got.tls.done);
        assert_int_equal(got.status, cases[i].status);
        assert_non_null(strstr(got.why, cases[i].why));
        assert_true(got.milliseconds < 25000);
    }
}

/* What is sent, to the byte: names in the order of the alphabet. */
static void test_requests(void **state)
{
    static const struct {
        const char *client;
        bool head;
        const char *want;
    } cases[] = {
        { "", false,
          "GET /.well-known/mta-sts.txt [('accept', '*/*'), ('host', 'mta-sts.example.org')]" },
        { "libwww-perl/6.67", false,
          "GET /.well-known/mta-sts.txt [('accept', '*/*'), ('host', 'mta-sts.example.org'), "
          "('user-agent', 'libwww-perl/6.67')]" },
        { "", true, "" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct fetch_target target = target_of(&arena, "echo", "good");
        struct setup_fetch got;
        target.client = cases[i].client;
        target.head = cases[i].head;
        fetch_look(&arena, &servers.terms, &target, &got);
        assert_int_equal(got.status, 200);
        assert_string_equal(arena_copy(&arena, got.body.data, got.body.size), cases[i].want);
        assert_string_equal(got.client, cases[i].client);
    }
}

static void test_head(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fetch_target target = target_of(&arena, "no-head", "good");
    struct setup_fetch got;
    target.head = true;
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_int_equal(got.status, 405);
    target.head = false;
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_int_equal(got.status, 200);
}

static void test_without_tls(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fetch_target target = target_of(&arena, "http", "good");
    struct setup_fetch got;
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_int_equal(got.reach, REACH_REFUSED);
    assert_string_equal(got.why, "Connection refused");
    assert_false(got.tls.tried);
    target.plain = true;
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_string_equal(got.url, "http://mta-sts.example.org/.well-known/mta-sts.txt");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.body.size, strlen(POLICY));
    assert_true(!got.tls.tried && !got.why);
}

static void test_other_paths(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fetch_target target = target_of(&arena, "path /mta-sts.txt", "good");
    struct setup_fetch got;
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_int_equal(got.status, 404);
    target.path = "/mta-sts.txt";
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_int_equal(got.status, 200);
}

static void test_addresses(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fetch_target target = {
        .host = HOST, .path = FETCH_PATH, .client = "", .address = "10.0.0.1"
    };
    struct setup_fetch got;
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_int_equal(got.reach, REACH_FORBIDDEN);
    assert_string_equal(got.why, "10.0.0.1 is private (10.0.0.0/8)");
    assert_true(!got.tls.tried && !got.status);
}

static void test_ipv6(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fetch_target target = {
        .host = HOST, .path = FETCH_PATH, .client = "", .address = "::1"
    };
    struct setup_fetch got;
    assert_string_equal(ask("web6 good / good"), "::1");
    fetch_look(&arena, &servers.terms, &target, &got);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.body.size, strlen(POLICY));
    assert_int_equal(got.tls.certificate.flaws, 0);
}

/* The environment's proxy and files are not asked: nothing listens there, so that it would fail. */
static void test_environment(void **state)
{
    static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                         "http_proxy" };
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_fetch got;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        setenv(names[i], "http://127.0.0.1:9", 1);
    setenv("SSL_CERT_FILE", "/nonexistent", 1);
    look_at(&arena, "good", "good", &got);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.tls.certificate.flaws, 0);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        unsetenv(names[i]);
    unsetenv("SSL_CERT_FILE");
}

static bool is_served(const char *address)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fetch_target target = {
        .host = HOST, .path = FETCH_PATH, .client = "", .address = address
    };
    struct setup_fetch got;
    fetch_look(&arena, &servers.terms, &target, &got);
    return got.status == 200 && got.tls.certificate.flaws == FLAW_NAME;
}

static void test_many_at_once(void **state)
{
    (void)state;
    many_at_once(is_served, "web good / name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_at_once), /* libcurl is used for the first time by all of them at once */
        cmocka_unit_test(test_samples),         cmocka_unit_test(test_certificate_and_contents),
        cmocka_unit_test(test_sizes),           cmocka_unit_test(test_broken_connection),
        cmocka_unit_test(test_impossible_name), cmocka_unit_test(test_slow_servers),
        cmocka_unit_test(test_requests),        cmocka_unit_test(test_head),
        cmocka_unit_test(test_without_tls),     cmocka_unit_test(test_other_paths),
        cmocka_unit_test(test_addresses),       cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_environment),
    };
    return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
