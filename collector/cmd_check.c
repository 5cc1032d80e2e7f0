/* tlsrptd check DOMAIN…: looks at the live set-up, now: records, policy host, policy, MX hosts and their TLS.
 *
 * It works without a database; then nothing is known from before and nothing is kept. Where there is one, the
 * looks go into it as the service's own do.
 *
 * SPDX-License-Identifier: MIT
 * Before: looks.h, judge/setup_text.h, web/setup_json.h */
#include "collector/database.h"
#include "collector/looks.h"
#include "web/setup_json.h"
#include "judge/setup_text.h"
#include "base/clock.h"
#include "probe/crew.h"
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_BYTES (64 << 20)
#define PATIENCE_MS  10000
#define NOTHING_SEEN 3
#define FORGOTTEN    "nothing is known from before, and this look is not kept"

struct order {
    bool json, progress, again;
};

/* One domain of the call. */
struct item {
    const char *domain;
    struct look look;
    bool remembered; /* by what was seen before, so that the look can be kept */
};

/* All of them. */
struct session {
    const struct settings *settings;
    struct order order;
    struct looks *looks;
    struct reader *reader; /* NULL: no ledger */
    struct item *items;
    size_t count;
    pthread_mutex_t mutex; /* for what is told */
    bool terminal;
    size_t done;
};

/* --- progress --- */

struct told {
    struct session *session;
    const char *domain;
    int64_t begin_ms;
    bool under_way[CHECK_STAGES];
};

/* What is waited for: "policy host, mail servers …"; what has just ended where that is nothing. */
static void draw(const struct told *told, enum check_stage ended, int64_t passed_ms)
{
    const char *before = "";
    fprintf(stderr, "\r\033[K%s: ", told->domain);
    for (int stage = 0; stage < CHECK_STAGES; stage++)
        if (told->under_way[stage]) {
            fprintf(stderr, "%s%s", before, check_stage_label((enum check_stage)stage));
            before = ", ";
        }
    if (*before)
        fprintf(stderr, " …");
    else
        fprintf(stderr, "%s looked at", check_stage_label(ended));
    fprintf(stderr, ", %" PRId64 ".%" PRId64 " s (%zu of %zu domains done)", passed_ms / 1000,
            passed_ms / 100 % 10, told->session->done, told->session->count);
}

/* On a terminal one line, drawn anew; else a line for each stage that ends. */
static void tell(void *context, enum check_stage stage, bool ended)
{
    struct told *told = context;
    struct session *session = told->session;
    int64_t passed = clock_monotonic_ms() - told->begin_ms;
    pthread_mutex_lock(&session->mutex);
    told->under_way[stage] = !ended;
    if (session->terminal)
        draw(told, stage, passed);
    else if (ended)
        fprintf(stderr, "%s: %s looked at, %" PRId64 ".%" PRId64 " s\n", told->domain,
                check_stage_label(stage), passed / 1000, passed / 100 % 10);
    fflush(stderr);
    pthread_mutex_unlock(&session->mutex);
}

static void tell_done(struct session *session)
{
    pthread_mutex_lock(&session->mutex);
    session->done++;
    if (session->terminal)
        fprintf(stderr, "\r\033[K");
    pthread_mutex_unlock(&session->mutex);
}

/* --- looking --- */

/* DOMAIN "": all of them. */
static void say_without(const char *domain, const char *what, const struct err *err)
{
    char text[ERR_TEXT_BYTES];
    fprintf(stderr, "tlsrptd: check: %s%s%s: %s\n", domain, *domain ? ": " : "", what,
            err_to_text(err, text, sizeof text));
}

/* A look that was judged without what was seen before would, if it were kept, end findings that last. */
static void remember(struct session *session, struct arena *arena, struct item *item)
{
    struct err err = { 0 };
    item->look.history = (struct setup_history){ .own_rua = session->settings->check.own_rua,
                                                 .last_report_seconds = -1 };
    if (!session->reader)
        return;
    item->remembered = look_remember(session->settings, session->reader, arena, item->domain,
                                     &item->look.history, &err);
    if (item->remembered)
        return;
    pthread_mutex_lock(&session->mutex);
    say_without(item->domain, FORGOTTEN, &err);
    pthread_mutex_unlock(&session->mutex);
}

static void look_at_one(struct arena *arena, void *thing, size_t index)
{
    struct session *session = thing;
    struct item *item = &session->items[index];
    struct told told = { session, item->domain, clock_monotonic_ms(), { false } };
    const struct check_wish wish = {
        .domain = item->domain,
        .probes = true,
        .again = session->order.again,
        .clients = true,
        .told = session->terminal || session->order.progress ? tell : NULL,
        .context = &told,
    };
    remember(session, arena, item);
    look_at(session->looks, arena, &wish, &item->look);
    tell_done(session);
}

/* --- the ledger --- */

/* Whether there is one, with our tables. */
static bool find_ledger(struct session *session, const char *conninfo)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_history history;
    struct err err = { 0 };
    session->reader =
        reader_new(conninfo, 2,
                   (struct pg_patience){ .statement_ms = PATIENCE_MS, .only_reads = true });
    if (look_remember(session->settings, session->reader, &arena, session->items[0].domain,
                      &history, &err))
        return true;
    say_without("", "no database: " FORGOTTEN, &err);
    reader_free(&session->reader);
    return false;
}

