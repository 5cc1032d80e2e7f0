/* A set of domain names, up to millions of them: exact ones ("example.org") and suffixes
 * ("*.example.org": all names below example.org at any depth, but not example.org itself, as in a
 * certificate's or a policy's wildcard; to take both, write both).
 *
 * Names are compared as DNS does: case, a trailing dot, and A-labels or U-labels make no difference.
 * A look-up takes one step for each label, however large the set is.
 *
 * SPDX-License-Identifier: MIT
 * Before: policy_lint.h. Next: admit.h */
#pragma once

#include "base/err.h"
#include "base/shared.h"
#include "base/text.h"
#include <stddef.h>
#include <stdint.h>

struct domains {
    struct shared shared; /* first: shared_release() frees the set */
    char *names;          /* canonical, one behind the other, each ended by NUL */
    size_t size, capacity;
    uint32_t *slots; /* open addressing: place in names, plus one; 0: free */
    size_t room;     /* a power of two */
    size_t count;
};

/* An empty set, of one owner. */
struct domains *domains_new(void);

/* ERR_SETUP when TEXT is neither a name nor a suffix. What is there already is not added again. */
MUST_CHECK bool domains_add(struct domains *domains, const char *text, struct err *err);

/* All items of LIST. */
MUST_CHECK bool domains_add_list(struct domains *domains, const struct text_list *list,
                                 struct err *err);

/* All lines of the file at PATH: a name or suffix each; blank lines, and all from '#' on, count for
 * nothing. ERR_SETUP with path and line when one is neither, or when the file cannot be read or
 * names nothing: a list that was being made when it was read would shut everybody out. */
MUST_CHECK bool domains_add_file(struct domains *domains, const char *path, struct err *err);

/* NAME is canonical (text_host()). False where DOMAINS is NULL. */
bool domains_have(const struct domains *domains, const char *name);
