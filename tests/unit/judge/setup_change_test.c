/* Record and policy: whether they belong together, by the id itself and by what was seen before.
 * SPDX-License-Identifier: MIT */
#include "ingest/policy_text.h"
#include "setup_world.h"

static struct world world;

#define ID "20261101000000" /* of the healthy world */

static const char *present(struct world *it)
{
    return world_judge(it).policy_sha256;
}

static void new_record(struct world *it, const char *id)
{
    const char *text = arena_printf(&it->arena, "v=STSv1; id=%s;", id);
    it->facts.sts.records = world_answer(it, "", "", text).records;
    it->facts.sts_servers.count = 0;
}

/* An id of ours for the bytes of TEXT. */
static void own_id(struct world *it, const char *text)
{
    char id[POLICY_ID_BYTES];
    policy_text_id(NOW - 20 * DAY, (struct bytes){ text, strlen(text) }, id);
    new_record(it, arena_text(&it->arena, id));
}

static void same_id_new_policy(struct world *it)
{
    world_pair(it, ID, "old", 10, 0);
}
static void same_id_new_policy_long_ago(struct world *it) /* nobody holds the older one */
{
    world_pair(it, ID, "old", 10, 3);
    it->facts.host_aaaa.status = LOOKUP_NODATA;
}
static void new_id_same_policy(struct world *it)
{
    world_pair(it, "20261001000000", present(it), 40, 1);
}
static void first_record(struct world *it) /* the policy was served before it, as it should be */
{
    world_pair(it, "", present(it), 2, 1);
    it->facts.host_aaaa.status = LOOKUP_NODATA;
}
static void in_order(struct world *it) /* another policy, served under the old id at first */
{
    world_pair(it, "old-id", "old", 9, 2);
    world_pair(it, "old-id", present(it), 2, 1);
}
static void edited_since(struct world *it) /* and then it was changed, and its record was not */
{
    world_pair(it, "", "old", 4, 3);
    world_pair(it, ID, "old", 3, 0);
}
static void overtaken(struct world *it) /* the older policy came first, then the new id with it */
{
    world_pair(it, ID, "old", 1, 0);
    world_pair(it, "20261001000000", "old", 40, 1);
}
static void ahead(struct world *it) /* the id is of a policy that is not served yet */
{
    world_pair(it, "20261001000000", present(it), 40, 1);
    own_id(it, POLICY_ENFORCE);
}
static void mismatch(struct world *it)
{
    own_id(it, POLICY_ENFORCE);
}
static void half_way(struct world *it)
{
    own_id(it, POLICY_ENFORCE);
    it->fetches[1].body = (struct bytes){ POLICY_ENFORCE, strlen(POLICY_ENFORCE) };
}
static void hosted_id(struct world *it)
{
    it->history.hosted_policy = POLICY_TESTING;
    it->history.hosted_id = "20261102000000";
}
static void make_hosted_id(struct world *it, int64_t made_seconds)
{
    char id[POLICY_ID_BYTES];
    it->history.hosted_policy = POLICY_TESTING;
    policy_text_id(made_seconds, (struct bytes){ POLICY_TESTING, strlen(POLICY_TESTING) }, id);
    it->history.hosted_id = arena_text(&it->arena, id);
    world_pair(it, ID, "old", 10, 1);
}
static void hosted_id_due(struct world *it)
{
    make_hosted_id(it, NOW - DAY + 60);
}
static void hosted_id_overdue(struct world *it)
{
    make_hosted_id(it, NOW - DAY - 60);
}
static void hosted_policy(struct world *it)
{
    it->history.hosted_policy = POLICY_ENFORCE;
    it->history.hosted_id = ID;
}
static void delegated_record(struct world *it)
{
    world_alias(it, &it->facts.sts, "_mta-sts.provider.example");
}
static void delegated_record_without_host(struct world *it)
{
    delegated_record(it);
    it->facts.host_a = world_answer(it, "mta-sts.a.example", "A", NULL);
    it->facts.host_aaaa = it->facts.host_a;
    it->facts.fetches.count = it->facts.clients.count = 0;
}
static void delegated_host(struct world *it)
{
    world_alias(it, &it->facts.host_a, "mta-sts.provider.example");
    it->facts.sts = world_answer(it, "_mta-sts.a.example", "TXT", NULL);
    it->facts.sts_servers.count = 0;
}

