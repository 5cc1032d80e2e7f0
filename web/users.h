/* Who may look at the pages: lines "name:hash" from the settings and from a file.
 * SPDX-License-Identifier: MIT
 * Before: password.h. Next: attempts.h */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct user {
    const char *name;
    const char *hash; /* of crypt(3); NULL: a proxy has asked for the password */
};

struct users {
    const struct user *items;
    size_t count;
};

/* Those of LIST, then those of FILE ("" or NULL: none), one a line; blank lines and lines that begin
 * with '#' are skipped. All in ARENA. ERR_SETUP names the entry or the line, never what it holds. */
MUST_CHECK bool users_read(struct arena *arena, const struct text_list *list, const char *file,
                           struct users *out, struct err *err);

/* NULL when there is none of that name. */
const struct user *users_find(const struct users *users, const char *name);

/* Writes USER's line into FILE in place of the one that it had, or behind all others. The file is
 * replaced as a whole and keeps its owner and mode; a new one has mode 0640. */
MUST_CHECK bool users_write(const char *file, const struct user *user, struct err *err);

/* ERR_INPUT says what a name may hold. */
MUST_CHECK bool users_name_fits(const char *name, struct err *err);
