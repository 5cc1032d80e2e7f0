/* The text of an MTA-STS policy (RFC 8461 section 3.2) as reports quote it: read leniently, put into
 * one canonical form so that the same policy is known again, and matched against host names.
 * SPDX-License-Identifier: MIT
 * Before: result.h. Next: policy_mx.h */
#pragma once

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

struct policy {
    const char *mode; /* "testing", "enforce", "none"; "" when the text has none */
    const char **mx;  /* patterns: lower case, without trailing dot, sorted, each once */
    size_t mx_count;
    int64_t max_age_seconds; /* -1 when the text has none */
    /* "version: STSv1", "mode: …", "mx: …" sorted, "max_age: …", one per line; what else the text
     * holds is left out. "" for an empty text. */
    const char *canonical;
};

/* Reads LINES of "key: value"; keys in any case, the first one of version, mode and max_age counts.
 * Never fails: what is not understood is left out. In ARENA. */
struct policy policy_parse(struct arena *arena, const char *const *lines, size_t count);

/* True when HOST (canonical, see text_host()) fits PATTERN: equal, or "*." for exactly one label
 * (RFC 8461 section 4.1). */
bool policy_matches(const char *pattern, const char *host);

/* Sorts COUNT names by their bytes and leaves each once; returns how many are left. */
size_t policy_sort(const char **names, size_t count);
