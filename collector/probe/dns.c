/* See dns.h. One thread does all that concerns libunbound: it puts new questions to it, takes its
 * answers and gives up on what lasts too long. Those who ask wait for nothing but their own question,
 * which lies on their stack: it is theirs again once `done` is set, which happens in time whatever
 * DNS does.
 *
 * SPDX-License-Identifier: MIT
 * Next: verify.c */
#include "probe/dns.h"
#include "base/clock.h"
#include "base/thread.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <unbound.h>

#define TYPE_TXT      16
#define CLASS_IN      1
#define RCODE_NAMED   3 /* NXDOMAIN: there is no such name */
#define RECORDS_MAX   8
#define RECORD_BYTES  4096
#define ADDRESS_BYTES 80

struct question {
    struct question *next;
    const char *name;
    int64_t until_ms;
    int number; /* libunbound's */
    bool asked; /* libunbound has it */
    bool done;
    pthread_cond_t answered;
    struct arena *arena; /* of who asks, who does not touch it before `done` */
    enum dns_status status;
    const char *records[RECORDS_MAX];
    size_t count;
    struct err why;
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
    question->done = true;
    pthread_cond_signal(&question->answered);
}

static void fail(struct resolver *resolver, struct question *question, const char *why)
{
    question->status = DNS_TROUBLE;
    err_set(&question->why, ERR_AGAIN, "%s", why);
    finish(resolver, question);
}

/* The strings of a TXT record (RFC 1035 section 3.3.14), joined; NULL when that is no text. */
static const char *text_of(struct arena *arena, const char *data, int size)
{
    CLEANUP(buf_done) struct buf text = BUF(RECORD_BYTES);
    for (int at = 0; at < size;) {
        int length = (unsigned char)data[at++];
        if (length > size - at)
            return NULL;
        buf_add(&text, data + at, (size_t)length);
        at += length;
    }
    if (text.failed || (text.size && memchr(text.data, '\0', text.size)))
        return NULL;
    return arena_text(arena, buf_get(&text));
}

static void take_records(struct question *question, const struct ub_result *result)
{
    for (int i = 0; result->data[i] && question->count < RECORDS_MAX; i++) {
        const char *text = text_of(question->arena, result->data[i], result->len[i]);
        if (text)
            question->records[question->count++] = text;
    }
}

static void take_result(struct question *question, const struct ub_result *result)
{
    question->status = DNS_ABSENT;
    if (result->bogus) {
        question->status = DNS_TROUBLE;
        err_set(&question->why, ERR_AGAIN, "DNSSEC does not hold: %.180s",
                result->why_bogus ? result->why_bogus : "bogus");
    } else if (result->havedata) {
        question->status = DNS_FOUND;
        take_records(question, result);
    } else if (result->rcode != 0 && result->rcode != RCODE_NAMED) {
        question->status = DNS_TROUBLE;
        if (result->rcode == 2)
            err_set(&question->why, ERR_AGAIN, "SERVFAIL");
        else
            err_set(&question->why, ERR_AGAIN, "the answer's code is %d", result->rcode);
    }
}

/* From ub_process(), without the mutex. */
static void on_result(void *thing, int code, struct ub_result *result)
{
    struct question *question = thing;
    if (code != 0) {
        question->status = DNS_TROUBLE;
        err_set(&question->why, ERR_AGAIN, "%s", ub_strerror(code));
    } else {
        take_result(question, result);
    }
    ub_resolve_free(result);
    question->number = -1; /* finished by the thread, which holds the mutex then */
}

/* --- the thread --- */

static void put(struct resolver *resolver, struct question *question)
{
    int code = ub_resolve_async(resolver->ub, question->name, TYPE_TXT, CLASS_IN, question,
                                on_result, &question->number);
    if (code != 0) {
        fail(resolver, question, ub_strerror(code));
        return;
    }
    question->asked = true;
    resolver->asked++;
}

static void give_up(struct resolver *resolver, struct question *question, const char *why)
{
    if (question->asked)
        ub_cancel(resolver->ub, question->number);
    fail(resolver, question, why);
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

static enum dns_status ask_txt(struct dns *dns, struct arena *arena, const char *name,
                               int milliseconds, struct text_list *out, struct err *why)
{
    struct resolver *resolver = (struct resolver *)dns;
    int64_t wait = milliseconds < resolver->timeout_ms ? milliseconds : resolver->timeout_ms;
    struct question question = {
        .name = name,
        .until_ms = clock_monotonic_ms() + wait,
        .answered = PTHREAD_COND_INITIALIZER,
        .arena = arena,
    };
    pthread_mutex_lock(&resolver->mutex);
    struct question **end = &resolver->questions;
    while (*end)
        end = &(*end)->next;
    *end = &question;
    ring(resolver);
    while (!question.done)
        pthread_cond_wait(&question.answered, &resolver->mutex);
    pthread_mutex_unlock(&resolver->mutex);
    pthread_cond_destroy(&question.answered);

    if (question.status == DNS_TROUBLE)
        *why = question.why;
    const char **records = arena_array(arena, question.count + 1, sizeof *records);
    memcpy(records, question.records, question.count * sizeof *records);
    *out = (struct text_list){ records, question.count };
    return question.status;
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
    char address[ADDRESS_BYTES] = "";
    bool bracket = *given == '[';
    const char *from = given + bracket, *end = bracket ? strchr(from, ']') : NULL;
    const char *colon = strrchr(bracket ? (end ? end : "") : from, ':');
    if (!bracket && colon && strchr(from, ':') != colon)
        colon = NULL; /* a bare IPv6 address */
    if (!bracket)
        end = colon ? colon : from + strlen(from);
    if (end && (size_t)(end - from) + 8 < sizeof address) {
        memcpy(address, from, (size_t)(end - from));
        if (colon && strlen(colon) < 7) {
            strncat(address, "@", 2);
            strncat(address, colon + 1, 6);
        }
    }
    if (ub_ctx_set_fwd(resolver->ub, address) == 0 && *address)
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
