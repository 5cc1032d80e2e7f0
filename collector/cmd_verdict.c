/* tlsrptd verdict DOMAIN…: is it ready to enforce, or healthy? And tlsrptd verdict ack: a failure that is
 * not waited for.
 *
 * Verdicts are made as they are asked for, from what the ledger holds; nothing is written but
 * acknowledgements.
 *
 * SPDX-License-Identifier: MIT
 * Before: web/verdict_text.h, web/verdict_json.h */
#include "collector/database.h"
#include "schema/verdicts.h"
#include "web/verdict_input.h"
#include "web/verdict_json.h"
#include "web/verdict_load.h"
#include "judge/verdict_text.h"
#include "base/clock.h"
#include "base/text.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define OUTPUT_BYTES (64 << 20)
#define NO_VERDICT   3

enum deed { DEED_READ, DEED_ACK, DEED_WITHDRAW, DEED_REPLAY };
static const char *const deeds[] = {
    [DEED_ACK] = "ack", [DEED_WITHDRAW] = "withdraw", [DEED_REPLAY] = "replay"
};

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_PLUGIN };
static const char *const formats[] = { "text", "json", "plugin" };

struct request_of {
    enum format format;
    const char *mx, *result, *note; /* ack, withdraw */
    enum deed deed;
    const char *at; /* replay; NULL: now */
    int64_t at_seconds;
};

/* False, with FAULT naming it, when an option is wrong. */
static bool take_option(struct request_of *out, int option, const char *value, const char **fault)
{
    size_t format = 0;
    unsigned oddities = 0;
    switch (option) {
    case 'F':
        while (format < ARRAY_SIZE(formats) && strcmp(formats[format], value) != 0)
            format++;
        out->format = (enum format)format;
        *fault = format < ARRAY_SIZE(formats) ? NULL : "--format: text, json or plugin";
        break;
    case 'm':
        out->mx = value;
        break;
    case 'r':
        out->result = value;
        break;
    case 'n':
        out->note = value;
        break;
    case 'a':
        out->at = value;
        *fault = clock_from_text(value, &out->at_seconds, &oddities)
                     ? NULL
                     : "--at: a moment as 2026-11-28T12:00:00Z";
        break;
    }
    return !*fault;
}

/* --- reading --- */

struct found {
    const char *name;
    const struct domain_row *domain; /* NULL: no report ever spoke of it */
    struct verdict verdict;
};

static bool find(struct reader *reader, struct arena *arena, const struct settings *settings,
                 const char *word, struct found *out, struct err *err)
{
    static const struct verdict_evidence nothing;
    static const struct verdict_live nothing_seen;
    const struct verdict_terms terms = { &settings->verdict, clock_now() };
    out->name = text_host(arena, word, NULL);
    if (!out->name)
        return err_set(err, ERR_INPUT, "%s: no name of a domain", word);
    if (!read_domain(reader, arena, out->name, &out->domain, err))
        return false;
    if (out->domain)
        return verdict_load(reader, arena, out->domain, &terms, &out->verdict, err);
    const struct verdict_input input = verdict_input_of(out->name, &nothing, &nothing_seen, &terms);
    out->verdict = verdict_judge(arena, &input);
    return true;
}

static int worse(int a, int b)
{
    static const int ranks[] = { [0] = 0, [1] = 1, [NO_VERDICT] = 2, [2] = 3 };
    return ranks[a] > ranks[b] ? a : b;
}

static int print_all(struct reader *reader, const struct settings *settings, enum format format,
                     int count, char **words)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(buf_done) struct buf out = BUF(OUTPUT_BYTES);
    struct json *json = json_new(&arena);
    int code = 0;
    if (count > 1)
        json_open(json, NULL, '[');
    for (int i = 0; i < count; i++) {
        struct found found = { 0 };
        struct err err = { 0 };
        if (!find(reader, &arena, settings, words[i], &found, &err))
            return command_fail("verdict", &err);
        code = worse(code, verdict_exit(&found.verdict));
        if (format == FORMAT_TEXT)
            verdict_text(&out, found.name, &found.verdict);
        else if (format == FORMAT_PLUGIN)
            verdict_plugin(&out, found.name, &found.verdict);
        else
            verdict_json(json, found.name, &found.verdict, clock_now());
    }
    if (count > 1)
        json_close(json, ']');
    printf("%s", format == FORMAT_JSON ? buf_get(&json->text) : buf_get(&out));
    if (format == FORMAT_JSON)
        printf("\n");
    return code;
}

/* --- ack --- */

