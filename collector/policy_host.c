/* See policy_host.h.
 * SPDX-License-Identifier: MIT
 * Before: policy_fetches.c. Next: https.c */
#include "collector/policy_host.h"
#include "collector/policy_fetches.h"
#include "collector/policy_table.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "web/http.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX       "mta-sts."
#define PAUSE_MS     1000 /* between two looks at the ledger */
#define FAILURES     5    /* in a row, before all was read: the schema may be about to be made */
#define STATEMENT_MS 60000
#define CHANGES_MOST 5000 /* read at once */
#define FETCHES_MOST 500  /* written at once */
#define AGENT_BYTES  200  /* of a User-Agent that are kept */
#define COPY_MS      5000 /* between two copies, at least */
#define COPY_FACTOR  50   /* and so many times what one took */

struct policy_host {
    struct policy_table *table;
    struct policy_fetches *fetches;
    char *database;
    char *copy; /* path; NULL: none */
    struct pg_patience patience;
    int64_t fetch_days;
    struct pg *pg; /* the thread's alone, as all up to the mutex */
    int64_t revision;
    bool copied; /* what is in memory */
    int64_t copy_from_ms;
    int32_t purged_day;
    int failures; /* looks in a row, the newest of all */
    pthread_t thread;

    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t changed;
    bool read; /* all of the ledger */
    bool stopping;
};

/* --- answers --- */

static void respond(struct request *request, int status, const char *text, const char *name,
                    const char *value)
{
    http_respond(request, &(struct response){
                              .status = status,
                              .type = "text/plain; charset=utf-8",
                              .body = { text, strlen(text) },
                              .headers = { { .name = name, .value = value } },
                          });
}

/* The domain whose policy HOST would serve (Host of a request: RFC 9110 section 7.2), in the arena; NULL: it
 * is no policy host. A-labels only: what is not ASCII is no name in DNS. */