/* One that cannot be kept is told of, and hinders no other. */
static void keep_all(const struct session *session, const char *conninfo)
{
    const struct pg_patience patience = { .statement_ms = PATIENCE_MS };
    struct pg *pg = NULL;
    for (size_t i = 0; i < session->count; i++) {
        const struct item *item = &session->items[i];
        struct err err = { 0 };
        if (!item->remembered)
            continue;
        if ((pg || pg_open_within(conninfo, patience, &pg, &err)) && pg_ready(pg, &err)
            && look_keep(pg, &item->look, true, &err))
            continue;
        bool away = err.kind == ERR_AGAIN; /* from here on for all that follow */
        say_without(away ? "" : item->domain, away ? "not all is kept" : "this look is not kept",
                    &err);
        if (away)
            break;
    }
    pg_close(&pg);
}

/* --- answers --- */

static int worse(int a, int b)
{
    static const int ranks[] = { [0] = 0, [1] = 1, [NOTHING_SEEN] = 2, [2] = 3 };
    return ranks[a] > ranks[b] ? a : b;
}

static int print_all(struct arena *arena, const struct session *session)
{
    CLEANUP(buf_done) struct buf out = BUF(OUTPUT_BYTES);
    struct json *json = json_new(arena);
    int code = 0;
    json_open(json, NULL, '{');
    json_open(json, "items", '[');
    for (size_t i = 0; i < session->count; i++) {
        const struct look *look = &session->items[i].look;
        code = worse(code, setup_exit(&look->result));
        if (session->order.json)
            setup_json(json, &look->facts, &look->result);
        else
            buf_text(&out, i ? "\n" : ""), setup_text(&out, &look->facts, &look->result);
    }
    json_close(json, ']');
    json_text(json, "next", NULL);
    json_close(json, '}');
    printf("%s%s", session->order.json ? buf_get(&json->text) : buf_get(&out),
           session->order.json ? "\n" : "");
    return code;
}

static bool take_domains(struct arena *arena, struct session *session, char **words,
                         struct err *err)
{
    session->items = arena_array(arena, session->count, sizeof *session->items);
    for (size_t i = 0; i < session->count; i++) {
        session->items[i].domain = text_host(arena, words[i], NULL);
        if (!session->items[i].domain || text_begins(words[i], "*"))
            return err_set(err, ERR_INPUT, "%s: no name of a domain", words[i]);
    }
    return true;
}

static int check_all(struct context *context, struct session *session, char **words)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct pg_patience patience = { .statement_ms = PATIENCE_MS };
    struct database database = { 0 };
    struct err err = { 0 };
    int code;
    if (!take_domains(&arena, session, words, &err) || !database_open(context, &database, &err))
        return command_fail("check", &err);
    bool ledger = find_ledger(session, database.conninfo);
    if (looks_open(session->settings, ledger ? database.conninfo : NULL, patience, &session->looks,
                   &err)) {
        crew_run(&arena, (size_t)session->settings->check.parallel, session->count, look_at_one,
                 session);
        code = print_all(&arena, session);
        if (ledger)
            keep_all(session, database.conninfo);
    } else {
        code = command_fail("check", &err);
    }
    looks_close(&session->looks);
    reader_free(&session->reader);
    database_close(&database);
    return code;
}

static int run(struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        { "format", required_argument, NULL, 'F' },
        { "progress", no_argument, NULL, 'p' },
        { "again", no_argument, NULL, 'a' },
        { NULL, 0, NULL, 0 },
    };
    struct session session = { .settings = &context->settings,
                               .mutex = PTHREAD_MUTEX_INITIALIZER,
                               .terminal = isatty(STDERR_FILENO) == 1 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *fault = NULL;
    opterr = 0;
    for (int option; !fault && (option = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (option == '?' || option == ':')
            fault = command_option_fault(&arena, option, argv);
        else if (option == 'F' && strcmp(optarg, "text") != 0 && strcmp(optarg, "json") != 0)
            fault = "--format: text or json";
        session.order.json |= option == 'F' && strcmp(optarg, "json") == 0;
        session.order.progress |= option == 'p';
        session.order.again |= option == 'a';
    }
    if (!fault && optind >= argc)
        fault = "name a domain";
    if (fault)
        return command_usage(&cmd_check, fault);
    session.count = (size_t)(argc - optind);
    return check_all(context, &session, argv + optind);
}

const struct command cmd_check = {
    .name = "check",
    .arguments = "DOMAIN… [--format text|json] [--progress] [--again]",
    .summary = "Look at the live set-up: records, policy host, policy, mail servers",
    .help =
        "  --format text      for a person, the default: each step, what was found, what to do\n"
        "  --format json      {\"items\": […], \"next\": null}, an item for each domain\n"
        "  --progress         a line on standard error for each part that was looked at, also where\n"
        "                     that is no terminal\n"
        "  --again            go to mail servers that were looked at within the hour, too\n"
        "\n"
        "Nothing is needed for it but DNS and a way out, to the ports 443 and 25. Mail servers are\n"
        "greeted, asked for STARTTLS, and left; no mail is sent. Where there is a database, what was\n"
        "seen before counts (was the id changed with the policy?), and the look is kept.\n"
        "\n"
        "Exit codes: 0 all is good, 1 warnings, or parts that could not be seen, 2 errors, 3 nothing\n"
        "could be looked at; of several domains the worst. 64 a wrong option.\n",
    .run = run,
};
