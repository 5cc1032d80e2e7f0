/* See mail.h.
 * SPDX-License-Identifier: MIT */
#include "collector/mail.h"
#include <curl/curl.h>
#include <inttypes.h>
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

struct source {
    struct bytes rest;
};

static size_t read_mail(char *out, size_t size, size_t count, void *context)
{
    struct source *source = context;
    size_t room = size * count, n = source->rest.size < room ? source->rest.size : room;
    memcpy(out, source->rest.data, n);
    source->rest = (struct bytes){ source->rest.data + n, source->rest.size - n };
    return n;
}

static void set_tls(CURL *curl, const struct mail_settings *settings)
{
    bool automatic = strcmp(settings->tls, "auto") == 0;
    bool tried = strcmp(settings->tls, "tried") == 0 || (automatic && is_here(settings->url));
    bool none = strcmp(settings->tls, "none") == 0;
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(none    ? CURLUSESSL_NONE
                            : tried ? CURLUSESSL_TRY
                                    : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, tried ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, tried ? 0L : 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (*settings->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
}

static void set_all(CURL *curl, const struct mail_settings *settings, char *trouble)
{
    curl_easy_setopt(curl, CURLOPT_URL, settings->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* not the environment's */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)settings->timeout_seconds);
    /* the replies to the mail and to QUIT are waited for outside of that time */
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)settings->timeout_seconds);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, trouble);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, settings->sender.address);
    if (*settings->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password);
    }
    set_tls(curl, settings);
}

/* What a failure means; REPLY is the last reply's code, 0 if there was none. */
static enum err_kind kind_of(CURLcode code, long reply)
{
    switch ((int)code) {
    case CURLE_LOGIN_DENIED:
        return reply / 100 == 4 ? ERR_AGAIN : ERR_REFUSED;
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return ERR_SETUP;
    default:
        return reply / 100 == 5 ? ERR_INPUT : ERR_AGAIN;
    }
}

static bool perform(CURL *curl, const char *trouble, struct err *err)
{
    CURLcode code = curl_easy_perform(curl);
    long reply = 0;
    if (code == CURLE_OK)
        return true;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    const char *why = *trouble ? trouble : curl_easy_strerror(code);
    return reply >= 400 ? err_set(err, kind_of(code, reply), "%s (the server said %ld)", why, reply)
                        : err_set(err, kind_of(code, reply), "%s", why);
}

bool mail_send(const struct mail_settings *settings, const struct mailbox *to, size_t to_count,
               struct bytes mail, struct err *err)
{
    char trouble[CURL_ERROR_SIZE] = "";
    struct source source = { mail };
    struct curl_slist *recipients = NULL;
    CURL *curl = curl_easy_init();
    if (!curl)
        return err_set(err, ERR_BUG, "libcurl cannot be used");
    set_all(curl, settings, trouble);
    for (size_t i = 0; i < to_count; i++)
        recipients = curl_slist_append(recipients, to[i].address);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail.size);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_mail);
    curl_easy_setopt(curl, CURLOPT_READDATA, &source);
    bool good = perform(curl, trouble, err);
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return good;
}
