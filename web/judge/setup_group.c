/* See setup_group.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_case.c. Next: setup_certificate.c */
#include "judge/setup_group.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EVIDENCE_BYTES 800
#define NAMED          12 /* addresses in a finding */

static struct setup_fault *find(struct setup_group *group, const char *code)
{
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->faults[i].code, code) == 0)
            return &group->faults[i];
    return NULL;
}

void setup_group_see(struct setup_group *group, const char *code, const char *address,
                     const char *format, ...)
{
    const struct setup_finding_kind *row = setup_finding_kind(code);
    struct setup_fault *fault = find(group, code);
    assert(row && (fault || group->count < SETUP_GROUP_MAX));
    if (!fault) {
        char text[EVIDENCE_BYTES];
        va_list values;
        va_start(values, format);
        vsnprintf(text, sizeof text, format, values);
        va_end(values);
        fault = &group->faults[group->count++];
        *fault = (struct setup_fault){ .code = row->code,
                                       .evidence = arena_text(group->it->arena, text),
                                       .severity = row->severity,
                                       .addresses = "" };
    }
    if (fault->count < NAMED)
        fault->addresses = arena_printf(group->it->arena, "%s%s%s", fault->addresses,
                                        fault->count ? ", " : "", address);
    bool v6 = strchr(address, ':');
    fault->v6 |= v6;
    fault->v4 |= !v6;
    fault->count++;
}

void setup_group_weigh(struct setup_group *group, const char *code, enum setup_severity severity)
{
    struct setup_fault *fault = find(group, code);
    assert(fault);
    if (fault->count == 1 || severity < fault->severity)
        fault->severity = severity;
}

static void end_fault(struct setup_group *group, const struct setup_fault *fault)
{
    struct arena *arena = group->it->arena;
    bool all = fault->count == group->addresses;
    const char *subject =
        all ? group->host : arena_printf(arena, "%s (%s)", group->host, fault->addresses);
    const char *more = !all ? arena_printf(arena, " Seen at %s.", fault->addresses)
                       : fault->count > 1
                           ? arena_printf(arena, " Seen at all %zu addresses.", fault->count)
                           : "";
    setup_add(group->it, fault->code, subject, "%s%s", fault->evidence, more)->severity =
        fault->severity;
}

void setup_group_end(struct setup_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        end_fault(group, &group->faults[i]);
}
