/* See evaluator.h. A mark that a domain is due goes in the transaction that stores its verdict, so that
 * nothing is lost when the program ends in between. A portion that cannot be stored is tried domain by domain;
 * the one at fault is logged once, and tried again later and later.
 *
 * SPDX-License-Identifier: MIT
 * Before: recheck.c. Next: service.c */
#include "collector/evaluator.h"
#include "collector/chore.h"
#include "schema/verdicts.h"
#include "web/verdict_input.h"
#include "web/verdict_json.h"
#include "web/verdict_live.h"
#include "web/verdict_load.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

#define AT_ONCE       400
#define PORTION_FIRST 10 /* of these whose evidence is in memory */
#define PORTION_MOST  100
#define PORTION_ROWS  20000     /* of evidence; with more the next portion is smaller */
#define INPUT_BYTES   (8 << 20) /* larger ones are not kept */
#define PAUSE         1         /* seconds between two looks */
#define STATEMENT_MS  60000

struct evaluator {
    char *database;
    struct pg_patience patience;
    struct verdict_settings settings;
    struct pg *pg; /* the thread only */
    struct chore *chore;
};

static struct verdict_entry judge_one(struct arena *arena, const struct verdict_due_row *due,
                                      const struct verdict_input *input, int64_t now_seconds)
{
    const struct verdict verdict = verdict_judge(arena, input);
    struct verdict_entry entry = {
        .domain_id = due->domain_id,
        .stage = verdict_stage_to_text(verdict.stage),
        .verdict = verdict_word_to_text(verdict.word),
        .dane = verdict_word_to_text(verdict.dane),
        .reasons = (int32_t)verdict.reason_count,
        .clean_days = verdict.clean_days,
        .weight = verdict.reason_count ? (int32_t)verdict.reasons[0].weight : WEIGHT_NOTES,
        .code = verdict.reason_count ? verdict.reasons[0].code : "",
        .sentence = verdict.reason_count ? verdict.reasons[0].text : "",
    };
    struct json *result = json_new(arena);
    verdict_json(result, due->domain, &verdict, now_seconds);
    entry.result = buf_get(&result->text);
    if (!due->verdict || strcmp(due->verdict, entry.verdict) != 0
        || strcmp(due->stage, entry.stage) != 0) {
        struct json *made_of = json_new(arena);
        verdict_input_json(made_of, input);
        entry.input = made_of->text.size <= INPUT_BYTES ? buf_get(&made_of->text) : NULL;
    }
    return entry;
}

/* One transaction in which verdicts are made. */
struct sitting {
    struct pg *pg;
    const struct verdict_settings *settings;
    int64_t now_seconds;
    size_t rows; /* of evidence, of the last portion */
};

static bool judge_portion(struct sitting *sitting, const struct verdict_due_row *due, size_t count,
                          struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg *pg = sitting->pg;
    const struct verdict_settings *settings = sitting->settings;
    int64_t now_seconds = sitting->now_seconds;
    const struct verdict_terms terms = { settings, now_seconds };
    int32_t ids[PORTION_MOST];
    struct verdict_entry entries[PORTION_MOST];
    for (size_t i = 0; i < count; i++)
        ids[i] = due[i].domain_id;
    const struct verdict_ask ask = verdict_ask(settings, clock_day(now_seconds), ids, count);
    const struct live_ask looks = { .pg = pg, .domain_ids = ids, .domain_count = count };
    struct verdict_evidence evidence;
    struct live_evidence live;
    if (!read_verdict_with(pg, &arena, &ask, &evidence, err)
        || !read_live(&arena, &looks, &live, err))
        return false;
    sitting->rows = evidence.rows.count;
    for (size_t i = 0; i < count; i++) {
        const struct verdict_evidence part = read_verdict_part(&evidence, due[i].domain_id);
        const struct live_evidence seen = read_live_part(&live, due[i].domain_id);
        const struct verdict_input input =
            verdict_input_of(due[i].domain, &part, verdict_live_of(&arena, &seen, now_seconds),
                             &terms);
        entries[i] = judge_one(&arena, &due[i], &input, now_seconds);
    }
    return verdicts_store(pg, entries, count, now_seconds, err);
}

