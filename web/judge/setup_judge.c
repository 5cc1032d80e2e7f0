/* See setup_judge.h. The parts add findings; states of steps, gates and the word follow from these alone.
 * SPDX-License-Identifier: MIT
 * Before: setup_dane.c. Next: setup_letter.c */
#include "judge/setup_judge.h"
#include "judge/setup_certificate.h"
#include <string.h>

static const struct {
    const char *name, *label;
} step_names[] = {
    [SETUP_REPORTING] = { "reporting", "Reporting record" },
    [SETUP_RECORD] = { "record", "MTA-STS record" },
    [SETUP_HOST] = { "policy-host", "Policy host" },
    [SETUP_POLICY] = { "policy", "Policy" },
    [SETUP_MX] = { "mx", "MX records" },
    [SETUP_SERVERS] = { "servers", "Mail servers" },
    [SETUP_DANE] = { "dane", "DANE" },
};

static const char *const severity_names[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_UNKNOWN] = "unknown",
    [SEVERITY_INFO] = "info",
};

static const char *const state_names[] = {
    [SETUP_UNKNOWN] = "unknown", [SETUP_GOOD] = "good",     [SETUP_WARNED] = "warned",
    [SETUP_FAULTY] = "faulty",   [SETUP_ABSENT] = "absent",
};

/* Errors first, then in the order of steps; else as they were found. */
static bool goes_before(const struct setup_finding *a, const struct setup_finding *b)
{
    return a->severity != b->severity ? a->severity < b->severity : a->step < b->step;
}

static void sort(struct setup_case *it)
{
    for (size_t i = 1; i < it->count; i++) {
        struct setup_finding moved = it->findings[i];
        size_t place = i;
        for (; place > 0 && goes_before(&moved, &it->findings[place - 1]); place--)
            it->findings[place] = it->findings[place - 1];
        it->findings[place] = moved;
    }
}

static enum setup_state state_of(const struct setup_case *it, enum setup_step step)
{
    enum setup_severity worst = SEVERITY_INFO;
    for (size_t i = 0; i < it->count; i++)
        if (it->findings[i].step == step && it->findings[i].severity < worst)
            worst = it->findings[i].severity;
    switch (worst) {
    case SEVERITY_ERROR:
        return SETUP_FAULTY;
    case SEVERITY_WARNING:
        return SETUP_WARNED;
    case SEVERITY_UNKNOWN:
        return SETUP_UNKNOWN;
    case SEVERITY_INFO:
        break;
    }
    return it->absent[step] ? SETUP_ABSENT : it->looked[step] ? SETUP_GOOD : SETUP_UNKNOWN;
}

/* --- gates --- */

/* What has to be looked at for a gate to be open. */
static bool is_looked_at(const struct setup_case *it, enum verdict_gate gate)
{
    static const enum setup_step steps[GATES] = {
        [GATE_RECORD] = SETUP_RECORD,      [GATE_POLICY_HOST] = SETUP_HOST,
        [GATE_POLICY_TEXT] = SETUP_POLICY, [GATE_MX_LISTED] = SETUP_MX,
        [GATE_MX_TLS] = SETUP_SERVERS,     [GATE_REPORTING] = SETUP_REPORTING,
    };
    if (gate == GATE_ROLLBACK)
        return it->served && it->result.id;
    if (gate == GATE_POLICY_HOST)
        return it->served;
    return it->looked[steps[gate]] && !it->absent[steps[gate]];
}

static void close_gate(struct setup_case *it, const struct setup_finding *finding, int gate)
{
    bool closes = finding->severity == SEVERITY_ERROR || finding->blocks;
    if (it->result.gates[gate] == KNOWN_FALSE || (!closes && it->result.found[gate]))
        return;
    it->result.gates[gate] = closes ? KNOWN_FALSE : KNOWN_NOT;
    it->result.found[gate] =
        *finding->subject ? arena_printf(it->arena, "%s: %s. %s", finding->subject, finding->title,
                                         finding->evidence)
                          : arena_printf(it->arena, "%s. %s", finding->title, finding->evidence);
}

static void set_mode_gate(struct setup_case *it)
{
    const char *mode = it->result.mode;
    if (!mode)
        return;
    bool testing = strcmp(mode, "testing") == 0;
    it->result.gates[GATE_MODE] = testing ? KNOWN_TRUE : KNOWN_FALSE;
    it->result.found[GATE_MODE] =
        testing ? NULL : arena_printf(it->arena, "The policy that is served has mode %s.", mode);
}

