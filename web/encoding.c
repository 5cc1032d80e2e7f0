/* See encoding.h.
 * SPDX-License-Identifier: MIT */
#include "web/encoding.h"
#include "ingest/gunzip.h"
#include "base/hash.h"
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORTH_BYTES 1024 /* what is smaller fits into one packet anyway */

static void add(struct response *response, const char *name, const char *value)
{
    size_t i = 0;
    while (response->headers[i].name)
        i++;
    assert(i < HTTP_HEADERS);
    response->headers[i] = (struct http_field){ .name = name, .value = value };
}

/* The weight that LIST gives CODING; OTHERWISE, where it is not named. */
static double weight_of(const char *list, const char *coding, double otherwise)
{
    for (const char *at = list; *at;) {
        at += strspn(at, " \t,");
        size_t size = strcspn(at, ","), name = strcspn(at, " \t,;");
        const char *weight = memchr(at, '=', size);
        if (name == strlen(coding) && strncasecmp(at, coding, name) == 0)
            return weight ? strtod(weight + 1, NULL) : 1;
        at += size;
    }
    return otherwise;
}

/* Whether Accept-Encoding takes gzip, and no encoding is not liked better (RFC 9110 section 12.5.3). */
static bool takes_gzip(const struct request *request)
{
    const char *list = http_header(request, "Accept-Encoding");
    double gzip = list ? weight_of(list, "gzip", weight_of(list, "*", 0)) : 0;
    return gzip > 0 && gzip >= weight_of(list, "identity", 0);
}

/* Weak comparison (RFC 9110 section 8.8.3.2): ETAG is quoted. */
static bool is_known(const struct request *request, const char *etag)
{
    const char *list = http_header(request, "If-None-Match");
    return list && (strstr(list, etag) || strcmp(list, "*") == 0);
}

void encoding_respond(struct request *request, struct response *response)
{
    unsigned char digest[HASH_BYTES];
    bool small = response->body.size >= WORTH_BYTES && takes_gzip(request);
    hash_bytes(response->body.data, response->body.size, digest);
    const char *etag = arena_printf(&request->arena, "\"%016" PRIx64 "%s\"",
                                    (uint64_t)hash_key(digest), small ? "-gzip" : "");
    add(response, "ETag", etag);
    add(response, "Vary", "Accept-Encoding");
    if (is_known(request, etag)) {
        response->status = 304;
        response->type = NULL;
        response->body = (struct bytes){ .data = "" };
    } else if (small) {
        response->body = gunzip_reverse(&request->arena, response->body);
        add(response, "Content-Encoding", "gzip");
    }
    http_respond(request, response);
}
