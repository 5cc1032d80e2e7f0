/* Tag lists ("v=DKIM1; k=rsa; p=…", RFC 6376 section 3.2): DKIM's signatures and keys.
 * SPDX-License-Identifier: MIT
 * Before: authres.h. Next: signature.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define TAGS_MAX 40

struct tag {
    const char *name, *value; /* without blanks around them */
};

struct tags {
    struct tag items[TAGS_MAX];
    size_t count;
};

/* False with ERR_INPUT when TEXT is no tag list, names a tag twice or more than TAGS_MAX, or holds
 * anything but visible ASCII and blanks. */
MUST_CHECK bool tags_parse(struct arena *arena, struct bytes text, struct tags *out,
                           struct err *err);

/* The value of NAME (case matters); NULL when it is not there. */
const char *tags_find(const struct tags *tags, const char *name);

/* The next item of *LIST, whose items are separated by colons, in ARENA and without blanks around
 * it; NULL at the end. */
const char *tags_next_item(struct arena *arena, const char **list);

/* True when LIST holds ITEM, without regard to case. */
bool tags_list_has(const char *list, const char *item);
