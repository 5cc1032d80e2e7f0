/* One judging of one domain's set-up, while its parts add what they see: each part is a function that
 * reads the facts and what the parts before it found out.
 * SPDX-License-Identifier: MIT
 * Before: setup_finding.h. Next: setup_reporting.c */
#pragma once

#include "ingest/policy.h"
#include "judge/setup_finding.h"

struct setup_case {
    struct arena *arena;
    const struct setup_facts *facts;
    const struct setup_history *history;
    struct setup_result result; /* texts about what is published; the rest by setup_finish() */
    struct setup_finding *findings;
    size_t count, room;
    bool looked[SETUP_STEPS]; /* something was seen, good or bad */
    bool absent[SETUP_STEPS]; /* there is nothing, and nothing has to be */

    const struct setup_fetch *served; /* the policy that senders get; NULL: none */
    struct policy policy;             /* what is in it, where `served` */
    const char *host;                 /* "mta-sts.DOMAIN" */
    int64_t certificate_end;          /* of the first to expire; 0: none was seen */
    const char *certificate_of;       /* host and address that it is of */
};

/* Adds the finding CODE about SUBJECT ("" for what goes without saying), its evidence from FORMAT; once:
 * where it is there already, only the evidence is added. What comes back is the case's own: severity, `blocks` and letter may be changed until another is added. */
struct setup_finding *setup_add(struct setup_case *it, const char *code, const char *subject,
                                const char *format, ...) PRINTF(4, 5);

/* The parts, in this order. */
void setup_reporting(struct setup_case *it);
void setup_record(struct setup_case *it);
void setup_host(struct setup_case *it);
void setup_http(struct setup_case *it);   /* finds `served` */
void setup_policy(struct setup_case *it); /* reads it */
void setup_change(struct setup_case *it); /* record and policy against what was before */
void setup_mx(struct setup_case *it);
void setup_servers(struct setup_case *it);
void setup_dane(struct setup_case *it);
void setup_reporting_home(struct setup_case *it); /* reports that come by way of these servers */

/* "a, b, c and 2 more", in the arena; "" for none. */
const char *setup_words(struct arena *arena, const struct text_list *list, size_t most);

/* "12 days", "3 hours", "40 seconds". */
const char *setup_span(struct arena *arena, int64_t seconds);

/* "2026-11-22"; "2026-11-22 14:05 UTC". */
const char *setup_day(struct arena *arena, int64_t seconds);
const char *setup_moment(struct arena *arena, int64_t seconds);