static const char *domain_of(struct arena *arena, const char *host)
{
    size_t size = strcspn(host, ":");
    char *name = arena_copy(arena, host, size);
    for (char *c = name; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    if (size && name[size - 1] == '.')
        name[size - 1] = '\0';
    size_t prefix = strlen(PREFIX);
    bool port =
        host[size] == '\0' || host[size + 1 + strspn(host + size + 1, "0123456789")] == '\0';
    bool fits = port && strncmp(name, PREFIX, prefix) == 0 && name[prefix];
    return fits ? name + prefix : NULL;
}

/* If-None-Match, RFC 9110 section 13.1.2: "*" or a list of tags, which are compared weakly. */
static bool is_known(const struct request *request, const char *etag)
{
    const char *tags = http_header(request, "If-None-Match");
    return tags && (strcmp(tags, "*") == 0 || strstr(tags, etag));
}

static void note(struct policy_host *host, struct request *request, const struct hosted *hosted)
{
    const char *agent = http_header(request, "User-Agent");
    size_t size = agent ? strnlen(agent, AGENT_BYTES) : 0;
    bool replaced = false;
    int64_t now = clock_now();
    policy_fetches_add(host->fetches,
                       &(struct hosting_fetch){
                           .domain_id = hosted->domain_id,
                           .version = hosted->version,
                           .client = request->client,
                           .user_agent =
                               text_to_utf8(&request->arena, agent ? agent : "", size, &replaced),
                           .sni = request->proxied ? "" : request->sni,
                           .first_seconds = now,
                           .last_seconds = now,
                           .fetches = 1,
                       });
}

static void serve(struct policy_host *host, struct request *request, const struct hosted *hosted)
{
    bool known = is_known(request, hosted->etag);
    struct response response = {
        .status = known ? 304 : 200,
        .type = known ? NULL : "text/plain; charset=utf-8",
        .headers = { { .name = "Cache-Control", .value = "max-age=60" },
                     { .name = "ETag", .value = arena_text(&request->arena, hosted->etag) } },
    };
    if (!known)
        response.body =
            (struct bytes){ arena_copy(&request->arena, hosted->body.data, hosted->body.size),
                            hosted->body.size };
    note(host, request, hosted);
    http_respond(request, &response);
}

static bool has_read(struct policy_host *host)
{
    pthread_mutex_lock(&host->mutex);
    bool read = host->read;
    pthread_mutex_unlock(&host->mutex);
    return read;
}

static void answer(struct policy_host *host, struct request *request, const char *domain)
{
    const struct hosted *hosted = domain ? policy_table_find(host->table, domain) : NULL;
    if (hosted)
        serve(host, request, hosted);
    else if (domain && !has_read(host)) /* 404 would say that there is none */
        respond(request, 503, "Which policies are served here is not known yet.\n", "Retry-After",
                "10");
    else
        respond(request, 404, "No policy is served for this host.\n", NULL, NULL);
    shared_release(hosted);
}

/* A client that named another host in its handshake has checked another one's certificate. */
static bool is_misdirected(struct request *request, const char *domain)
{
    const char *shown = domain_of(&request->arena, request->sni);
    return !request->proxied && domain && (!shown || strcmp(domain, shown) != 0);
}

bool policy_host_answer(struct policy_host *host, struct request *request)
{
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (!host || strcmp(request->path, POLICY_HOST_PATH) != 0)
        return false;
    const char *name = http_header(request, "Host");
    if (!name) /* HTTP/1.0 */
        name = request->sni ? request->sni : "";
    const char *domain = domain_of(&request->arena, name);
    if (!request->sni)
        respond(request, 404, "Policies are served over HTTPS only.\n", NULL, NULL);
    else if (is_misdirected(request, domain))
        respond(request, 421, "The TLS handshake was for another host.\n", NULL, NULL);
    else if (!reads)
        respond(request, 405, "A policy is read with GET.\n", "Allow", "GET, HEAD");
    else
        answer(host, request, domain);
    return true;
}

/* --- the thread --- */

static bool read_changes(struct policy_host *host, struct err *err)
{
    for (size_t count = CHANGES_MOST; count == CHANGES_MOST;) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct rows rows;
        if (!hosting_changed(host->pg, &arena, host->revision, CHANGES_MOST, &rows, err))
            return false;
        const struct hosting_changed_row *row = rows.first;
        for (size_t i = 0; i < rows.count; i++)
            policy_table_put(host->table, &row[i]);
        if (rows.count) {
            host->revision = row[rows.count - 1].revision;
            host->copied = false;
        }
        count = rows.count;
    }
    if (has_read(host))
        return true;
    policy_table_confirm(host->table);
    host->copied = false;
    host->failures = 0;
    log_event(LOG_LEVEL_INFO, "policies",
              LOG_NUMBER("served", (int64_t)policy_table_count(host->table)));
    pthread_mutex_lock(&host->mutex);
    host->read = true;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->mutex);
    return true;
}

static bool write_fetches(struct policy_host *host, struct err *err)
{
    for (size_t count = FETCHES_MOST; count == FETCHES_MOST;) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct hosting_fetch *fetches;
        count = policy_fetches_take(host->fetches, &arena, FETCHES_MOST, &fetches);
        if (count == 0 || hosting_served(host->pg, fetches, count, err))
            continue;
        for (size_t i = 0; i < count; i++)
            policy_fetches_add(host->fetches, &fetches[i]);
        return false;
    }
    return true;
}

static bool forget_old(struct policy_host *host, struct err *err)
{
    int64_t now = clock_now();
    if (host->purged_day == clock_day(now))
        return true;
    if (!hosting_purge(host->pg, now - host->fetch_days * DAY_SECONDS, err))
        return false;
    host->purged_day = clock_day(now);
    return true;
}

