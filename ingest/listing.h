/* The names in a directory in ascending order, in bounded memory however many there are.
 * SPDX-License-Identifier: MIT
 * Next: maildir.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stddef.h>

#define LISTING_MAX 8192 /* names at once */

struct listing {
    char **names; /* ascending, as bytes compare */
    size_t count;
};

/* The first names behind AFTER ("": from the beginning), at most LISTING_MAX; those that begin with a
 * dot are left out. False with errno when the directory cannot be read. Free it with listing_done(). */
MUST_CHECK bool listing_read(int directory_fd, const char *after, struct listing *out);

void listing_done(struct listing *listing);
