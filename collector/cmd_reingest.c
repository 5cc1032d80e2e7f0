/* tlsrptd reingest: what is kept is read again: to count by a newer parser, to compare with the counts,
 * or to count what could not be counted before.
 *
 * SPDX-License-Identifier: MIT
 * Before: retry.c, schema/verify.c */
#include "collector/database.h"
#include "collector/progress.h"
#include "collector/retry.h"
#include "schema/accepted.h"
#include "schema/read.h"
#include "schema/reingest.h"
#include "schema/verify.h"
#include "base/clock.h"
#include "base/text.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

struct work {
    struct context *context;
    struct database database;
    bool verify, rejected, dry;
    const char *domain;
    struct kept_range range;
    struct progress progress;
};

/* Names of strangers: control characters would reach the terminal. */
static void put_safe(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void put_difference(struct work *work, const struct difference *difference, const char *now)
{
    progress_end(&work->progress);
    put_safe(difference->place);
    printf(": kept: ");
    put_safe(difference->kept ? difference->kept : "nothing");
    printf("; %s: ", now);
    put_safe(difference->recounted ? difference->recounted : "nothing");
    putchar('\n');
}

/* --- comparing --- */

static void on_difference(struct verify *verify, const struct difference *difference)
{
    put_difference(verify->context, difference, "recounted");
    if (difference->more)
        printf("… and %" PRId64 " more like this\n", difference->more);
}

static void on_progress(struct verify *verify, int64_t done, int64_t total)
{
    struct work *work = verify->context;
    progress_draw(&work->progress, done, done, total);
}

static int compare(struct work *work, struct pg *pg)
{
    struct err err = { 0 };
    struct verify verify = {
        .limits = &work->context->settings.limits,
        .range = work->range,
        .differs = on_difference,
        .progress = on_progress,
        .context = work,
    };
    bool good = verify_ledger(pg, &verify, &err);
    progress_end(&work->progress);
    if (!good && err.kind == ERR_SETUP)
        err_prefix(&err, "is the schema up to date (`tlsrptd migrate`)? ");
    if (!good)
        return command_fail("reingest", &err);
    printf("recounted %" PRId64 " reports · differences %" PRId64 "\n", verify.reports,
           verify.differences);
    return verify.differences ? 1 : EX_OK;
}

/* --- counting anew --- */

static void on_change(struct reingest *reingest, const struct difference *difference)
{
    put_difference(reingest->context, difference, "now");
}

static void on_reingested(struct reingest *reingest, int64_t done, int64_t total)
{
    struct work *work = reingest->context;
    progress_draw(&work->progress, done, done, total);
}

static int count_anew(struct work *work, struct pg *pg)
{
    const struct settings *settings = &work->context->settings;
    struct err err = { 0 };
    struct accepted accepted = { 0 };
    struct rules rules = settings->rules;
    if (settings->domains.table && !accepted_read(pg, &accepted, &err))
        return command_fail("reingest", &err);
    rules.table = accepted.domains;
    struct reingest reingest = {
        .reading = { &settings->limits, &rules },
        .range = work->range,
        .dry = work->dry,
        .differs = on_change,
        .progress = on_reingested,
        .context = work,
    };
    bool good = reingest_reports(pg, &reingest, &err);
    shared_release(accepted.domains);
    progress_end(&work->progress);
    printf("read %" PRId64 " reports · %s %" PRId64 " · counts of %" PRId64
           " domains and days %s\n",
           reingest.reports, work->dry ? "would change" : "changed", reingest.changed,
           reingest.corrected, work->dry ? "would be corrected" : "corrected");
    if (reingest.left)
        printf("%" PRId64 " days are left as they are, since an original cannot be read\n",
               reingest.left);
    if (!good)
        return command_fail("reingest", &err);
    return reingest.left ? EX_DATAERR : EX_OK;
}

/* --- trying again --- */

static int try_again(struct work *work, struct pg *pg)
{
    struct settings *settings = &work->context->settings;
    struct err err = { 0 };
    struct intake intake;
    struct retry_counts counts = { 0 };
    settings->writer.database = work->database.conninfo;
    struct writer *writer = writer_new(&settings->writer);
    bool good = intake_init(&intake, settings, writer, &err)
                && retry_rejected(&intake, pg, &work->range, &counts, &err);
    intake_done(&intake);
    writer_free(&writer);
    printf("tried %" PRId64 " · counted now %" PRId64 " · still rejected %" PRId64 "\n",
           counts.tried, counts.counted, counts.tried - counts.counted);
    return good ? EX_OK : command_fail("reingest", &err);
}

/* --- options --- */

static bool find_domain(struct work *work, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    if (!work->domain)
        return true;
    const char *name = text_host(&arena, work->domain, NULL);
    const struct domain_row *row = NULL;
    struct reader *reader = reader_new(work->database.conninfo, 1, (struct pg_patience){ 0 });
    bool asked = !name || read_domain(reader, &arena, name, &row, err);
    if (row)
        work->range.domain_id = row->id;
    reader_free(&reader);
    return asked
           && (row
               || err_field(err, ERR_INPUT, "--domain", "no report has spoken of %s",
                            work->domain));
}

/* Who only compares must not change anything, not even the schema. */
static bool prepare(struct work *work, struct err *err)
{
    int applied = 0;
    return work->verify || database_migrate(&work->database, &applied, err);
}

static int run_on(struct work *work)
{
    struct err err = { 0 };
    struct pg *pg = NULL;
    int code;
    work->progress = progress_begin();
    if (!database_open(work->context, &work->database, &err) || !prepare(work, &err)
        || !find_domain(work, &err) || !pg_open(work->database.conninfo, &pg, &err))
        code = command_fail("reingest", &err);
    else
        code = work->verify     ? compare(work, pg)
               : work->rejected ? try_again(work, pg)
                                : count_anew(work, pg);
    pg_close(&pg);
    database_close(&work->database);
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
        { "verify", no_argument, NULL, 'v' },
        { "rejected", no_argument, NULL, 'r' },
        { "domain", required_argument, NULL, 'd' },
        { "from", required_argument, NULL, 'f' },
        { "to", required_argument, NULL, 't' },
        { "dry-run", no_argument, NULL, 'n' },
        { NULL, 0, NULL, 0 },
    };
    struct work work = { .context = context, .range = { 0, VERIFY_FIRST_DAY, VERIFY_LAST_DAY } };
    CLEANUP(arena_free) struct arena arena = { 0 };
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (option == '?' || option == ':')
            return command_usage(&cmd_reingest, command_option_fault(&arena, option, argv));
        work.verify = work.verify || option == 'v';
        work.rejected = work.rejected || option == 'r';
        work.dry = work.dry || option == 'n';
        if (option == 'd')
            work.domain = optarg;
        if ((option == 'f' && !read_day(optarg, &work.range.from_day))
            || (option == 't' && !read_day(optarg, &work.range.to_day)))
            return command_usage(&cmd_reingest, "a day is written like 2026-11-23");
    }
    if (optind < argc || work.verify + work.rejected + work.dry > 1)
        return command_usage(&cmd_reingest, "--verify, --rejected and --dry-run go one by one");
    if (work.rejected && work.domain)
        return command_usage(&cmd_reingest, "what is rejected has no domain");
    return run_on(&work);
}

const struct command cmd_reingest = {
    .name = "reingest",
    .arguments = "[--dry-run|--verify|--rejected] [--domain NAME] [--from DATE] [--to DATE]",
    .summary = "Read what is kept again, by this version and these settings",
    .help =
        "  (nothing)          count all reports anew from their originals: what this version reads in\n"
        "                     another way is corrected, a day in each transaction, while the service\n"
        "                     runs; policies of domains that are ours by now are counted too\n"
        "  --dry-run          only tell what would change\n"
        "  --verify           count everything anew as it was admitted at its arrival, compare that\n"
        "                     with what the database says, and change nothing\n"
        "  --rejected         try again what was rejected, e.g. after an upgrade: what can be\n"
        "                     counted now is stored with its moment of arrival and source\n"
        "  --domain NAME      only reports that speak of this domain (and others of their days)\n"
        "  --from, --to DATE  only reports of these UTC days (rejected ones: that came on them)\n"
        "\n"
        "Killed, it goes on by being called again, or with --from the day that it had reached. Exit\n"
        "codes: 0 all is well, 65 an original cannot be read; of --verify: 1 there are differences.\n",
    .run = run,
};
