/* See dns.h. One thread does all that concerns libunbound: it puts new questions to it, takes its
 * answers and gives up on what lasts too long. Those who ask wait for nothing but their own questions,
 * which lie in their arena: they and it are theirs again once none is left, which happens in time
 * whatever DNS does.
 *
 * SPDX-License-Identifier: MIT
 * Before: dns_server.c. Next: names.c */
#include "probe/dns.h"
#include "base/clock.h"
#include "base/thread.h"
#include "probe/dns_server.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <unbound.h>

#define CLASS_IN  1
#define KEY_BYTES 4096 /* of a record that may be a key */

/* Who asks, and waits. */
struct asker {
    pthread_cond_t answered;
    size_t left; /* questions that are not answered yet */
    struct arena *arena;
};

struct question {
    struct question *next;
    struct asker *asker;
    struct dns_question *of;
    int64_t until_ms;
    int number; /* libunbound's; -1: it has answered */
    bool asked; /* libunbound has it */
};

struct resolver {
    struct dns dns; /* first: one is cast to the other */
    struct ub_ctx *ub;
    int64_t timeout_ms, questions_max;
    int wake; /* eventfd: a question came, or stop */
    pthread_t thread;
    pthread_mutex_t mutex;      /* for what follows */
    struct question *questions; /* oldest first */
    bool stopping, ending;
    int64_t asked; /* questions that libunbound has; the thread only */
};

