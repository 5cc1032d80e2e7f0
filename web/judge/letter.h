/* What all letters to others have in common: how they end, and how strangers' texts stand in them.
 * SPDX-License-Identifier: MIT
 * Next: setup_letter.h, web/mx_letter.h */
#pragma once

#include "base/buf.h"
#include <stdint.h>

#define LETTER_BYTES (64 << 10)

/* A stranger's word or name: cut, on one line, without control characters. */
void letter_value(struct buf *out, const char *value);

/* A sentence that holds such words, in the same way. */
void letter_text(struct buf *out, const char *text);

/* "2026-11-28" */
void letter_day(struct buf *out, int32_t day);

/* The plea and the greeting. OFFER is what we can add, a sentence. */
void letter_end(struct buf *out, const char *offer);
