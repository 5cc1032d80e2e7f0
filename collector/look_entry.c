/* See look_entry.h.
 * SPDX-License-Identifier: MIT */
#include "collector/look_entry.h"
#include "ingest/policy.h"
#include "web/setup_json.h"
#include <string.h>

_Static_assert(SETUP_STEP_COUNT == (int)SETUP_STEPS, "schema/setup.h counts otherwise");
_Static_assert(SETUP_GATE_COUNT == (int)GATES, "schema/setup.h counts otherwise");

#define VALUES_MAX 60 /* MX hosts and the rest */

/* Strangers' bytes as the ledger takes them: no NUL, valid UTF-8. */
static const char *clean(struct arena *arena, const char *text)
{
    bool replaced;
    return text ? text_to_utf8(arena, text, strlen(text), &replaced) : NULL;
}

static const char *clean_or_empty(struct arena *arena, const char *text)
{
    return text ? clean(arena, text) : "";
}

/* --- MX hosts --- */

/* RFC 8460 section 4.3.1, in the order in which a session meets them. */
static const char *certificate_fault(unsigned flaws)
{
    if (flaws & (FLAW_EXPIRED | FLAW_NOT_YET))
        return "certificate-expired";
    if (flaws & (FLAW_UNTRUSTED | FLAW_SELF_SIGNED | FLAW_CHAIN | FLAW_WEAK | FLAW_PURPOSE))
        return "certificate-not-trusted";
    return flaws & FLAW_NAME ? "certificate-host-mismatch" : flaws ? "validation-failure" : "";
}

enum verdict_known look_passes(const struct setup_probe *probe, const char **result)
{
    const struct setup_tls *tls = &probe->tls;
    *result = "";
    if (probe->starttls == STARTTLS_MISSING || probe->starttls == STARTTLS_REFUSED)
        *result = "starttls-not-supported";
    else if (tls->tried && !tls->done)
        *result = "validation-failure";
    else if (tls->done)
        *result = certificate_fault(tls->certificate.flaws);
    else
        return KNOWN_NOT;
    return **result ? KNOWN_FALSE : KNOWN_TRUE;
}

static struct setup_mx_entry mx_entry(struct arena *arena, const struct setup_mx *mx,
                                      const struct setup_probe *probe)
{
    const struct setup_certificate *certificate = &probe->tls.certificate;
    struct setup_mx_entry entry = {
        .mx = clean(arena, mx->name),
        .address = clean_or_empty(arena, probe->address),
        .preference = mx->preference,
        .probed_seconds = probe->at_seconds,
        .reach = setup_json_reach(probe->reach),
        .starttls = setup_json_starttls(probe->starttls),
        .tls = probe->tls.done ? clean_or_empty(arena, probe->tls.version) : "",
        .dane = setup_json_dane(probe->dane),
        .why = clean_or_empty(arena, probe->why ? probe->why : probe->tls.why),
        .certificate = certificate->shown ? certificate->sha256 : NULL,
    };
    entry.passes = (int32_t)look_passes(probe, &entry.fails_with);
    if (!*entry.why && certificate->why)
        entry.why = clean(arena, certificate->why);
    if (certificate->shown) {
        entry.certificate_begin_seconds = certificate->begin_seconds;
        entry.certificate_end_seconds = certificate->end_seconds;
    }
    return entry;
}

static void put_mx(struct arena *arena, const struct setup_facts *facts, struct setup_entry *out)
{
    static const struct setup_probe none;
    size_t all = 0;
    for (size_t i = 0; i < facts->mx_count; i++)
        all += facts->mx[i].probe_count + 1;
    struct setup_mx_entry *entries = arena_array(arena, all + 1, sizeof *entries);
    for (size_t i = 0; i < facts->mx_count; i++) {
        const struct setup_mx *mx = &facts->mx[i];
        for (size_t j = 0; j < mx->probe_count; j++)
            entries[out->mx_count++] = mx_entry(arena, mx, &mx->probes[j]);
        if (mx->probe_count == 0)
            entries[out->mx_count++] = mx_entry(arena, mx, &none);
    }
    out->mx = entries;
    out->mx_known = facts->mx_count > 0 || facts->null_mx;
}

/* --- what is published --- */