static void ring(struct resolver *resolver)
{
    ssize_t written = write(resolver->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
    (void)written; /* a full counter has woken the thread already */
}

/* --- answers; in the thread, and the mutex is held --- */

static void unlink_question(struct resolver *resolver, struct question *question)
{
    struct question **link = &resolver->questions;
    while (*link != question)
        link = &(*link)->next;
    *link = question->next;
}

static void finish(struct resolver *resolver, struct question *question)
{
    unlink_question(resolver, question);
    resolver->asked -= question->asked;
    if (--question->asker->left == 0)
        pthread_cond_signal(&question->asker->answered);
}

static void fail(struct resolver *resolver, struct question *question, enum setup_lookup status,
                 const char *why)
{
    question->of->answer.status = status;
    question->of->answer.why = arena_text(question->asker->arena, why);
    finish(resolver, question);
}

/* --- answers; in the thread, without the mutex --- */

/* What the message says; the code alone where there is none. */
static void read_message(struct question *question, const struct ub_result *result)
{
    struct arena *arena = question->asker->arena;
    struct dns_question *of = question->of;
    struct bytes packet = { result->answer_packet, (size_t)result->answer_len };
    struct dns_query query = { .name = of->name, .type = of->type };
    struct dns_message message = { 0 };
    struct err err = { 0 };
    if (packet.data && packet.size > 2) /* whatever id libunbound used */
        query.id = (unsigned char)packet.data[0] << 8 | (unsigned char)packet.data[1];
    if (packet.data && dns_wire_read(arena, &query, packet, &message, &of->answer, &err)) {
        of->zone = message.zone;
        return;
    }
    of->answer.status = result->rcode == DNS_NXDOMAIN ? LOOKUP_NXDOMAIN : LOOKUP_SERVFAIL;
    if (of->answer.status == LOOKUP_SERVFAIL)
        of->answer.why = result->rcode == DNS_NOERROR ? arena_text(arena, err.text)
                                                      : dns_wire_rcode(arena, result->rcode);
}

static void take_result(struct question *question, const struct ub_result *result)
{
    struct setup_answer *answer = &question->of->answer;
    read_message(question, result);
    answer->secure = result->secure;
    if (!result->bogus)
        return;
    answer->status = LOOKUP_BOGUS;
    answer->records = (struct text_list){ 0 };
    answer->why = arena_printf(question->asker->arena, "DNSSEC does not hold: %.400s",
                               result->why_bogus ? result->why_bogus : "bogus");
}

/* From ub_process(), without the mutex. */
static void on_result(void *thing, int code, struct ub_result *result)
{
    struct question *question = thing;
    if (code != 0) {
        question->of->answer.status = LOOKUP_SERVFAIL;
        question->of->answer.why = ub_strerror(code); /* a constant */
    } else {
        take_result(question, result);
    }
    ub_resolve_free(result);
    question->number = -1; /* finished by the thread, which holds the mutex then */
}

/* --- the thread --- */

static void put(struct resolver *resolver, struct question *question)
{
    int code = ub_resolve_async(resolver->ub, question->of->name, (int)question->of->type, CLASS_IN,
                                question, on_result, &question->number);
    if (code != 0) {
        fail(resolver, question, LOOKUP_SERVFAIL, ub_strerror(code));
        return;
    }
    question->asked = true;
    resolver->asked++;
}

static void give_up(struct resolver *resolver, struct question *question, const char *why)
{
    if (question->asked)
        ub_cancel(resolver->ub, question->number);
    fail(resolver, question, LOOKUP_TIMEOUT, why);
}

/* Moves each question on; returns the milliseconds until the next has to be given up, or -1. */
static int look_after(struct resolver *resolver)
{
    int64_t now = clock_monotonic_ms(), next = -1;
    for (struct question *q = resolver->questions, *following; q; q = following) {
        following = q->next;
        if (q->asked && q->number < 0)
            finish(resolver, q);
        else if (resolver->stopping)
            give_up(resolver, q, "shutting down");
        else if (q->until_ms <= now)
            give_up(resolver, q, "no answer in time");
        else if (!q->asked && resolver->asked < resolver->questions_max)
            put(resolver, q);
    }
    for (const struct question *q = resolver->questions; q; q = q->next)
        if (next < 0 || q->until_ms - now < next)
            next = q->until_ms - now;
    return next < 0 ? -1 : (int)next;
}

static void *run(void *thing)
{
    struct resolver *resolver = thing;
    for (;;) {
        pthread_mutex_lock(&resolver->mutex);
        int wait = look_after(resolver);
        bool over = resolver->ending && !resolver->questions;
        pthread_mutex_unlock(&resolver->mutex);
        if (over)
            return NULL;

        struct pollfd waited[2] = { 0 };
        waited[0] = (struct pollfd){ .fd = resolver->wake, .events = POLLIN };
        waited[1] = (struct pollfd){ .fd = ub_fd(resolver->ub), .events = POLLIN };
        poll(waited, ARRAY_SIZE(waited), wait);
        uint64_t rings;
        ssize_t got = waited[0].revents ? read(resolver->wake, &rings, sizeof rings) : 0;
        (void)got;                /* what rang is seen by look_after() */
        ub_process(resolver->ub); /* its callbacks touch only what libunbound has */
    }
}

/* --- asking; in any thread --- */

static void put_all(struct resolver *resolver, struct asker *asker, struct question *own,
                    size_t count)
{
    pthread_mutex_lock(&resolver->mutex);
    struct question **end = &resolver->questions;
    while (*end)
        end = &(*end)->next;
    for (size_t i = 0; i < count; i++) {
        *end = &own[i];
        end = &own[i].next;
    }
    ring(resolver);
    while (asker->left)
        pthread_cond_wait(&asker->answered, &resolver->mutex);
    pthread_mutex_unlock(&resolver->mutex);
}

void dns_ask(struct dns *dns, struct arena *arena, struct dns_question *questions, size_t count,
             int64_t until_ms)
{
    struct resolver *resolver = (struct resolver *)dns;
    struct asker asker = { PTHREAD_COND_INITIALIZER, count, arena };
    struct question *own = arena_array(arena, count + 1, sizeof *own);
    int64_t limit = clock_monotonic_ms() + resolver->timeout_ms;
    for (size_t i = 0; i < count; i++) {
        questions[i].answer = (struct setup_answer){ .name = questions[i].name,
                                                     .type = dns_type_to_text(questions[i].type),
                                                     .ttl_seconds = -1 };
        questions[i].zone = NULL;
        own[i] = (struct question){ .asker = &asker,
                                    .of = &questions[i],
                                    .until_ms = until_ms < limit ? until_ms : limit };
    }
    put_all(resolver, &asker, own, count);
    pthread_cond_destroy(&asker.answered);
}

static enum dns_status ask_txt(struct dns *dns, struct arena *arena, const char *name,
                               int milliseconds, struct text_list *out, struct err *why)
{
    struct dns_question question = { .name = name, .type = DNS_TXT };
    dns_ask(dns, arena, &question, 1, clock_monotonic_ms() + milliseconds);
    const struct setup_answer *answer = &question.answer;
    size_t count = 0;
    const char **keys = arena_array(arena, answer->records.count + 1, sizeof *keys);
    for (size_t i = 0; i < answer->records.count; i++)
        if (strlen(answer->records.items[i]) <= KEY_BYTES)
            keys[count++] = answer->records.items[i];
    *out = (struct text_list){ keys, count };
    if (answer->status == LOOKUP_FOUND)
        return DNS_FOUND;
    if (answer->status == LOOKUP_NODATA || answer->status == LOOKUP_NXDOMAIN)
        return DNS_ABSENT;
    err_set(why, ERR_AGAIN, "%.200s", answer->why ? answer->why : "no answer");
    return DNS_TROUBLE;
}

/* --- start and end --- */

static bool option(struct resolver *resolver, const char *name, const char *value, struct err *err)
{
    int code = ub_ctx_set_option(resolver->ub, name, value);
    return code == 0
           || err_set(err, ERR_BUG, "libunbound: %s %s: %s", name, value, ub_strerror(code));
}

static bool set_options(struct resolver *resolver, struct err *err)
{
    static const char *const options[][2] = {
        { "do-not-query-localhost:", "no" }, /* the operator may name a resolver there */
        { "msg-cache-size:", "1m" },         { "rrset-cache-size:", "2m" },
        { "key-cache-size:", "1m" },         { "neg-cache-size:", "256k" },
        { "infra-host-ttl:", "60" }, /* a server that was away is tried again soon */
    };
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (!option(resolver, options[i][0], options[i][1], err))
            return false;
    return true;
}

/* "192.0.2.1:53" as libunbound has it: "192.0.2.1@53". */
static bool add_server(struct resolver *resolver, const char *given, struct err *err)
{
    struct dns_address address;
    char text[DNS_ADDRESS_BYTES + 8] = "";
    if (dns_server_parse(given, &address))
        snprintf(text, sizeof text, address.port ? "%s@%d" : "%s", address.host, address.port);
    if (*text && ub_ctx_set_fwd(resolver->ub, text) == 0)
        return true;
    return err_field(err, ERR_SETUP, "dns.servers",
                     "\"%.80s\" is no address; write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53",
                     given);
}

static bool use_servers(struct resolver *resolver, const struct dns_settings *settings,
                        struct err *err)
{
    for (size_t i = 0; i < settings->servers.count; i++)
        if (!add_server(resolver, settings->servers.items[i], err))
            return false;
    /* Without a file it asks the root and all below by itself. */
    if (!settings->servers.count)
        ub_ctx_resolvconf(resolver->ub, NULL);
    return true;
}

static bool use_anchor(struct resolver *resolver, const char *path, struct err *err)
{
    if (!*path)
        return true;
    if (access(path, R_OK) != 0)
        return err_field(err, ERR_SETUP, "dns.trust_anchor", "cannot read %s: %s", path,
                         strerror(errno));
    return ub_ctx_add_ta_file(resolver->ub, path) == 0
           || err_field(err, ERR_SETUP, "dns.trust_anchor", "%s holds no DNSKEY or DS record",
                        path);
}

/* Makes libunbound read what it was given, so that faults show now. */
static bool start(struct resolver *resolver, struct err *err)
{
    int code = ub_ctx_async(resolver->ub, 1);
    if (code != 0)
        return err_set(err, ERR_SETUP, "dns: %s", ub_strerror(code));
    if (thread_start(&resolver->thread, run, resolver, err))
        return true;
    err_prefix(err, "dns: ");
    return false;
}

static void free_resolver(struct resolver *resolver)
{
    ub_ctx_delete(resolver->ub);
    close(resolver->wake);
    pthread_mutex_destroy(&resolver->mutex);
    free(resolver);
}

bool dns_open(const struct dns_settings *settings, struct dns **out, struct err *err)
{
    struct resolver *resolver = memory_new(sizeof *resolver);
    *resolver = (struct resolver){ .dns = { .txt = ask_txt },
                                   .ub = ub_ctx_create(),
                                   .timeout_ms = settings->timeout_seconds * 1000,
                                   .questions_max = settings->questions,
                                   .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                   .mutex = PTHREAD_MUTEX_INITIALIZER };
    assert(resolver->ub); /* no memory else */
    if (resolver->wake < 0)
        err_set(err, ERR_SETUP, "dns: eventfd: %s", strerror(errno));
    else if (set_options(resolver, err) && use_servers(resolver, settings, err)
             && use_anchor(resolver, settings->trust_anchor, err) && start(resolver, err)) {
        *out = &resolver->dns;
        return true;
    }
    free_resolver(resolver);
    return false;
}

static void tell(struct resolver *resolver, bool ending)
{
    pthread_mutex_lock(&resolver->mutex);
    resolver->stopping = true;
    resolver->ending = ending;
    ring(resolver);
    pthread_mutex_unlock(&resolver->mutex);
}

void dns_stop(struct dns *dns)
{
    if (dns)
        tell((struct resolver *)dns, false);
}

void dns_close(struct dns **dns)
{
    struct resolver *resolver = (struct resolver *)*dns;
    if (!resolver)
        return;
    tell(resolver, true);
    pthread_join(resolver->thread, NULL);
    free_resolver(resolver);
    *dns = NULL;
}
