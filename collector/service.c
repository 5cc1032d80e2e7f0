/* See service.h.
 * SPDX-License-Identifier: MIT */
#include "collector/service.h"
#include "collector/certificate.h"
#include "collector/database.h"
#include "collector/demo_fill.h"
#include "collector/intake.h"
#include "collector/lanes.h"
#include "collector/notify.h"
#include "collector/sandbox.h"
#include "schema/read.h"
#include "web/http_tls.h"
#include "web/web.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/log.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define KEEP_MS      2000 /* between two looks at the private server */
#define RETRY_MAX_MS 30000
#define STOP_SECONDS 4
#define WEB_READERS  4

/* Doors of the service, in the order in which they open. To add one: a row here. */
static const struct {
    const struct door *door;
    size_t settings; /* its place in struct settings */
} doors[] = {
    { &door_https, offsetof(struct settings, collector) },
    { &door_lmtp, offsetof(struct settings, lmtp) },
    { &door_maildir, offsetof(struct settings, maildir) },
};

struct service {
    struct context *context;
    struct database database;
    struct writer *writer;
    struct reader *reader;
    struct web *web;
    struct intake intake;
    struct budget *budget;
    struct lanes *lanes;
    void *states[ARRAY_SIZE(doors)];
    int signals;  /* signalfd */
    bool hung_up; /* SIGHUP has come: the settings are to be read anew */
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
    return service->signals >= 0 || err_set(err, ERR_SETUP, "signalfd: %s", strerror(errno));
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
    const struct text_list *const lists[] = { &settings->collector.http.listen,
                                              &settings->lmtp.listen, &settings->web.listen };
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (!listen_reserve(lists[i]->items[j], err))
                return false;
    return sandbox_enter(err);
}

/* While the database is away the service waits for it; only the operator's faults end it. */
static bool prepare_database(struct service *service, bool *stopped, struct err *err)
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
    for (int wait = 500;; wait = wait * 2 < RETRY_MAX_MS ? wait * 2 : RETRY_MAX_MS) {
        struct err away = { 0 };
        int applied = 0;
        if (database_migrate(&service->database, &applied, &away)) {
            if (applied)
                log_event(LOG_LEVEL_INFO, "schema", LOG_NUMBER("migrations_applied", applied));
            if (!service->database.has_reader && !*service->context->settings.web.database)
                log_event(LOG_LEVEL_WARNING, "web.database",
                          LOG_TEXT("note", DATABASE_READER_NOTE));
            return true;
        }
        if (away.kind != ERR_AGAIN) {
            *err = away;
            return false;
        }
        log_err(LOG_LEVEL_WARNING, "waiting for the database", &away);
        if ((*stopped = told_to_stop(service, wait)))
            return true;
    }
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

/* The files that settings name: all are read and found good before any of them counts. */
static bool load_files(struct service *service, struct settings *settings, struct err *err)
{
    struct err fault = { 0 };
    if (!prepare_certificate(service, settings, err))
        return false;
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

static void start_reading(struct service *service)
{
    const struct settings *settings = &service->context->settings;
    const char *own = settings->web.database;
    const struct pg_patience patience = {
        /* of which the server's own is four fifths */
        .statement_ms = settings->web.statement_timeout_seconds * 1250,
        .only_reads = true,
    };
    service->reader = reader_new(*own ? own : service->database.conninfo, WEB_READERS, patience);
}

static bool start_writing(struct service *service, struct err *err)
{
    struct settings *settings = &service->context->settings;
    settings->writer.database = service->database.conninfo;
    service->writer = writer_new(&settings->writer);
    start_reading(service);
    service->budget = budget_new(settings->limits.memory_bytes);
    if (!intake_init(&service->intake, settings, service->writer, err))
        return false;
    service->lanes = lanes_new(&service->intake.hall, service->budget);
    return true;
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

static struct web_settings web_settings_of(const struct settings *settings)
{
    struct web_settings web = {
        .http = HTTP_SETTINGS_DEFAULT,
        .auth = settings->web.auth,
        .told = told_of_login,
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
    struct web_settings web = web_settings_of(&service->context->settings);
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
    struct web_settings web = web_settings_of(fresh);
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
    shared_replace(&service->intake.settings, fresh);
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

/* Each part accepts that it was never started. */
static void stop(struct service *service)
{
    notify_send("STOPPING=1");
    intake_stop(&service->intake);
    for (size_t i = 0; i < ARRAY_SIZE(doors); i++)
        if (service->states[i])
            doors[i].door->stop(service->states[i]);
    if (service->web)
        web_stop(service->web, STOP_SECONDS);
    for (size_t i = ARRAY_SIZE(doors); i-- > 0;)
        doors[i].door->close(&service->states[i]);
    web_close(&service->web);
    lanes_free(&service->lanes);
    intake_done(&service->intake);
    writer_free(&service->writer);
    budget_free(&service->budget);
    reader_free(&service->reader);
    listen_release();
    database_close(&service->database);
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

static bool start(struct service *service, bool demo, bool *stopped, struct err *err)
{
    if (!catch_signals(service, err) || !shut_in(&service->context->settings, err)
        || !prepare_database(service, stopped, err) || *stopped)
        return err->kind == ERR_NONE;
    if (!load_files(service, &service->context->settings, err))
        return false;
    if (!start_writing(service, err))
        return false;
    if (demo)
        demo_fill(&service->intake.hall);
    return open_doors(service, err) && open_web(service, err);
}

bool service_run(struct context *context, bool demo, struct err *err)
{
    struct service service = { .context = context, .signals = -1 };
    bool stopped = false;
    bool good = start(&service, demo, &stopped, err);
    if (good && !stopped) {
        log_event(LOG_LEVEL_INFO, "ready", LOG_TEXT("version", TLSRPTD_VERSION));
        notify_send("READY=1");
        while (!told_to_stop(&service, service.hung_up ? 0 : KEEP_MS)) {
            if (service.hung_up)
                hang_up(&service);
            keep_cluster(&service);
        }
    }
    stop(&service);
    if (good)
        log_event(LOG_LEVEL_INFO, "stopped", LOG_TEXT("version", TLSRPTD_VERSION));
    return good;
}
