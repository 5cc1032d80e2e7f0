/* The policy host at each of its addresses: connection, certificate, HTTP (RFC 8461 section 3.3). Finds
 * which policy senders get. See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_host.c. Next: setup_policy.c */
#include "judge/setup_certificate.h"
#include "judge/setup_letter.h"
#include <inttypes.h>
#include <string.h>

#define SLOW_MS    5000
#define TYPE_BYTES 80

static const char *or_no_reason(const char *why)
{
    return why ? why : "no reason was given";
}

/* --- one address --- */

static void see_reach(struct setup_group *group, const struct setup_fetch *fetch)
{
    const char *at = fetch->address;
    switch (fetch->reach) {
    case REACH_OPEN:
        break;
    case REACH_REFUSED:
        setup_group_see(group, "host.refused", at, "Port 443 refuses connections.");
        break;
    case REACH_TIMEOUT:
        setup_group_see(group, "host.timeout", at, "Port 443 did not answer in time.");
        break;
    case REACH_UNREACHABLE:
        setup_group_see(group, "host.unreachable", at, "No way there: %s.",
                        or_no_reason(fetch->why));
        break;
    case REACH_FORBIDDEN:
        setup_group_see(group, "host.forbidden", at,
                        "Addresses of this kind are not connected to unless the setting "
                        "check.allow_networks names them.");
        break;
    case REACH_NONE:
    case REACH_LATER:
        setup_group_see(group, "host.not-looked", at, "Not asked: %s.", or_no_reason(fetch->why));
        break;
    }
}

/* What the policy should be begins as a page does. */
static bool is_page(const struct setup_fetch *fetch)
{
    const char *at = fetch->body.data;
    size_t size = fetch->body.size;
    while (size && strchr(" \t\r\n", *at) && *at) {
        at++;
        size--;
    }
    return (size && *at == '<') || (fetch->type && text_begins(fetch->type, "text/html"));
}

static bool is_encoded(const struct setup_fetch *fetch)
{
    return fetch->encoding && !text_same(fetch->encoding, "identity");
}

/* RFC 8461 section 3.2: parameters do not count, nor does case. */
static bool is_plain(const char *type)
{
    static const char plain[] = "text/plain";
    size_t size = sizeof plain - 1;
    return type && text_begins(type, plain) && (!type[size] || strchr("; \t", type[size]));
}

/* The alert of TLS 1.3 that comes when the handshake is over already. */
static bool wants_certificate(const struct setup_fetch *fetch)
{
    return fetch->why && strstr(fetch->why, "certificate required");
}

static void see_status(struct setup_group *group, const struct setup_fetch *fetch)
{
    const char *at = fetch->address;
    int status = fetch->status;
    if (!status && wants_certificate(fetch))
        setup_group_see(group, "http.auth", at, "It asks for a client certificate: %s.",
                        fetch->why);
    else if (!status)
        setup_group_see(group, "http.no-answer", at, "No HTTP answer: %s.",
                        or_no_reason(fetch->why));
    else if (status >= 300 && status < 400)
        setup_group_see(group, "http.redirect", at, "Status %d, to %s. A browser follows.", status,
                        fetch->location ? fetch->location : "nowhere");
    else if (status == 401 || status == 407 || (status >= 400 && fetch->authenticate))
        setup_group_see(group, "http.auth", at, "Status %d; it asks for %s.", status,
                        fetch->authenticate ? fetch->authenticate : "a login");
    else if (status == 403 || status == 404)
        setup_group_see(group, "http.status-4xx", at, "Status %d: %s.", status,
                        status == 403 ? "forbidden" : "there is no such file");
    else if (status >= 400 && status < 500)
        setup_group_see(group, "http.status-4xx", at, "Status %d.", status);
    else if (status >= 500)
        setup_group_see(group, "http.status-5xx", at, "Status %d.", status);
    else if (status != 200)
        setup_group_see(group, "http.status", at, "Status %d.", status);
}

/* Of an answer with status 200. */
static void see_body(struct setup_group *group, const struct setup_fetch *fetch)
{
    const char *at = fetch->address;
    if (is_encoded(fetch))
        setup_group_see(group, "http.encoding", at, "Content-Encoding: %s.", fetch->encoding);
    else if (is_page(fetch))
        setup_group_see(group, "http.html", at, "What came is a web page: Content-Type: %s.",
                        fetch->type ? fetch->type : "(none)");
    else if (!is_plain(fetch->type))
        setup_group_see(group, "http.type", at, "Content-Type: %s.",
                        fetch->type ? fetch->type : "(none)");
    if (fetch->too_large)
        setup_group_see(group, "http.too-large", at, "More than %d bytes came.", SETUP_BODY_BYTES);
    if (fetch->cut)
        setup_group_see(group, "http.cut", at, "It ended before its end: %s.",
                        or_no_reason(fetch->why));
    if (fetch->milliseconds > SLOW_MS)
        setup_group_see(group, "http.slow", at, "It took %" PRId64 ".%" PRId64 " seconds.",
                        fetch->milliseconds / 1000, fetch->milliseconds / 100 % 10);
}

static bool is_sound(const struct setup_fetch *fetch)
{
    return fetch->reach == REACH_OPEN && fetch->status == 200 && fetch->tls.done
           && !fetch->tls.certificate.flaws && !fetch->too_large && !fetch->cut
           && !is_encoded(fetch) && !is_page(fetch);
}

