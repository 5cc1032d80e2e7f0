/* See mail.h.
 * SPDX-License-Identifier: MIT */
#include "collector/mail.h"
#include "probe/transfer.h"
#include <string.h>

/* --- settings --- */

static bool parse_list(struct arena *arena, const struct text_list *list, const char *key,
                       const struct mailbox **out, struct err *err)
{
    struct mailbox *boxes = arena_array(arena, list->count + 1, sizeof *boxes);
    struct err fault = { 0 };
    for (size_t i = 0; i < list->count; i++)
        if (!mailbox_parse(arena, list->items[i], &boxes[i], &fault))
            return err_field(err, ERR_SETUP, key, "\"%.60s\": %s", list->items[i], fault.text);
    *out = boxes;
    return true;
}

/* "example.org=postmaster@example.org" */
static bool parse_domain(struct arena *arena, const char *text, const char **domain,
                         struct mailbox *to, struct err *err)
{
    size_t size = strcspn(text, "=");
    *domain = text_host(arena, text_trim(arena, text, size), NULL);
    return (text[size] && *domain && **domain != '*'
            && mailbox_parse(arena, text_trim(arena, text + size + 1, strlen(text + size + 1)), to,
                             err))
           || err_field(err, ERR_SETUP, "smtp.domains",
                        "\"%.60s\": must be as \"example.org=postmaster@example.org\"", text);
}

static bool parse_domains(struct mail_settings *settings, struct arena *arena, struct err *err)
{
    const struct text_list *list = &settings->domains;
    struct mail_domain *domains = arena_array(arena, list->count + 1, sizeof *domains);
    struct mailbox *boxes = arena_array(arena, list->count + 1, sizeof *boxes);
    const char **names = arena_array(arena, list->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct err fault = { 0 };
        if (!parse_domain(arena, list->items[i], &names[i], &boxes[i], &fault))
            return err_field(err, ERR_SETUP, "smtp.domains", "%s", fault.text);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct mailbox *to = arena_array(arena, list->count, sizeof *to);
        struct mail_domain domain = { .domain = names[i], .to = to };
        bool before = false;
        for (size_t k = 0; k < list->count; k++) {
            bool same = strcmp(names[k], names[i]) == 0;
            before = before || (same && k < i);
            if (same)
                to[domain.to_count++] = boxes[k];
        }
        if (!before)
            domains[count++] = domain;
    }
    settings->per_domain = domains;
    settings->per_domain_count = count;
    return true;
}

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

/* Whether the server is this machine, so that nobody can listen in between. */
static bool is_here(const char *url)
{
    static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]" };
    const char *host = strstr(url, "://") + 3, *end = host + strcspn(host, "/?#");
    for (const char *c = host; c < end; c++)
        host = *c == '@' ? c + 1 : host; /* behind user and password (RFC 3986 section 3.2) */
    size_t size = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (strlen(hosts[i]) == size && strncmp(hosts[i], host, size) == 0)
            return true;
    return false;
}

/* A password is not for those who listen in. */
static bool hides_password(const struct mail_settings *settings)
{
    bool required = strcmp(settings->tls, "required") == 0 || strcmp(settings->tls, "auto") == 0;
    return !*settings->user || required || text_begins(settings->url, "smtps:")
           || is_here(settings->url);
}

bool mail_check(struct mail_settings *settings, struct arena *arena, struct err *err)
{
    static const char *const tls[] = { "auto", "required", "tried", "none", NULL };
    struct err fault = { 0 };
    if (*settings->url && !text_begins(settings->url, "smtp://")
        && !text_begins(settings->url, "smtps://"))
        return err_field(err, ERR_SETUP, "smtp.url",
                         "must begin with smtp:// or smtps://, e.g. smtp://localhost:25");
    if (!is_word(settings->tls, tls))
        return err_field(err, ERR_SETUP, "smtp.tls", "must be auto, required, tried or none");
    if (*settings->url && !hides_password(settings))
        return err_field(err, ERR_SETUP, "smtp.tls",
                         "must be required or auto where smtp.user logs in over a network");
    if (*settings->from && !mailbox_parse(arena, settings->from, &settings->sender, &fault))
        return err_field(err, ERR_SETUP, "smtp.from", "%s", fault.text);
    return parse_list(arena, &settings->to, "smtp.to", &settings->receivers, err)
           && parse_domains(settings, arena, err);
}

/* --- sending --- */

static enum transfer_tls tls_of(const struct mail_settings *settings)
{
    if (strcmp(settings->tls, "none") == 0)
        return TRANSFER_PLAIN;
    bool automatic = strcmp(settings->tls, "auto") == 0;
    return strcmp(settings->tls, "tried") == 0 || (automatic && is_here(settings->url))
               ? TRANSFER_TLS_TRIED
               : TRANSFER_TLS;
}

bool mail_send(const struct mail_settings *settings, const struct mailbox *to, size_t to_count,
               struct bytes mail, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char **addresses = arena_array(&arena, to_count + 1, sizeof *addresses);
    struct transfer_mail how = { .url = settings->url,
                                 .from = settings->sender.address,
                                 .user = settings->user,
                                 .password = settings->password,
                                 .ca_file = settings->ca_file,
                                 .tls = tls_of(settings),
                                 .timeout_seconds = settings->timeout_seconds };
    for (size_t i = 0; i < to_count; i++)
        addresses[i] = to[i].address;
    return transfer_send(&how, &(struct text_list){ addresses, to_count }, mail, err);
}