static void set_certificate_gate(struct setup_case *it)
{
    int64_t left = it->certificate_end - it->facts->at_seconds;
    if (!it->certificate_end)
        return;
    bool soon = left < SETUP_LASTS_SECONDS;
    bool seen = it->served && (it->looked[SETUP_SERVERS] || it->absent[SETUP_SERVERS]);
    it->result.gates[GATE_CERTIFICATES] = soon ? KNOWN_FALSE : seen ? KNOWN_TRUE : KNOWN_NOT;
    if (soon)
        it->result.found[GATE_CERTIFICATES] =
            arena_printf(it->arena, "The certificate of %s runs out on %s.", it->certificate_of,
                         setup_day(it->arena, it->certificate_end));
}

static void set_gates(struct setup_case *it)
{
    for (int gate = 0; gate < GATES; gate++)
        if (gate != GATE_MODE && gate != GATE_CERTIFICATES)
            it->result.gates[gate] =
                is_looked_at(it, (enum verdict_gate)gate) ? KNOWN_TRUE : KNOWN_NOT;
    set_mode_gate(it);
    set_certificate_gate(it);
    for (size_t i = 0; i < it->count; i++) { /* errors come first: they are what is told */
        const struct setup_finding *finding = &it->findings[i];
        int gate = setup_finding_kind(finding->code)->gate;
        bool matters = finding->blocks || finding->severity == SEVERITY_ERROR
                       || finding->severity == SEVERITY_UNKNOWN;
        if (gate != SETUP_NO_GATE && gate != GATE_MODE && matters)
            close_gate(it, finding, gate);
    }
}

/* --- the word --- */

static enum verdict_word word_of(const struct setup_case *it)
{
    bool looked = false, reserve = false;
    for (int step = 0; step < SETUP_STEPS; step++)
        looked |= it->looked[step];
    for (size_t i = 0; i < it->count; i++) {
        if (it->findings[i].blocks || it->findings[i].severity == SEVERITY_ERROR)
            return VERDICT_NOT_YET;
        reserve |= it->findings[i].severity != SEVERITY_INFO;
    }
    return !looked ? VERDICT_UNKNOWN : reserve ? VERDICT_READY_LIMITED : VERDICT_READY;
}

/* Every error is waited for; what is merely worth knowing, or could not be seen, never. */
static void set_blocks(struct setup_case *it)
{
    for (size_t i = 0; i < it->count; i++) {
        struct setup_finding *finding = &it->findings[i];
        finding->blocks = finding->severity == SEVERITY_ERROR
                          || (finding->blocks && finding->severity == SEVERITY_WARNING);
    }
}

/* Where DNS does not answer at all, the fault is here: one finding tells it. */
static bool see_unreachable(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    const struct setup_answer *asked[] = { &facts->sts, &facts->rpt, &facts->mx_answer,
                                           &facts->host_a, &facts->host_aaaa };
    bool any = false;
    for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
        if (asked[i]->status != LOOKUP_NONE && asked[i]->status != LOOKUP_TIMEOUT)
            return false;
        any |= asked[i]->status == LOOKUP_TIMEOUT;
    }
    if (any)
        setup_add(it, "dns.unreachable", facts->domain, "No question about %s was answered: %s.",
                  facts->domain, facts->sts.why ? facts->sts.why : "no answer in time");
    return any;
}

struct setup_result setup_judge(struct arena *arena, const struct setup_facts *facts,
                                const struct setup_history *history)
{
    struct setup_case *it = arena_alloc(arena, sizeof *it);
    *it = (struct setup_case){ .arena = arena, .facts = facts, .history = history };
    it->result.max_age_seconds = -1;
    if (!see_unreachable(it)) {
        setup_reporting(it);
        setup_record(it);
        setup_host(it);
        setup_http(it);
        setup_policy(it);
        setup_change(it);
        setup_mx(it);
        setup_servers(it);
        setup_dane(it);
        setup_reporting_home(it);
    }
    set_blocks(it);
    sort(it);
    set_gates(it);
    for (int step = 0; step < SETUP_STEPS; step++)
        it->result.steps[step] = state_of(it, (enum setup_step)step);
    it->result.word = word_of(it);
    it->result.findings = it->findings;
    it->result.finding_count = it->count;
    return it->result;
}

const char *setup_severity_to_text(enum setup_severity severity)
{
    return severity_names[severity];
}

const char *setup_step_to_text(enum setup_step step)
{
    return step_names[step].name;
}

const char *setup_step_label(enum setup_step step)
{
    return step_names[step].label;
}

const char *setup_state_to_text(enum setup_state state)
{
    return state_names[state];
}
