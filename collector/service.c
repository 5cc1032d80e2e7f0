/* See service.h.
 * SPDX-License-Identifier: MIT */
#include "collector/service.h"
#include "collector/certificate.h"
#include "collector/clerk.h"
#include "collector/database.h"
#include "collector/demo_fill.h"
#include "collector/intake.h"
#include "collector/evaluator.h"
#include "collector/heartbeat.h"
#include "collector/lanes.h"
#include "collector/last_resort.h"
#include "collector/notify.h"
#include "collector/recheck.h"
#include "collector/resources.h"
#include "collector/sandbox.h"
#include "collector/watch.h"
#include "schema/read.h"
#include "web/http_tls.h"
#include "web/web.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/log.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define KEEP_MS          1000  /* between two looks at the database */
#define START_MS         15000 /* for a first try of the database, before the doors open anyway */
#define POLICIES_MS      5000  /* for the policies to be known, where the database is there */
#define DATABASE_SECONDS 5     /* for the database, once we are to stop */
#define WEB_STOP_SECONDS 6
#define STOP_SECONDS     9 /* for all but a PostgreSQL of our own */
#define WEB_READERS      4

#define DOOR_HTTPS 0

/* Doors of the service, in the order in which they open. To add one: a row here. */
static const struct {
    const struct door *door;
    size_t settings; /* its place in struct settings */
} doors[] = {
    [DOOR_HTTPS] = { &door_https, offsetof(struct settings, collector) },
    { &door_lmtp, offsetof(struct settings, lmtp) },
    { &door_maildir, offsetof(struct settings, maildir) },
    { &door_spool, offsetof(struct settings, spool) },
};

struct service {
    struct context *context;
    struct database database;
    struct spool *spool;
    struct writer *writer;
    struct writer_state database_state; /* as last logged */
    struct reader *reader;
    struct clerk clerk;
    struct web *web;
    struct intake intake;
    struct figures figures; /* for /metrics */
    struct budget *budget;
    struct lanes *lanes;
    struct recheck *recheck;
    struct policy_host *policy_host;
    struct evaluator *evaluator;
    struct watch *watch; /* NULL: nothing is looked at */
    bool demo;           /* with sample reports */
    struct heartbeat *heartbeat;
    void *states[ARRAY_SIZE(doors)];
    int signals;  /* signalfd */
    bool hung_up; /* SIGHUP has come: the settings are to be read anew */
    int deadline; /* timerfd: readable when nothing waits for the database any more */
};

/* Signals come through a file, to the main thread alone; blocked before any thread is made. */
static bool catch_signals(struct service *service, struct err *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    service->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    service->deadline = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    return (service->signals >= 0 && service->deadline >= 0)
           || err_set(err, ERR_SETUP, "signalfd, timerfd: %s", strerror(errno));
}