static bool acknowledge(const struct database *database, struct reader *reader,
                        const struct settings *settings, const struct request_of *request,
                        const char *domain, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct found found = { 0 };
    bool known = false;
    if (!find(reader, &arena, settings, domain, &found, err))
        return false;
    const struct verdict_disposition *failure =
        verdict_failure(&found.verdict, request->mx, request->result);
    if (!failure)
        return err_set(err, ERR_INPUT,
                       "%s: there is no failure %s at %s; `tlsrptd verdict %s` lists "
                       "them",
                       found.name, request->result, *request->mx ? request->mx : "(no MX named)",
                       found.name);
    const struct verdict_ack_entry entry = {
        .domain = found.name,
        .mx = failure->mx ? failure->mx : "",
        .result = failure->result,
        .last_day = failure->last_day,
        .note = request->note,
        .who = command_user(),
    };
    struct pg *pg = NULL;
    bool good =
        pg_open(database->conninfo, &pg, err) && verdicts_acknowledge(pg, &entry, &known, err);
    pg_close(&pg);
    if (good)
        printf("%s: %s at %s, up to its newest day, is not waited for. It counts again when it "
               "recurs.\n",
               found.name, entry.result, *entry.mx ? entry.mx : "(no MX named)");
    return good;
}

static bool withdraw(const struct database *database, const struct request_of *request,
                     const char *domain, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct verdict_ack_entry entry = { .domain = text_host(&arena, domain, NULL),
                                             .mx = request->mx,
                                             .result = request->result };
    struct pg *pg = NULL;
    bool known = false;
    if (!entry.domain)
        return err_set(err, ERR_INPUT, "%s: no name of a domain", domain);
    bool good = pg_open(database->conninfo, &pg, err) && verdicts_withdraw(pg, &entry, &known, err);
    pg_close(&pg);
    if (good && !known)
        return err_set(err, ERR_INPUT, "%s: nothing is acknowledged of %s at %s", entry.domain,
                       entry.result, *entry.mx ? entry.mx : "(no MX named)");
    if (good)
        printf("%s: %s at %s is waited for again.\n", entry.domain, entry.result,
               *entry.mx ? entry.mx : "(no MX named)");
    return good;
}

/* --- replay --- */

static bool same_again(const struct verdict_replay_row *row, const struct verdict *verdict)
{
    const struct verdict_reason *reason = verdict->reasons;
    return strcmp(row->stage, verdict_stage_to_text(verdict->stage)) == 0
           && strcmp(row->verdict, verdict_word_to_text(verdict->word)) == 0
           && strcmp(row->code, verdict->reason_count ? reason->code : "") == 0
           && strcmp(row->sentence, verdict->reason_count ? reason->text : "") == 0;
}

/* The verdict that was in force at a moment, made again. *CODE: 0 it is the same, 2 it is another, 3 there is
 * nothing to make it of. */
static bool replay(struct reader *reader, struct arena *arena, const struct request_of *request,
                   const char *word, int *code, struct err *err)
{
    const struct domain_row *domain = NULL;
    const struct verdict_replay_row *row = NULL;
    const char *name = text_host(arena, word, NULL);
    struct verdict_input input;
    char at[CLOCK_TEXT_BYTES];
    *code = NO_VERDICT;
    if (!name)
        return err_set(err, ERR_INPUT, "%s: no name of a domain", word);
    if (!read_domain(reader, arena, name, &domain, err)
        || (domain
            && !read_verdict_change(reader, arena, domain->id,
                                    request->at ? request->at_seconds : clock_now(), &row, err)))
        return false;
    if (!row || !row->input) {
        fprintf(stderr, "tlsrptd verdict: %s: %s\n", name,
                row ? "what that verdict was made of was too much to be kept"
                    : "no verdict is kept of that time");
        return true;
    }
    if (!verdict_input_read(arena, name, (struct bytes){ row->input, strlen(row->input) }, &input,
                            err)) {
        err_prefix(err, "%s: what is kept is damaged: ", name);
        return false;
    }
    const struct verdict verdict = verdict_judge(arena, &input);
    *code = same_again(row, &verdict) ? 0 : 2;
    if (request->format == FORMAT_JSON) {
        struct json *json = json_new(arena);
        verdict_json(json, name, &verdict, row->at_seconds);
        printf("%s\n", buf_get(&json->text));
        return true;
    }
    CLEANUP(buf_done) struct buf out = BUF(OUTPUT_BYTES);
    verdict_text(&out, name, &verdict);
    printf("%s: %s, %s since %s: %s\n%s", name, row->stage, row->verdict,
           clock_to_text(row->at_seconds, at),
           *code ? "made again it is ANOTHER" : "made again it is the same", buf_get(&out));
    return true;
}

