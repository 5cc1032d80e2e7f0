/* tlsrptd config check|dump|sample.
 * SPDX-License-Identifier: MIT */
#include "collector/service.h"
#include "base/listen.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define DUMP_BYTES (1 << 20)

/* As `serve` would find out: what is passed by systemd is known only then, and so are names but one. */
static bool check_guards(const struct auth *auth, const struct text_list *addresses,
                         struct err *err)
{
    struct err why = { 0 };
    bool guards = auth_guards(auth, &why);
    for (size_t i = 0; i < addresses->count && !guards; i++) {
        const char *address = addresses->items[i];
        if (!listen_is_local(address) && !text_begins(address, "localhost:")
            && !text_begins(address, "systemd:"))
            return err_field(err, ERR_SETUP, "web.listen", "%s: %s", address, why.text);
    }
    return true;
}

/* Whether the service will have --standalone, which makes a certificate, is not known here. */
static const char *note_on(const struct context *context)
{
    const struct http_settings *http = &context->settings.collector.http;
    return context->standalone || http->listen.count == 0 || *http->certificate
               ? ""
               : "; but serve without --standalone needs collector.certificate and collector.key, or "
                 "collector { listen = {} }";
}

/* What stands in the files that are named is known only when they are read. */
static bool check_files(struct settings *settings, struct err *err)
{
    struct auth *auth = NULL;
    if (!service_load(settings, err))
        return false;
    bool good =
        auth_new(&settings->web.auth, &settings->web.listen, *settings->web.certificate, &auth, err)
        && check_guards(auth, &settings->web.listen, err);
    auth_free(&auth);
    return good;
}

static int run(struct context *context, int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    bool all = argc == 3 && strcmp(argv[2], "--all") == 0;
    if (argc > 2 && !(all && strcmp(what, "dump") == 0))
        return command_usage(&cmd_config, "too many arguments");
    CLEANUP(buf_done) struct buf out = BUF(DUMP_BYTES);
    struct err err = { 0 };
    if (strcmp(what, "check") == 0 && !check_files(&context->settings, &err))
        return command_fail("settings", &err);
    if (strcmp(what, "check") == 0)
        buf_printf(&out, "%s: good%s\n",
                   context->settings.file ? context->settings.file : "defaults", note_on(context));
    else if (strcmp(what, "dump") == 0)
        settings_dump(&context->settings, all, &out);
    else if (strcmp(what, "sample") == 0)
        settings_sample(&out);
    else
        return command_usage(&cmd_config, "say what to do: check, dump or sample");
    fputs(buf_get(&out), stdout);
    return EX_OK;
}

const struct command cmd_config = {
    .name = "config",
    .arguments = "check | dump [--all] | sample",
    .summary = "Check the settings, or print them",
    .help =
        "  check     read the settings and the files they name, and say whether they are good (exit\n"
        "            78 if not)\n"
        "  dump      print what differs from the defaults; with --all everything\n"
        "  sample    print a commented file with every setting\n",
    .run = run,
};
