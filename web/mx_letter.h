/* A letter to whoever runs an MX: what fails there, since when, who saw it, and what to do.
 * SPDX-License-Identifier: MIT
 * Before: cause.h. Next: page_mx_host.c */
#pragma once

#include "schema/read.h"
#include "web/period.h"

struct mx_letter {
    const struct mx_host_row *host;
    const struct rows *failures, *domains, *evidence; /* as of read_mx_host_…() */
    const struct period *period;
};

/* Plain text in ARENA, ready to be sent; every line ends with LF. Names and texts of strangers in it
 * are cut, hold no control characters and stand on lines that begin with our own words. */
const char *mx_letter(struct arena *arena, const struct mx_letter *letter);
