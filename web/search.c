/* See search.h.
 * SPDX-License-Identifier: MIT */
#include "web/search.h"
#include "base/text.h"
#include <string.h>

#define NAME_BYTES 253

bool search_read(struct request *request, const char **out, struct err *err)
{
    const char *text = http_argument(request, "name");
    char *name = text_trim(&request->arena, text ? text : "", text ? strlen(text) : 0);
    if (strlen(name) > NAME_BYTES)
        return err_field(err, ERR_INPUT, "name", "a name has at most %d bytes", NAME_BYTES);
    for (char *c = name; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    *out = name;
    return true;
}
