/* The verdict on a domain's page: reasons first, then what enforce would have refused, who has the policy,
 * and how the verdict came to be.
 * SPDX-License-Identifier: MIT
 * Before: verdict_load.h, part.h. Next: page_domain.c */
#pragma once

#include "web/form_page.h"
#include "web/html.h"
#include "judge/verdict.h"

struct verdict_view {
    const char *domain;
    const struct verdict *verdict;
    const struct rows *changes; /* verdict_change_row, newest first */
    int32_t today;
    const struct form_desk *desk; /* for the forms */
    const char *action;           /* the page's path */
};

void verdict_page_print(struct html *page, const struct verdict_view *view);

/* In a list: the words of a stage and a verdict as the ledger keeps them. */
void verdict_page_word(struct html *page, const char *stage, const char *verdict);
