/* See verdict_live.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict.c. Next: verdict_load.c */
#include "web/verdict_live.h"
#include "base/clock.h"

#define HOLDS_SECONDS (72 * 3600)
#define SHARE_PERCENT 95
#define ENOUGH_RUNS   20 /* of fewer, one that failed would be more than the rest may make up for */

static void set_gate(struct arena *arena, struct verdict_live *out, const struct live_gate_row *row,
                     int64_t now_seconds)
{
    bool recent = row->false_seconds && row->false_seconds > now_seconds - HOLDS_SECONDS;
    bool often =
        row->known_runs >= ENOUGH_RUNS && row->true_runs * 100 < row->known_runs * SHARE_PERCENT;
    char time[CLOCK_TEXT_BYTES];
    out->gates[row->gate] = (enum verdict_known)row->state;
    out->found[row->gate] = *row->found ? row->found : NULL;
    if (row->state != KNOWN_TRUE || (!recent && !often))
        return;
    out->gates[row->gate] = KNOWN_FALSE;
    out->lately[row->gate] = true;
    out->found[row->gate] =
        recent ? arena_printf(arena, "until %s", clock_to_text(row->false_seconds, time))
               : arena_printf(arena, "in %lld of %lld looks of 14 days",
                              (long long)(row->known_runs - row->true_runs),
                              (long long)row->known_runs);
}

static void set_hosts(struct arena *arena, struct verdict_live *out, const struct rows *rows,
                      int64_t now_seconds)
{
    const struct live_host_row *all = rows->first;
    struct verdict_host *hosts = arena_array(arena, rows->count + 1, sizeof *hosts);
    for (size_t i = 0; i < rows->count; i++) {
        const struct live_host_row *row = &all[i];
        bool told = row->present && row->last_seconds >= now_seconds - VERDICT_LIVE_STALE_SECONDS;
        out->knows_mx |= told;
        hosts[i] = (struct verdict_host){
            .name = row->name,
            .last_day = row->present ? INT32_MAX : clock_day(row->last_seconds),
            .passes = told ? (enum verdict_known)row->passes : KNOWN_NOT,
            .fails_with = *row->fails_with ? row->fails_with : NULL,
            .certificate_day =
                row->certificate_since_seconds ? clock_day(row->certificate_since_seconds) : 0,
        };
    }
    out->hosts = hosts;
    out->host_count = rows->count;
}

const struct verdict_live *
verdict_live_of(struct arena *arena, const struct live_evidence *evidence, int64_t now_seconds)
{
    const struct live_row *look = evidence->looks.first;
    const struct live_gate_row *gates = evidence->gates.first;
    struct verdict_live *out = arena_alloc(arena, sizeof *out);
    *out = (struct verdict_live){ 0 };
    if (!evidence->looks.count)
        return out;
    int64_t reset = look->mx_since_seconds > look->host_back_seconds ? look->mx_since_seconds
                                                                     : look->host_back_seconds;
    out->given_up = look->given_up;
    out->looked_seconds = look->checked_seconds;
    out->reset_day = reset ? clock_day(reset) : 0;
    if (look->checked_seconds < now_seconds - VERDICT_LIVE_STALE_SECONDS)
        return out;
    for (size_t i = 0; i < evidence->gates.count; i++)
        if (gates[i].gate >= 0 && gates[i].gate < GATES)
            set_gate(arena, out, &gates[i], now_seconds);
    out->mode = *look->mode ? look->mode : NULL;
    out->mx_from_day = clock_day(look->first_seconds);
    set_hosts(arena, out, &evidence->hosts, now_seconds);
    return out;
}