/* Waits at most MILLISECONDS for a signal; true when it is time to stop. */
static bool told_to_stop(struct service *service, int milliseconds)
{
    struct pollfd poller = { .fd = service->signals, .events = POLLIN };
    struct signalfd_siginfo signal;
    if (poll(&poller, 1, milliseconds) <= 0
        || read(service->signals, &signal, sizeof signal) != (ssize_t)sizeof signal)
        return false;
    if (signal.ssi_signo == SIGHUP) {
        service->hung_up = true;
        return false;
    }
    log_event(LOG_LEVEL_INFO, "stopping",
              LOG_TEXT("signal", signal.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM"));
    return true;
}

/* Ports below 1024 are bound while we may; then all that we may and do not need is given up. */
static bool shut_in(const struct settings *settings, struct err *err)
{
    return settings_listens(settings, listen_reserve, err) && sandbox_enter(err);
}

/* Finds the database, which need not be there, and starts the private one. */
static bool find_database(struct service *service, bool *stopped, struct err *err)
{
    char described[300];
    struct err fault = { 0 };
    if (!database_open(service->context, &service->database, &fault)) {
        /* Ctrl-C reaches the programs that make the database too, and ends them. */
        *stopped = told_to_stop(service, 0);
        if (!*stopped)
            *err = fault;
        return *stopped;
    }
    log_event(LOG_LEVEL_INFO, "database",
              LOG_TEXT("uses", service->database.cluster ? "private PostgreSQL" : "PostgreSQL"),
              LOG_TEXT("connection",
                       pg_describe(service->database.conninfo, described, sizeof described)));
    if (service->database.cluster)
        log_event(LOG_LEVEL_INFO, "database",
                  LOG_TEXT("directory", cluster_directory(service->database.cluster)),
                  LOG_TEXT("server",
                           cluster_owned(service->database.cluster) ? "started" : "found running"));
    return true;
}

static bool open_spool(struct service *service, struct err *err)
{
    struct spool_settings spool = service->context->settings.spool;
    const char *state = getenv("STATE_DIRECTORY"); /* systemd.exec(5) */
    char path[PATH_MAX];
    if (strcmp(spool.path, "auto") == 0) {
        if (service->database.cluster)
            state = cluster_directory(service->database.cluster);
        snprintf(path, sizeof path, "%s/spool", state && *state ? state : "/var/lib/tlsrptd");
        spool.path = path;
    }
    if (!spool_open(&spool, &service->spool, err))
        return false;
    if (!service->spool)
        return true;
    struct spool_figures found = spool_figures(service->spool);
    log_event(LOG_LEVEL_INFO, "spool", LOG_TEXT("path", spool.path),
              LOG_NUMBER("deliveries", found.deliveries), LOG_NUMBER("bytes", found.bytes));
    return true;
}

/* Logs what has changed since the last look. */
static void watch_database(struct service *service)
{
    struct writer_state now = writer_state(service->writer), *before = &service->database_state;
    bool was_away = before->away && before->err.kind != ERR_NONE;
    char reason[ERR_TEXT_BYTES];
    if (now.migrations > before->migrations)
        log_event(LOG_LEVEL_INFO, "schema",
                  LOG_NUMBER("migrations_applied", now.migrations - before->migrations));
    if (now.migrated && !before->migrated && !now.has_reader
        && !*service->context->settings.web.database)
        log_event(LOG_LEVEL_WARNING, "web.database", LOG_TEXT("note", DATABASE_READER_NOTE));
    if (now.away && !was_away)
        log_event(LOG_LEVEL_WARNING, "database", LOG_TEXT("state", "away"),
                  LOG_TEXT("reason", err_to_text(&now.err, reason, sizeof reason)),
                  LOG_TEXT("consequence", service->spool ? "reports wait in the spool"
                                                         : "senders are told to come again"));
    if (!now.away && was_away)
        log_event(LOG_LEVEL_INFO, "database", LOG_TEXT("state", "back"),
                  LOG_NUMBER("spooled",
                             service->spool ? spool_figures(service->spool).deliveries : 0));
    *before = now;
}

/* Until the database was tried. That it is away does not keep the doors shut; what only the operator can
 * help ends the start. */
static bool await_database(struct service *service, bool *stopped, struct err *err)
{
    int64_t until = clock_monotonic_ms() + START_MS;
    struct writer_state state = writer_state(service->writer);
    while (state.away && state.err.kind == ERR_NONE && clock_monotonic_ms() < until) {
        if ((*stopped = told_to_stop(service, 10)))
            return true;
        state = writer_state(service->writer);
    }
    if (state.away && state.err.kind == ERR_NONE)
        return true;
    watch_database(service);
    if (state.away && state.err.kind != ERR_AGAIN)
        *err = state.err;
    return err->kind == ERR_NONE;
}

static bool prepare_certificate(struct service *service, struct settings *settings, struct err *err)
{
    struct http_settings *http = &settings->collector.http;
    http->body_bytes = settings->limits.message_bytes;
    if (http->listen.count == 0 || *http->certificate)
        return true;
    if (!service->context->standalone)
        return err_field(
            err, ERR_SETUP, "collector.certificate",
            "must name a PEM file, since collector.listen is set (to take reports by mail "
            "only: collector { listen = {} })");
    if (!certificate_ensure(&settings->arena, cluster_directory(service->database.cluster),
                            &http->certificate, &http->key, err))
        return false;
    log_event(LOG_LEVEL_INFO, "certificate", LOG_TEXT("self_signed", http->certificate));
    return true;
}

bool service_load(struct settings *settings, struct err *err)
{
    struct err fault = { 0 };
    for (size_t i = 0; i < ARRAY_SIZE(doors); i++)
        if (doors[i].door->load
            && !doors[i].door->load(&settings->arena, (char *)settings + doors[i].settings, err))
            return false;
    if (settings->web.listen.count
        && !http_tls_load(&settings->arena, settings->web.certificate, settings->web.key,
                          &settings->web.tls, &fault))
        return err_field(err, fault.kind, "web.certificate", "%s", fault.text);
    return true;
}

/* All are read and found good before any of them counts. */
static bool load_files(struct service *service, struct settings *settings, struct err *err)
{
    return prepare_certificate(service, settings, err) && service_load(settings, err);
}

static void start_reading(struct service *service)
{
    const struct settings *settings = &service->context->settings;
    const char *own = settings->web.database;
    const struct pg_patience patience = {
        /* of which the server's own is four fifths */
        .statement_ms = settings->web.statement_timeout_seconds * 1250,
        .stop_fd = service->deadline,
        .only_reads = true,
    };
    service->reader = reader_new(*own ? own : service->database.conninfo, WEB_READERS, patience);
}

static bool start_writing(struct service *service, struct err *err)
{
    struct settings *settings = &service->context->settings;
    settings->writer.database = service->database.conninfo;
    struct writer_settings writer = settings->writer;
    writer.spool = service->spool;
    writer.figures = &service->figures;
    writer.stop_fd = service->deadline;
    writer.migrates = true;
    service->database_state.away = true;
    service->writer = writer_new(&writer);
    start_reading(service);
    clerk_init(&service->clerk, service->database.conninfo, service->deadline);
    service->budget = budget_new(settings->limits.memory_bytes);
    if (!intake_init(&service->intake, settings, service->writer, err))
        return false;
    service->intake.hall.spool = service->spool;
    service->intake.hall.figures = &service->figures;
    service->lanes = lanes_new(&service->intake.hall, service->budget);
    service->recheck = recheck_new(&writer, lanes_hall(service->lanes));
    service->evaluator = evaluator_new(&writer, &settings->verdict);
    service->heartbeat = heartbeat_new(&writer);
    if (settings->policy.serve && settings->collector.http.listen.count)
        service->policy_host = policy_host_new(&settings->policy, &writer,
                                               service->spool ? spool_path(service->spool) : NULL);
    settings->collector.policy_host = service->policy_host;
    return service->demo /* whose domains are nobody's to look at */
           || watch_new(settings, &writer, &service->intake, &service->watch, err);
}

static void warn_if_all_are_taken(const struct settings *settings)
{
    if (admit_takes_all(&settings->rules))
        log_event(LOG_LEVEL_WARNING, "domains",
                  LOG_TEXT("note", "domains.names is empty: reports for any domain are taken"));
}

static bool open_doors(struct service *service, struct err *err)
{
    const struct settings *settings = &service->context->settings;
    if (service->policy_host && !service->database_state.away)
        policy_host_await(service->policy_host, POLICIES_MS);
    for (size_t i = 0; i < ARRAY_SIZE(doors); i++)
        if (!doors[i].door->open((const char *)settings + doors[i].settings, &settings->limits,
                                 lanes_hall(service->lanes), &service->states[i], err))
            return false;
    warn_if_all_are_taken(settings);
    return true;
}

/* web_settings->told; without the name when there is no such user: it may be a mistyped password. */
static void told_of_login(const struct auth_decision *decision, void *context)
{
    (void)context;
    bool passed = decision->verdict == AUTH_PASSED, limited = decision->verdict == AUTH_LIMITED;
    log_event(passed ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "login",
              LOG_TEXT("client", decision->client),
              LOG_TEXT("result", passed    ? "passed"
                                 : limited ? "limited"
                                           : "failed"),
              LOG_TEXT(limited ? NULL : "user", decision->user ? decision->user : "(unknown)"));
}

static struct web_settings web_settings_of(struct service *service, const struct settings *settings)
{
    struct web_settings web = {
        .http = HTTP_SETTINGS_DEFAULT,
        .auth = settings->web.auth,
        .told = told_of_login,
        .desk = &service->clerk.desk,
        .insight = { .writer = service->writer,
                     .spool = service->intake.hall.spool,
                     .figures = &service->figures,
                     .reports = https_address(service->states[DOOR_HTTPS], 0),
                     .standalone = service->context->standalone
                                       ? cluster_directory(service->database.cluster)
                                       : NULL },
        .metrics_domains = settings->web.metrics_domains,
        .metrics_public = settings->web.metrics_public,
        .changes_without_login = settings->web.changes_without_login,
        .verdict = &service->context->settings.verdict,
        .delegation = service->context->settings.policy.delegation,
    };
    web.http.listen = settings->web.listen;
    web.http.certificate = settings->web.certificate;
    web.http.key = settings->web.key;
    web.http.tls = settings->web.tls;
    web.http.connections = settings->web.connections;
    web.http.threads = WEB_READERS;
    web.takes_any_domain = admit_takes_all(&settings->rules);
    return web;
}

static bool open_web(struct service *service, struct err *err)
{
    struct web_settings web = web_settings_of(service, &service->context->settings);
    if (web.http.listen.count == 0)
        return true;
    if (!web_open(&web, service->reader, &service->web, err))
        return false;
    for (size_t i = 0; web_address(service->web, i); i++)
        log_event(LOG_LEVEL_INFO, "listening", LOG_TEXT("door", "web"),
                  LOG_TEXT("address", web_address(service->web, i)));
    return true;
}

/* --- SIGHUP --- */

/* What the start has fixed, and is otherwise in the settings now, is named in one line. */
static void log_change(const struct service *service, const struct settings *old,
                       const struct settings *fresh)
{
    const struct settings *first = &service->context->settings;
    CLEANUP(buf_done) struct buf taken = BUF(8192);
    CLEANUP(buf_done) struct buf fixed = BUF(8192);
    settings_differences(old, fresh, true, &taken);
    settings_differences(first, fresh, false, &fixed);
    if (service->web && !*first->web.certificate != !*fresh->web.certificate)
        buf_printf(&fixed, "%sweb.certificate", fixed.size ? ", " : "");
    log_event(LOG_LEVEL_INFO, "reloaded", LOG_TEXT("file", fresh->file),
              LOG_TEXT("changed", taken.size ? buf_get(&taken) : "nothing but perhaps files"));
    if (fixed.size)
        log_event(LOG_LEVEL_WARNING, "reloaded", LOG_TEXT("restart_to_change", buf_get(&fixed)));
}

/* Everything that can fail comes first; the old settings then stay in force as a whole. Those that are
 * replaced go when the last delivery that was read by them is through. */
static bool reload(struct service *service, struct err *err)
{
    const struct context *context = service->context;
    struct settings *fresh = settings_read_shared(context->settings_file, &context->overrides, err);
    if (!fresh)
        return false;
    bool good = load_files(service, fresh, err);
    struct web_settings web = web_settings_of(service, fresh);
    if (!good || (service->web && !web_change(service->web, &web, err))) {
        shared_release(fresh);
        return false;
    }
    for (size_t i = 0; i < ARRAY_SIZE(doors); i++)
        if (service->states[i] && doors[i].door->reload)
            doors[i].door->reload(service->states[i], (char *)fresh + doors[i].settings,
                                  &fresh->limits);
    const struct settings *old = shared_take(&service->intake.settings);
    log_change(service, old, fresh);
    shared_release(old);
    warn_if_all_are_taken(fresh);
    intake_change(&service->intake, fresh);
    return true;
}

static void hang_up(struct service *service)
{
    struct err err = { 0 };
    service->hung_up = false;
    notify_reloading();
    if (!reload(service, &err))
        log_err(LOG_LEVEL_ERROR, "not reloaded, the old settings stay", &err);
    notify_send("READY=1");
}

/* --- the end --- */

struct stopping {
    const struct door *door;
    void *state;
    pthread_t thread;
    bool started;
};

static void *stop_door(void *thing)
{
    const struct stopping *stopping = thing;
    stopping->door->stop(stopping->state);
    return NULL;
}

/* All at the same time: each waits until what is in flight is answered. */
static void stop_doors(struct service *service)
{
    struct stopping all[ARRAY_SIZE(doors)] = { 0 };
    for (size_t i = 0; i < ARRAY_SIZE(doors); i++) {
        all[i] = (struct stopping){ .door = doors[i].door, .state = service->states[i] };
        if (all[i].state)
            all[i].started = pthread_create(&all[i].thread, NULL, stop_door, &all[i]) == 0;
    }
    if (service->web)
        web_stop(service->web, WEB_STOP_SECONDS);
    for (size_t i = 0; i < ARRAY_SIZE(doors); i++)
        if (all[i].started)
            pthread_join(all[i].thread, NULL);
        else if (all[i].state)
            stop_door(&all[i]);
}

/* Each part accepts that it was never started. From the deadline on nothing waits for the database: what
 * it has not written by then goes to the spool, and what it wrote without saying so is a duplicate
 * when it comes back from there. */
static void stop(struct service *service)
{
    const struct itimerspec deadline = { .it_value.tv_sec = DATABASE_SECONDS };
    struct last_resort resort;
    last_resort_begin(&resort, STOP_SECONDS);
    notify_send("STOPPING=1");
    if (service->deadline > 0)
        timerfd_settime(service->deadline, 0, &deadline, NULL);
    watch_stop(service->watch);
    intake_stop(&service->intake);
    stop_doors(service);
    for (size_t i = ARRAY_SIZE(doors); i-- > 0;)
        doors[i].door->close(&service->states[i]);
    web_close(&service->web);
    recheck_free(&service->recheck);
    evaluator_free(&service->evaluator);
    watch_free(&service->watch);
    heartbeat_free(&service->heartbeat);
    policy_host_free(&service->policy_host);
    lanes_free(&service->lanes);
    intake_done(&service->intake);
    writer_free(&service->writer);
    spool_close(&service->spool);
    budget_free(&service->budget);
    reader_free(&service->reader);
    listen_release();
    last_resort_cancel(&resort);
    database_close(&service->database);
    if (service->deadline > 0)
        close(service->deadline);
    if (service->signals >= 0)
        close(service->signals);
}

static void keep_cluster(struct service *service)
{
    struct err err = { 0 };
    bool restarted = false;
    if (!service->database.cluster)
        return;
    if (!cluster_keep(service->database.cluster, &restarted, &err))
        log_err(LOG_LEVEL_ERROR, "database", &err);
    else if (restarted)
        log_event(LOG_LEVEL_WARNING, "database", LOG_TEXT("server", "was gone, started again"),
                  LOG_TEXT("log", cluster_log(service->database.cluster)));
}

static void prepare_resources(const struct service *service)
{
    struct err few = { 0 };
    if (!resources_prepare(&service->context->settings, &few))
        log_err(LOG_LEVEL_WARNING, "resources", &few);
}

static bool start(struct service *service, bool *stopped, struct err *err)
{
    prepare_resources(service);
    if (!catch_signals(service, err) || !shut_in(&service->context->settings, err)
        || !find_database(service, stopped, err) || *stopped)
        return err->kind == ERR_NONE;
    if (!load_files(service, &service->context->settings, err) || !open_spool(service, err))
        return false;
    if (!start_writing(service, err) || !await_database(service, stopped, err))
        return false;
    if (*stopped)
        return true;
    if (service->demo) {
        demo_fill(&service->intake.hall);
        demo_fill_looks(service->database.conninfo);
    }
    return open_doors(service, err) && open_web(service, err);
}

bool service_run(struct context *context, bool demo, struct err *err)
{
    struct service service = { .context = context, .demo = demo, .signals = -1 };
    bool stopped = false;
    bool good = start(&service, &stopped, err);
    if (good && !stopped) {
        log_event(LOG_LEVEL_INFO, "ready", LOG_TEXT("version", TLSRPTD_VERSION));
        notify_send("READY=1");
        while (!told_to_stop(&service, service.hung_up ? 0 : KEEP_MS)) {
            if (service.hung_up)
                hang_up(&service);
            keep_cluster(&service);
            watch_database(&service);
        }
    }
    stop(&service);
    if (good)
        log_event(LOG_LEVEL_INFO, "stopped", LOG_TEXT("version", TLSRPTD_VERSION));
    return good;
}
