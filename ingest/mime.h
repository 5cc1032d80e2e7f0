/* The report parts of a mail; the only place that knows GMime (in mime.c).
 * SPDX-License-Identifier: MIT
 * Before: payload.h. Next: gunzip.h */
#pragma once

#include "ingest/payload.h"

/* Part of a mail that may be a report; what mime_open() finds. */
struct mime_part {
    struct mime_part *next;
    struct bytes content;   /* transfer encoding removed */
    const char *media_type; /* "application/tlsrpt+gzip", lower case */
    const char *file_name;  /* or NULL */
};

/* Reads a mail (RFC 5322, 2045): its headers of interest, and its leaves whose media type, file name
 * or first bytes may be a report's. False with ERR_INPUT or ERR_LIMIT when it is no mail or exceeds
 * the limits. *PARTS may be NULL: then nothing in it looks like a report. Everything is in ARENA. */
MUST_CHECK bool mime_open(struct arena *arena, struct bytes message, const struct limits *limits,
                          struct mail *mail, struct mime_part **parts, struct err *err);
