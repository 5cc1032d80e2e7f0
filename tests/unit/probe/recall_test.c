/* What is remembered of MX hosts without a ledger, and work by several threads.
 * SPDX-License-Identifier: MIT */
#include "probe/recall.h"
#include "probe/crew.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MX      "mx1.example.org"
#define ADDRESS "192.0.2.1"

static void test_once(void **state)
{
    static const char *const names[] = { "mx1.example.org", "*.example.net" };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct recall *recall = recall_new(NULL, (struct pg_patience){ 0 });
    int64_t now = clock_now();
    struct setup_probe out;
    (void)state;
    assert_int_equal(recall_take(recall, &arena, MX, ADDRESS, now - 3600, &out), RECALL_LOOK);
    assert_int_equal(recall_take(recall, &arena, MX, ADDRESS, now - 3600, &out), RECALL_BUSY);
    assert_int_equal(recall_take(recall, &arena, MX, "192.0.2.2", now - 3600, &out), RECALL_LOOK);
    assert_int_equal(recall_take(recall, &arena, "mx2.example.org", ADDRESS, now - 3600, &out),
                     RECALL_LOOK);
    assert_false(recall_reached(recall));

    const struct setup_probe probe = {
        .address = ADDRESS,
        .at_seconds = now - 100,
        .reach = REACH_OPEN,
        .code = 454,
        .starttls = STARTTLS_REFUSED,
        .dane = DANE_MISMATCH,
        .milliseconds = 7,
        .why = "why",
        .banner = "banner",
        .tls = { .tried = true,
                 .done = true,
                 .version = "TLSv1.3",
                 .cipher = "cipher",
                 .certificate = { .shown = true,
                                  .flaws = FLAW_EXPIRED | FLAW_NAME,
                                  .why = "flaw",
                                  .subject = "CN=a",
                                  .issuer = "CN=b",
                                  .names = { names, ARRAY_SIZE(names) },
                                  .begin_seconds = 1,
                                  .end_seconds = 2,
                                  .chain_end_seconds = 3,
                                  .sha256 = "aa",
                                  .spki_sha256 = "bb" } },
    };
    recall_put(recall, MX, &probe);
    assert_true(recall_reached(recall));
    assert_int_equal(recall_take(recall, &arena, MX, ADDRESS, now - 100, &out), RECALL_KNOWN);
    assert_string_equal(out.address, ADDRESS);
    assert_int_equal(out.at_seconds, now - 100);
    assert_int_equal(out.reach, REACH_OPEN);
    assert_int_equal(out.code, 454);
    assert_int_equal(out.starttls, STARTTLS_REFUSED);
    assert_int_equal(out.dane, DANE_MISMATCH);
    assert_int_equal(out.milliseconds, 7);
    assert_string_equal(out.why, "why");
    assert_string_equal(out.banner, "banner");
    assert_true(out.tls.tried && out.tls.done && !out.tls.too_old);
    assert_string_equal(out.tls.version, "TLSv1.3");
    assert_string_equal(out.tls.cipher, "cipher");
    assert_null(out.tls.why);
    assert_true(out.tls.certificate.shown);
    assert_int_equal(out.tls.certificate.flaws, FLAW_EXPIRED | FLAW_NAME);
    assert_string_equal(out.tls.certificate.why, "flaw");
    assert_string_equal(out.tls.certificate.subject, "CN=a");
    assert_string_equal(out.tls.certificate.issuer, "CN=b");
    assert_int_equal(out.tls.certificate.names.count, 2);
    assert_string_equal(out.tls.certificate.names.items[1], "*.example.net");
    assert_int_equal(out.tls.certificate.chain.count, 0);
    assert_int_equal(out.tls.certificate.begin_seconds, 1);
    assert_int_equal(out.tls.certificate.end_seconds, 2);
    assert_int_equal(out.tls.certificate.chain_end_seconds, 3);
    assert_string_equal(out.tls.certificate.sha256, "aa");
    assert_string_equal(out.tls.certificate.spki_sha256, "bb");
    assert_int_equal(recall_take(recall, &arena, MX, ADDRESS, now - 99, &out), RECALL_LOOK);
    recall_free(&recall);
    assert_null(recall);
}

/* Whoever makes up hosts at somebody else's address. */
static void test_one_address(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct recall *recall = recall_new(NULL, (struct pg_patience){ 0 });
    const int64_t now = clock_now();
    struct setup_probe out;
    (void)state;
    for (int i = 0; i < 120; i++)
        assert_int_equal(recall_take(recall, &arena, arena_printf(&arena, "mx%d.example.org", i),
                                     ADDRESS, now - 3600, &out),
                         RECALL_LOOK);
    recall_put(recall, MX, &(struct setup_probe){ .address = ADDRESS, .at_seconds = now });
    assert_int_equal(recall_take(recall, &arena, "mx.example.net", ADDRESS, now - 3600, &out),
                     RECALL_LATER);
    assert_int_equal(recall_take(recall, &arena, MX, ADDRESS, now + 1, &out), RECALL_KNOWN);
    assert_int_equal(out.at_seconds, now);
    assert_int_equal(recall_take(recall, &arena, "mx2.example.org", ADDRESS, now - 3600, &out),
                     RECALL_BUSY);
    assert_int_equal(recall_take(recall, &arena, "mx.example.net", "192.0.2.2", now - 3600, &out),
                     RECALL_LOOK);
    recall_free(&recall);
}

/* --- crew --- */

struct heap {
    atomic_int sum, now, most;
};

static void work(struct arena *arena, void *thing, size_t index)
{
    struct heap *heap = thing;
    int now = ++heap->now;
    if (now > heap->most)
        heap->most = now;
    *(char *)arena_alloc(arena, 1000) = 1;
    heap->sum += (int)index;
    heap->now--;
}

static void test_crew(void **state)
{
    static const struct {
        size_t threads, count;
        int want;
    } cases[] = { { 4, 100, 4950 }, { 1, 10, 45 }, { 8, 3, 3 }, { 8, 1, 0 }, { 8, 0, 0 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct heap heap = { 0 };
        crew_run(&arena, cases[i].threads, cases[i].count, work, &heap);
        assert_int_equal(heap.sum, cases[i].want);
        assert_true(heap.most <= (int)cases[i].threads);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_one_address),
        cmocka_unit_test(test_crew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
