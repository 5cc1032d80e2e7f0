/* tlsrptd policy show|set|end|history DOMAIN: the policy that is made here, the records that belong to it, and
 * what a change has to wait for.
 *
 * What a step is worth is judged by guide_plan.h; this asks, shows, and writes what is confirmed.
 *
 * SPDX-License-Identifier: MIT
 * Before: judge/guide_plan.h, policy_wish.c */
#include "collector/database.h"
#include "collector/policy_wish.h"
#include "web/guide_load.h"
#include "web/policy_change.h"
#include "web/verdict_load.h"
#include "base/clock.h"
#include "base/glyph.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define OUTPUT_BYTES (16 << 20)
#define FETCHES      500
#define AGENT_SHOWN  200   /* characters of what a client calls itself */
#define AGENT_BYTES  16384 /* of them, with what is not seen written out */
#define NOT_MADE     1
#define REFUSED      2

struct work {
    struct context *context;
    struct arena *arena;
    struct database database;
    struct reader *reader;
    const struct policy_wish *wish;
    const char *domain;
    struct guide_input input;
};

/* --- reading --- */

static bool load(struct work *work, struct err *err)
{
    const struct verdict_terms terms = { &work->context->settings.verdict, clock_now() };
    const struct domain_row *row;
    struct verdict verdict = { .word = VERDICT_UNKNOWN };
    if (!guide_load(work->reader, work->arena, work->domain, clock_now(), &work->input, err)
        || !read_domain(work->reader, work->arena, work->domain, &row, err)
        || (row && !verdict_load(work->reader, work->arena, row, &terms, &verdict, err)))
        return false;
    work->input.verdict = verdict.word;
    return true;
}

/* --- showing --- */

static void put_all(struct work *work, struct buf *out, struct json *json)
{
    const struct guide_records records =
        guide_records(work->arena, &work->input, work->context->settings.policy.delegation);
    const struct guide guide = guide_make(work->arena, &work->input);
    if (json) {
        guide_json(json, &work->input, &records, &guide);
        return;
    }
    guide_text_policy(out, &work->input, &records);
    guide_text_steps(out, &work->input, &guide);
}

static struct json *json_begin(struct work *work)
{
    struct json *json = json_new(work->arena);
    json_open(json, NULL, '{');
    json_text(json, "domain", work->domain);
    return json;
}

static void json_print(struct json *json)
{
    json_close(json, '}');
    printf("%s\n", buf_get(&json->text));
}

static int show(struct work *work)
{
    CLEANUP(buf_done) struct buf out = BUF(OUTPUT_BYTES);
    struct json *json = work->wish->json ? json_begin(work) : NULL;
    put_all(work, &out, json);
    if (json)
        json_print(json);
    else
        printf("%s", buf_get(&out));
    return guide_current(&work->input) ? 0 : NOT_MADE;
}

