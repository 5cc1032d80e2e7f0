/* See transfer.h.
 * SPDX-License-Identifier: MIT */
#include "probe/transfer.h"
#include "probe/tls.h"
#include "probe/wire.h"
#include <curl/curl.h>
#include <string.h>

/* --- a page --- */

struct visit {
    struct transfer_page *page;
    struct buf body;
    size_t header_bytes;
    bool long_headers;
    int fd; /* -1 once libcurl has it */
};

/* The connection is there already; libcurl gets no other. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct visit *visit = context;
    int fd = visit->fd;
    (void)address;
    if (purpose != CURLSOCKTYPE_IPCXN || fd < 0)
        return CURL_SOCKET_BAD;
    visit->fd = -1;
    return fd;
}

static int on_connect(void *context, curl_socket_t fd, curlsocktype purpose)
{
    (void)context, (void)fd, (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static int on_close(void *context, curl_socket_t fd)
{
    (void)context;
    wire_close(&fd);
    return 0;
}

static CURLcode on_tls(CURL *curl, void *ssl_context, void *look)
{
    (void)curl;
    tls_watch(look, ssl_context);
    return CURLE_OK;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct visit *visit = context;
    (void)data;
    visit->header_bytes += size * count;
    visit->long_headers = visit->header_bytes > visit->page->headers_bytes_max;
    return visit->long_headers ? 0 : size * count;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct visit *visit = context;
    size_t room = visit->body.max - visit->body.size, all = size * count;
    visit->page->too_large = all > room;
    buf_add(&visit->body, data, all > room ? room : all);
    return all > room ? 0 : all;
}

static void set_page(CURL *curl, struct visit *visit, char *trouble)
{
    const struct transfer_page *page = visit->page;
    curl_easy_setopt(curl, CURLOPT_URL, page->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, page->look ? "https" : "http");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOBODY, page->head ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, *page->client ? page->client : NULL);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* not the environment's */
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)page->step_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)page->total_ms);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, trouble);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, visit);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_connect);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, visit);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, visit);
    if (!page->look)
        return;
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L); /* tls_watch() does, and lets it go on */
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, page->look);
}

static const char *header(CURL *curl, struct arena *arena, const char *name)
{
    struct curl_header *found;
    if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
        return NULL;
    return wire_text(arena, found->value, strlen(found->value), WIRE_TEXT_BYTES);
}

static void take_answer(CURL *curl, struct arena *arena, struct visit *visit)
{
    struct transfer_page *page = visit->page;
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    page->status = (int)status;
    page->location = header(curl, arena, "Location");
    page->type = header(curl, arena, "Content-Type");
    page->encoding = header(curl, arena, "Content-Encoding");
    page->authenticate = header(curl, arena, "WWW-Authenticate");
    page->body = (struct bytes){ arena_copy(arena, buf_get(&visit->body), visit->body.size),
                                 visit->body.size };
}

static bool judge_visit(struct visit *visit, CURLcode code, const char *trouble, struct err *err)
{
    if (code == CURLE_OK || visit->page->too_large)
        return true;
    if (visit->long_headers)
        return err_set(err, ERR_AGAIN, "the headers are longer than %zu bytes",
                       visit->page->headers_bytes_max);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, ERR_AGAIN, "%s",
                       visit->page->status ? "it did not end in time" : "no answer in time");
    return err_set(err, ERR_AGAIN, "%s", *trouble ? trouble : curl_easy_strerror(code));
}

bool transfer_get(struct arena *arena, struct transfer_page *page, struct err *err)
{
    char trouble[CURL_ERROR_SIZE] = "";
    struct visit visit = { .page = page, .body = BUF(page->body_bytes_max), .fd = page->fd };
    CURL *curl = curl_easy_init();
    if (!curl) {
        wire_close(&visit.fd);
        return err_set(err, ERR_BUG, "libcurl cannot be used");
    }
    set_page(curl, &visit, trouble);
    /* No question to the DNS; the address is that of the connection, whatever stands here. */
    struct curl_slist *nowhere = curl_slist_append(NULL, "*:443:127.0.0.1");
    nowhere = curl_slist_append(nowhere, "*:80:127.0.0.1");
    curl_easy_setopt(curl, CURLOPT_RESOLVE, nowhere);
    CURLcode code = curl_easy_perform(curl);
    take_answer(curl, arena, &visit);
    bool good = judge_visit(&visit, code, trouble, err);
    curl_easy_cleanup(curl);
    curl_slist_free_all(nowhere);
    wire_close(&visit.fd);
    buf_done(&visit.body);
    return good;
}

/* --- mail --- */

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

static void set_mail(CURL *curl, const struct transfer_mail *how, char *trouble)
{
    static const long use_ssl[] = { CURLUSESSL_NONE, CURLUSESSL_TRY, CURLUSESSL_ALL };
    bool verified = how->tls != TRANSFER_TLS_TRIED;
    curl_easy_setopt(curl, CURLOPT_URL, how->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* not the environment's */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)how->timeout_seconds);
    /* the replies to the mail and to QUIT are waited for outside of that time */
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)how->timeout_seconds);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, trouble);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, how->from);
    if (*how->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, how->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, how->password);
    }
    curl_easy_setopt(curl, CURLOPT_USE_SSL, use_ssl[how->tls]);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verified ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verified ? 2L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (*how->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, how->ca_file);
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

bool transfer_send(const struct transfer_mail *how, const struct text_list *to, struct bytes mail,
                   struct err *err)
{
    char trouble[CURL_ERROR_SIZE] = "";
    struct source source = { mail };
    struct curl_slist *recipients = NULL;
    CURL *curl = curl_easy_init();
    if (!curl)
        return err_set(err, ERR_BUG, "libcurl cannot be used");
    set_mail(curl, how, trouble);
    for (size_t i = 0; i < to->count; i++)
        recipients = curl_slist_append(recipients, to->items[i]);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail.size);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_mail);
    curl_easy_setopt(curl, CURLOPT_READDATA, &source);
    bool good = perform(curl, trouble, err);
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return good;
}
