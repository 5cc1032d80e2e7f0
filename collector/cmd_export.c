/* tlsrptd export: counts out, for spreadsheets and other programs.
 *
 * Rows are read in pages by their key and written page by page, so that any span costs the memory of
 * one page. There is no transaction around it that would keep the database from tidying up while
 * somebody reads the output slowly: each row comes once, as it is when its page is read.
 *
 * SPDX-License-Identifier: MIT
 * Before: web/data_table.h, schema/read_data.h */
#include "collector/database.h"
#include "collector/progress.h"
#include "web/data_table.h"
#include "base/clock.h"
#include "base/text.h"
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PAGE_ROWS  1000
#define PAGE_BYTES (256 << 20) /* never reached: texts are bounded */

/* What can be given out. */
enum what { TALLY, FAILURES, REPORTS };
static const struct {
    const char *word;
    const struct table *table;
} kinds[] = {
    [TALLY] = { "tally", &data_table_tally },
    [FAILURES] = { "failures", &data_table_failures },
    [REPORTS] = { "reports", &data_table_reports },
};

struct export
{
    enum what what;
    bool json;
    struct data_filter filter;
    struct reader *reader;
    struct progress progress;
    int32_t end;   /* the last domain's id; 0: one domain only */
    int64_t count; /* rows written */
};

/* --- reading --- */

/* The page behind the row AFTER, of the kind's own struct; NULL: the first. */
static bool read_page(struct export *export, struct arena *arena, const void *after,
                      struct rows *rows, struct err *err)
{
    switch (export->what) {
    case TALLY:
        return read_data_tally(export->reader, arena, &export->filter, after, rows, err);
    case FAILURES:
        return read_data_failures(export->reader, arena, &export->filter, after, rows, err);
    case REPORTS:
        break;
    }
    return read_data_reports(export->reader, arena, &export->filter, after, rows, err);
}

static int32_t domain_of(enum what what, const void *row)
{
    return what == TALLY      ? ((const struct data_tally_row *)row)->domain_id
           : what == FAILURES ? ((const struct data_failure_row *)row)->domain_id
                              : ((const struct data_report_row *)row)->domain_id;
}

/* --- writing --- */

static void put_rows(const struct export *export, struct arena *arena, const struct rows *rows,
                     struct json *out)
{
    const struct table *table = kinds[export->what].table;
    for (size_t i = 0; i < rows->count; i++) {
        const void *row = (const char *)rows->first + i * table->row_size;
        if (!export->json) {
            table_csv(table, &out->text, arena, row);
            continue;
        }
        buf_text(&out->text, export->count + (int64_t)i ? ",\n" : "[\n");
        out->comma = false;
        json_open(out, NULL, '{');
        table_json(table, out, arena, row);
        json_close(out, '}');
    }
}

/* ERR_REFUSED: who reads has gone; else ERR_SETUP with what the system says of standard output. */
static bool write_out(const struct buf *text, struct err *err)
{
    assert(!text->failed);
    if (fwrite(buf_get(text), 1, text->size, stdout) == text->size && fflush(stdout) == 0)
        return true;
    return err_set(err, errno == EPIPE ? ERR_REFUSED : ERR_SETUP, "standard output: %s",
                   strerror(errno));
}

static bool write_text(const char *text, struct err *err)
{
    struct buf out = BUF(1024);
    buf_text(&out, text);
    bool good = write_out(&out, err);
    buf_done(&out);
    return good;
}

static bool write_head(const struct export *export, struct err *err)
{
    struct buf out = BUF(4096);
    if (!export->json)
        table_csv_head(kinds[export->what].table, &out);
    bool good = write_out(&out, err);
    buf_done(&out);
    return good;
}

/* Pages take turns with two arenas: the last row of one is where the next begins. *WRITING says
 * which of the two failed. */
static bool write_pages(struct export *export, bool *writing, struct err *err)
{
    struct arena arenas[2] = { { 0 }, { 0 } };
    const struct table *table = kinds[export->what].table;
    const void *after = NULL;
    struct rows rows = { .count = PAGE_ROWS };
    bool good = true;
    for (int turn = 0; good && rows.count == PAGE_ROWS; turn = !turn) {
        arena_free(&arenas[turn]);
        *writing = false;
        good = read_page(export, &arenas[turn], after, &rows, err);
        if (!good || !rows.count)
            break;
        struct json *out = json_new(&arenas[turn]);
        out->text = BUF(PAGE_BYTES);
        put_rows(export, &arenas[turn], &rows, out);
        *writing = true;
        good = write_out(&out->text, err);
        export->count += (int64_t)rows.count;
        after = (const char *)rows.first + (rows.count - 1) * table->row_size;
        progress_draw(&export->progress, export->count, domain_of(export->what, after),
                      export->end);
    }
    progress_end(&export->progress);
    arena_free(&arenas[0]);
    arena_free(&arenas[1]);
    return good;
}

static int finish(bool good, bool writing, const struct err *err)
{
    if (good)
        return EX_OK;
    if (!writing)
        return command_fail("export", err);
    if (err->kind == ERR_REFUSED)
        return EX_OK; /* he has seen enough: `| head` */
    command_fail("export", err);
    return EX_IOERR;
}

