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
#include "collector/quotas.h"
#include "ingest/spool.h"
#include <unistd.h>

#define LOOK_MS 2000 /* for the database's list of domains, when we start or the settings change */

/* By what a delivery is read: as it was when that began. */
struct terms {
    const struct settings *settings;
    const struct domains *domains; /* of the database; NULL: not known, or not wanted */
    struct rules rules;
};

static struct terms terms_take(struct intake *intake)
{
    struct terms terms = { .settings = shared_take(&intake->settings) };
    terms.rules = terms.settings->rules;
    if (terms.settings->domains.table)
        terms.rules.table = terms.domains = shared_take(&intake->domains);
    return terms;
}

static void terms_release(struct terms *terms)
{
    shared_release(terms->domains);
    shared_release(terms->settings);
}

/* False while the list of the database is wanted and not known: then nothing is refused. */
static bool knows_domains(const struct terms *terms)
{
    return !terms->settings->domains.table || terms->domains;
}

/* Reads one report of a delivery; its outcome is left to the writer unless it is not ours. */
static struct entry *read_entry(const struct terms *terms, struct delivery *delivery,
                                const struct payload *payload)
{
    const struct settings *settings = terms->settings;
    struct arena *arena = &delivery->arena;
    struct entry *entry = arena_alloc(arena, sizeof *entry);
    entry->delivery = delivery;
    entry->payload = payload;
    entry->err = payload->err;
    bool fit =
        entry->err.kind == ERR_NONE
        && report_parse(arena, payload, &settings->limits, delivery->received_seconds,
                        &entry->report, &entry->err)
        && admit(arena, &terms->rules, delivery, &entry->report, &entry->admission, &entry->err);
    entry->outcome = fit            ? OUTCOME_STORED
                     : payload->own ? OUTCOME_IGNORED
                                    : outcome_of(&entry->err);
    if (payload->own)
        entry->err = (struct err){ 0 };
    return entry;
}

static void answer(struct delivery *delivery)
{
    struct answer all = entry_answer(delivery);
    delivery_answer(delivery, &all);
}

/* Reads all reports of a delivery; false when none is for us, or it is a mail of ours. */
static bool read_all(const struct terms *terms, struct delivery *delivery)
{
    struct entry **end = &delivery->entries;
    bool ours = false;
    struct payload *first = payload_open(delivery, &terms->settings->limits);
    for (const struct payload *p = first; p; p = p->next) {
        *end = read_entry(terms, delivery, p);
        ours = ours || ((*end)->outcome != OUTCOME_REFUSED && !p->own);
        end = &(*end)->next;
        delivery->entry_count++;
    }
    payload_settle(delivery, first);
    return ours;
}

static void postpone(struct delivery *delivery, const struct err *why)
{
    for (struct entry *entry = delivery->entries; entry; entry = entry->next) {
        entry->outcome = OUTCOME_RETRY;
        entry->err = *why;
    }
}

/* Nothing of it was taken. */
static void give_back(struct delivery *delivery, const struct err *why)
{
    postpone(delivery, why);
    answer(delivery);
}

/* Whether it is for us will be known later: into the spool, unless somebody else keeps it. */
static void set_aside(struct intake *intake, struct delivery *delivery, struct terms *terms)
{
    struct err why = { 0 }, full = { 0 };
    terms->rules = (struct rules){ 0 }; /* for the answer only */
    bool any = read_all(terms, delivery);
    (void)any; /* all are taken by no rules */
    err_set(&why, ERR_AGAIN, "the list of our domains is not known yet (domains.table)");
    postpone(delivery, &why);
    if (!intake->hall.spool || !delivery->spoolable
        || !spool_put(intake->hall.spool, delivery, false, &full))
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

static void throttle(struct delivery *delivery, const struct err *why)
{
    struct answer answer = {
        .outcome = OUTCOME_THROTTLED, .err = *why, .id = "", .organization = "", .domain = ""
    };
    delivery_answer(delivery, &answer);
}

static void take_known(struct intake *intake, struct delivery *delivery, const struct terms *terms)
{
    struct err full = { 0 };
    if (!quotas_before(intake->rates, terms->settings, delivery, &full)) {
        throttle(delivery, &full);
        return;
    }
    bool ours = read_all(terms, delivery);
    if (!quotas_after(intake->rates, terms->settings, delivery, &full)) {
        throttle(delivery, &full);
        return;
    }
    bool room =
        ours
        && (charge_set(&delivery->charge, delivery->arena.bytes)
            || err_set(&full, ERR_AGAIN, "too many reports are waiting (limits.memory_bytes)"));
    bool settled = room && verifier_take(intake->verifier, delivery, terms->settings);
    if (!ours)
        answer(delivery);
    else if (!room)
        give_back(delivery, &full);
    else if (settled)
        write_all(intake, delivery);
}

static void intake_take(struct hall *hall, struct delivery *delivery)
{
    struct intake *intake = (struct intake *)hall;
    struct terms terms = terms_take(intake);
    delivery->figures = hall->figures;
    if (knows_domains(&terms))
        take_known(intake, delivery, &terms);
    else
        set_aside(intake, delivery, &terms);
    terms_release(&terms); /* the entries keep nothing of them */
}

static bool intake_wait(struct hall *hall, int milliseconds)
{
    struct intake *intake = (struct intake *)hall;
    struct terms terms = terms_take(intake);
    bool known = knows_domains(&terms);
    terms_release(&terms);
    if (!known)
        usleep((useconds_t)milliseconds * 1000);
    return known && verifier_wait(intake->verifier, milliseconds)
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
    intake->rates = rate_table_new();
    shared_keep(settings);
    shared_slot_init(&intake->settings, settings);
    shared_slot_init(&intake->domains, NULL);
    intake->table = domain_table_new(settings->writer.database, &intake->domains);
    domain_table_want(intake->table, settings->domains.table, LOOK_MS);
    return true;
}

void intake_change(struct intake *intake, struct settings *fresh)
{
    domain_table_want(intake->table, fresh->domains.table, LOOK_MS);
    shared_replace(&intake->settings, fresh);
}

void intake_stop(struct intake *intake)
{
    dns_stop(intake->dns);
}

void intake_done(struct intake *intake)
{
    rate_table_free(&intake->rates);
    verifier_free(&intake->verifier);
    dns_close(&intake->dns);
    domain_table_free(&intake->table);
    shared_slot_done(&intake->domains);
    shared_slot_done(&intake->settings);
}
