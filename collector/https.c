/* See https.h.
 *
 *   request ──► right path, method, label? ──► delivery ──► hall … answer ──► JSON
 *
 * Whatever may be a report is taken and its content decides: senders post with curl's default label,
 * and some take any status for "delivered", so that a refusal loses the report. Refusals are
 * problem details (RFC 9457).
 *
 * SPDX-License-Identifier: MIT
 * Before: service.c. Next: intake.c */
#include "collector/https.h"
#include "web/http_certs.h"
#include "web/http_tls.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH         "/v1/tlsrpt"
#define STOP_SECONDS 8
#define ANSWER_BYTES 4096

struct https {
    struct http *http;
    struct hall *hall;
    struct policy_host *policy_host; /* NULL: no policies are served */
    struct shared_slot terms;        /* struct terms */
};

/* What a reload replaces. */
struct terms {
    struct shared shared;
    struct https_trust *trust;
    int64_t body_bytes;
};

/* --- answers --- */

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {
        { 400, "Bad Request" },       { 403, "Forbidden" },
        { 404, "Not Found" },         { 405, "Method Not Allowed" },
        { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
        { 429, "Too Many Requests" }, { 503, "Service Unavailable" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "";
}

static struct bytes keep(struct request *request, struct buf *json)
{
    const char *text = buf_get(json);
    return (struct bytes){ arena_copy(&request->arena, text, json->size), json->size };
}

static void respond_problem(struct request *request, int status, const char *detail)
{
    CLEANUP(buf_done) struct buf json = BUF(ANSWER_BYTES);
    buf_printf(&json, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"",
               title_of(status), status);
    text_json(&json, detail);
    buf_text(&json, "\"}\n");
    struct response response = {
        .status = status,
        .type = "application/problem+json",
        .body = keep(request, &json),
    };
    if (status == 405)
        response.headers[0] = (struct http_field){ .name = "Allow", .value = "POST" };
    if (status == 503 || status == 429)
        response.headers[0] = (struct http_field){ .name = "Retry-After", .value = "60" };
    http_respond(request, &response);
}

static void respond_taken(struct request *request, const struct answer *answer, const char *reason)
{
    const struct outcome_row *row = outcome_row(answer->outcome);
    CLEANUP(buf_done) struct buf json = BUF(ANSWER_BYTES * 8); /* names may be long and escaped */
    buf_printf(&json, "{\"outcome\":\"%s\",\"id\":\"", row->word);
    text_json(&json, answer->id);
    buf_text(&json, "\",\"organization\":\"");
    text_json(&json, answer->organization);
    buf_text(&json, "\",\"domain\":\"");
    text_json(&json, answer->domain);
    buf_printf(&json, "\",\"sessions\":{\"successful\":%" PRId64 ",\"failed\":%" PRId64 "}",
               answer->successful, answer->failed);
    if (*reason) {
        buf_text(&json, ",\"reason\":\"");
        text_json(&json, reason);
        buf_text(&json, "\"");
    }
    buf_text(&json, "}\n");
    http_respond(request, &(struct response){
                              .status = row->http_status,
                              .type = "application/json",
                              .body = keep(request, &json),
                          });
}

static void log_post(const char *client, int status, const char *result,
                     const struct answer *answer, const char *reason)
{
    log_event(LOG_LEVEL_INFO, "https", LOG_TEXT("client", client), LOG_NUMBER("status", status),
              LOG_TEXT("result", result), LOG_TEXT("org", answer->organization),
              LOG_TEXT("domain", answer->domain),
              LOG_NUMBER("sessions", answer->successful + answer->failed),
              LOG_NUMBER("failed", answer->failed),
              LOG_TEXT(*reason ? "reason" : NULL, reason)); /* no key: the list's end */
}

static void refuse(struct request *request, int status, const char *detail)
{
    static const struct answer nothing = { .organization = "", .domain = "" };
    log_post(request->client, status, "refused", &nothing, detail);
    respond_problem(request, status, detail);
}

/* delivery->answered: from the hall, or from the writer's thread. */
static void answered(struct delivery *delivery, const struct answer *answer)
{
    static const char later[] = "The reports cannot be counted at the moment.";
    struct request *request = delivery->door;
    const struct outcome_row *row = outcome_row(answer->outcome);
    bool taken = answer->outcome <= OUTCOME_SPOOLED || answer->outcome == OUTCOME_IGNORED;
    char reason[ERR_TEXT_BYTES] = "";
    err_to_text(&answer->err, reason, sizeof reason); /* a conflict is taken and has one */
    log_post(request->client, row->http_status, row->word, answer, reason);
    if (answer->outcome == OUTCOME_SPOOLED || answer->outcome == OUTCOME_RETRY)
        snprintf(reason, sizeof reason, "%s", later); /* not how our database is reached */
    if (taken)
        respond_taken(request, answer, reason);
    else
        respond_problem(request, row->http_status, reason);
    delivery_free(&delivery);
}

/* --- requests --- */

/* *TOKEN is what the path carries behind ours, "" if nothing; NULL: it is another path. */
static bool path_fits(const char *path, const char **token)
{
    size_t size = strlen(PATH);
    if (strncmp(path, PATH, size) != 0 || (path[size] && path[size] != '/'))
        return false;
    *token = path[size] ? path + size + 1 : "";
    return true;
}

/* Labels that say nothing, and all that could mean gzip or JSON; what is inside decides. */
static bool type_fits(const char *type)
{
    static const char *const blank[] = { "application/octet-stream",
                                         "application/x-www-form-urlencoded", "text/plain" };
    if (!type || !*type || strcasestr(type, "gzip") || strcasestr(type, "json"))
        return true;
    size_t size = strcspn(type, "; \t");
    for (size_t i = 0; i < ARRAY_SIZE(blank); i++)
        if (strlen(blank[i]) == size && text_begins(type, blank[i]))
            return true;
    return false;
}

static bool encoding_fits(const char *encoding)
{
    return !encoding || !*encoding || text_same(encoding, "gzip") || text_same(encoding, "x-gzip")
           || text_same(encoding, "identity");
}

/* A token that is not ours is worth a line: the operator may have forgotten it, or somebody guesses. */
static const char *ground_of(struct https *door, const struct request *request, const char *token)
{
    const struct terms *terms = shared_take(&door->terms);
    bool strange;
    /* A web site can make a listed machine's browser post to us. Browsers say so, senders do not. */
    const char *client = http_header(request, "Origin") ? "" : request->client;
    const char *ground = https_trust_ground(terms->trust, token, client, &strange);
    shared_release(terms);
    if (strange)
        log_event(LOG_LEVEL_WARNING, "token", LOG_TEXT("client", request->client),
                  LOG_TEXT("note",
                           "not one of collector.tokens; its report is taken as untrusted"));
    return ground;
}

static void take(struct https *door, struct request *request, const char *token)
{
    struct delivery *delivery = delivery_new(SOURCE_HTTPS, request->client);
    delivery->bytes = http_take_body(request, &delivery->charge);
    arena_keep_bytes(&delivery->arena, delivery->bytes);
    delivery->vouched_by = ground_of(door, request, token);
    delivery->vouched = delivery->vouched_by != NULL;
    delivery->spoolable = true;
    delivery->answered = answered;
    delivery->door = request;
    door->hall->take(door->hall, delivery);
}

/* What never came: see request->refused. */
static void refuse_unread(struct https *door, struct request *request)
{
    char detail[160];
    const struct terms *terms = shared_take(&door->terms);
    int64_t body_bytes = terms->body_bytes;
    shared_release(terms);
    switch (request->refused) {
    case 413:
        snprintf(detail, sizeof detail,
                 "The body exceeds the limit of %" PRId64 " bytes (limits.message_bytes).",
                 body_bytes);
        refuse(request, 413, detail);
        break;
    case 429:
        refuse(request, 429, "Too many connections from this address (collector.per_client).");
        break;
    default:
        refuse(request, 503, "Too much is being received at once (limits.memory_bytes).");
    }
}

/* What to say of a path that is none of ours, to a sender of reports and to one that looks for a policy. */
static const char *nothing_there(const struct request *request)
{
    const char *host = http_header(request, "Host");
    if (strcmp(request->path, POLICY_HOST_PATH) == 0) /* else the policy host has answered */
        return "Policies are not served here (policy.serve).";
    if (host && text_begins(host, "mta-sts."))
        return "A policy host has " POLICY_HOST_PATH " only.";
    return "Reports are taken at " PATH " only.";
}

static void handle(struct request *request, void *context)
{
    struct https *door = context;
    const char *token;
    if (policy_host_answer(door->policy_host, request)) {
        return;
    } else if (!path_fits(request->path, &token)) {
        refuse(request, 404, nothing_there(request));
    } else if (strcmp(request->method, "POST") != 0) {
        refuse(request, 405, "Reports are posted (RFC 8460 section 5.4): POST " PATH ".");
    } else if (request->refused) {
        refuse_unread(door, request);
    } else if (!type_fits(http_header(request, "Content-Type"))) {
        refuse(request, 415,
               "Content-Type must be application/tlsrpt+gzip or application/tlsrpt+json (RFC 8460 "
               "section 5.4).");
    } else if (!encoding_fits(http_header(request, "Content-Encoding"))) {
        refuse(request, 415, "Content-Encoding must be gzip, identity or absent.");
    } else {
        take(door, request, token);
    }
}

/* --- the door --- */

static void terms_free(void *thing)
{
    struct terms *terms = thing;
    shared_release(terms->trust);
    free(terms);
}

static struct terms *terms_new(const struct https_settings *settings, const struct limits *limits)
{
    struct terms *terms = memory_new(sizeof *terms);
    shared_init(&terms->shared, terms_free);
    terms->trust = https_trust_new(&settings->trust);
    terms->body_bytes = limits->message_bytes;
    return terms;
}

static struct http_settings http_of(const struct https_settings *settings,
                                    const struct limits *limits)
{
    struct http_settings http = settings->http;
    http.body_bytes = limits->message_bytes;
    return http;
}

static void told_of_certificate(const char *host, const struct err *err)
{
    log_event(LOG_LEVEL_WARNING, "certificate", LOG_TEXT("host", host),
              LOG_TEXT("reason", err->text));
}

static void release(void *thing)
{
    shared_release(thing);
}

static bool load_certificates(struct arena *arena, struct https_settings *settings, struct err *err)
{
    struct stat found;
    const char *directory = settings->certificates;
    if (*directory && (stat(directory, &found) != 0 || !S_ISDIR(found.st_mode)))
        return err_field(err, ERR_SETUP, "policy.certificates",
                         "%s: there is no such directory, or it may not be entered", directory);
    settings->http.certs = http_certs_new(directory, told_of_certificate);
    arena_on_free(arena, release, settings->http.certs);
    return true;
}

static bool https_load(struct arena *arena, void *into, struct err *err)
{
    struct https_settings *settings = into;
    struct http_settings *http = &settings->http;
    struct err fault = { 0 };
    if (!http->listen.count)
        return true;
    if (!https_trust_load(arena, &settings->trust, err) || !load_certificates(arena, settings, err))
        return false;
    if (!http_tls_load(arena, http->certificate, http->key, &http->tls, &fault))
        return err_field(err, fault.kind, "collector.certificate", "%s", fault.text);
    return true;
}

static void log_certificate(const struct http_settings *http)
{
    struct http_tls_facts facts;
    char end[CLOCK_TEXT_BYTES];
    if (!http->tls)
        return;
    http_tls_describe(http->tls, &facts);
    bool valid = clock_now() >= facts.begin_seconds && clock_now() < facts.end_seconds;
    log_event(valid ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "certificate",
              LOG_TEXT("file", http->certificate), LOG_TEXT("serial", facts.serial),
              LOG_TEXT("expires", clock_to_text(facts.end_seconds, end)),
              LOG_TEXT(valid ? NULL : "note",
                       clock_now() < facts.begin_seconds
                           ? "not valid yet: most senders will not post to it"
                           : "expired: most senders will not post to it any more"));
}

static void https_close(void **state)
{
    struct https *door = *state;
    if (!door)
        return;
    *state = NULL;
    http_close(&door->http);
    shared_slot_done(&door->terms);
    free(door);
}

static bool https_open(const void *from, const struct limits *limits, struct hall *hall,
                       void **state, struct err *err)
{
    const struct https_settings *settings = from;
    if (!settings->http.listen.count) {
        *state = NULL;
        return true;
    }
    struct http_settings http = http_of(settings, limits);
    http.budget = hall->budget;
    struct https *door = memory_new(sizeof *door);
    door->hall = hall;
    door->policy_host = settings->policy_host;
    shared_slot_init(&door->terms, terms_new(settings, limits));
    if (!http_open(&http, handle, door, &door->http, err)) {
        void *half = door;
        https_close(&half);
        err_prefix(err, "collector: ");
        return false;
    }
    log_certificate(&http);
    for (size_t i = 0; http_address(door->http, i); i++)
        log_event(LOG_LEVEL_INFO, "listening", LOG_TEXT("door", "https"),
                  LOG_TEXT("address", http_address(door->http, i)));
    *state = door;
    return true;
}

const char *https_address(const void *state, size_t index)
{
    const struct https *door = state;
    return door ? http_address(door->http, index) : NULL;
}

static void https_reload(void *state, const void *from, const struct limits *limits)
{
    struct https *door = state;
    const struct https_settings *settings = from;
    struct http_settings http = http_of(settings, limits);
    shared_replace(&door->terms, terms_new(settings, limits));
    http_change(door->http, &http);
    log_certificate(&http);
}

static void https_stop(void *state)
{
    struct https *door = state;
    if (door)
        http_stop(door->http, STOP_SECONDS);
}

const struct door door_https = {
    .name = "collector",
    .load = https_load,
    .open = https_open,
    .reload = https_reload,
    .stop = https_stop,
    .close = https_close,
};
