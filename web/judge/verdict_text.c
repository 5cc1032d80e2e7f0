/* See verdict_text.h. Names of strangers are printed as they can be seen.
 * SPDX-License-Identifier: MIT
 * Before: verdict.c. Next: collector/cmd_verdict.c */
#include "judge/verdict_text.h"
#include "base/glyph.h"
#include <stdint.h>

static const char *const marks[] = {
    [WEIGHT_REFUSES] = "!!", [WEIGHT_BLOCKS] = "! ", [WEIGHT_WAITS] = ". ",
    [WEIGHT_UNKNOWN] = "? ", [WEIGHT_LIMITS] = "~ ", [WEIGHT_NOTES] = "  ",
};

static void put(struct buf *out, const char *text)
{
    glyph_add_text(out, text, SIZE_MAX);
}

void verdict_text(struct buf *out, const char *domain, const struct verdict *verdict)
{
    const struct verdict_counterfactual *counterfactual = &verdict->counterfactual;
    buf_printf(out, "%s: %s (stage %s", domain, verdict_word_label(verdict->word),
               verdict_stage_to_text(verdict->stage));
    if (verdict->dane != VERDICT_UNKNOWN)
        buf_printf(out, ", DANE %s", verdict_word_to_text(verdict->dane));
    buf_text(out, ")\n");
    for (size_t i = 0; i < verdict->reason_count; i++) {
        const struct verdict_reason *reason = &verdict->reasons[i];
        buf_printf(out, "  %s %s: ", marks[reason->weight], reason->code);
        put(out, reason->text);
        if (*reason->fix && reason->weight != WEIGHT_NOTES) {
            buf_text(out, "\n       -> ");
            put(out, reason->fix);
        }
        buf_text(out, "\n");
    }
    buf_printf(out, "  %s\n", counterfactual->sentence);
    for (size_t i = 0; i < counterfactual->by_mx.count && counterfactual->refused_high; i++) {
        const struct verdict_refused *it = &counterfactual->by_mx.items[i];
        buf_text(out, "     at ");
        put(out, it->name ? it->name : "(no MX named)");
        if (it->low == it->high)
            buf_printf(out, ": %lld\n", (long long)it->high);
        else
            buf_printf(out, ": %lld to %lld\n", (long long)it->low, (long long)it->high);
    }
}

int verdict_exit(const struct verdict *verdict)
{
    int code = 3;
    switch (verdict->word) {
    case VERDICT_READY:
    case VERDICT_HEALTHY:
        code = 0;
        break;
    case VERDICT_READY_LIMITED:
        code = 1;
        break;
    case VERDICT_NOT_YET:
    case VERDICT_FAILING:
        code = 2;
        break;
    case VERDICT_UNKNOWN:
        break;
    }
    return verdict->dane == VERDICT_FAILING ? 2 : code;
}

void verdict_plugin(struct buf *out, const char *domain, const struct verdict *verdict)
{
    static const char *const states[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
    const struct verdict_counterfactual *counterfactual = &verdict->counterfactual;
    buf_printf(out, "TLSRPT %s - %s: %s", states[verdict_exit(verdict)], domain,
               verdict_word_to_text(verdict->word));
    if (verdict->reason_count) {
        buf_text(out, ", ");
        size_t from = out->size;
        put(out, verdict->reasons[0].text);
        for (size_t i = from; i < out->size; i++)
            if (out->data[i] == '|') /* would begin the performance data */
                out->data[i] = '/';
    }
    buf_printf(out,
               " | refused_low=%lld refused_high=%lld sessions=%lld upper_bound=%.6f "
               "clean_days=%d reporters=%lld\n",
               (long long)counterfactual->refused_low, (long long)counterfactual->refused_high,
               (long long)counterfactual->sessions, counterfactual->upper_bound,
               verdict->clean_days, (long long)counterfactual->reporters);
}
