/* The program: finds the command and the options that all commands share.
 *
 * SPDX-License-Identifier: MIT
 * Next: cmd_serve.c, service.c */
#include "collector/command.h"
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &cmd_serve,  &cmd_ingest,   &cmd_show,    &cmd_verdict, &cmd_check, &cmd_policy, &cmd_summary,
    &cmd_export, &cmd_reingest, &cmd_migrate, &cmd_db,      &cmd_user,  &cmd_config, &cmd_version,
};

static const char shared_options[] =
    "Options of every command:\n"
    "  -c FILE            settings (default: " SETTINGS_FILE ", if it is there)\n"
    "  -o KEY=VALUE       one setting, e.g. -o web.listen=127.0.0.1:9000; repeatable\n"
    "  --standalone DIR   keep a private PostgreSQL in DIR instead of using one that is set up\n"
    "  --help             this text\n";

static int print_help(FILE *out)
{
    fprintf(out, "tlsrptd " TLSRPTD_VERSION ": collects and counts TLS reports (RFC 8460)\n\n"
                 "Usage: tlsrptd COMMAND [ARGUMENTS]\n\nCommands:\n");
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out,
            "\n%s\n`tlsrptd COMMAND --help` tells more. Exit codes are those of sysexits(3).\n",
            shared_options);
    return out == stdout ? EX_OK : EX_USAGE;
}

static int print_command_help(const struct command *command)
{
    printf("Usage: tlsrptd %s%s%s\n%s.\n\n%s%s%s", command->name, *command->arguments ? " " : "",
           command->arguments, command->summary, command->help, *command->help ? "\n" : "",
           shared_options);
    return EX_OK;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

/* What main takes out of the arguments; the rest is the command's. */
struct given {
    const char *file, *standalone;
    struct text_list overrides;
    const char **items; /* of overrides */
    bool help;
    int count;
    char **rest;
};

/* Takes ARGV[i] and perhaps its value; false when a value is missing. */
static bool take_shared(struct given *given, int argc, char **argv, int *i)
{
    static const char *const names[] = { "-c", "-o", "--standalone" };
    const char *value = NULL, *word = argv[*i];
    size_t which = 0;
    for (; which < ARRAY_SIZE(names); which++) {
        size_t size = strlen(names[which]);
        if (strcmp(word, names[which]) == 0) {
            if (++*i >= argc)
                return false;
            value = argv[*i];
            break;
        }
        if (size > 2 && strncmp(word, names[which], size) == 0 && word[size] == '=') {
            value = word + size + 1;
            break;
        }
    }
    if (which == 0)
        given->file = value;
    else if (which == 1)
        given->items[given->overrides.count++] = value;
    else if (which == 2)
        given->standalone = value;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        given->help = true;
    else
        given->rest[given->count++] = argv[*i];
    return true;
}

static bool split(struct arena *arena, int argc, char **argv, struct given *out)
{
    out->items = arena_array(arena, (size_t)argc, sizeof *out->items);
    out->rest = arena_array(arena, (size_t)argc + 1, sizeof *out->rest);
    out->overrides.items = out->items;
    bool options = true; /* until "--" */
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            options = false;
        if (!options)
            out->rest[out->count++] = argv[i];
        else if (!take_shared(out, argc, argv, &i)) {
            fprintf(stderr, "tlsrptd: %s wants a value; see `tlsrptd --help`\n", argv[argc - 1]);
            return false;
        }
    }
    return true;
}

static int run(const struct command *command, const struct given *given)
{
    struct context context = {
        .settings_file = given->file,
        .overrides = given->overrides,
        .standalone = given->standalone,
    };
    struct err err = { 0 };
    int code = settings_read(given->file, &given->overrides, &context.settings, &err)
                   ? command->run(&context, given->count, given->rest)
                   : command_fail("settings", &err);
    settings_free(&context.settings);
    return code;
}

/* Where a standard stream is closed, the next file or connection would take its number, and what is
 * printed would go into it: to the database, say. Such a stream reads as empty, and writing to it fails. */
static void fill_standard_streams(void)
{
    int fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = dup(fd);
    if (fd > STDERR_FILENO)
        close(fd);
}

int main(int argc, char **argv)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct given given = { 0 };
    fill_standard_streams();
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    if (!split(&arena, argc, argv, &given))
        return EX_USAGE;
    if (given.count == 0)
        return print_help(given.help ? stdout : stderr);
    if (strcmp(given.rest[0], "--version") == 0)
        given.rest[0] = (char *)(uintptr_t)cmd_version.name;
    if (strcmp(given.rest[0], "help") == 0)
        return print_help(stdout);
    const struct command *command = find(given.rest[0]);
    if (!command) {
        fprintf(stderr, "tlsrptd: there is no command `%s`; see `tlsrptd --help`\n", given.rest[0]);
        return EX_USAGE;
    }
    return given.help ? print_command_help(command) : run(command, &given);
}
