/* See https_trust.h.
 * SPDX-License-Identifier: MIT */
#include "collector/https_trust.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024
#define TOKENS_MAX 10000

/* What stands in a URL as it is, and in a DNS record too (RFC 3986 section 2.3). */
static bool is_unreserved(const char *token)
{
    static const char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    return token[strspn(token, fit)] == '\0';
}

/* WHERE is the place in FIELD: an item or a line. */
static bool check_token(const char *token, const char *field, const char *where, struct err *err)
{
    size_t size = strlen(token);
    if (size >= HTTPS_TOKEN_MIN && size <= HTTPS_TOKEN_MAX && is_unreserved(token))
        return true;
    return err_field(err, ERR_SETUP, field,
                     "%s is no token: it needs %d to %d letters, digits or any of -._~ (`openssl "
                     "rand -hex 16` makes one)",
                     where, HTTPS_TOKEN_MIN, HTTPS_TOKEN_MAX);
}

static bool read_lines(struct arena *arena, FILE *file, struct https_trust_settings *settings,
                       struct err *err)
{
    const char **tokens = arena_array(arena, TOKENS_MAX, sizeof *tokens);
    char line[LINE_BYTES], where[4200];
    size_t count = 0;
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        const char *token = text_trim(arena, line, strcspn(line, "#"));
        snprintf(where, sizeof where, "%.4096s:%d", settings->tokens_file, number);
        if (!*token)
            continue;
        if (!check_token(token, "collector.tokens_file", where, err))
            return false;
        if (count == TOKENS_MAX)
            return err_field(err, ERR_SETUP, "collector.tokens_file",
                             "%s holds more than %d tokens", settings->tokens_file, TOKENS_MAX);
        tokens[count++] = token;
    }
    settings->token_lines = (struct text_list){ tokens, count };
    return true;
}

static bool read_tokens_file(struct arena *arena, struct https_trust_settings *settings,
                             struct err *err)
{
    FILE *file = fopen(settings->tokens_file, "re");
    if (!file)
        return err_field(err, ERR_SETUP, "collector.tokens_file", "cannot read %s: %s",
                         settings->tokens_file, strerror(errno));
    bool good = read_lines(arena, file, settings, err);
    int why = good && ferror(file) ? errno : 0;
    fclose(file);
    return why ? err_field(err, ERR_SETUP, "collector.tokens_file", "cannot read %s: %s",
                           settings->tokens_file, strerror(why))
               : good;
}

bool https_trust_load(struct arena *arena, struct https_trust_settings *settings, struct err *err)
{
    char where[40];
    for (size_t i = 0; i < settings->tokens.count; i++) {
        snprintf(where, sizeof where, "item %zu", i + 1);
        if (!check_token(settings->tokens.items[i], "collector.tokens", where, err))
            return false;
    }
    return !settings->tokens_file || !*settings->tokens_file
           || read_tokens_file(arena, settings, err);
}

static void https_trust_free(void *thing)
{
    struct https_trust *trust = thing;
    union {
        const struct network *in;
        void *out; /* ours */
    } clients = { .in = trust->clients.items };
    free(clients.out);
    free(trust->tokens);
    free(trust);
}

static void add_tokens(struct https_trust *trust, const struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        hash_bytes(list->items[i], strlen(list->items[i]), trust->tokens[trust->token_count++]);
}

struct https_trust *https_trust_new(const struct https_trust_settings *settings)
{
    struct https_trust *trust = memory_new(sizeof *trust);
    size_t tokens = settings->tokens.count + settings->token_lines.count;
    size_t bytes = settings->client_nets.count * sizeof *settings->client_nets.items;
    shared_init(&trust->shared, https_trust_free);
    trust->tokens = memory_new((tokens + 1) * sizeof *trust->tokens);
    add_tokens(trust, &settings->tokens);
    add_tokens(trust, &settings->token_lines);
    struct network *clients = memory_new(bytes + 1);
    if (bytes)
        memcpy(clients, settings->client_nets.items, bytes);
    trust->clients = (struct network_list){ clients, settings->client_nets.count };
    return trust;
}

/* Compares digests: how long it takes says nothing of how much of a token fits. */
static bool has_token(const struct https_trust *trust, const char *token)
{
    unsigned char digest[HASH_BYTES];
    bool found = false;
    hash_bytes(token, strlen(token), digest);
    for (size_t i = 0; i < trust->token_count; i++) {
        unsigned differs = 0; /* a whole comparison each time: its length tells nothing */
        for (size_t b = 0; b < HASH_BYTES; b++)
            differs |= (unsigned)(digest[b] ^ trust->tokens[i][b]);
        found |= differs == 0;
    }
    return found;
}

const char *https_trust_ground(const struct https_trust *trust, const char *token,
                               const char *client, bool *strange)
{
    bool known = *token && has_token(trust, token);
    *strange = *token && !known;
    if (known)
        return "token";
    return network_list_has(&trust->clients, client) ? "listed client" : NULL;
}
