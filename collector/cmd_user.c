/* tlsrptd user NAME: a password for the pages.
 *
 * Out comes the line for web.users or web.users_file. The password itself is nowhere but in memory:
 * on a terminal it is asked for twice and not shown, else it is the first line of standard input.
 *
 * SPDX-License-Identifier: MIT */
#include "collector/command.h"
#include "web/password.h"
#include "web/users.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#define LINE_BYTES (PASSWORD_BYTES_MAX + 100) /* more than fits: it is to be told, not cut */

static struct termios normal; /* of the terminal, before it was told not to show */

static void show_again(int signal)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &normal);
    _exit(128 + signal);
}

static void echo(bool on)
{
    struct termios now = normal;
    if (!on)
        now.c_lflag &= ~(tcflag_t)ECHO;
    signal(SIGINT, on ? SIG_DFL : show_again);
    signal(SIGTERM, on ? SIG_DFL : show_again);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
}

/* One line of standard input without its end. */
static bool read_line(char out[LINE_BYTES], struct err *err)
{
    size_t size = 0;
    ssize_t got = 0;
    char c;
    while (size < LINE_BYTES - 1 && (got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
        if (!c)
            return err_set(err, ERR_INPUT, "a password holds no zero byte");
        out[size++] = c;
    }
    if (size && out[size - 1] == '\r')
        size--;
    out[size] = '\0';
    return got >= 0 || err_set(err, ERR_INPUT, "standard input cannot be read");
}

static bool ask(const char *question, char out[LINE_BYTES], struct err *err)
{
    fputs(question, stderr);
    bool good = read_line(out, err);
    fputs("\n", stderr);
    return good;
}

static bool ask_twice(const char *name, char out[LINE_BYTES], struct err *err)
{
    char again[LINE_BYTES] = "", question[120];
    snprintf(question, sizeof question, "Password for %s: ", name);
    echo(false);
    bool good = ask(question, out, err) && ask("The same again: ", again, err);
    echo(true);
    good = good && (strcmp(out, again) == 0 || err_set(err, ERR_INPUT, "the two passwords differ"));
    explicit_bzero(again, sizeof again);
    return good;
}

static bool make_user(struct user *user, char hash[PASSWORD_HASH_BYTES], struct err *err)
{
    char password[LINE_BYTES] = "";
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &normal) == 0;
    bool good = terminal ? ask_twice(user->name, password, err) : read_line(password, err);
    good = good && password_hash(password, hash, err);
    explicit_bzero(password, sizeof password);
    user->hash = hash;
    return good;
}

static int write_user(const char *file, const struct user *user, struct err *err)
{
    if (!users_write(file, user, err))
        return command_fail("user", err);
    printf("%s: written to %s; a running service takes it over when it reloads (SIGHUP)\n",
           user->name, file);
    if (geteuid() == 0)
        printf("The account that runs the service must be able to read %s.\n", file);
    return EX_OK;
}

static int run(struct context *context, int argc, char **argv)
{
    char hash[PASSWORD_HASH_BYTES];
    struct user user = { .name = NULL };
    struct err err = { 0 };
    bool write = false;
    CLEANUP(arena_free) struct arena arena = { 0 };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--write") == 0)
            write = true;
        else if (argv[i][0] == '-')
            return command_usage(&cmd_user, arena_printf(&arena, "there is no option %s", argv[i]));
        else if (user.name)
            return command_usage(&cmd_user, "one user at a time");
        else
            user.name = argv[i];
    }
    if (!user.name)
        return command_usage(&cmd_user, "say who");
    const char *file = context->settings.web.auth.users_file;
    if (write && !*file)
        return command_usage(&cmd_user, "--write needs the setting web.users_file: where to?");
    if (!users_name_fits(user.name, &err) || !make_user(&user, hash, &err))
        return command_fail("user", &err);
    if (write)
        return write_user(file, &user, &err);
    printf("%s:%s\n", user.name, user.hash);
    return EX_OK;
}

const struct command cmd_user = {
    .name = "user",
    .arguments = "NAME [--write]",
    .summary = "Make a password for the pages, or a new one",
    .help = "Asks for the password twice, or takes the first line of standard input, and prints\n"
            "NAME:HASH, an entry for the setting web.users:\n"
            "\n"
            "    web { users = { \"anna:$y$j9T$...\" } }\n"
            "\n"
            "  --write    put it into the file that web.users_file names, in place of NAME's line\n"
            "             if there is one. To remove a user, delete the line.\n"
            "\n"
            "Passwords have 8 to 511 bytes. Exit codes: 0 done, 65 name or password not usable,\n"
            "78 the file cannot be written.\n",
    .run = run,
};
