/* The spine (see intake.h): bytes ──► payloads ──► reports ──► admitted ──► the writer's queue.
 *
 * Each step is one function of a file of its own; the first error decides what becomes of a report.
 * What cannot be counted goes to the writer too, which keeps it with its reason. The door is told
 * through delivery->answered once everything of its delivery is durable.
 *
 * SPDX-License-Identifier: MIT
 * Before: ingest/lmtp_session.c, https.c. Next: ingest/payload.c */
#include "collector/intake.h"

/* Reads one report of a delivery; its outcome is left to the writer unless it is not ours. */
static struct entry *read_entry(const struct intake *intake, struct delivery *delivery,
                                const struct payload *payload)
{
    struct arena *arena = &delivery->arena;
    struct entry *entry = arena_alloc(arena, sizeof *entry);
    entry->delivery = delivery;
    entry->payload = payload;
    entry->err = payload->err;
    bool fit =
        entry->err.kind == ERR_NONE
        && report_parse(arena, payload, intake->limits, delivery->received_seconds, &entry->report,
                        &entry->err)
        && admit(arena, intake->rules, delivery, &entry->report, &entry->admission, &entry->err);
    entry->outcome = fit ? OUTCOME_STORED : outcome_of(&entry->err);
    return entry;
}

static void answer(struct delivery *delivery)
{
    struct answer all = entry_answer(delivery);
    delivery_answer(delivery, &all);
}

static void intake_take(struct hall *hall, struct delivery *delivery)
{
    struct intake *intake = (struct intake *)hall;
    struct entry **end = &delivery->entries;
    struct err full = { 0 };
    bool ours = false;
    for (const struct payload *p = payload_open(delivery, intake->limits); p; p = p->next) {
        *end = read_entry(intake, delivery, p);
        ours = ours || (*end)->outcome != OUTCOME_REFUSED;
        end = &(*end)->next;
        delivery->entry_count++;
    }
    if (!ours) {
        answer(delivery);
        return;
    }
    if (writer_put(intake->writer, delivery, &full))
        return; /* it is the writer's now, and may be answered already */
    for (struct entry *entry = delivery->entries; entry; entry = entry->next) {
        entry->outcome = OUTCOME_RETRY;
        entry->err = full;
    }
    answer(delivery);
}

static bool intake_wait(struct hall *hall, int milliseconds)
{
    return writer_wait(((struct intake *)hall)->writer, milliseconds);
}

void intake_init(struct intake *intake, const struct limits *limits, const struct rules *rules,
                 struct writer *writer)
{
    *intake = (struct intake){ .hall = { .take = intake_take, .wait = intake_wait },
                               .limits = limits,
                               .rules = rules,
                               .writer = writer };
}
