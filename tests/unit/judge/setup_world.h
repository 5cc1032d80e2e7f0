/* A domain whose set-up is healthy, to be broken one piece at a time; and tables of such cases.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "judge/setup_finding.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOW ((int64_t)clock_day_of(2026, 11, 28) * 86400 + 43200)
#define DAY INT64_C(86400)

#define POLICY_TEXT(mode, hosts, age) \
    "version: STSv1\r\nmode: " mode "\r\n" hosts "max_age: " age "\r\n"
#define POLICY_HOSTS   "mx: mx1.a.example\r\nmx: mx2.a.example\r\n"
#define POLICY_TESTING POLICY_TEXT("testing", POLICY_HOSTS, "86400")
#define POLICY_ENFORCE POLICY_TEXT("enforce", POLICY_HOSTS, "1209600")

struct world {
    struct arena arena;
    struct setup_facts facts;
    struct setup_history history;
    struct setup_fetch fetches[3], clients[2], elsewhere[2];
    struct setup_mx mx[4];
    struct setup_probe probes[4][2];
    struct setup_answer sts_servers[3], rpt_servers[3], mx_servers[3], misplaced[2];
    struct setup_seen ids[4], mx_seen[4], reported[4];
    struct setup_pair pairs[6];
};

/* RECORD may be NULL: none. */
static inline struct setup_answer world_answer(struct world *world, const char *name,
                                               const char *type, const char *record)
{
    const char **records = arena_array(&world->arena, 4, sizeof *records);
    records[0] = record;
    return (struct setup_answer){ .name = name,
                                  .type = type,
                                  .status = record ? LOOKUP_FOUND : LOOKUP_NXDOMAIN,
                                  .records = { records, record != NULL },
                                  .ttl_seconds = record ? 3600 : -1 };
}

/* One more record. */
static inline void world_record(struct setup_answer *answer, const char *record)
{
    const char **records = (const char **)(uintptr_t)answer->records.items;
    records[answer->records.count++] = record;
}

static inline void world_alias(struct world *world, struct setup_answer *answer, const char *name)
{
    const char **names = arena_array(&world->arena, 1, sizeof *names);
    names[0] = name;
    answer->aliases = (struct text_list){ names, 1 };
}

static inline struct setup_certificate world_certificate(struct world *world, const char *name)
{
    const char **names = arena_array(&world->arena, 2, sizeof *names);
    const char **chain = arena_array(&world->arena, 2, sizeof *chain);
    names[0] = name;
    chain[0] = arena_printf(&world->arena, "CN=%s", name);
    chain[1] = "CN=R10,O=Let's Encrypt,C=US";
    return (struct setup_certificate){ .shown = true,
                                       .subject = chain[0],
                                       .issuer = chain[1],
                                       .names = { names, 1 },
                                       .begin_seconds = NOW - 30 * DAY,
                                       .end_seconds = NOW + 60 * DAY,
                                       .chain_end_seconds = NOW + 900 * DAY,
                                       .sha256 = "aa",
                                       .spki_sha256 = "bb",
                                       .chain = { chain, 2 } };
}

static inline struct setup_tls world_tls(struct world *world, const char *name)
{
    return (struct setup_tls){ .tried = true,
                               .done = true,
                               .version = "TLSv1.3",
                               .certificate = world_certificate(world, name) };
}

static inline struct setup_fetch world_fetch(struct world *world, const char *address,
                                             const char *text)
{
    return (struct setup_fetch){ .url = "https://mta-sts.a.example/.well-known/mta-sts.txt",
                                 .address = address,
                                 .client = "",
                                 .reach = REACH_OPEN,
                                 .tls = world_tls(world, "mta-sts.a.example"),
                                 .status = 200,
                                 .type = "text/plain; charset=utf-8",
                                 .body = { text, strlen(text) },
                                 .milliseconds = 30 };
}

static inline struct setup_mx *world_mx(struct world *world, const char *name)
{
    size_t at = world->facts.mx_count++;
    struct setup_mx *mx = &world->mx[at];
    *mx = (struct setup_mx){
        .name = name,
        .preference = 10 * (int)(at + 1),
        .a = world_answer(world, name, "A", "192.0.2.1"),
        .aaaa = world_answer(world, name, "AAAA", "2001:db8::1"),
        .tlsa = world_answer(world, arena_printf(&world->arena, "_25._tcp.%s", name), "TLSA", NULL),
        .probes = world->probes[at],
        .probe_count = 2
    };
    for (int i = 0; i < 2; i++)
        mx->probes[i] = (struct setup_probe){ .address = i ? "2001:db8::1" : "192.0.2.1",
                                              .at_seconds = NOW,
                                              .reach = REACH_OPEN,
                                              .banner = "220 mail",
                                              .starttls = STARTTLS_OFFERED,
                                              .tls = world_tls(world, name) };
    world_record(&world->facts.mx_answer,
                 arena_printf(&world->arena, "%d %s", mx->preference, name));
    world->facts.mx_answer.status = LOOKUP_FOUND;
    return mx;
}

