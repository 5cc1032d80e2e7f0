/* Which domains the overview shows and in what order, as its URL says: "?order=", "?name=", "?state=",
 * "?mode=", "?verdict=", and "?after=" for what follows a page.
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: page_overview.c */
#pragma once

#include "web/page.h"

struct overview_list {
    struct domain_list domains;
    struct domain_row after;                    /* what domains.after points to */
    const char *order, *state, *mode, *verdict; /* the words of the URL; "": not given */
};

/* ERR_INPUT names the argument that is wrong. OUT must stay where it is. */
MUST_CHECK bool overview_list_read(struct request *request, struct overview_list *out,
                                   struct err *err);

/* The form that asks for another list. */
void overview_list_print(struct html *page, const struct overview_list *list);

/* What the list is, in words. */
const char *overview_list_caption(const struct overview_list *list);

/* The URL of what follows LAST. */
const char *overview_list_next(struct arena *arena, const struct overview_list *list,
                               const struct domain_row *last);
