/* The one writer of JSON (RFC 8259) for the API. Every text is escaped; commas come by themselves.
 *
 *   struct json *out = json_new(arena);
 *   json_open(out, NULL, '{');
 *   json_text(out, "name", name);
 *   json_close(out, '}');
 *
 * Inside a list, and for the outermost value, the name is NULL.
 *
 * SPDX-License-Identifier: MIT
 * Before: html.h. Next: api.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include <stdint.h>

struct json {
    struct buf text; /* so far; `failed` when it outgrew its maximum */
    bool comma;      /* before the next value */
};

/* Empty, of at most JSON_BYTES_MAX; it ends with the arena. */
#define JSON_BYTES_MAX (64 << 20)
struct json *json_new(struct arena *arena);

/* BRACKET is '{' or '[', and the one that closes it. */
void json_open(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);

void json_text(struct json *json, const char *name, const char *text); /* NULL: null */
void json_number(struct json *json, const char *name, int64_t number);
void json_flag(struct json *json, const char *name, bool flag);
void json_time(struct json *json, const char *name, int64_t seconds); /* RFC 3339, UTC; 0: null */
/* JSON of ours, as it is. */
void json_raw(struct json *json, const char *name, const char *value);

void json_base64(struct json *json, const char *name, struct bytes bytes); /* RFC 4648 section 4 */