/* Every address of the policy host serves TEXT. */
static inline void world_policy(struct world *world, const char *text)
{
    for (size_t i = 0; i < world->facts.fetches.count; i++)
        world->fetches[i].body = (struct bytes){ text, strlen(text) };
}

static inline void world_begin(struct world *world)
{
    static const char *const own[] = { "mailto:tlsrpt@reports.example" };
    struct setup_facts *facts = &world->facts;
    arena_free(&world->arena);
    memset(world, 0, sizeof *world);
    *facts = (struct setup_facts){ .domain = "a.example", .at_seconds = NOW, .milliseconds = 900 };
    facts->sts = world_answer(world, "_mta-sts.a.example", "TXT", "v=STSv1; id=20261101000000;");
    facts->rpt = world_answer(world, "_smtp._tls.a.example", "TXT",
                              "v=TLSRPTv1; rua=mailto:tlsrpt@reports.example");
    facts->tls_parent = world_answer(world, "_tls.a.example", "TXT", NULL);
    facts->tls_parent.status = LOOKUP_NODATA;
    facts->wildcard = world_answer(world, "x7k2.a.example", "TXT", NULL);
    facts->host_a = world_answer(world, "mta-sts.a.example", "A", "192.0.2.80");
    facts->host_aaaa = world_answer(world, "mta-sts.a.example", "AAAA", "2001:db8::80");
    facts->host_caa = world_answer(world, "a.example", "CAA", "0 issue \"letsencrypt.org\"");
    facts->mx_answer = world_answer(world, "a.example", "MX", NULL);
    world_mx(world, "mx1.a.example");
    world_mx(world, "mx2.a.example");
    facts->mx = world->mx;
    facts->mx_count = 2;
    world->fetches[0] = world_fetch(world, "192.0.2.80", POLICY_TESTING);
    world->fetches[1] = world_fetch(world, "2001:db8::80", POLICY_TESTING);
    world->clients[0] = world_fetch(world, "192.0.2.80", POLICY_TESTING);
    world->clients[0].client = "Mimecast MTA-STS";
    facts->fetches = (struct setup_fetches){ world->fetches, 2 };
    facts->clients = (struct setup_fetches){ world->clients, 1 };
    facts->head = world->fetches[0];
    world->sts_servers[0] = facts->sts;
    world->sts_servers[0].server = "ns1.a.example 192.0.2.53";
    world->sts_servers[1] = facts->sts;
    world->sts_servers[1].server = "ns2.a.example 192.0.2.54";
    facts->sts_servers = (struct setup_answers){ world->sts_servers, 2 };
    world->rpt_servers[0] = facts->rpt;
    world->rpt_servers[0].server = "ns1.a.example 192.0.2.53";
    facts->rpt_servers = (struct setup_answers){ world->rpt_servers, 1 };
    world->mx_servers[0] = facts->mx_answer;
    world->mx_servers[0].server = "ns1.a.example 192.0.2.53";
    facts->mx_servers = (struct setup_answers){ world->mx_servers, 1 };
    world->history.own_rua = (struct text_list){ own, 1 };
    world->history.last_report_seconds = NOW - DAY;
}

static inline void world_pair(struct world *world, const char *id, const char *policy,
                              int64_t first_days_ago, int64_t last_days_ago)
{
    world->pairs[world->history.pair_count++] = (struct setup_pair){
        id, policy, "testing", 86400, NOW - first_days_ago * DAY, NOW - last_days_ago * DAY
    };
    world->history.pairs = world->pairs;
}

static inline struct setup_result world_judge(struct world *world)
{
    return setup_judge(&world->arena, &world->facts, &world->history);
}

static inline const struct setup_finding *world_find(const struct setup_result *result,
                                                     const char *code)
{
    for (size_t i = 0; i < result->finding_count; i++)
        if (strcmp(result->findings[i].code, code) == 0)
            return &result->findings[i];
    return NULL;
}

/* --- tables of cases --- */

