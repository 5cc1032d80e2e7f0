/* tlsrptd reingest: what is kept is read again: to compare it with the counts, or to count what could
 * not be counted before.
 *
 * SPDX-License-Identifier: MIT
 * Before: retry.c, schema/verify.c */
#include "collector/database.h"
#include "collector/progress.h"
#include "collector/retry.h"
#include "schema/read.h"
#include "schema/verify.h"
#include "base/clock.h"
#include "base/text.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

struct reingest {
    struct context *context;
    struct database database;
    bool verify, rejected;
    const char *domain;
    struct kept_range range;
    struct progress progress;
};

/* --- comparing --- */

/* Names of strangers: control characters would reach the terminal. */
static void put_safe(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void on_difference(struct verify *verify, const struct difference *difference)
{
    struct reingest *reingest = verify->context;
    progress_end(&reingest->progress);
    put_safe(difference->place);
    printf(": kept: ");
    put_safe(difference->kept ? difference->kept : "nothing");
    printf("; recounted: ");
    put_safe(difference->recounted ? difference->recounted : "nothing");
    putchar('\n');
    if (difference->more)
        printf("… and %" PRId64 " more like this\n", difference->more);
}

static void on_progress(struct verify *verify, int64_t done, int64_t total)
{
    struct reingest *reingest = verify->context;
    progress_draw(&reingest->progress, done, done, total);
}

static int compare(struct reingest *reingest, struct pg *pg)
{
    struct err err = { 0 };
    struct verify verify = {
        .limits = &reingest->context->settings.limits,
        .range = reingest->range,
        .differs = on_difference,
        .progress = on_progress,
        .context = reingest,
    };
    bool good = verify_ledger(pg, &verify, &err);
    progress_end(&reingest->progress);
    if (!good && err.kind == ERR_SETUP)
        err_prefix(&err, "is the schema up to date (`tlsrptd migrate`)? ");
    if (!good)
        return command_fail("reingest", &err);
    printf("recounted %" PRId64 " reports · differences %" PRId64 "\n", verify.reports,
           verify.differences);
    return verify.differences ? 1 : EX_OK;
}

/* --- trying again --- */

static int try_again(struct reingest *reingest, struct pg *pg)
{
    struct settings *settings = &reingest->context->settings;
    struct err err = { 0 };
    struct intake intake;
    struct retry_counts counts = { 0 };
    settings->writer.database = reingest->database.conninfo;
    struct writer *writer = writer_new(&settings->writer);
    bool good = intake_init(&intake, settings, writer, &err)
                && retry_rejected(&intake, pg, &reingest->range, &counts, &err);
    intake_done(&intake);
    writer_free(&writer);
    printf("tried %" PRId64 " · counted now %" PRId64 " · still rejected %" PRId64 "\n",
           counts.tried, counts.counted, counts.tried - counts.counted);
    return good ? EX_OK : command_fail("reingest", &err);
}

/* --- options --- */

static bool find_domain(struct reingest *reingest, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    if (!reingest->domain)
        return true;
    const char *name = text_host(&arena, reingest->domain, NULL);
    const struct domain_row *row = NULL;
    struct reader *reader = reader_new(reingest->database.conninfo, 1, (struct pg_patience){ 0 });
    bool asked = !name || read_domain(reader, &arena, name, &row, err);
    if (row)
        reingest->range.domain_id = row->id;
    reader_free(&reader);
    return asked
           && (row
               || err_field(err, ERR_INPUT, "--domain", "no report has spoken of %s",
                            reingest->domain));
}

/* Who only compares must not change anything, not even the schema. */
static bool prepare(struct reingest *reingest, struct err *err)
{
    int applied = 0;
    return reingest->verify || database_migrate(&reingest->database, &applied, err);
}

static int run_on(struct reingest *reingest)
{
    struct err err = { 0 };
    struct pg *pg = NULL;
    int code;
    reingest->progress = progress_begin();
    if (!database_open(reingest->context, &reingest->database, &err) || !prepare(reingest, &err)
        || !find_domain(reingest, &err) || !pg_open(reingest->database.conninfo, &pg, &err))
        code = command_fail("reingest", &err);
    else
        code = reingest->verify ? compare(reingest, pg) : try_again(reingest, pg);
    pg_close(&pg);
    database_close(&reingest->database);
    return code;
}

static bool read_day(const char *text, int32_t *out)
{
    int64_t seconds;
    unsigned odd;
    if (!clock_from_text(text, &seconds, &odd) || !(odd & CLOCK_DATE_ONLY))
        return false;
    *out = clock_day(seconds);
    return true;
}

static int run(struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        { "verify", no_argument, NULL, 'v' },       { "rejected", no_argument, NULL, 'r' },
        { "domain", required_argument, NULL, 'd' }, { "from", required_argument, NULL, 'f' },
        { "to", required_argument, NULL, 't' },     { NULL, 0, NULL, 0 },
    };
    struct reingest reingest = { .context = context,
                                 .range = { 0, VERIFY_FIRST_DAY, VERIFY_LAST_DAY } };
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?')
            return command_usage(&cmd_reingest, "there is no such option");
        reingest.verify = reingest.verify || option == 'v';
        reingest.rejected = reingest.rejected || option == 'r';
        if (option == 'd')
            reingest.domain = optarg;
        if ((option == 'f' && !read_day(optarg, &reingest.range.from_day))
            || (option == 't' && !read_day(optarg, &reingest.range.to_day)))
            return command_usage(&cmd_reingest, "a day is written like 2026-11-23");
    }
    if (optind < argc || reingest.verify == reingest.rejected)
        return command_usage(&cmd_reingest, "it takes either --verify or --rejected");
    if (reingest.rejected && reingest.domain)
        return command_usage(&cmd_reingest, "what is rejected has no domain");
    return run_on(&reingest);
}

const struct command cmd_reingest = {
    .name = "reingest",
    .arguments = "--verify|--rejected [--domain NAME] [--from DATE] [--to DATE]",
    .summary = "Read what is kept again: compare it with the counts, or count what was rejected",
    .help =
        "  --verify           count all reports anew from their originals, compare that with what\n"
        "                     the database says, and change nothing\n"
        "  --rejected         try again what was rejected, e.g. after an upgrade: what can be\n"
        "                     counted now is stored with its moment of arrival and source\n"
        "  --domain NAME      only reports that speak of this domain\n"
        "  --from, --to DATE  only reports of these UTC days (rejected ones: that came on them)\n"
        "\n"
        "Exit codes of --verify: 0 all is equal, 1 there are differences; they are printed.\n",
    .run = run,
};