/* clang-format off */
static const struct world_case cases[] = {
    { "R39 policy edited, id not bumped", same_id_new_policy, "x.id-not-bumped", SEVERITY_ERROR, "_mta-sts.a.example", ID, true },
    { "R39 the same, when every copy has run out", same_id_new_policy_long_ago, "host.no-v6", SEVERITY_INFO, NULL, NULL, true },
    { "R39 unneeded refetch", new_id_same_policy, "x.refetch-unneeded", SEVERITY_INFO, NULL, "20261001000000", true },
    { "R39 the first record after its policy", first_record, "host.no-v6", SEVERITY_INFO, NULL, NULL, true },
    { "R39 the same, policy edited since", edited_since, "x.id-not-bumped", SEVERITY_ERROR, NULL, ID, true },
    { "R39 TXT published before policy", ahead, "x.txt-before-policy", SEVERITY_ERROR, NULL, "20261001000000", true },
    { "R39 the same, policy came since", overtaken, "x.txt-before-policy", SEVERITY_WARNING, NULL, ID, true },
    { "R39 TXT before policy at one address", half_way, "x.txt-before-policy", SEVERITY_ERROR, "mta-sts.a.example", "2001:db8::80", false },
    { "R40 id of another policy", mismatch, "x.id-mismatch", SEVERITY_ERROR, NULL, "twelve digits", true },
    { "R39 id is not that of the policy that we serve", hosted_id, "x.id-not-hosted", SEVERITY_ERROR, NULL, "20261102000000", true },
    { "P9 our new policy is served, its id comes next", hosted_id_due, "x.id-due", SEVERITY_WARNING, NULL, "is served, and the record has the id", false },
    { "R39 our new policy is served for a day, its id is not published", hosted_id_overdue, "x.id-not-hosted", SEVERITY_ERROR, NULL, "ours is", true },
    { "R39 our id and another policy", hosted_policy, "x.id-mismatch", SEVERITY_ERROR, NULL, "192.0.2.80", true },
    { "X2 record delegated, host not", delegated_record_without_host, "x.delegation-half", SEVERITY_WARNING, NULL, "_mta-sts.provider.example", false },
    { "X2 record delegated, host local", delegated_record, "x.delegation-half", SEVERITY_INFO, NULL, NULL, false },
    { "X2 host delegated, no record", delegated_host, "x.delegation-half", SEVERITY_WARNING, NULL, "mta-sts.provider.example", false },
};
/* clang-format on */

static void test_cases(void **state)
{
    (void)state;
    assert_true(world_all_hold(&world, cases, ARRAY_SIZE(cases)));
    assert_true(world_covers(SETUP_RECORD, "x."));
}

static void test_policy_before_record(void **state)
{
    static void (*const histories[])(struct world * it) = { first_record, in_order };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(histories); i++) {
        world_begin(&world);
        histories[i](&world);
        const struct setup_result result = world_judge(&world);
        assert_null(world_find(&result, "x.refetch-unneeded"));
        arena_free(&world.arena);
    }
}

/* H6: an id of ours that fits the bytes needs no history to be believed. */
static void test_own_id(void **state)
{
    (void)state;
    world_begin(&world);
    own_id(&world, POLICY_TESTING);
    const struct setup_result result = world_judge(&world);
    assert_int_equal(result.word, VERDICT_READY);
    assert_int_equal(result.gates[GATE_RECORD], KNOWN_TRUE);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_policy_before_record),
        cmocka_unit_test(test_own_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
