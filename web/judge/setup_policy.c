/* The policy's text (RFC 8461 section 3.2), in two judgements: the RFC's, and that of the strictest sender.
 * Where no sender gets a policy, what came is read all the same, so that all faults are told at once. See
 * setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_http.c. Next: setup_change.c */
#include "judge/setup_case.h"
#include "base/clock.h"
#include "base/hash.h"
#include "ingest/policy_lint.h"
#include <inttypes.h>
#include <string.h>

#define SHORT_SECONDS   DAY_SECONDS
#define TESTING_SECONDS (INT64_C(7) * DAY_SECONDS)
#define ENFORCE_SECONDS (INT64_C(14) * DAY_SECONDS)

/* A body that was meant to be a policy, however it came; NULL: none. */
static const struct setup_fetch *any_text(const struct setup_case *it)
{
    const struct setup_fetches *fetches = &it->facts->fetches;
    for (size_t i = 0; i < fetches->count; i++) {
        const struct setup_fetch *fetch = &fetches->items[i];
        bool whole = fetch->status == 200 && !fetch->too_large && !fetch->cut && !fetch->encoding;
        if (whole && fetch->body.size && fetch->body.data[0] != '<')
            return fetch;
    }
    return NULL;
}

static void see_age(struct setup_case *it)
{
    const char *mode = it->policy.mode;
    int64_t age = it->policy.max_age_seconds;
    const char *span = setup_span(it->arena, age);
    bool enforced = strcmp(mode, "enforce") == 0;
    if (age < 0 || strcmp(mode, "none") == 0)
        return;
    if (age < SHORT_SECONDS)
        setup_add(it, "pol.maxage-short", it->host, "max_age is %" PRId64 ", %s.", age, span);
    else if (!enforced && age > TESTING_SECONDS)
        setup_add(it, "pol.maxage-long-testing", it->host, "max_age is %" PRId64 ", %s.", age,
                  span);
    else if (enforced && age < ENFORCE_SECONDS)
        setup_add(it, "pol.maxage-short-enforce", it->host, "max_age is %" PRId64 ", %s.", age,
                  span);
}

static void see_wildcard(struct setup_case *it)
{
    const char *broad = arena_printf(it->arena, "*.%s", it->facts->domain);
    for (size_t i = 0; i < it->policy.mx_count; i++)
        if (text_same(it->policy.mx[i], broad))
            setup_add(it, "pol.mx-wild-broad", it->host, "The policy lists %s.", broad);
}

static const char *judgement(const struct policy_flaw *flaw)
{
    return flaw->rfc      ? "Whoever follows the RFC has no policy"
           : flaw->strict ? "The RFC lets it pass, the strictest senders refuse the policy"
                          : "Senders take the policy";
}

static enum setup_severity severity_of(const struct policy_flaw *flaw, enum setup_severity usual)
{
    if (flaw->rfc)
        return SEVERITY_ERROR;
    return flaw->strict || usual == SEVERITY_ERROR ? SEVERITY_WARNING : usual;
}

static void see_flaw(struct setup_case *it, const struct policy_flaw *flaw)
{
    const char *code = policy_lint_code(flaw->kind);
    const char *line = flaw->line ? arena_printf(it->arena, "Line %zu: ", flaw->line) : "";
    const char *what = *flaw->what ? arena_printf(it->arena, ": \"%s\"", flaw->what) : "";
    enum setup_severity severity = severity_of(flaw, setup_finding_kind(code)->severity);
    size_t before = it->count;
    struct setup_finding *finding =
        setup_add(it, code, it->host, "%s%s%s. %s.", line, flaw->text, what, judgement(flaw));
    if (it->count > before || severity < finding->severity) /* the worst of one code counts */
        finding->severity = severity;
    finding->blocks = finding->severity == SEVERITY_ERROR;
}

/* What it says, and what is wrong with that; true when a sender that follows the RFC has a policy. */
static bool take(struct setup_case *it, const struct setup_fetch *fetch)
{
    const struct policy_lint lint = policy_lint(it->arena, fetch->body);
    for (size_t i = 0; i < lint.flaw_count; i++)
        see_flaw(it, &lint.flaws[i]);
    it->policy = lint.valid ? lint.policy : lint.meant;
    it->result.patterns = (struct text_list){ it->policy.mx, it->policy.mx_count };
    return lint.valid;
}

void setup_policy(struct setup_case *it)
{
    const struct setup_fetch *fetch = it->served ? it->served : any_text(it);
    if (it->absent[SETUP_POLICY])
        return;
    if (!fetch) {
        setup_add(it, "pol.not-looked", it->host, "No policy came from %s.", it->host);
        return;
    }
    it->looked[SETUP_POLICY] = true;
    bool valid = take(it, fetch);
    if (valid)
        see_age(it);
    see_wildcard(it);
    if (strcmp(it->policy.mode, "none") == 0)
        setup_add(it, "pol.mode-none", it->host, "The policy says mode: none.");
    if (!it->served || !valid)
        return;
    it->result.mode = it->policy.mode;
    it->result.policy = arena_copy(it->arena, fetch->body.data, fetch->body.size);
    it->result.policy_sha256 =
        hash_to_text(fetch->body.data, fetch->body.size, arena_alloc(it->arena, HASH_TEXT_BYTES));
    it->result.max_age_seconds = it->policy.max_age_seconds;
}