static void history_json(struct json *json, const struct rows *fetches,
                         const struct guide_input *input)
{
    json_open(json, "versions", '[');
    for (size_t i = 0; i < input->version_count; i++) {
        const struct hosting_version_row *it = &input->versions[i];
        json_open(json, NULL, '{');
        json_number(json, "version", it->version);
        json_text(json, "id", it->id);
        json_text(json, "sha256", it->sha256);
        json_text(json, "mode", it->mode);
        json_text(json, "mx", it->mx);
        json_number(json, "max_age", it->max_age_seconds);
        json_time(json, "made_at", it->made_seconds);
        json_text(json, "made_by", it->made_by);
        json_text(json, "note", it->note);
        json_time(json, "first_served_at", it->first_served_seconds);
        json_time(json, "last_served_at", it->last_served_seconds);
        json_number(json, "fetches", it->fetches);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "fetches", '[');
    const struct hosting_fetch_row *row = fetches->first;
    for (size_t i = 0; i < fetches->count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "version", row[i].version);
        json_text(json, "network", row[i].network);
        json_text(json, "client", row[i].client);
        json_text(json, "user_agent", row[i].user_agent);
        json_text(json, "sni", row[i].sni);
        json_time(json, "first_at", row[i].first_seconds);
        json_time(json, "last_at", row[i].last_seconds);
        json_number(json, "fetches", row[i].fetches);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void history_text(const struct rows *fetches, const struct guide_input *input)
{
    char made[CLOCK_TEXT_BYTES], first[CLOCK_TEXT_BYTES], last[CLOCK_TEXT_BYTES];
    for (size_t i = 0; i < input->version_count; i++) {
        const struct hosting_version_row *it = &input->versions[i];
        printf("version %" PRId32 "  %s  max_age %" PRId64 "  made %s%s%s  id %s\n  mx %s\n",
               it->version, it->mode, it->max_age_seconds, clock_to_text(it->made_seconds, made),
               *it->made_by ? " by " : "", it->made_by, it->id, it->mx);
        if (*it->note)
            printf("  against advice: %s\n", it->note);
        if (it->fetches)
            printf("  fetched %" PRId64 " times, %s to %s\n", it->fetches,
                   clock_to_text(it->first_served_seconds, first),
                   clock_to_text(it->last_served_seconds, last));
    }
    const struct hosting_fetch_row *row = fetches->first;
    for (size_t i = 0; i < fetches->count; i++) {
        CLEANUP(buf_done) struct buf agent = BUF(AGENT_BYTES);
        glyph_add_text(&agent, row[i].user_agent, AGENT_SHOWN);
        printf("%s%s  version %" PRId32 "  %s  %" PRId64 " times  %s\n", i ? "" : "\nFetched by:\n",
               clock_to_text(row[i].last_seconds, last), row[i].version, row[i].client,
               row[i].fetches, buf_get(&agent));
    }
}

static int history(struct work *work)
{
    struct rows fetches = { 0 };
    struct err err = { 0 };
    if (work->input.hosted
        && !read_hosting_fetches(work->reader, work->arena, work->input.hosted->domain_id, FETCHES,
                                 &fetches, &err))
        return command_fail("policy", &err);
    if (work->wish->json) {
        struct json *json = json_begin(work);
        history_json(json, &fetches, &work->input);
        json_print(json);
    } else {
        if (!work->input.hosted)
            printf("%s: no policy is made here\n", work->domain);
        history_text(&fetches, &work->input);
    }
    return work->input.hosted ? 0 : NOT_MADE;
}

/* --- changing --- */

/* Whether to go on: --yes, or who sits at the terminal says so. */
static bool is_confirmed(const struct work *work)
{
    char line[16] = "";
    if (work->wish->yes)
        return true;
    if (work->wish->json)
        return false;
    if (!isatty(STDIN_FILENO)) {
        printf("Nothing was changed: --yes does it.\n");
        return false;
    }
    printf("Do it? [y/N] ");
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y');
}

static bool put(struct work *work, const struct policy_change *change, struct err *err)
{
    struct pg *pg = NULL;
    bool good = pg_open(work->database.conninfo, &pg, err) && policy_change_store(pg, change, err);
    pg_close(&pg);
    return good;
}

/* Shows what would be, and what speaks against it. */
static void announce(const struct work *work, const struct policy_change *made)
{
    CLEANUP(buf_done) struct buf out = BUF(OUTPUT_BYTES);
    const struct hosting_version_row *current = guide_current(&work->input);
    const struct bytes nothing = { "", 0 };
    if (work->wish->json)
        return;
    buf_printf(&out, "%s: the verdict is \"%s\"\n\n", work->domain,
               verdict_word_label(work->input.verdict));
    if (made->same)
        buf_text(&out, "The policy stays as it is.\n");
    guide_text_diff(&out, current ? current->body : nothing, made->entry.body);
    if (!made->same)
        buf_printf(&out, "\n  id %s, sha256 %s\n", made->id, made->sha256);
    if (made->plan.note && !work->wish->override)
        buf_printf(&out, "\n  %s\n", made->plan.note);
    if (made->plan.refusal)
        buf_printf(&out, "\n  ! %s\n    %s\n", made->plan.refusal,
                   work->wish->override ? "Done nevertheless; your reason is kept."
                                        : "--override REASON does it nevertheless.");
    printf("%s\n", buf_get(&out));
}

/* What is so now, with what became of the wish. */
static int conclude(struct work *work, const char *refusal, const char *note, bool done)
{
    CLEANUP(buf_done) struct buf out = BUF(OUTPUT_BYTES);
    struct err err = { 0 };
    bool refused = refusal && !work->wish->override;
    if (done && !load(work, &err))
        return command_fail("policy", &err);
    if (work->wish->json) {
        struct json *json = json_begin(work);
        json_flag(json, "done", done);
        json_text(json, "refusal", refusal);
        json_text(json, "note", note);
        put_all(work, NULL, json);
        json_print(json);
    } else if (done) {
        put_all(work, &out, NULL);
        printf("%s", buf_get(&out));
    }
    return done ? 0 : refused ? REFUSED : NOT_MADE;
}

static int set(struct work *work)
{
    const struct policy_wish *wish = work->wish;
    const struct hosting_row *hosted = work->input.hosted;
    struct policy_change_terms terms = {
        .override = wish->override,
        .renew = wish->renew,
        .served = !wish->external && (wish->here || !hosted || hosted->ended || hosted->served),
        .by = command_user(),
    };
    struct policy_change made;
    struct err err = { 0 };
    if (!policy_wish_resolve(work->arena, &work->context->settings.dns, &work->input, wish,
                             &terms.wish, &err)
        || !policy_change_make(work->arena, &work->input, &terms, &made, &err))
        return command_fail("policy", &err);
    announce(work, &made);
    bool done = (!made.plan.refusal || wish->override) && is_confirmed(work);
    if (done && !put(work, &made, &err))
        return command_fail("policy", &err);
    return conclude(work, made.plan.refusal, made.plan.note, done);
}

static int end(struct work *work)
{
    struct err err = { 0 };
    struct policy_change made;
    if (!work->input.hosted) {
        err_set(&err, ERR_INPUT, "%s: no policy is made here", work->domain);
        return command_fail("policy", &err);
    }
    policy_change_end(work->arena, &work->input, command_user(), &made);
    const char *refusal = made.plan.refusal;
    if (!work->wish->json)
        printf("%s: nobody is to serve its policy any more%s%s\n", work->domain,
               refusal ? "\n  ! " : "", refusal ? refusal : "");
    bool done = (!refusal || work->wish->override) && is_confirmed(work);
    if (done && !put(work, &made, &err))
        return command_fail("policy", &err);
    return conclude(work, refusal, NULL, done);
}

static int run(struct context *context, int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct work *work);
    } verbs[] = { { "show", show }, { "set", set }, { "end", end }, { "history", history } };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct policy_wish wish;
    struct err err = { 0 };
    const char *fault = policy_wish_parse(&arena, argc, argv, &wish);
    struct work work = { .context = context, .arena = &arena, .wish = &wish };
    size_t verb = 0;
    while (!fault && verb < ARRAY_SIZE(verbs) && strcmp(verbs[verb].name, wish.verb) != 0)
        verb++;
    if (!fault && verb == ARRAY_SIZE(verbs))
        fault = "show, set, end or history";
    if (fault)
        return command_usage(&cmd_policy, fault);
    work.domain = text_host(&arena, wish.domain, NULL);
    if (!work.domain || text_begins(work.domain, "*")) {
        err_set(&err, ERR_INPUT, "%s: no name of a domain", wish.domain);
        return command_fail("policy", &err);
    }
    if (!database_open(context, &work.database, &err))
        return command_fail("policy", &err);
    work.reader = reader_new(work.database.conninfo, 1, (struct pg_patience){ .only_reads = true });
    int code = load(&work, &err) ? verbs[verb].run(&work) : command_fail("policy", &err);
    reader_free(&work.reader);
    database_close(&work.database);
    return code;
}

const struct command cmd_policy = {
    .name = "policy",
    .arguments = "show|set|end|history DOMAIN [OPTION…]",
    .summary = "Make and show the policy of a domain, and the order of a change",
    .help =
        "  show       the policy in force byte by byte, its records, and the change under way\n"
        "  set        another policy: shows verdict, difference, objections; writes it with --yes or\n"
        "             when confirmed. What is not named stays as it is\n"
        "    --mode testing|enforce|none\n"
        "    --mx HOST          a host, or *.DOMAIN; for each one\n"
        "    --mx-from-dns      the hosts of the MX records\n"
        "    --max-age SECONDS  of the policy; 86400 where the mode is another\n"
        "    --external         somebody else serves the bytes; --here: tlsrptd does\n"
        "    --renew            the same bytes, with another id\n"
        "    --override REASON  nevertheless; the reason is kept\n"
        "  end        nobody serves it any more: the last step of leaving MTA-STS\n"
        "  history    all versions, when they were served, who fetched which\n"
        "  --yes, --format text|json\n"
        "\n"
        "Exit codes: 0 shown or written, 1 nothing there or not confirmed, 2 refused, 64 a wrong\n"
        "option, 65 no such policy can be, 69 the database is away.\n",
    .run = run,
};
