/* tlsrptd ingest: reports from files, directories, maildirs, mboxes or standard input. It talks to the
 * database itself, whether the service runs or not.
 *
 * SPDX-License-Identifier: MIT
 * Before: files.c, progress.c. Next: intake.c */
#include "collector/database.h"
#include "collector/files.h"
#include "collector/intake.h"
#include "collector/progress.h"
#include "base/text.h"
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define WAIT_MS 200

struct ingest {
    struct settings *settings;
    struct intake intake;
    struct writer *writer;
    struct files files;
    bool json, trusted, standard_input; /* the last: one message, from a mail server */
    struct progress progress;
    pthread_mutex_t mutex; /* guards what is below, and the output */
    pthread_cond_t answered;
    int64_t open, counts[OUTCOME_COUNT];
    struct err away; /* of the first that must be tried again */
};

/* --- answers; in the writer's threads --- */

static void put_pair(struct buf *line, const char *name, const char *value)
{
    buf_printf(line, "\"%s\":\"", name);
    text_json(line, value);
    buf_text(line, "\",");
}

static void print_json(const struct delivery *delivery, const struct answer *answer)
{
    char text[ERR_TEXT_BYTES];
    CLEANUP(buf_done) struct buf line = BUF(1 << 16);
    buf_text(&line, "{");
    put_pair(&line, "path", delivery->origin);
    put_pair(&line, "outcome", outcome_row(answer->outcome)->word);
    put_pair(&line, "id", answer->id);
    put_pair(&line, "organization", answer->organization);
    put_pair(&line, "domain", answer->domain);
    put_pair(&line, "reason", err_to_text(&answer->err, text, sizeof text));
    buf_printf(&line, "\"reports\":%zu,\"successful\":%" PRId64 ",\"failed\":%" PRId64 "}",
               answer->reports, answer->successful, answer->failed);
    puts(buf_get(&line));
}

static void print_trouble(struct ingest *ingest, const struct delivery *delivery,
                          const struct answer *answer)
{
    char text[ERR_TEXT_BYTES];
    if (answer->err.kind == ERR_NONE)
        return;
    progress_end(&ingest->progress);
    fprintf(stderr, "%s: %s: %s\n", delivery->origin, outcome_row(answer->outcome)->word,
            err_to_text(&answer->err, text, sizeof text));
}

static void on_answer(struct delivery *delivery, const struct answer *answer)
{
    struct ingest *ingest = delivery->door;
    pthread_mutex_lock(&ingest->mutex);
    if (ingest->json)
        print_json(delivery, answer);
    else if (answer->outcome != OUTCOME_RETRY || ingest->counts[OUTCOME_RETRY] == 0)
        print_trouble(ingest, delivery, answer);
    if (answer->outcome == OUTCOME_RETRY && ingest->away.kind == ERR_NONE)
        ingest->away = answer->err;
    ingest->counts[answer->outcome]++;
    ingest->open--;
    pthread_cond_signal(&ingest->answered);
    pthread_mutex_unlock(&ingest->mutex);
    delivery_free(&delivery);
}

/* --- the way in --- */

/* While the database is away there is no sense in reading on. */
static bool goes_on(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->mutex);
    bool away = ingest->away.kind != ERR_NONE;
    int64_t count = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        count += ingest->counts[i];
    if (!ingest->json)
        progress_draw(&ingest->progress, count, ingest->files.done_bytes,
                      ingest->files.total_bytes);
    pthread_mutex_unlock(&ingest->mutex);
    return !away;
}

static void bring(struct ingest *ingest, const struct buf *bytes, const char *path)
{
    struct delivery *delivery =
        delivery_new(SOURCE_COMMAND, strcmp(path, "-") == 0 ? "stdin" : path);
    delivery->bytes =
        (struct bytes){ arena_copy(&delivery->arena, buf_get(bytes), bytes->size), bytes->size };
    delivery->vouched = ingest->trusted;
    delivery->vouched_by = "given by the operator";
    delivery->answered = on_answer;
    delivery->door = ingest;
    pthread_mutex_lock(&ingest->mutex);
    ingest->open++;
    pthread_mutex_unlock(&ingest->mutex);
    while (!ingest->intake.hall.wait(&ingest->intake.hall, WAIT_MS) && goes_on(ingest))
        ;
    ingest->intake.hall.take(&ingest->intake.hall, delivery);
}

