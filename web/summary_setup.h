/* What the summary of a week says about live set-ups, in words that all its printers share. Texts are plain, on one
 * line, and in the arena given.
 * SPDX-License-Identifier: MIT
 * Before: summary_words.h, schema/read_live.h. Next: summary_text.h */
#pragma once

#include "web/summary.h"

/* "New in set-ups", … */
const char *summary_setup_title(enum live_week_kind kind);

/* Names a kind: "new", "gone", "certificates". */
const char *summary_setup_word(enum live_week_kind kind);

/* "shop.example": whom a row is about. */
const char *summary_setup_name(const struct live_week_row *row);

/* "error since 2026-11-18: The certificate names another host (mx2.shop.example)";
 * "its certificate runs out on 2026-12-11; 3 domains" */
const char *summary_setup_what(struct arena *arena, const struct live_week_row *row);

/* Path of the page that tells more. */
const char *summary_setup_path(struct arena *arena, const struct summary *summary,
                               const struct live_week_row *row);

/* The rows of KIND, which are together; *COUNT of them. */
const struct live_week_row *summary_setup_rows(const struct summary *summary,
                                               enum live_week_kind kind, size_t *count);
