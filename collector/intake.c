/* The spine (see intake.h):
 *
 *   bytes ──► payloads ──► reports ──► admitted ──► senders verified ──► the writer's queue
 *
 * Each step is one function of a file of its own; the first error decides what becomes of a report.
 * What cannot be counted goes to the writer too, which keeps it with its reason. The door is told
 * through delivery->answered once everything of its delivery is durable.
 *
 * SPDX-License-Identifier: MIT
 * Before: ingest/lmtp_session.c, https.c. Next: ingest/payload.c */
#include "collector/intake.h"

/* Reads one report of a delivery; its outcome is left to the writer unless it is not ours. */
static struct entry *read_entry(const struct settings *settings, struct delivery *delivery,
                                const struct payload *payload)
{
    struct arena *arena = &delivery->arena;
    struct entry *entry = arena_alloc(arena, sizeof *entry);
    entry->delivery = delivery;
    entry->payload = payload;
    entry->err = payload->err;
    bool fit =
        entry->err.kind == ERR_NONE
        && report_parse(arena, payload, &settings->limits, delivery->received_seconds,
                        &entry->report, &entry->err)
        && admit(arena, &settings->rules, delivery, &entry->report, &entry->admission, &entry->err);
    entry->outcome = fit ? OUTCOME_STORED : outcome_of(&entry->err);
    return entry;
}

static void answer(struct delivery *delivery)
{
    struct answer all = entry_answer(delivery);
    delivery_answer(delivery, &all);
}

/* Reads all reports of a delivery; false when none is for us. */
static bool read_all(const struct settings *settings, struct delivery *delivery)
{
    struct entry **end = &delivery->entries;
    bool ours = false;
    for (const struct payload *p = payload_open(delivery, &settings->limits); p; p = p->next) {
        *end = read_entry(settings, delivery, p);
        ours = ours || (*end)->outcome != OUTCOME_REFUSED;
        end = &(*end)->next;
        delivery->entry_count++;
    }
    return ours;
}

/* Nothing of it was taken. */
static void give_back(struct delivery *delivery, const struct err *why)
{
    for (struct entry *entry = delivery->entries; entry; entry = entry->next) {
        entry->outcome = OUTCOME_RETRY;
        entry->err = *why;
    }
    answer(delivery);
}

/* For what was read and verified; also from the verifier's threads. */
static void write_all(void *context, struct delivery *delivery)
{
    struct intake *intake = context;
    struct err full = { 0 };
    if (!writer_put(intake->writer, delivery, &full)) /* else it may be answered already */
        give_back(delivery, &full);
}

static void intake_take(struct hall *hall, struct delivery *delivery)
{
    struct intake *intake = (struct intake *)hall;
    struct err full = { 0 };
    const struct settings *settings = shared_take(&intake->settings);
    bool ours = read_all(settings, delivery);
    bool room =
        ours
        && (charge_set(&delivery->charge, delivery->arena.bytes)
            || err_set(&full, ERR_AGAIN, "too many reports are waiting (limits.memory_bytes)"));
    bool settled = room && verifier_take(intake->verifier, delivery, settings);
    shared_release(settings); /* the entries keep nothing of them */
    if (!ours)
        answer(delivery);
    else if (!room)
        give_back(delivery, &full);
    else if (settled)
        write_all(intake, delivery);
}

static bool intake_wait(struct hall *hall, int milliseconds)
{
    struct intake *intake = (struct intake *)hall;
    return verifier_wait(intake->verifier, milliseconds)
           && writer_wait(intake->writer, milliseconds);
}

bool intake_init(struct intake *intake, struct settings *settings, struct writer *writer,
                 struct err *err)
{
    *intake =
        (struct intake){ .hall = { .take = intake_take, .wait = intake_wait }, .writer = writer };
    if (!dns_open(&settings->dns, &intake->dns, err))
        return false;
    intake->verifier = verifier_new(intake->dns, settings->dns.questions, write_all, intake);
    shared_keep(settings);
    shared_slot_init(&intake->settings, settings);
    return true;
}

void intake_stop(struct intake *intake)
{
    dns_stop(intake->dns);
}

void intake_done(struct intake *intake)
{
    verifier_free(&intake->verifier);
    dns_close(&intake->dns);
    shared_slot_done(&intake->settings);
}