static bool bring_all(struct ingest *ingest, struct err *err)
{
    CLEANUP(buf_done) struct buf bytes = BUF(ingest->files.max_bytes + 65536);
    bool more = true, good = true;
    while (more && goes_on(ingest)) {
        const char *path = "";
        struct err fault = { 0 };
        if (!files_next(&ingest->files, &bytes, &path, &more, &fault)) {
            err_set(err, ERR_SETUP, "%s", fault.text);
            good = false;
        } else if (more) {
            bring(ingest, &bytes, path);
        }
    }
    pthread_mutex_lock(&ingest->mutex);
    while (ingest->open)
        pthread_cond_wait(&ingest->answered, &ingest->mutex);
    pthread_mutex_unlock(&ingest->mutex);
    progress_end(&ingest->progress);
    return good;
}

/* --- the end --- */

static void print_counts(const struct ingest *ingest)
{
    if (ingest->json || ingest->standard_input)
        return;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (i < OUTCOME_SPOOLED || i == OUTCOME_REJECTED || i == OUTCOME_REFUSED
            || ingest->counts[i])
            printf("%s%s %" PRId64, i ? " · " : "", outcome_row((enum outcome)i)->word,
                   ingest->counts[i]);
    printf("\n");
}

static int exit_code(const struct ingest *ingest)
{
    if (ingest->counts[OUTCOME_RETRY])
        return ingest->standard_input ? EX_TEMPFAIL : EX_UNAVAILABLE;
    if (ingest->counts[OUTCOME_REFUSED])
        return EX_NOPERM;
    /* A mail server would return a rejected report to an address that nobody reads; it is kept. */
    if (ingest->counts[OUTCOME_REJECTED] && !ingest->standard_input)
        return EX_DATAERR;
    return EX_OK;
}

static int ingest_into(struct ingest *ingest, const struct database *database)
{
    struct err err = { 0 };
    ingest->settings->writer.database = database->conninfo;
    ingest->writer = writer_new(&ingest->settings->writer);
    ingest->progress = progress_begin();
    bool good = intake_init(&ingest->intake, ingest->settings, ingest->writer, &err)
                && bring_all(ingest, &err);
    intake_done(&ingest->intake);
    writer_free(&ingest->writer);
    print_counts(ingest);
    if (!good)
        return command_fail("ingest", &err);
    return exit_code(ingest);
}

static int ingest_paths(struct ingest *ingest, struct context *context, const char *const *paths,
                        size_t count)
{
    struct database database = { 0 };
    struct err err = { 0 };
    int applied = 0, code;
    if (!files_open(&ingest->files, paths, count, (size_t)context->settings.limits.message_bytes,
                    &err))
        return command_fail("ingest", &err) == EX_CONFIG ? EX_NOINPUT : EX_SOFTWARE;
    if (database_open(context, &database, &err) && database_migrate(&database, &applied, &err))
        code = ingest_into(ingest, &database);
    else
        code = command_fail("ingest", &err);
    if (code == EX_UNAVAILABLE && ingest->standard_input)
        code = EX_TEMPFAIL;
    database_close(&database);
    return code;
}

static int run(struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        { "json", no_argument, NULL, 'j' },
        { "trusted", no_argument, NULL, 't' },
        { NULL, 0, NULL, 0 },
    };
    static const char *const standard_input[] = { "-" };
    struct ingest ingest = { .settings = &context->settings,
                             .mutex = PTHREAD_MUTEX_INITIALIZER,
                             .answered = PTHREAD_COND_INITIALIZER };
    CLEANUP(arena_free) struct arena arena = { 0 };
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (option == '?')
            return command_usage(&cmd_ingest, command_option_fault(&arena, option, argv));
        ingest.json = ingest.json || option == 'j';
        ingest.trusted = ingest.trusted || option == 't';
    }
    size_t count = (size_t)(argc - optind);
    const char *const *paths = count ? (const char *const *)argv + optind : standard_input;
    count = count ? count : 1;
    ingest.standard_input = count == 1 && strcmp(paths[0], "-") == 0;
    int code = ingest_paths(&ingest, context, paths, count);
    files_close(&ingest.files);
    pthread_cond_destroy(&ingest.answered);
    pthread_mutex_destroy(&ingest.mutex);
    return code;
}

const struct command cmd_ingest = {
    .name = "ingest",
    .arguments = "[--json] [--trusted] [PATH…]",
    .summary = "Read reports from files, directories, maildirs, mboxes or standard input",
    .help =
        "  PATH               a report (JSON, gzip), a mail, a directory, maildir or mbox; - or\n"
        "                     nothing: one message from standard input\n"
        "  --json             one line of JSON for each, instead of a progress bar and a sum\n"
        "  --trusted          vouch for the senders: verdicts count these reports\n"
        "\n"
        "Exit codes: 0 all are stored or known, 65 some were rejected, 66 no such file,\n"
        "69 the database is away, 77 some are not for our domains. From standard input alone:\n"
        "0 also when the report was rejected, since it is kept with its reason, and 75 when it must\n"
        "be tried again, as mail servers expect it.\n",
    .run = run,
};