struct world_case {
    const char *name; /* the requirement, and what is broken */
    void (*break_it)(struct world *world);
    const char *code;
    enum setup_severity severity;
    const char *subject;  /* NULL: whatever it is */
    const char *evidence; /* part of it; NULL: whatever it is */
    bool alone;           /* nothing else is found above SEVERITY_INFO */
};

/* Rows of the table of findings whose codes were found as they are wanted. */
static bool world_met[256];

/* True when CODE was found as severe as that; SUBJECT is its whole, EVIDENCE part of it, NULL: whatever. */
static inline bool world_fits(const struct setup_result *result, const char *code,
                              enum setup_severity severity, const char *subject,
                              const char *evidence)
{
    const struct setup_finding *found = world_find(result, code);
    bool fits =
        found && found->severity == severity && (!subject || strcmp(found->subject, subject) == 0)
        && !strstr(found->fix, "DOMAIN") && (!evidence || strstr(found->evidence, evidence));
    for (size_t row = 0; fits && setup_finding_at(row); row++)
        world_met[row] |= strcmp(setup_finding_at(row)->code, code) == 0;
    return fits;
}

/* What was found where something else was wanted. */
static inline void world_print(const struct setup_result *result, const char *name,
                               enum setup_severity severity, const char *code)
{
    for (size_t i = 0; i < result->finding_count; i++)
        printf("%s: %s %s [%s] %s\n", name, setup_severity_to_text(result->findings[i].severity),
               result->findings[i].code, result->findings[i].subject, result->findings[i].evidence);
    printf("%s: wanted %s %s\n", name, setup_severity_to_text(severity), code);
}

/* How many findings are above SEVERITY_INFO. */
static inline size_t world_loud(const struct setup_result *result)
{
    size_t loud = 0;
    for (size_t i = 0; i < result->finding_count; i++)
        loud += result->findings[i].severity != SEVERITY_INFO;
    return loud;
}

static inline bool world_holds(struct world *world, const struct world_case *one)
{
    world_begin(world);
    one->break_it(world);
    const struct setup_result result = world_judge(world);
    bool good = world_fits(&result, one->code, one->severity, one->subject, one->evidence)
                && (!one->alone || world_loud(&result) == (one->severity != SEVERITY_INFO));
    if (!good)
        world_print(&result, one->name, one->severity, one->code);
    return good;
}

/* True when every case holds; prints what does not. */
static inline bool world_all_hold(struct world *world, const struct world_case *cases, size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good &= world_holds(world, &cases[i]);
    arena_free(&world->arena);
    return good;
}

/* R14, R71, R72, X17: each flaw of a certificate by itself is an error of its own, "PREFIX.flaw", whether it is the
 * policy host's or a mail server's. FLAW gives it to one; ALONE: nothing else is found above SEVERITY_INFO. */
static inline bool world_flaws_hold(struct world *world,
                                    void (*flaw)(struct world *it, unsigned flaws),
                                    const char *prefix, bool alone)
{
    static const struct {
        unsigned flaws;
        const char *code;
    } cases[] = {
        { FLAW_NOT_YET, "not-yet" },
        { FLAW_SELF_SIGNED | FLAW_UNTRUSTED, "self-signed" },
        { FLAW_UNTRUSTED, "untrusted" },
        { FLAW_CHAIN, "chain" },
        { FLAW_CHAIN | FLAW_UNTRUSTED, "chain" },
        { FLAW_WEAK, "weak" }, /* SHA-1, a small key */
        { FLAW_PURPOSE, "purpose" },
        { FLAW_OTHER, "other" },
    };
    bool good = true;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        world_begin(world);
        flaw(world, cases[i].flaws);
        const char *code = arena_printf(&world->arena, "%s.%s", prefix, cases[i].code);
        const struct setup_result result = world_judge(world);
        bool fits = world_fits(&result, code, SEVERITY_ERROR, NULL, NULL)
                    && (!alone || world_loud(&result) == 1);
        if (!fits)
            world_print(&result, cases[i].code, SEVERITY_ERROR, code);
        good &= fits;
    }
    arena_free(&world->arena);
    return good;
}

/* True when every code of STEP that begins with PREFIX was met by now; prints those that were not. */
static inline bool world_covers(enum setup_step step, const char *prefix)
{
    bool all = true;
    for (size_t row = 0; setup_finding_at(row); row++) {
        const struct setup_finding_kind *kind = setup_finding_at(row);
        bool met = world_met[row] || kind->step != step
                   || strncmp(kind->code, prefix, strlen(prefix)) != 0;
        if (!met)
            printf("no case for %s\n", kind->code);
        all &= met;
    }
    return all;
}
