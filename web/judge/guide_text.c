/* See guide_text.h.
 * SPDX-License-Identifier: MIT
 * Before: guide_plan.c */
#include "judge/guide_text.h"
#include "base/clock.h"
#include "base/glyph.h"
#include "base/hash.h"
#include "ingest/policy_text.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define RECORDS  4
#define LABEL    8 /* bytes of a digest that name a domain below ours */
#define RUA_HELP "the address at which you take reports"

/* The record of TLS-RPT that was last seen; NULL: none. */
static const char *seen_report_record(const struct guide_input *input)
{
    const char *value = NULL;
    int64_t newest = 0;
    const struct setup_value_row *rows = input->past ? input->past->values.first : NULL;
    for (size_t i = 0; rows && i < input->past->values.count; i++)
        if (strcmp(rows[i].kind, "rpt") == 0 && rows[i].last_seconds > newest) {
            newest = rows[i].last_seconds;
            value = rows[i].value;
        }
    return value;
}

/* Each domain has a record of its own below ours: one for all would make all of them change at once. */
static const char *delegated_name(struct arena *arena, const char *domain, const char *delegation)
{
    unsigned char digest[HASH_BYTES];
    char label[2 * LABEL + 1];
    hash_bytes(domain, strlen(domain), digest);
    for (size_t i = 0; i < LABEL; i++)
        snprintf(label + 2 * i, 3, "%02x", digest[i]);
    return arena_printf(arena, "_mta-sts.%s.%s", label, delegation);
}

struct guide_records guide_records(struct arena *arena, const struct guide_input *input,
                                   const char *delegation)
{
    struct guide_record *items = arena_array(arena, RECORDS, sizeof *items);
    const struct hosting_version_row *current = guide_current(input);
    const char *domain = input->domain, *report = seen_report_record(input);
    const char *name = arena_printf(arena, "_mta-sts.%s", domain);
    const char *policy_host = arena_printf(arena, "mta-sts.%s", domain);
    bool here = input->hosted && input->hosted->served;
    bool delegates = *delegation && here;
    size_t count = 0;
    items[count++] = (struct guide_record){
        .name = arena_printf(arena, "_smtp._tls.%s", domain),
        .type = "TXT",
        .value = report ? report : arena_printf(arena, "v=TLSRPTv1; rua=mailto:tlsrpt@%s", domain),
        .note = report ? "as it is" : RUA_HELP,
    };
    if (!current)
        return (struct guide_records){ items, count };
    items[count++] = (struct guide_record){
        .name = policy_host,
        .type = delegates ? "CNAME" : "A, AAAA",
        .value = delegates ? delegation : "",
        .note = delegates ? ""
                : here    ? "the addresses of this listener, or of the proxy before it"
                          : "the addresses of the host that serves these bytes",
    };
    if (delegates) {
        const char *ours = delegated_name(arena, domain, delegation);
        items[count++] = (struct guide_record){
            .name = name, .type = "CNAME", .value = ours, .note = "once; never changes"
        };
        name = ours;
    }
    items[count++] = (struct guide_record){
        .name = name,
        .type = "TXT",
        .value = policy_text_record(arena, current->id),
        .note = "after the policy is served; TTL 3600 or less",
    };
    return (struct guide_records){ items, count };
}

/* Lines of a policy, without what ends them. */
static const char *line_of(const char *at, const char *end, size_t *size, const char **next)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    *next = stop ? stop + 1 : end;
    *size = (size_t)((stop ? stop : end) - at);
    if (*size && at[*size - 1] == '\r')
        --*size;
    return at;
}

static void put_lines(struct buf *out, struct bytes text, const char *before)
{
    const char *end = text.data + text.size;
    for (const char *at = text.data, *next; at < end; at = next) {
        size_t size;
        const char *line = line_of(at, end, &size, &next);
        buf_printf(out, "%s%.*s\n", before, (int)size, line);
    }
}

static bool has_line(struct bytes text, const char *wanted, size_t wanted_size)
{
    const char *end = text.data + text.size;
    for (const char *at = text.data, *next; text.size && at < end; at = next) {
        size_t size;
        const char *line = line_of(at, end, &size, &next);
        if (size == wanted_size && memcmp(line, wanted, size) == 0)
            return true;
    }
    return false;
}

static void put_others(struct buf *out, struct bytes text, struct bytes other, const char *mark)
{
    const char *end = text.data + text.size;
    for (const char *at = text.data, *next; text.size && at < end; at = next) {
        size_t size;
        const char *line = line_of(at, end, &size, &next);
        if (!has_line(other, line, size))
            buf_printf(out, "  %s %.*s\n", mark, (int)size, line);
    }
}

