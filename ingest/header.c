/* See header.h.
 * SPDX-License-Identifier: MIT
 * Before: payload.c. Next: authres.c */
#include "ingest/header.h"
#include <string.h>
#include <strings.h>

static void drop(struct bytes *bytes, size_t size)
{
    bytes->data += size;
    bytes->size -= size;
}

/* Takes one line off *REST; its end, CRLF or LF, is not part of it. */
static struct bytes take_line(struct bytes *rest)
{
    const char *newline = memchr(rest->data, '\n', rest->size);
    size_t size = newline ? (size_t)(newline - rest->data) : rest->size;
    struct bytes line = { rest->data, size };
    drop(rest, size + (newline != NULL));
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

struct bytes header_of(struct bytes message)
{
    if (message.size >= 5 && memcmp(message.data, "From ", 5) == 0)
        take_line(&message);
    return message;
}

static bool is_continued(struct bytes rest)
{
    return rest.size && (*rest.data == ' ' || *rest.data == '\t');
}

bool header_next(struct bytes *rest, struct header_field *out)
{
    while (rest->size) {
        struct bytes line = take_line(rest);
        if (!line.size)
            return false;
        struct bytes whole = line;
        while (is_continued(*rest)) {
            line = take_line(rest);
            whole.size = (size_t)(line.data + line.size - whole.data);
        }
        const char *colon = memchr(whole.data, ':', whole.size);
        if (!colon || colon == whole.data || is_continued(whole))
            continue;
        size_t name = (size_t)(colon - whole.data), behind = name + 1;
        while (name && (whole.data[name - 1] == ' ' || whole.data[name - 1] == '\t'))
            name--;
        *out = (struct header_field){ .name = { whole.data, name },
                                      .body = { whole.data + behind, whole.size - behind },
                                      .whole = whole };
        return true;
    }
    return false;
}

bool header_is(const struct header_field *field, const char *name)
{
    return field->name.size == strlen(name)
           && strncasecmp(field->name.data, name, field->name.size) == 0;
}
