/* See verify.h.
 * SPDX-License-Identifier: MIT
 * Before: intake.c, dns.c. Next: service.c */
#include "collector/verify.h"
#include "base/clock.h"
#include "base/thread.h"
#include <pthread.h>
#include <stdlib.h>

#define WAITING_MAX 512   /* mails; beyond, senders are `unknown` */
#define PATIENCE_MS 10000 /* of a mail that waits for a thread */

/* A mail on its way; in its delivery's arena. */
struct mail_check {
    struct mail_check *next;
    struct delivery *delivery;
    const struct settings *settings; /* kept while the check uses them */
    struct trust_rules rules;
    struct trust_check *check;
    int64_t until_ms; /* DNS is not asked any more after that */
};

struct verifier {
    struct dns *dns;
    void (*done)(void *context, struct delivery *delivery);
    void *context;
    pthread_t *threads;
    int64_t thread_count;
    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t filled, emptied;
    struct mail_check *first, **end;
    int64_t waiting;
    bool ending;
};

/* Whether it is for us to find out about the sender of ENTRY's report. */
static bool is_open(const struct entry *entry)
{
    return entry->err.kind == ERR_NONE && entry->outcome == OUTCOME_STORED && entry->payload->mail
           && !entry->delivery->vouched;
}

static bool any_open(const struct delivery *delivery)
{
    for (const struct entry *entry = delivery->entries; entry; entry = entry->next)
        if (is_open(entry))
            return true;
    return false;
}

/* Judges all entries; true when none of them has to be asked for in DNS. */
static bool judge(const struct mail_check *mail, struct dns *dns)
{
    bool settled = true;
    for (struct entry *entry = mail->delivery->entries; entry; entry = entry->next) {
        if (!is_open(entry))
            continue;
        struct admission *admission = &entry->admission;
        trust_judge(mail->check, dns, entry->payload->mail, &entry->report, &admission->sender);
        admission->trusted = admission->sender.result == PROOF_PASS;
        admission->ground = trust_ground(&mail->delivery->arena, &admission->sender);
        settled = settled && admission->sender.result != PROOF_UNKNOWN;
    }
    return settled;
}

static bool put(struct verifier *verifier, struct mail_check *mail)
{
    pthread_mutex_lock(&verifier->mutex);
    bool room = verifier->waiting < WAITING_MAX && !verifier->ending;
    if (room) {
        *verifier->end = mail;
        verifier->end = &mail->next;
        verifier->waiting++;
        pthread_cond_signal(&verifier->filled);
    }
    pthread_mutex_unlock(&verifier->mutex);
    return room;
}

bool verifier_take(struct verifier *verifier, struct delivery *delivery,
                   const struct settings *settings)
{
    if (!any_open(delivery))
        return true;
    struct mail_check *mail = arena_alloc(&delivery->arena, sizeof *mail);
    *mail = (struct mail_check){ .delivery = delivery,
                                 .settings = settings,
                                 .rules = settings->trust_rules,
                                 .until_ms = clock_monotonic_ms() + PATIENCE_MS };
    /* What is posted did not pass our mail server: anybody may have written its results. */
    if (delivery->source == SOURCE_HTTPS)
        mail->rules.authres = false;
    mail->check =
        trust_begin(&delivery->arena, &mail->rules, delivery->bytes, delivery->received_seconds);
    if (judge(mail, NULL))
        return true;
    shared_keep(settings);
    if (put(verifier, mail))
        return false;
    shared_release(settings);
    return true;
}

static void verify(struct verifier *verifier, struct mail_check *mail)
{
    struct delivery *delivery = mail->delivery;
    if (clock_monotonic_ms() < mail->until_ms)
        (void)judge(mail, verifier->dns);
    shared_release(mail->settings);
    verifier->done(verifier->context, delivery); /* MAIL goes with it */
}

static void *run(void *thing)
{
    struct verifier *verifier = thing;
    for (;;) {
        pthread_mutex_lock(&verifier->mutex);
        while (!verifier->first && !verifier->ending)
            pthread_cond_wait(&verifier->filled, &verifier->mutex);
        struct mail_check *mail = verifier->first;
        if (mail) {
            verifier->first = mail->next;
            verifier->end = verifier->first ? verifier->end : &verifier->first;
            verifier->waiting--;
            pthread_cond_signal(&verifier->emptied);
        }
        pthread_mutex_unlock(&verifier->mutex);
        if (!mail)
            return NULL;
        verify(verifier, mail);
    }
}

struct verifier *verifier_new(struct dns *dns, int64_t threads,
                              void (*done)(void *context, struct delivery *delivery), void *context)
{
    struct verifier *verifier = memory_new(sizeof *verifier);
    *verifier = (struct verifier){ .dns = dns,
                                   .done = done,
                                   .context = context,
                                   .threads = memory_new((size_t)threads * sizeof(pthread_t)),
                                   .thread_count = threads,
                                   .mutex = PTHREAD_MUTEX_INITIALIZER,
                                   .filled = PTHREAD_COND_INITIALIZER,
                                   .emptied = PTHREAD_COND_INITIALIZER,
                                   .end = &verifier->first };
    for (int64_t i = 0; i < threads; i++)
        thread_need(&verifier->threads[i], run, verifier);
    return verifier;
}

bool verifier_wait(struct verifier *verifier, int milliseconds)
{
    int64_t until = clock_monotonic_ms() + milliseconds;
    bool waiting = true;
    pthread_mutex_lock(&verifier->mutex);
    while (verifier->waiting >= WAITING_MAX && waiting)
        waiting = thread_wait(&verifier->emptied, &verifier->mutex, until);
    bool room = verifier->waiting < WAITING_MAX;
    pthread_mutex_unlock(&verifier->mutex);
    return room;
}

static void end(struct verifier *verifier)
{
    pthread_mutex_lock(&verifier->mutex);
    verifier->ending = true;
    pthread_cond_broadcast(&verifier->filled);
    pthread_mutex_unlock(&verifier->mutex);
    for (int64_t i = 0; i < verifier->thread_count; i++)
        pthread_join(verifier->threads[i], NULL);
    pthread_cond_destroy(&verifier->filled);
    pthread_cond_destroy(&verifier->emptied);
    pthread_mutex_destroy(&verifier->mutex);
    free(verifier->threads);
    free(verifier);
}

void verifier_free(struct verifier **verifier)
{
    if (*verifier)
        end(*verifier);
    *verifier = NULL;
}
