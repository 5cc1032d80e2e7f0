/* A look at the live set-up of a domain: DNS, then the policy host and the MX hosts beside each other, all within a
 * limit of time. What comes out are facts, without an opinion (judge/setup.h).
 *
 * Bounded: threads, connections, time, and how often an MX host is gone to (recall.h).
 *
 * SPDX-License-Identifier: MIT
 * Before: recall.h. Next: judge/setup_judge.h */
#pragma once

#include "base/err.h"
#include "probe/dns.h"
#include "judge/setup.h"

struct recall;

/* Section `check` of the settings. */
struct check_settings {
    bool enabled; /* the service looks by itself */
    int64_t dns_seconds,
        probe_seconds; /* from look to look; from going to the MX hosts to going there */
    int64_t parallel;  /* domains at once */
    struct text_list allow_networks; /* connected to although they are not of the world */
    const char *ca_file;             /* "": the system's */
    const char *hello;               /* EHLO; "": this host's name */
    int64_t connect_seconds, step_seconds, total_seconds;
    struct text_list resolvers; /* further ones, to compare with */
    struct text_list own_rua;   /* addresses by which reports come to us; none: not known */
};

/* What all looks share. */
struct checker;

/* DNS and RECALL must outlive it; SETTINGS need not. ERR_SETUP names the key. */
MUST_CHECK bool checker_new(const struct check_settings *settings, struct dns *dns,
                            struct recall *recall, struct checker **out, struct err *err);

/* Looks end as soon as they can, and begin no more: for who ends, and once for all of the program. */
void checker_stop(struct checker *checker);

/* Nobody may look any more. Accepts NULL; sets NULL. */
void checker_free(struct checker **checker);

enum check_stage {
    CHECK_NAMES,   /* all questions to DNS */
    CHECK_POLICY,  /* the policy host */
    CHECK_SERVERS, /* MX hosts */
    CHECK_STAGES,
};
const char *check_stage_label(enum check_stage stage); /* "DNS" */

struct check_wish {
    const char *domain; /* canonical; its facts point to it */
    bool probes;  /* go to the MX hosts unless somebody did within the hour; else what is known of
                            them does, up to a little more than probe_seconds old */
    bool again;   /* go there whoever did when */
    bool clients; /* ask the policy host in the names of several clients */
    void (*told)(void *context, enum check_stage stage,
                 bool ended); /* NULL; from several threads, one at a time */
    void *context;
};

/* Takes total_seconds at most, whatever servers do. Any number of threads may look. Everything is in ARENA. Never
 * fails: facts that could not be had say so. */
void check_domain(struct checker *checker, struct arena *arena, const struct check_wish *wish,
                  struct setup_facts *out);