/* Names in order: that a host is preferred to another since today changes nothing for a policy. */
static const char *mx_set(struct arena *arena, const struct setup_facts *facts)
{
    CLEANUP(buf_done) struct buf all = BUF(1 << 16);
    const char **names = arena_array(arena, facts->mx_count + 1, sizeof *names);
    size_t count = facts->mx_count < VALUES_MAX ? facts->mx_count : VALUES_MAX;
    for (size_t i = 0; i < count; i++)
        names[i] = clean(arena, facts->mx[i].name);
    count = policy_sort(names, count);
    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s%s", i ? " " : "", names[i]);
    return facts->null_mx ? "." : arena_text(arena, buf_get(&all));
}

static void put_values(struct arena *arena, const struct setup_facts *facts,
                       const struct setup_result *result, struct setup_entry *out)
{
    struct setup_value_entry *values = arena_array(arena, VALUES_MAX + 4, sizeof *values);
    int64_t ttl = facts->mx_answer.ttl_seconds;
    size_t count = 0;
    if (result->id)
        values[count++] = (struct setup_value_entry){ "id", result->id, facts->sts.ttl_seconds };
    if (facts->rpt.records.count)
        values[count++] =
            (struct setup_value_entry){ "rpt", clean(arena, facts->rpt.records.items[0]),
                                        facts->rpt.ttl_seconds };
    for (size_t i = 0; i < facts->mx_count && i < VALUES_MAX; i++)
        values[count++] = (struct setup_value_entry){ "mx", clean(arena, facts->mx[i].name), ttl };
    if (out->mx_known)
        values[count++] = (struct setup_value_entry){ "mx-set", mx_set(arena, facts), ttl };
    out->values = values;
    out->value_count = count;
}

static void put_findings(struct arena *arena, const struct setup_result *result,
                         struct setup_entry *out)
{
    struct setup_finding_entry *entries =
        arena_array(arena, result->finding_count + 1, sizeof *entries);
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct setup_finding *finding = &result->findings[i];
        entries[i] = (struct setup_finding_entry){
            .code = finding->code,
            .subject = clean_or_empty(arena, finding->subject),
            .severity = setup_severity_to_text(finding->severity),
            .step = setup_step_to_text(finding->step),
            .title = clean_or_empty(arena, finding->title),
            .evidence = clean_or_empty(arena, finding->evidence),
            .fix = clean_or_empty(arena, finding->fix),
            .rule = clean_or_empty(arena, finding->rule),
            .blocks = finding->blocks,
            .letter = clean(arena, finding->letter),
        };
        out->errors += finding->severity == SEVERITY_ERROR;
        out->warnings += finding->severity == SEVERITY_WARNING;
        out->unknowns += finding->severity == SEVERITY_UNKNOWN;
    }
    out->findings = entries;
    out->finding_count = result->finding_count;
}

static void put_states(struct arena *arena, const struct setup_result *result,
                       struct setup_entry *out)
{
    const char **unknown = arena_array(arena, SETUP_STEPS, sizeof *unknown);
    for (size_t i = 0; i < SETUP_STEPS; i++) {
        out->steps[i] = setup_state_to_text(result->steps[i]);
        if (result->steps[i] == SETUP_UNKNOWN)
            unknown[out->unknown_steps.count++] = setup_step_to_text((enum setup_step)i);
    }
    out->unknown_steps.items = unknown;
    for (size_t i = 0; i < GATES; i++) {
        out->gates[i] = (int32_t)result->gates[i];
        out->found[i] = clean(arena, result->found[i]);
    }
    out->host = (int32_t)result->gates[GATE_POLICY_HOST];
}

void look_entry(struct arena *arena, const struct setup_facts *facts,
                const struct setup_result *result, struct setup_entry *out)
{
    struct json *json = json_new(arena);
    setup_json(json, facts, result);
    *out = (struct setup_entry){
        .domain = facts->domain,
        .at_us = facts->at_us,
        .milliseconds = facts->milliseconds,
        .verdict = verdict_word_to_text(result->word),
        .id = clean_or_empty(arena, result->id),
        .mode = clean_or_empty(arena, result->mode),
        .max_age_seconds = result->max_age_seconds,
        .policy_sha256 = result->policy_sha256 ? result->policy_sha256 : "",
        .policy = clean_or_empty(arena, result->policy),
        .result = buf_get(&json->text),
    };
    put_states(arena, result, out);
    put_findings(arena, result, out);
    put_mx(arena, facts, out);
    put_values(arena, facts, result, out);
}
