/* The writer of JSON: commas, escapes, base64.
 * SPDX-License-Identifier: MIT */
#include "web/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_values(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct json *json = json_new(&arena);
    json_open(json, NULL, '{');
    json_text(json, "a\"", "\n</script>\"");
    json_text(json, "none", NULL);
    json_open(json, "list", '[');
    json_number(json, NULL, INT64_MIN);
    json_flag(json, NULL, true);
    json_open(json, NULL, '{');
    json_close(json, '}');
    json_close(json, ']');
    json_time(json, "at", 1790000000);
    json_time(json, "never", 0);
    json_close(json, '}');
    assert_string_equal(buf_get(&json->text),
                        "{\"a\\\"\":\"\\u000a</script>\\\"\",\"none\":null,\"list\":["
                        "-9223372036854775808,true,{}],\"at\":\"2026-09-21T14:13:20Z\","
                        "\"never\":null}");
    arena_free(&arena);
}

static void test_base64(void **state)
{
    (void)state; /* RFC 4648 section 10 */
    static const char *const want[] = {
        "\"\"", "\"Zg==\"", "\"Zm8=\"", "\"Zm9v\"", "\"Zm9vYg==\"", "\"Zm9vYmE=\"", "\"Zm9vYmFy\"",
    };
    for (size_t size = 0; size < ARRAY_SIZE(want); size++) {
        struct arena arena = { 0 };
        struct json *json = json_new(&arena);
        json_base64(json, NULL, (struct bytes){ "foobar", size });
        assert_string_equal(buf_get(&json->text), want[size]);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
