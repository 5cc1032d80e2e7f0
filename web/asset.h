/* The files of web/static, which stand in the program itself.
 * SPDX-License-Identifier: MIT
 * Next: link.h */
#pragma once

#include "base/arena.h"
#include <stddef.h>

struct asset {
    const char *name; /* "style.css" */
    const char *type; /* media type */
    const char *data;
    const size_t *size; /* bytes */
};

/* NULL when there is no such file. */
const struct asset *asset_find(const char *name);

/* A word that changes with the file's contents. */
const char *asset_version(struct arena *arena, const struct asset *asset);