void guide_text_diff(struct buf *out, struct bytes before, struct bytes after)
{
    put_others(out, before, after, "-");
    put_others(out, after, before, "+");
}

void guide_text_policy(struct buf *out, const struct guide_input *input,
                       const struct guide_records *records)
{
    const struct hosting_version_row *current = guide_current(input);
    char made[CLOCK_TEXT_BYTES];
    if (!current) {
        buf_printf(out, "%s: %s\n", input->domain,
                   input->hosted ? "MTA-STS was given up, no policy is made here any more"
                                 : "no policy is made here");
        if (guide_is_foreign(input))
            buf_printf(
                out,
                "  Somebody else's is published: mode %s, max_age %lld. What is made here takes "
                "its place.\n",
                input->look->mode, (long long)input->look->max_age_seconds);
    } else {
        buf_printf(out, "%s: mode %s, version %d, made %s%s%s\n", input->domain, current->mode,
                   current->version, clock_to_text(current->made_seconds, made),
                   *current->made_by ? " by " : "", current->made_by);
        if (*current->note) {
            buf_text(out, "  against advice: ");
            glyph_add_text(out, current->note, SIZE_MAX);
            buf_text(out, "\n");
        }
        buf_printf(out, "  %s https://mta-sts.%s/.well-known/mta-sts.txt\n",
                   input->hosted->served ? "served by tlsrptd:" : "to be served elsewhere, as",
                   input->domain);
        buf_printf(out, "  id     %s\n  sha256 %s\n  %zu bytes, each line ended by CRLF:\n\n",
                   current->id, current->sha256, current->body.size);
        put_lines(out, current->body, "    ");
    }
    buf_text(out, "\nRecords, in this order:\n");
    for (size_t i = 0; i < records->count; i++) {
        const struct guide_record *it = &records->items[i];
        bool quoted = strcmp(it->type, "TXT") == 0;
        buf_printf(out, "  %zu. %s. %s %s", i + 1, it->name, it->type, quoted ? "\"" : "");
        glyph_add_text(out, it->value, SIZE_MAX); /* perhaps what DNS says now */
        buf_printf(out, "%s%s%s%s\n", quoted ? "\"" : "", strcmp(it->type, "CNAME") == 0 ? "." : "",
                   *it->note ? "    ; " : "", it->note);
    }
}

void guide_text_steps(struct buf *out, const struct guide_input *input, const struct guide *guide)
{
    static const char *const marks[] = {
        [GUIDE_DONE] = "x",    [GUIDE_NOW] = ">",   [GUIDE_WAITING] = ".",
        [GUIDE_REFUSED] = "!", [GUIDE_LATER] = " ",
    };
    char when[CLOCK_TEXT_BYTES];
    const struct hosting_version_row *current = guide_current(input);
    bool enforced = current && strcmp(current->mode, "enforce") == 0;
    buf_printf(out, "\n%s", guide->title);
    if (input->hosted)
        buf_printf(out, ", %s %s", input->hosted->ended ? "since" : "begun",
                   clock_to_text(input->hosted->begun_seconds, when));
    buf_text(out, ":\n");
    if (guide->alarm)
        buf_printf(out, "  !! %s\n", guide->alarm);
    for (size_t i = 0; i < guide->step_count; i++) {
        const struct guide_step *step = &guide->steps[i];
        buf_printf(out, "  [%s] %s", marks[step->state], step->title);
        if (step->state == GUIDE_WAITING)
            buf_printf(out, ": not before %s", clock_to_text(step->until_seconds, when));
        buf_text(out, "\n");
        if (step->state != GUIDE_DONE && step->state != GUIDE_LATER)
            buf_printf(out, "      %s\n", step->text);
    }
    if (guide->safe_to_remove_seconds)
        buf_printf(out, "  Safe to remove: %s\n",
                   clock_to_text(guide->safe_to_remove_seconds, when));
    if (!guide->rollback_worst_at_seconds)
        return;
    buf_printf(
        out,
        "\n%s: senders that look again have it within %lld s, the last one by %s (some hold an "
        "enforce policy for a week, whatever its max_age).\n",
        enforced ? "A way back to testing now" : "The way back to testing",
        (long long)guide->rollback_best_seconds,
        clock_to_text(guide->rollback_worst_at_seconds, when));
    for (size_t i = 0; guide_never[i]; i++)
        buf_printf(out, "  %s\n", guide_never[i]);
}
