/* /api/v1/domains/NAME/verdict: the verdict on one domain, made as it is asked for.
 * SPDX-License-Identifier: MIT
 * Before: verdict_json.c, api_domain.c. Next: api_report.c */
#include "base/clock.h"
#include "base/text.h"
#include "web/api.h"
#include "web/verdict_json.h"
#include "web/verdict_load.h"

static bool serve(struct visit *visit, struct response *out, struct err *err)
{
    const char *name = text_host(visit->arena, visit->argument, NULL);
    const struct domain_row *domain = NULL;
    struct verdict verdict;
    if (!name)
        return true;
    if (!read_domain(visit->reader, visit->arena, name, &domain, err))
        return false;
    if (!domain)
        return true;
    const struct verdict_terms terms = { visit->verdict, visit->now_seconds };
    if (!verdict_load(visit->reader, visit->arena, domain, &terms, &verdict, err))
        return false;
    struct json *json = json_new(visit->arena);
    verdict_json(json, domain->name, &verdict, visit->now_seconds);
    *out = (struct response){
        .status = 200,
        .type = "application/json",
        .body = { buf_get(&json->text), json->text.size },
        .headers = { { .name = "Cache-Control", .value = "private, no-cache" } },
    };
    return true;
}

static const struct resource verdict = {
    .name = "verdict",
    .summary = "Is a domain ready to enforce, or healthy?",
    .about =
        "`stage` (none, reporting, testing, enforce, removing), `verdict` (ready, ready-limited, "
        "not-yet, unknown; in enforce healthy, failing), `dane` (healthy, failing, unknown), "
        "`reasons` (`code`, `weight`, `text`, `numbers`, `url`, `fix`), the heaviest first, and "
        "`counterfactual`: what enforce would have refused (`refused_low`, `refused_high`, "
        "`sessions`, `upper_bound` of the share, `by_day`, `by_mx`, `by_reporter`, `by_reason`); "
        "`failures` with what is thought of each, those that count first, and `reporters` with the "
        "policy that they use, at most 1000 of each of `failure_count` and `reporter_count`; "
        "`evaluated_at`.",
    .segment = "name",
    .serve = serve,
};

const struct page api_verdict = { .path = "/api/v1/domains/*/verdict", .resource = &verdict };
