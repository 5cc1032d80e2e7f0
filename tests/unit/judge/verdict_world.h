/* Evidence made by hand for tests of the verdict: days are counted back from the newest closed day, so
 * that 0 is that day and -3 is today.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "judge/verdict.h"
#include "base/clock.h"
#include <string.h>

#define WORLD_ROWS   6000
#define WORLD_TODAY  clock_day_of(2026, 11, 28)
#define WORLD_CLOSED (WORLD_TODAY - 3)
#define TESTING      1 /* policy ids: mx1 and mx2, by mode */
#define ENFORCE      2
#define OLD_MX       3 /* testing, mx1 and old */
#define UNTOLD       4
#define NONE         5
#define NONE_BARE    6 /* the same, from who does not tell of MX hosts */

struct world {
    struct arena arena;
    struct verdict_settings settings;
    struct verdict_live live;
    struct verdict_host hosts[4];
    struct verdict_row rows[WORLD_ROWS];
    struct verdict_ack_row ack;
    int32_t gaps[40];
    struct verdict_input input;
};

static const struct verdict_policy_row world_policies[] = {
    { 1, TESTING, "testing", "mx1.a.example mx2.a.example", 86400 },
    { 1, ENFORCE, "enforce", "mx1.a.example mx2.a.example", 86400 },
    { 1, OLD_MX, "testing", "mx1.a.example old.a.example", 604800 },
    { 1, UNTOLD, "", "", -1 },
    { 1, NONE, "none", "mx1.a.example mx2.a.example", 86400 },
    { 1, NONE_BARE, "none", "", 86400 },
};

/* Everything that only a live look tells is well, of two MX hosts. */
static inline void world_begin(struct world *world)
{
    static const struct verdict_settings settings = VERDICT_SETTINGS_DEFAULT;
    memset(world, 0, sizeof *world);
    world->settings = settings;
    for (int i = 0; i < GATES; i++)
        world->live.gates[i] = KNOWN_TRUE;
    world->hosts[0] = (struct verdict_host){ "mx1.a.example", INT32_MAX, KNOWN_TRUE, NULL, 0 };
    world->hosts[1] = (struct verdict_host){ "mx2.a.example", INT32_MAX, KNOWN_TRUE, NULL, 0 };
    world->live.hosts = world->hosts;
    world->live.host_count = 2;
    world->live.knows_mx = true;
    world->input = (struct verdict_input){
        .domain = "a.example",
        .today = WORLD_TODAY,
        .settings = &world->settings,
        .rows = world->rows,
        .policies = world_policies,
        .policy_count = ARRAY_SIZE(world_policies),
        .live = &world->live,
        .acks = &world->ack,
        .gaps = world->gaps,
    };
}

static inline struct verdict_row *world_add(struct world *world, int back, const char *reporter,
                                            int64_t policy, const char *mx, const char *result,
                                            int64_t sessions)
{
    struct verdict_row *row = &world->rows[world->input.row_count++];
    *row = (struct verdict_row){
        1, WORLD_CLOSED - back, reporter, policy, "sts", mx, result, sessions, 0, 0
    };
    return row;
}

/* A failure with its part of the total. */
static inline struct verdict_row *world_fail(struct world *world, int back, const char *reporter,
                                             int64_t policy, const char *mx, const char *result,
                                             int64_t sessions)
{
    world_add(world, back, reporter, policy, NULL, "total-failure", sessions);
    return world_add(world, back, reporter, policy, mx, result, sessions);
}

/* SESSIONS a day on each of the closed days from BACK to 0. */
static inline void world_clean(struct world *world, const char *reporter, int64_t policy, int back,
                               int64_t sessions)
{
    for (; back >= 0; back--)
        world_add(world, back, reporter, policy, NULL, "successful", sessions);
}

static inline struct verdict world_judge(struct world *world)
{
    return verdict_judge(&world->arena, &world->input);
}

static inline const struct verdict_reason *world_reason(const struct verdict *verdict,
                                                        const char *code)
{
    for (size_t i = 0; i < verdict->reason_count; i++)
        if (strcmp(verdict->reasons[i].code, code) == 0)
            return &verdict->reasons[i];
    return NULL;
}

static inline int64_t world_number(const struct verdict *verdict, const char *code,
                                   const char *name)
{
    const struct verdict_reason *reason = world_reason(verdict, code);
    for (size_t i = 0; reason && i < VERDICT_NUMBERS && reason->numbers[i].name; i++)
        if (strcmp(reason->numbers[i].name, name) == 0)
            return reason->numbers[i].value;
    return -1;
}
