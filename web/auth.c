/* See auth.h.
 *
 * What the settings say (struct rules) may be replaced while requests are looked at: everything that
 * is read of it is read under the mutex, and a password is compared with a copy of its hash, outside.
 *
 * SPDX-License-Identifier: MIT */
#include "web/auth.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/network.h"
#include "web/attempts.h"
#include "web/basic.h"
#include "web/known.h"
#include "web/password.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PROXY_NAME_BYTES 255

struct rules {
    struct arena arena; /* owns all below */
    struct users users;
    struct network_list proxies;
    const char *header; /* in which a proxy names the user; NULL: none does */
    const char **hosts; /* canonical */
    size_t host_count;
};

struct auth {
    bool encrypted;
    pthread_mutex_t mutex; /* guards all below */
    struct rules rules;
    unsigned changes; /* of the rules */
    struct known *known;
    struct attempts *attempts;
};

/* --- the rules --- */

/* The host of "host:port" or "[host]:port", canonical if it is a name; NULL if there is none. */
static const char *host_of(struct arena *arena, const char *address)
{
    size_t size = *address == '[' ? strcspn(address, "]") : strcspn(address, ":");
    const char *host = *address == '[' ? arena_copy(arena, address + 1, size ? size - 1 : 0)
                                       : arena_copy(arena, address, size);
    struct in6_addr unused;
    if (inet_pton(AF_INET, host, &unused) == 1 || inet_pton(AF_INET6, host, &unused) == 1)
        return host;
    return text_host(arena, host, NULL);
}

static bool add_hosts(struct rules *rules, const struct auth_settings *settings,
                      const struct text_list *addresses, struct err *err)
{
    size_t count = settings->hosts.count + addresses->count + 1;
    rules->hosts = arena_array(&rules->arena, count, sizeof *rules->hosts);
    rules->hosts[rules->host_count++] = "localhost";
    for (size_t i = 0; i < settings->hosts.count; i++) {
        const char *host = text_host(&rules->arena, settings->hosts.items[i], NULL);
        if (!host)
            return err_field(err, ERR_SETUP, "web.hosts",
                             "\"%.100s\" is no host name (and an "
                             "address need not be named)",
                             settings->hosts.items[i]);
        rules->hosts[rules->host_count++] = host;
    }
    for (size_t i = 0; i < addresses->count; i++) {
        const char *host = host_of(&rules->arena, addresses->items[i]);
        if (host)
            rules->hosts[rules->host_count++] = host;
    }
    return true;
}

static bool make_rules(struct rules *rules, const struct auth_settings *settings,
                       const struct text_list *addresses, struct err *err)
{
    bool header = settings->proxy_user_header && *settings->proxy_user_header;
    rules->header = header ? arena_text(&rules->arena, settings->proxy_user_header) : NULL;
    if (header && !settings->trusted_proxies.count)
        return err_field(err, ERR_SETUP, "web.proxy_user_header",
                         "needs web.trusted_proxies: anybody could send that header");
    if (!network_list_parse(&rules->arena, &settings->trusted_proxies, &rules->proxies, err)) {
        err_prefix(err, "web.trusted_proxies: ");
        return false;
    }
    return users_read(&rules->arena, &settings->users, settings->users_file, &rules->users, err)
           && add_hosts(rules, settings, addresses, err);
}

static bool proxy_names_users(const struct rules *rules)
{
    return rules->header && rules->proxies.count;
}

static bool guards(const struct rules *rules, bool encrypted, struct err *err)
{
    if (!rules->users.count && !proxy_names_users(rules))
        return err_set(
            err, ERR_SETUP,
            "anybody could read the pages there. Set web.users (`tlsrptd user NAME`), or "
            "web.trusted_proxies and web.proxy_user_header, or listen on loopback only");
    if (!encrypted && !rules->proxies.count)
        return err_set(err, ERR_SETUP,
                       "passwords would be readable on the way there. Set web.certificate and "
                       "web.key, or web.trusted_proxies if a proxy does TLS");
    return true;
}

bool auth_change(struct auth *auth, const struct auth_settings *settings,
                 const struct text_list *addresses, bool reachable, struct err *err)
{
    struct rules rules = { .header = NULL };
    if (!make_rules(&rules, settings, addresses, err)
        || (reachable && !guards(&rules, auth->encrypted, err))) {
        arena_free(&rules.arena);
        return false;
    }
    pthread_mutex_lock(&auth->mutex);
    struct rules old = auth->rules;
    auth->rules = rules;
    auth->changes++;
    known_forget(auth->known);
    pthread_mutex_unlock(&auth->mutex);
    arena_free(&old.arena);
    return true;
}

bool auth_new(const struct auth_settings *settings, const struct text_list *addresses,
              bool encrypted, struct auth **out, struct err *err)
{
    struct auth *auth = memory_new(sizeof *auth);
    auth->encrypted = encrypted;
    auth->known = known_new();
    auth->attempts = attempts_new(settings->failures_per_client, settings->failures);
    pthread_mutex_init(&auth->mutex, NULL);
    if (!auth_change(auth, settings, addresses, false, err)) {
        auth_free(&auth);
        return false;
    }
    *out = auth;
    return true;
}