static int replay_all(struct reader *reader, const struct request_of *request, int count,
                      char **words)
{
    int code = 0;
    for (int i = 0; i < count; i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct err err = { 0 };
        int one;
        if (!replay(reader, &arena, request, words[i], &one, &err))
            return command_fail("verdict", &err);
        code = worse(code, one);
    }
    return code;
}

/* What is to be done, and with how many domains; NULL, or what is wrong. */
static const char *take_words(struct request_of *request, int argc, char **argv)
{
    for (int deed = DEED_ACK; deed <= DEED_REPLAY && optind < argc; deed++)
        if (request->deed == DEED_READ && strcmp(argv[optind], deeds[deed]) == 0)
            request->deed = (enum deed)deed;
    optind += request->deed != DEED_READ;
    if (optind >= argc)
        return "name a domain";
    if (request->deed == DEED_ACK && (argc - optind != 1 || !request->result || !request->note))
        return "ack takes one domain, --result and --note, and --mx where one is named";
    if (request->deed == DEED_WITHDRAW && (argc - optind != 1 || !request->result))
        return "withdraw takes one domain and --result, and --mx where one is named";
    if (request->at && request->deed != DEED_REPLAY)
        return "--at is for replay";
    if (request->deed == DEED_REPLAY && request->format == FORMAT_PLUGIN)
        return "replay is told as text or json";
    return NULL;
}

static int run(struct context *context, int argc, char **argv)
{
    static const struct option options[] = {
        { "format", required_argument, NULL, 'F' }, { "mx", required_argument, NULL, 'm' },
        { "result", required_argument, NULL, 'r' }, { "note", required_argument, NULL, 'n' },
        { "at", required_argument, NULL, 'a' },     { NULL, 0, NULL, 0 },
    };
    struct request_of request = { .mx = "" };
    struct database database = { 0 };
    struct err err = { 0 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *fault = NULL;
    opterr = 0;
    for (int option; !fault && (option = getopt_long(argc, argv, ":", options, NULL)) != -1;)
        if (option == '?' || option == ':')
            fault = command_option_fault(&arena, option, argv);
        else if (!take_option(&request, option, optarg, &fault))
            break;
    if (!fault)
        fault = take_words(&request, argc, argv);
    if (fault)
        return command_usage(&cmd_verdict, fault);
    if (!database_open(context, &database, &err))
        return command_fail("verdict", &err);
    struct reader *reader =
        reader_new(database.conninfo, 1, (struct pg_patience){ .only_reads = true });
    int code = 0;
    if (request.deed == DEED_READ)
        code = print_all(reader, &context->settings, request.format, argc - optind, argv + optind);
    else if (request.deed == DEED_REPLAY)
        code = replay_all(reader, &request, argc - optind, argv + optind);
    else if (request.deed == DEED_ACK
                 ? !acknowledge(&database, reader, &context->settings, &request, argv[optind], &err)
                 : !withdraw(&database, &request, argv[optind], &err))
        code = command_fail("verdict", &err);
    reader_free(&reader);
    database_close(&database);
    return code;
}

const struct command cmd_verdict = {
    .name = "verdict",
    .arguments = "DOMAIN… [--format text|json|plugin]\n"
                 "       tlsrptd verdict ack DOMAIN --result TYPE --note TEXT [--mx HOST]\n"
                 "       tlsrptd verdict withdraw DOMAIN --result TYPE [--mx HOST]\n"
                 "       tlsrptd verdict replay DOMAIN… [--at TIME]",
    .summary = "Say whether a domain is ready to enforce, or healthy, and why",
    .help =
        "  --format text      for a person, the default\n"
        "  --format json      as /api/v1/domains/NAME/verdict; a list where several are named\n"
        "  --format plugin    one line for Nagios, Icinga and others, with performance data\n"
        "\n"
        "ack: a failure that cannot be told to be ours is not waited for any more, until it recurs\n"
        "  --result TYPE      its result type\n"
        "  --mx HOST          its MX, where one is named\n"
        "  --note TEXT        why, for those who come after\n"
        "withdraw: it is waited for again\n"
        "replay: the verdict that was in force at a moment is made again of what was kept with it: 0 it is\n"
        "the same, 2 it is another, 3 nothing was kept\n"
        "  --at TIME          the moment, as 2026-11-28T12:00:00Z; default: now\n"
        "\n"
        "Exit codes: 0 ready or healthy, 1 ready, limited, 2 not yet or failing, 3 it cannot be\n"
        "told; of several domains the worst. 64 a wrong option, 69 the database is away.\n",
    .run = run,
};
