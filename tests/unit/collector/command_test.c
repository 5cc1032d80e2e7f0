/* How errors become exit codes (sysexits) and one line on standard error.
 * SPDX-License-Identifier: MIT */
#include "collector/command.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
#include <cmocka.h>

/* Standard error goes into a file meanwhile. */
static int kept;
static FILE *caught;

static void catch_errors(void)
{
    fflush(stderr);
    kept = dup(STDERR_FILENO);
    caught = tmpfile();
    assert_non_null(caught);
    dup2(fileno(caught), STDERR_FILENO);
}

static const char *caught_text(void)
{
    static char text[1000];
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(caught);
    text[fread(text, 1, sizeof text - 1, caught)] = '\0';
    fclose(caught);
    return text;
}

static void test_exit_codes(void **state)
{
    (void)state;
    static const int want[] = {
        [ERR_NONE] = EX_OK,        [ERR_INPUT] = EX_DATAERR,     [ERR_LIMIT] = EX_DATAERR,
        [ERR_REFUSED] = EX_NOPERM, [ERR_AGAIN] = EX_UNAVAILABLE, [ERR_SETUP] = EX_CONFIG,
        [ERR_BUG] = EX_SOFTWARE,
    };
    for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
        struct err err = { .kind = (enum err_kind)i, .field = "some.field", .text = "why" };
        catch_errors();
        int code = command_fail("doing", &err);
        assert_string_equal(caught_text(), "tlsrptd: doing: some.field: why\n");
        assert_int_equal(code, want[i]);
    }
}

static void test_usage(void **state)
{
    (void)state;
    static const struct command command = { .name = "do", .arguments = "IT" };
    catch_errors();
    int code = command_usage(&command, "not so");
    assert_string_equal(caught_text(), "tlsrptd do: not so\nUsage: tlsrptd do IT; see `tlsrptd do "
                                       "--help`\n");
    assert_int_equal(code, EX_USAGE);
}

/* Each command can be shown in a list and explained. */
static void test_table(void **state)
{
    (void)state;
    static const struct command *const commands[] = { &cmd_serve,   &cmd_ingest, &cmd_show,
                                                      &cmd_migrate, &cmd_db,     &cmd_config,
                                                      &cmd_version };
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        const struct command *command = commands[i];
        size_t size = strlen(command->help);
        assert_true(*command->name && *command->summary && command->arguments && command->run);
        assert_true(!size || command->help[size - 1] == '\n');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_exit_codes),
                                        cmocka_unit_test(test_usage),
                                        cmocka_unit_test(test_table) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
