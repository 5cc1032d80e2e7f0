/* Sample reports for `serve --demo`, so that the pages can be judged before the first real report
 * comes, which takes a day or more: thirteen domains under reserved names, seven senders with the habits
 * of real ones, thirty closed days, and a story for each domain.
 *
 * A day's reports depend on nothing but the day: made again they are the same, byte by byte, and a
 * collector knows them as duplicates.
 *
 * SPDX-License-Identifier: MIT
 * Before: cmd_serve.c. Next: demo_look.h */
#pragma once

#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

#define DEMO_DAYS         30
#define DEMO_CYCLE_DAYS   30 /* stories come again; UTC day modulo it: */
#define DEMO_EXPIRED_FROM 11 /* mx2.example.net has an expired certificate */
#define DEMO_EXPIRED_TO   13
#define DEMO_REPORT_BYTES 16384 /* room for any of them */

struct demo {
    int32_t day, end;        /* UTC days: of the next report, and the first that has none */
    size_t domain, reporter; /* of the next report */
};

/* From the oldest of the DEMO_DAYS days that had ended at NOW_SECONDS. */
struct demo demo_begin(int64_t now_seconds);

/* Puts the next report (RFC 8460 section 4, JSON) in place of what JSON held; false, and JSON empty,
 * after the last. Oldest day first. */
bool demo_next(struct demo *demo, struct buf *json);

/* What is published of a domain. */
struct demo_domain {
    const char *name;
    const char *mode; /* of its policy; NULL: it has none */
    const char *tlsa; /* of its hosts; NULL: none */
    bool reports;     /* somebody sends some */
    const char *const *hosts;
    size_t host_count;
};
/* The domain INDEX, from 0 on; false behind the last. */
bool demo_domain(size_t index, struct demo_domain *out);
