/* A line on the terminal that says how far a long work is: count, rate, time left.
 * SPDX-License-Identifier: MIT
 * Before: cmd_ingest.c */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;       /* standard error is a terminal */
    const char *unit; /* what is counted: "reports", until somebody says otherwise */
    int64_t began_ms, drawn_ms;
};

struct progress progress_begin(void);

/* Draws the line, a few times a second at most: COUNT units so far, and DONE of TOTAL of whatever the
 * way is measured in; a TOTAL of 0: nobody knows how long it is. */
void progress_draw(struct progress *progress, int64_t count, int64_t done, int64_t total);

/* Takes the line away. */
void progress_end(struct progress *progress);
