/* The table of policies beside a plain list that says the same, and its file, whole and damaged.
 * SPDX-License-Identifier: MIT */
#include "collector/policy_table.h"
#include "base/hash.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define DOMAINS 3000
#define CHANGES 40000

static char directory[] = "/tmp/policy_table_test.XXXXXX";

/* What the ledger would say: a version, 0 for none. */
static void put(struct policy_table *table, int domain, int version)
{
    char name[40], body[60], sha256[65];
    unsigned char hash[HASH_BYTES];
    snprintf(name, sizeof name, "d%d.example", domain);
    snprintf(body, sizeof body, "policy %d\nof %s", version, name);
    hash_bytes(body, strlen(body), hash);
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", hash[i]);
    const struct hosting_changed_row row = { .domain_id = domain,
                                             .domain = name,
                                             .version = version,
                                             .served = version > 0,
                                             .body = { body, strlen(body) },
                                             .sha256 = sha256 };
    policy_table_put(table, &row);
}

static void check(struct policy_table *table, int domain, int version)
{
    char name[40], body[60];
    snprintf(name, sizeof name, "d%d.example", domain);
    snprintf(body, sizeof body, "policy %d\nof %s", version, name);
    const struct hosted *found = policy_table_find(table, name);
    if (!version) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_int_equal(found->version, version);
    assert_int_equal(found->domain_id, domain);
    assert_int_equal(found->body.size, strlen(body));
    assert_memory_equal(found->body.data, body, strlen(body));
    shared_release(found);
}

/* Domains come, change and go in any order. */
static void test_changes(void **state)
{
    (void)state;
    static int versions[DOMAINS];
    struct policy_table *table = policy_table_new();
    unsigned seed = 1;
    for (int i = 0; i < CHANGES; i++) {
        int domain = rand_r(&seed) % DOMAINS;
        versions[domain] = rand_r(&seed) % 3 ? i + 1 : 0;
        put(table, domain, versions[domain]);
    }
    size_t count = 0;
    for (int i = 0; i < DOMAINS; i++) {
        check(table, i, versions[i]);
        count += versions[i] > 0;
    }
    assert_true(count > DOMAINS / 2);
    assert_int_equal(policy_table_count(table), count);
    policy_table_free(&table);
    assert_null(table);
}

/* What is in use stays, whatever becomes of it in the table. */
static void test_one_in_use(void **state)
{
    (void)state;
    struct policy_table *table = policy_table_new();
    put(table, 1, 7);
    const struct hosted *found = policy_table_find(table, "d1.example");
    put(table, 1, 8);
    put(table, 1, 0);
    policy_table_free(&table);
    assert_int_equal(found->version, 7);
    assert_string_equal(found->domain, "d1.example");
    shared_release(found);
}

static struct policy_table *loaded(const char *path, size_t *damaged)
{
    struct policy_table *table = policy_table_new();
    struct err err = { 0 };
    if (!policy_table_load(table, path, damaged, &err))
        fail_msg("%s", err.text);
    return table;
}

/* What a file gives back; what the ledger does not know of goes once all of it was read. */
static void test_file(void **state)
{
    (void)state;
    char path[100];
    size_t damaged;
    struct err err = { 0 };
    struct policy_table *table = policy_table_new();
    snprintf(path, sizeof path, "%s/policies", directory);
    for (int i = 0; i < DOMAINS; i++)
        put(table, i, i + 1);
    assert_true(policy_table_save(table, path, &err));
    policy_table_free(&table);
    table = loaded(path, &damaged);
    assert_int_equal(damaged, 0);
    assert_int_equal(policy_table_count(table), DOMAINS);
    for (int i = 0; i < DOMAINS; i++)
        check(table, i, i + 1);
    for (int i = 0; i < DOMAINS; i += 2)
        put(table, i, i + 1);
    policy_table_confirm(table);
    assert_int_equal(policy_table_count(table), DOMAINS / 2);
    for (int i = 0; i < DOMAINS; i++)
        check(table, i, i % 2 ? 0 : i + 1);
    policy_table_free(&table);
}

/* Cut anywhere, and with any byte changed: nothing that is not whole is served. */
static void test_damage(void **state)
{
    (void)state;
    char path[100], bytes[2000];
    size_t damaged;
    struct err err = { 0 };
    struct policy_table *table = policy_table_new();
    snprintf(path, sizeof path, "%s/damaged", directory);
    for (int i = 0; i < 5; i++)
        put(table, i, i + 1);
    assert_true(policy_table_save(table, path, &err));
    policy_table_free(&table);
    FILE *file = fopen(path, "re");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 0; cut < 2 * size; cut++) {
        file = fopen(path, "we");
        if (cut < size) {
            fwrite(bytes, 1, cut, file);
        } else {
            bytes[cut - size] ^= 1;
            fwrite(bytes, 1, size, file);
            bytes[cut - size] ^= 1;
        }
        fclose(file);
        table = loaded(path, &damaged);
        assert_true(policy_table_count(table) <= 5);
        for (int i = 0; i < 5; i++) {
            char name[40], body[60];
            snprintf(name, sizeof name, "d%d.example", i);
            const struct hosted *found = policy_table_find(table, name);
            snprintf(body, sizeof body, "policy %d\nof %s", i + 1, name);
            if (found)
                assert_memory_equal(found->body.data, body, strlen(body));
            shared_release(found);
        }
        policy_table_free(&table);
    }
    assert_false(policy_table_save((table = policy_table_new()), "/nowhere/policies", &err));
    assert_int_equal(err.kind, ERR_SETUP);
    policy_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_one_in_use),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_damage),
    };
    if (!mkdtemp(directory))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command) != 0 || failed;
}