static void look(struct policy_host *host)
{
    struct err err = { 0 };
    bool good = (host->pg || pg_open_within(host->database, host->patience, &host->pg, &err))
                && pg_ready(host->pg, &err) && read_changes(host, &err) && write_fetches(host, &err)
                && forget_old(host, &err);
    bool read = has_read(host);
    host->failures = good ? 0 : host->failures + 1;
    if (host->failures == (read ? 1 : FAILURES))
        log_err(LOG_LEVEL_WARNING,
                read ? "policies: not read anew, those that are known are served"
                     : "policies: not read yet, for hosts that are not known clients are told to "
                       "come again",
                &err);
}

/* Also at the end: whoever starts next may find no database. */
static void copy(struct policy_host *host, bool now)
{
    struct err err = { 0 };
    int64_t begun = clock_monotonic_ms();
    if (!host->copy || host->copied || (!now && begun < host->copy_from_ms))
        return;
    host->copied = policy_table_save(host->table, host->copy, &err);
    if (!host->copied)
        log_err(LOG_LEVEL_WARNING, "policies: no copy is kept", &err);
    int64_t took = clock_monotonic_ms() - begun;
    host->copy_from_ms = begun + COPY_MS + took * COPY_FACTOR;
}

/* False when it is time to stop. */
static bool rest(struct policy_host *host)
{
    int64_t until = clock_monotonic_ms() + PAUSE_MS;
    bool waiting = true;
    pthread_mutex_lock(&host->mutex);
    while (!host->stopping && waiting)
        waiting = thread_wait(&host->changed, &host->mutex, until);
    bool goes_on = !host->stopping;
    pthread_mutex_unlock(&host->mutex);
    return goes_on;
}

static void *run(void *thing)
{
    struct policy_host *host = thing;
    do {
        look(host);
        if (has_read(host))
            copy(host, false);
    } while (rest(host));
    look(host);
    if (has_read(host))
        copy(host, true);
    pg_close(&host->pg);
    return NULL;
}

static void recall(struct policy_host *host)
{
    struct err err = { 0 };
    size_t damaged = 0;
    if (!policy_table_load(host->table, host->copy, &damaged, &err))
        log_err(LOG_LEVEL_WARNING, "policies: the copy", &err);
    if (damaged)
        log_event(LOG_LEVEL_WARNING, "policies", LOG_TEXT("copy", host->copy),
                  LOG_NUMBER("damaged", (int64_t)damaged));
}

struct policy_host *policy_host_new(const struct policy_settings *settings,
                                    const struct writer_settings *writer, const char *directory)
{
    struct policy_host *host = memory_new(sizeof *host);
    *host = (struct policy_host){
        .table = policy_table_new(),
        .fetches = policy_fetches_new(),
        .database = memory_text(writer->database),
        .patience = { .statement_ms = STATEMENT_MS, .stop_fd = writer->stop_fd },
        .fetch_days = settings->fetch_days,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    if (directory) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/policies", directory);
        host->copy = memory_text(path);
        recall(host);
    }
    thread_need(&host->thread, run, host);
    return host;
}

void policy_host_await(struct policy_host *host, int milliseconds)
{
    int64_t until = clock_monotonic_ms() + milliseconds;
    bool waiting = true;
    pthread_mutex_lock(&host->mutex);
    while (!host->read && waiting)
        waiting = thread_wait(&host->changed, &host->mutex, until);
    pthread_mutex_unlock(&host->mutex);
}

void policy_host_free(struct policy_host **host)
{
    struct policy_host *old = *host;
    *host = NULL;
    if (!old)
        return;
    pthread_mutex_lock(&old->mutex);
    old->stopping = true;
    pthread_cond_broadcast(&old->changed);
    pthread_mutex_unlock(&old->mutex);
    pthread_join(old->thread, NULL);
    policy_table_free(&old->table);
    policy_fetches_free(&old->fetches);
    pthread_cond_destroy(&old->changed);
    pthread_mutex_destroy(&old->mutex);
    free(old->database);
    free(old->copy);
    free(old);
}