static bool is_away(const struct err *err)
{
    return err->kind == ERR_AGAIN;
}

/* Stores all of DUE or, when that fails for what is in it (FAULT), nothing. False: the database is away. */
static bool try_portion(struct sitting *sitting, const struct verdict_due_row *due, size_t count,
                        struct err *fault)
{
    struct err err = { 0 };
    bool good =
        verdicts_part_begin(sitting->pg, fault) && judge_portion(sitting, due, count, fault);
    if (is_away(fault))
        return false;
    if (verdicts_part_end(sitting->pg, good, &err))
        return true;
    *fault = err;
    return false;
}

/* Each by itself. */
static bool isolate(struct sitting *sitting, const struct verdict_due_row *due, size_t count,
                    struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct err fault = { 0 };
        if (!try_portion(sitting, &due[i], 1, &fault)) {
            *err = fault;
            return false;
        }
        if (fault.kind == ERR_NONE)
            continue;
        err_prefix(&fault,
                   "%s: its verdict cannot be stored, and is tried again later: ", due[i].domain);
        if (!due[i].tries)
            log_err(LOG_LEVEL_ERROR, "verdicts", &fault);
        if (!verdicts_postpone(sitting->pg, &due[i], err))
            return false;
    }
    return true;
}

/* The next portion: larger as long as evidence is little, so that a question to the database is not asked
 * for each domain; smaller as soon as it is much. */
static size_t next_size(size_t size, size_t rows)
{
    if (rows > PORTION_ROWS)
        return size > 1 ? size / 2 : 1;
    return rows < PORTION_ROWS / 4 && size * 2 <= PORTION_MOST ? size * 2 : size;
}

static bool judge_all(struct sitting *sitting, const struct rows *due_rows, struct err *err)
{
    const struct verdict_due_row *due = due_rows->first;
    size_t size = PORTION_FIRST;
    for (size_t i = 0, portion; i < due_rows->count; i += portion) {
        struct err fault = { 0 };
        portion = due_rows->count - i < size ? due_rows->count - i : size;
        if (!try_portion(sitting, due + i, portion, &fault)) {
            *err = fault;
            return false;
        }
        if (fault.kind != ERR_NONE && !isolate(sitting, due + i, portion, err))
            return false;
        size = next_size(size, sitting->rows);
    }
    return true;
}

bool evaluator_some(struct pg *pg, const struct verdict_settings *settings, int most,
                    int64_t now_seconds, size_t *count, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct sitting sitting = { pg, settings, now_seconds, 0 };
    struct rows rows;
    *count = 0;
    if (!verdicts_take(pg, &arena, most, &rows, err))
        return false;
    if (!judge_all(&sitting, &rows, err)) {
        verdicts_undo(pg);
        return false;
    }
    if (!verdicts_done(pg, err))
        return false;
    *count = rows.count;
    return true;
}

static bool try_some(void *thing, size_t *count, struct err *err)
{
    struct evaluator *evaluator = thing;
    return (evaluator->pg
            || pg_open_within(evaluator->database, evaluator->patience, &evaluator->pg, err))
           && pg_ready(evaluator->pg, err)
           && evaluator_some(evaluator->pg, &evaluator->settings, AT_ONCE, clock_now(), count, err);
}

struct evaluator *evaluator_new(const struct writer_settings *writer,
                                const struct verdict_settings *settings)
{
    struct evaluator *evaluator = memory_new(sizeof *evaluator);
    *evaluator = (struct evaluator){ .database = memory_text(writer->database),
                                     .patience = { .statement_ms = STATEMENT_MS,
                                                   .stop_fd = writer->stop_fd },
                                     .settings = *settings };
    evaluator->chore = chore_new(&(const struct chore_work){
        .event = "verdicts", .pause_seconds = PAUSE, .some = try_some, .thing = evaluator });
    return evaluator;
}

void evaluator_free(struct evaluator **evaluator)
{
    struct evaluator *old = *evaluator;
    *evaluator = NULL;
    if (!old)
        return;
    chore_free(&old->chore);
    pg_close(&old->pg);
    free(old->database);
    free(old);
}