void auth_free(struct auth **auth)
{
    struct auth *old = *auth;
    if (!old)
        return;
    *auth = NULL;
    arena_free(&old->rules.arena);
    known_free(&old->known);
    attempts_free(&old->attempts);
    pthread_mutex_destroy(&old->mutex);
    free(old);
}

bool auth_guards(const struct auth *auth, struct err *err)
{
    return guards(&auth->rules, auth->encrypted, err);
}

/* --- a request; the mutex is held --- */

static bool host_is_ours(const struct rules *rules, struct arena *arena, const char *asked)
{
    struct in6_addr unused;
    if (!*asked)
        return true; /* HTTP/1.0: no browser */
    const char *host = host_of(arena, asked);
    if (!host)
        return false;
    if (inet_pton(AF_INET, host, &unused) == 1 || inet_pton(AF_INET6, host, &unused) == 1)
        return true; /* a page of another site goes by a name, or by its own address */
    for (size_t i = 0; i < rules->host_count; i++)
        if (strcmp(rules->hosts[i], host) == 0)
            return true;
    return false;
}

static bool is_local(const char *peer)
{
    return text_begins(peer, "127.") || strcmp(peer, "::1") == 0 || strcmp(peer, "unix") == 0;
}

/* NULL when the header is missing, empty or no name, or stands there twice: then the proxy has added
 * its line to one of the client's. */
static const char *named_by_proxy(const struct rules *rules, const struct request *request)
{
    const char *name = NULL;
    for (const struct http_field *field = request->headers; field; field = field->next) {
        if (!text_same(field->name, rules->header))
            continue;
        if (name)
            return NULL;
        name = field->value;
    }
    size_t size = name ? strlen(name) : 0;
    return size && size <= PROXY_NAME_BYTES && text_is_utf8(name, size) ? name : NULL;
}

static enum auth_verdict decide_by_password(struct auth *auth, struct request *request,
                                            struct auth_decision *out)
{
    struct credentials given;
    if (!basic_parse(&request->arena, http_header(request, "Authorization"), &given))
        return AUTH_NEEDED;
    int64_t now = clock_monotonic_ms();
    /* First of all: what is known answers so fast that it must not answer to guesses. */
    if (!attempts_left(auth->attempts, out->client, now, &out->retry_seconds, &out->first))
        return AUTH_LIMITED;
    if (known_has(auth->known, &given, out->client, now)) {
        out->user = given.name;
        return AUTH_PASSED;
    }
    return attempts_take(auth->attempts, out->client, now, &out->retry_seconds, &out->first)
               ? AUTH_CHECK
               : AUTH_LIMITED;
}

static enum auth_verdict decide(struct auth *auth, struct request *request,
                                struct auth_decision *out)
{
    const struct rules *rules = &auth->rules;
    bool proxied = network_list_has(&rules->proxies, request->client);
    out->client = proxied ? network_forwarded(&request->arena, &rules->proxies, request->client,
                                              http_forwarded(request))
                          : request->client;
    if (!host_is_ours(rules, &request->arena, out->host))
        return AUTH_STRANGE;
    if (!auth->encrypted && !proxied && !is_local(request->client))
        return AUTH_PLAIN;
    if (!rules->users.count && !proxy_names_users(rules))
        return AUTH_PASSED;
    out->user = proxied && rules->header ? named_by_proxy(rules, request) : NULL;
    if (out->user)
        return AUTH_PASSED;
    return rules->users.count ? decide_by_password(auth, request, out) : AUTH_PROXY_ONLY;
}

void auth_decide(struct auth *auth, struct request *request, struct auth_decision *out)
{
    const char *host = http_header(request, "Host");
    *out = (struct auth_decision){ .host = host ? host : "" };
    pthread_mutex_lock(&auth->mutex);
    out->verdict = decide(auth, request, out);
    pthread_mutex_unlock(&auth->mutex);
}

/* The user of that name; or else any, always the same for one name, so that an unknown name takes as
 * long as a known one. */
static const struct user *find_user(const struct users *users, const char *name, bool *known)
{
    unsigned char digest[HASH_BYTES];
    const struct user *user = users_find(users, name);
    *known = user != NULL;
    hash_bytes(name, strlen(name), digest);
    return user ? user : &users->items[(uint64_t)hash_key(digest) % users->count];
}

void auth_compare(struct auth *auth, struct request *request, struct auth_decision *decision)
{
    struct credentials given = { "", "" };
    const char *hash = NULL;
    bool known = false, right = false;
    decision->verdict = AUTH_WRONG;
    if (!basic_parse(&request->arena, http_header(request, "Authorization"), &given))
        return;
    pthread_mutex_lock(&auth->mutex);
    unsigned changes = auth->changes;
    if (auth->rules.users.count)
        hash = arena_text(&request->arena, find_user(&auth->rules.users, given.name, &known)->hash);
    right = known_has(auth->known, &given, decision->client,
                      clock_monotonic_ms()); /* of a request just before */
    pthread_mutex_unlock(&auth->mutex);
    if (!right && hash)
        right = password_fits(given.password, hash) && known;
    decision->user = known ? given.name : NULL;
    if (!right)
        return;
    decision->verdict = AUTH_PASSED;
    pthread_mutex_lock(&auth->mutex);
    attempts_return(auth->attempts, decision->client);
    if (changes == auth->changes)
        known_add(auth->known, &given, decision->client, clock_monotonic_ms());
    pthread_mutex_unlock(&auth->mutex);
}