static const struct setup_fetch *client_served(const struct setup_facts *facts)
{
    for (size_t i = 0; i < facts->clients.count; i++)
        if (is_sound(&facts->clients.items[i]))
            return &facts->clients.items[i];
    return NULL;
}

static void see_fetch(struct setup_group *group, const struct setup_fetch *fetch)
{
    see_reach(group, fetch);
    if (fetch->reach != REACH_OPEN)
        return;
    setup_certificate(group, "tls.policy", fetch->address, &fetch->tls);
    bool stopped = fetch->tls.tried && (!fetch->tls.done || fetch->tls.certificate.flaws);
    bool nameless = fetch->status == 403 && client_served(group->it->facts); /* told as such */
    if ((fetch->status || !stopped) && !nameless)
        see_status(group, fetch);
    if (fetch->status == 200)
        see_body(group, fetch);
}

/* --- all addresses --- */

/* One that cannot be reached among others is a warning: a sender tries the next. */
static void soften(struct setup_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        struct setup_fault *fault = &group->faults[i];
        bool closed =
            strcmp(fault->code, "host.refused") == 0 || strcmp(fault->code, "host.timeout") == 0;
        if (closed && fault->count < group->addresses)
            fault->severity = SEVERITY_WARNING;
    }
}

static bool is_same(struct bytes a, struct bytes b)
{
    return a.size == b.size && (!a.size || memcmp(a.data, b.data, a.size) == 0);
}

static void see_differences(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    for (size_t i = 0; it->served && i < facts->fetches.count; i++) {
        const struct setup_fetch *fetch = &facts->fetches.items[i];
        if (!is_sound(fetch) || is_same(fetch->body, it->served->body))
            continue;
        setup_add(it, "http.differs", it->host, "%s serves other bytes than %s.", fetch->address,
                  it->served->address);
        return;
    }
}

/* Who says no name is refused: what the others get is the policy, for most senders say one. */
static void see_nameless(struct setup_case *it)
{
    const struct setup_fetch *named = client_served(it->facts);
    for (size_t i = 0; named && i < it->facts->fetches.count; i++) {
        if (it->facts->fetches.items[i].status != 403)
            continue;
        it->served = named;
        setup_add(it, "http.ua-blocked", it->host,
                  "With the User-Agent %s the policy came; without one the answer is status 403.",
                  named->client);
        return;
    }
}

static void see_clients(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    for (size_t i = 0; it->served && i < facts->clients.count; i++) {
        const struct setup_fetch *fetch = &facts->clients.items[i];
        const char *client = fetch->client && *fetch->client ? fetch->client : "(none)";
        if (fetch->reach != REACH_OPEN
            || (fetch->status == 200 && is_same(fetch->body, it->served->body)))
            continue;
        setup_add(it, "http.ua-blocked", it->host,
                  "With the User-Agent %s the answer is %s; without it the policy came.", client,
                  fetch->status == 200 ? "another text"
                                       : arena_printf(it->arena, "status %d", fetch->status));
        return;
    }
}

static bool is_policy(const struct setup_case *it, const struct setup_fetch *fetch)
{
    const char *text = arena_copy(it->arena, fetch->body.data, fetch->body.size);
    return fetch->status == 200 && text_begins(text, "version:");
}

static void see_elsewhere(struct setup_case *it)
{
    const struct setup_fetches *elsewhere = &it->facts->elsewhere;
    for (size_t i = 0; !it->served && i < elsewhere->count; i++) {
        const struct setup_fetch *fetch = &elsewhere->items[i];
        if (!is_policy(it, fetch))
            continue;
        bool plain = text_begins(fetch->url, "http:");
        setup_add(it, plain ? "http.plain" : "http.path", it->host, "It is found at %s.",
                  fetch->url);
        return;
    }
}

/* R27: the certificate is the provider's own. */
static void add_letters(struct setup_case *it, size_t from)
{
    for (size_t i = from; i < it->count; i++)
        if (strcmp(it->findings[i].code, "tls.policy.name") == 0)
            it->findings[i].letter = setup_letter_provider(it->arena, it->facts);
}

void setup_http(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    struct setup_group *group = arena_alloc(it->arena, sizeof *group);
    size_t from = it->count;
    if (it->absent[SETUP_HOST])
        return;
    *group = (struct setup_group){ .it = it, .host = it->host, .addresses = facts->fetches.count };
    for (size_t i = 0; i < facts->fetches.count; i++) {
        const struct setup_fetch *fetch = &facts->fetches.items[i];
        see_fetch(group, fetch);
        it->looked[SETUP_HOST] |= fetch->reach == REACH_OPEN;
        if (!it->served && is_sound(fetch))
            it->served = fetch;
    }
    soften(group);
    setup_group_end(group);
    add_letters(it, from);
    see_differences(it);
    if (it->served)
        see_clients(it);
    else
        see_nameless(it);
    see_elsewhere(it);
    bool asked = it->served && !(it->served->client && *it->served->client);
    if (asked && facts->head.reach == REACH_OPEN && facts->head.status != 200)
        setup_add(it, "http.head", it->host, "HEAD gives status %d, GET 200.", facts->head.status);
}