static int export_all(struct export *export)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct err err = { 0 };
    bool known = true, writing = false;
    if (!read_data_find(export->reader, &arena, &export->filter, &known, &err)
        || !read_data_end(export->reader, &arena, &export->end, &err))
        return command_fail("export", &err);
    if (!known) {
        fprintf(stderr, "tlsrptd: export: no report has spoken of the domain %s\n",
                export->filter.domain);
        return EX_NOINPUT;
    }
    if (export->filter.domain)
        export->end = 0;
    export->progress = progress_begin();
    export->progress.unit = "rows";
    export->progress.shown = export->progress.shown && !isatty(STDOUT_FILENO);
    if (!write_head(export, &err))
        return finish(false, true, &err);
    bool good = write_pages(export, &writing, &err);
    if (good && export->json) {
        writing = true;
        good = write_text(export->count ? "\n]\n" : "[]\n", &err);
    }
    return finish(good, writing, &err);
}

/* --- options --- */

static bool read_day(const char *text, int32_t *out)
{
    int64_t seconds;
    unsigned oddities;
    if (strlen(text) != strlen("2026-10-31") || !clock_from_text(text, &seconds, &oddities))
        return false;
    *out = clock_day(seconds);
    return true;
}

static bool read_what(const char *text, enum what *out)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strcmp(text, kinds[i].word) == 0) {
            *out = (enum what)i;
            return true;
        }
    return false;
}

/* NULL, or what is wrong with the option's value. */
static const char *take_option(struct arena *arena, struct export *export, int option,
                               const char *value)
{
    switch (option) {
    case 'd':
        export->filter.domain = text_host(arena, value, NULL);
        return export->filter.domain ? NULL : "--domain: must be a domain, such as example.org";
    case 'f':
        return read_day(value, &export->filter.from_day)
                   ? NULL
                   : "--from: must be a date that exists, such as 2026-10-01";
    case 't':
        return read_day(value, &export->filter.to_day)
                   ? NULL
                   : "--to: must be a date that exists, such as 2026-10-31";
    case 'F':
        export->json = strcmp(value, "json") == 0;
        return export->json || strcmp(value, "csv") == 0 ? NULL : "--format: must be csv or json";
    case 'w':
        return read_what(value, &export->what) ? NULL
                                               : "--what: must be tally, failures or reports";
    default:
        return NULL;
    }
}

static const char *take_options(struct arena *arena, struct export *export, int argc, char **argv)
{
    static const struct option options[] = {
        { "domain", required_argument, NULL, 'd' }, { "from", required_argument, NULL, 'f' },
        { "to", required_argument, NULL, 't' },     { "format", required_argument, NULL, 'F' },
        { "what", required_argument, NULL, 'w' },   { NULL, 0, NULL, 0 },
    };
    const char *fault = NULL;
    opterr = 0;
    for (int option; !fault && (option = getopt_long(argc, argv, ":", options, NULL)) != -1;)
        fault = option == '?' || option == ':' ? command_option_fault(arena, option, argv)
                                               : take_option(arena, export, option, optarg);
    if (!fault && optind < argc)
        fault = "takes options only";
    if (!fault && export->filter.from_day > export->filter.to_day)
        fault = "--from: must not be later than --to";
    return fault;
}

static int run(struct context *context, int argc, char **argv)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct export export = { .filter = { .from_day = clock_day_of(1, 1, 1),
                                         .to_day = clock_day_of(9999, 12, 31),
                                         .limit = PAGE_ROWS,
                                         .order = DATA_BY_KEY } };
    struct database database = { 0 };
    struct err err = { 0 };
    const char *fault = take_options(&arena, &export, argc, argv);
    if (fault)
        return command_usage(&cmd_export, fault);
    if (!database_open(context, &database, &err))
        return command_fail("export", &err);
    export.reader = reader_new(database.conninfo, 1, (struct pg_patience){ .only_reads = true });
    int code = export_all(&export);
    reader_free(&export.reader);
    database_close(&database);
    return code;
}

const struct command cmd_export = {
    .name = "export",
    .arguments = "[--domain D] [--from DATE] [--to DATE] [--format csv|json] [--what "
                 "tally|failures|reports]",
    .summary = "Print counts as CSV or JSON",
    .help =
        "  --domain D         only this domain\n"
        "  --from DATE        first UTC day, such as 2026-10-01\n"
        "  --to DATE          last UTC day, included\n"
        "  --format csv       RFC 4180, the default: texts that a spreadsheet would calculate get an\n"
        "                     apostrophe before them\n"
        "  --format json      a list of objects, one a line\n"
        "  --what tally       sessions per day, domain, MX, policy, reporter, result and trust, the\n"
        "                     default; sums of several policy types count sessions twice that a\n"
        "                     reporter lists under both: subtract mirrored_sessions\n"
        "  --what failures    failure details, with addresses and the sender's own words\n"
        "  --what reports     one row for each report\n"
        "\n"
        "The columns are those of the API (/api/v1/tally and so on). Exit codes: 0 all is printed, 64\n"
        "a wrong option, 66 an unknown domain, 69 the database is away, 74 the output cannot be\n"
        "written.\n",
    .run = run,
};
