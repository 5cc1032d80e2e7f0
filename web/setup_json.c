/* See setup_json.h.
 * SPDX-License-Identifier: MIT
 * Before: judge/setup_judge.c. Next: page_domain.c */
#include "web/setup_json.h"
#include "base/clock.h"

static const char *const reaches[] = {
    [REACH_NONE] = "none",
    [REACH_OPEN] = "open",
    [REACH_REFUSED] = "refused",
    [REACH_TIMEOUT] = "timeout",
    [REACH_UNREACHABLE] = "unreachable",
    [REACH_FORBIDDEN] = "forbidden",
    [REACH_LATER] = "later",
};

static const char *const starttls_words[] = {
    [STARTTLS_NONE] = "none",
    [STARTTLS_OFFERED] = "offered",
    [STARTTLS_MISSING] = "missing",
    [STARTTLS_REFUSED] = "refused",
};

static const char *const dane_words[] = {
    [DANE_NONE] = "none",
    [DANE_MATCHES] = "matches",
    [DANE_MISMATCH] = "mismatch",
};

const char *setup_json_reach(enum setup_reach reach)
{
    return reaches[reach];
}

const char *setup_json_starttls(enum setup_starttls starttls)
{
    return starttls_words[starttls];
}

const char *setup_json_dane(enum setup_dane dane)
{
    return dane_words[dane];
}

static void put_steps(struct json *out, const struct setup_result *result)
{
    json_open(out, "steps", '{');
    for (int step = 0; step < SETUP_STEPS; step++)
        json_text(out, setup_step_to_text((enum setup_step)step),
                  setup_state_to_text(result->steps[step]));
    json_close(out, '}');
}

static void put_published(struct json *out, const struct setup_facts *facts,
                          const struct setup_result *result)
{
    json_open(out, "record", '{');
    json_text(out, "id", result->id);
    if (result->id && facts->sts.ttl_seconds >= 0)
        json_number(out, "ttl", facts->sts.ttl_seconds);
    else
        json_raw(out, "ttl", "null");
    json_close(out, '}');
    json_open(out, "policy", '{');
    json_text(out, "mode", result->mode);
    if (result->max_age_seconds >= 0)
        json_number(out, "max_age", result->max_age_seconds);
    else
        json_raw(out, "max_age", "null");
    json_open(out, "mx", '[');
    for (size_t i = 0; i < result->patterns.count; i++)
        json_text(out, NULL, result->patterns.items[i]);
    json_close(out, ']');
    json_text(out, "sha256", result->policy_sha256);
    json_close(out, '}');
}

static void put_findings(struct json *out, const struct setup_result *result)
{
    json_open(out, "findings", '[');
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct setup_finding *finding = &result->findings[i];
        json_open(out, NULL, '{');
        json_text(out, "code", finding->code);
        json_text(out, "severity", setup_severity_to_text(finding->severity));
        json_text(out, "step", setup_step_to_text(finding->step));
        json_text(out, "subject", *finding->subject ? finding->subject : NULL);
        json_text(out, "title", finding->title);
        json_text(out, "evidence", finding->evidence);
        json_text(out, "fix", *finding->fix ? finding->fix : NULL);
        json_text(out, "rule", *finding->rule ? finding->rule : NULL);
        json_flag(out, "blocks", finding->blocks);
        json_text(out, "letter", finding->letter);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_probe(struct json *out, const struct setup_probe *probe)
{
    const struct setup_certificate *certificate = &probe->tls.certificate;
    json_open(out, NULL, '{');
    json_text(out, "address", probe->address);
    json_text(out, "reach", setup_json_reach(probe->reach));
    json_text(out, "starttls", setup_json_starttls(probe->starttls));
    json_text(out, "tls", probe->tls.done ? probe->tls.version : NULL);
    json_time(out, "certificate_end", certificate->shown ? certificate->end_seconds : 0);
    json_text(out, "dane", setup_json_dane(probe->dane));
    json_close(out, '}');
}

static void put_mx(struct json *out, const struct setup_facts *facts)
{
    json_open(out, "mx", '[');
    for (size_t i = 0; i < facts->mx_count; i++) {
        const struct setup_mx *mx = &facts->mx[i];
        json_open(out, NULL, '{');
        json_text(out, "host", mx->name);
        json_number(out, "preference", mx->preference);
        json_open(out, "addresses", '[');
        for (size_t j = 0; j < mx->probe_count; j++)
            put_probe(out, &mx->probes[j]);
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, ']');
}

void setup_json(struct json *out, const struct setup_facts *facts,
                const struct setup_result *result)
{
    json_open(out, NULL, '{');
    json_text(out, "domain", facts->domain);
    json_time(out, "checked_at", facts->at_seconds);
    json_number(out, "milliseconds", facts->milliseconds);
    json_text(out, "verdict", verdict_word_to_text(result->word));
    put_steps(out, result);
    put_published(out, facts, result);
    put_findings(out, result);
    put_mx(out, facts);
    json_close(out, '}');
}
