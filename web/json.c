/* See json.h.
 * SPDX-License-Identifier: MIT */
#include "web/json.h"
#include "base/clock.h"
#include "base/text.h"
#include <inttypes.h>

static void text_done(void *text)
{
    buf_done(text);
}

struct json *json_new(struct arena *arena)
{
    struct json *json = arena_alloc(arena, sizeof *json);
    *json = (struct json){ .text = BUF(JSON_BYTES_MAX) };
    arena_on_free(arena, text_done, &json->text);
    return json;
}

/* The comma and the name before a value. */
static void begin(struct json *json, const char *name)
{
    if (json->comma)
        buf_text(&json->text, ",");
    json->comma = true;
    if (!name)
        return;
    buf_text(&json->text, "\"");
    text_json(&json->text, name);
    buf_text(&json->text, "\":");
}

void json_open(struct json *json, const char *name, char bracket)
{
    begin(json, name);
    buf_add(&json->text, &bracket, 1);
    json->comma = false;
}

void json_close(struct json *json, char bracket)
{
    buf_add(&json->text, &bracket, 1);
    json->comma = true;
}

void json_text(struct json *json, const char *name, const char *text)
{
    begin(json, name);
    if (!text) {
        buf_text(&json->text, "null");
        return;
    }
    buf_text(&json->text, "\"");
    text_json(&json->text, text);
    buf_text(&json->text, "\"");
}

void json_number(struct json *json, const char *name, int64_t number)
{
    begin(json, name);
    buf_printf(&json->text, "%" PRId64, number);
}

void json_flag(struct json *json, const char *name, bool flag)
{
    begin(json, name);
    buf_text(&json->text, flag ? "true" : "false");
}

void json_time(struct json *json, const char *name, int64_t seconds)
{
    char text[CLOCK_TEXT_BYTES];
    json_text(json, name, seconds ? clock_to_text(seconds, text) : NULL);
}

void json_raw(struct json *json, const char *name, const char *value)
{
    begin(json, name);
    buf_text(&json->text, value);
}

void json_base64(struct json *json, const char *name, struct bytes bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *data = (const unsigned char *)bytes.data;
    begin(json, name);
    buf_text(&json->text, "\"");
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        unsigned group = (unsigned)data[i] << 16 | (left > 1 ? (unsigned)data[i + 1] << 8 : 0)
                         | (left > 2 ? (unsigned)data[i + 2] : 0);
        char four[4] = { digits[group >> 18], digits[group >> 12 & 63],
                         left > 1 ? digits[group >> 6 & 63] : '=',
                         left > 2 ? digits[group & 63] : '=' };
        buf_add(&json->text, four, sizeof four);
    }
    buf_text(&json->text, "\"");
}
