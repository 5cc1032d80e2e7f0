/* See verdict_reason.h. To add a reason: a row in the table, and where it is found the call that adds it.
 * SPDX-License-Identifier: MIT
 * Before: verdict_measure.c. Next: verdict.c */
#include "judge/verdict_reason.h"
#include "base/url.h"
#include "base/clock.h"
#include "base/words.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES 1000 /* of a reason; names of strangers may be longer */

/* clang-format off */
static const struct {
    const char *code, *fix; /* DOMAIN stands for the domain */
} rows[] = {
    /* failures, by what is thought of them */
    { "unlisted-mx", "Add an mx line for this host to the policy, publish it, then change the id; or "
                     "take the host out of the MX records." },
    { "reproduced", NULL },
    { "several-reporters", NULL },
    { "downgrade", "Look for a firewall or filter between the sender and this host that removes "
                   "STARTTLS; if there is none, ask the sender." },
    { "sender-persists", "Ask the sender at the contact address of its reports; compare the root "
                         "certificates that it trusts with those of your chain." },
    { "unexplained", "Ask the sender at the contact address of its reports, or wait until these days "
                     "are past." },
    { "needs-decision", "Look at the rows. If you know the cause, mend it, or acknowledge it with a "
                        "note; else it counts until clean days follow." },
    { "stale-mx", "Find who still uses the old host, and wait until that ends." },
    { "foreign-mx", "Ask the sender which name server told it of this host. Never add it to the "
                    "policy." },
    { "older-policy", "" },
    { "acknowledged", "" },
    { "resolved", "" },
    { "transient", "" },
    { "sender-side", "" },
    { "all-mx-refused", "Mend one of the hosts now, or go back to mode testing: change the policy, then "
                        "its id." },
    /* time and evidence */
    { "clean-days", "Wait." },
    { "thin-days", "Wait, or send and receive more mail: days without sessions prove nothing." },
    { "silent", "See whether mail and reports still reach you: the TLSRPT record, the address in its "
                "rua, this collector." },
    { "own-gap", "Give each service a spool, and more than one service." },
    { "few-reporters", "Wait for another reporter." },
    { "single-reporter", "" },
    { "thin-evidence", "Wait: a longer time says more." },
    { "old-policy", "Wait until these senders have taken the present policy." },
    { "retrieval", "Make https://mta-sts.DOMAIN/.well-known/mta-sts.txt reachable for mail servers: "
                   "status 200, no redirect, a good certificate, on every address." },
    { "retrieval-once", "" },
    { "not-checked", "`tlsrptd check DOMAIN` tells what could not be looked at, and why; check that by "
                     "hand before you change the mode." },
    { "clean", "To enforce: change mode to enforce in the policy with max_age 86400, then give the TXT "
               "record a new id, in this order." },
    /* stages without a verdict on testing */
    { "no-reports", "Publish _smtp._tls with a rua that leads here, and wait two days. If there are "
                    "reports, their senders are not verified or your own: see trust, "
                    "verdict.include_untrusted and verdict.own_reporters." },
    { "no-policy", "Publish an MTA-STS policy in mode testing." },
    { "winding-down", "Keep record and policy until the last max_age that was served has run out." },
    { "given-up", "" },
    { "no-evidence", "See whether mail and reports still reach you." },
    /* in enforce */
    { "watching", "" },
    { "short-max-age", "Raise max_age to a week or more once all is quiet." },
    { "enforced", "" },
    { "dane-failing", "Publish TLSA records that fit the present certificates, and check DNSSEC." },
    { "dane-healthy", "" },
    /* the live set-up */
    { "gate-record", "Publish one TXT record at _mta-sts: v=STSv1; id=…;" },
    { "gate-policy-host", "Serve the policy with status 200 and a good certificate on every address." },
    { "gate-policy-text", "Serve the policy in its strictest form." },
    { "gate-mode", "Publish the policy in mode testing first." },
    { "gate-mx-listed", "Add an mx line for each host of the MX records." },
    { "gate-mx-tls", "Mend STARTTLS and certificate of these hosts." },
    { "gate-certificates", "Renew these certificates." },
    { "gate-reporting", "Publish one TXT record at _smtp._tls with a rua that leads here." },
    { "gate-lately", "Wait: what was mended has to hold for 72 hours, and in 95 % of the looks of 14 days." },
    { "gate-rollback", "Lower the TTL of the TXT record to a day, and max_age to a week, before the "
                       "change." },
};
/* clang-format on */

/* The domain's page, of these days. */
static const char *page_of(const struct reasons *reasons, const char *period)
{
    const char *page = url_path(reasons->arena, "/domains/", reasons->input->domain);
    return url_query(reasons->arena, page, period);
}

const char *reason_code_at(size_t index)
{
    return index < ARRAY_SIZE(rows) ? rows[index].code : NULL;
}

void reasons_init(struct reasons *reasons, const struct evidence *evidence)
{
    *reasons = (struct reasons){
        .arena = evidence->arena,
        .input = evidence->input,
        .items = arena_array(evidence->arena, REASONS_MAX + 1, sizeof *reasons->items),
    };
}

/* Where the next one goes: behind the last, or when there is no room over a lighter one, or out of the
 * list. */
static size_t place_for(struct reasons *reasons, enum verdict_weight weight)
{
    size_t lightest = 0;
    if (reasons->count < REASONS_MAX)
        return reasons->count++;
    for (size_t i = 0; i < reasons->count; i++)
        if (reasons->items[i].weight >= reasons->items[lightest].weight)
            lightest = i;
    return reasons->items[lightest].weight > weight ? lightest : REASONS_MAX;
}

struct verdict_reason *reasons_add(struct reasons *reasons, const char *code,
                                   enum verdict_weight weight, const char *format, ...)
{
    size_t row = 0;
    while (row < ARRAY_SIZE(rows) && strcmp(rows[row].code, code) != 0)
        row++;
    assert(row < ARRAY_SIZE(rows));
    size_t place = place_for(reasons, weight);
    struct verdict_reason *reason = &reasons->items[place];
    *reason = (struct verdict_reason){ .code = rows[row].code, .weight = weight, .fix = "" };
    if (place == REASONS_MAX) /* nobody reads it: its texts would only fill the arena */
        return reason;
    va_list values;
    char text[TEXT_BYTES];
    va_start(values, format);
    size_t size = (size_t)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (size >= sizeof text) { /* between characters: what is no UTF-8 cannot be stored */
        size = sizeof text - 1;
        while (!text_is_utf8(text, size))
            size--;
    }
    reason->text = arena_copy(reasons->arena, text, size);
    reason->url = page_of(reasons, NULL);
    reason->fix = rows[row].fix ? words_filled(reasons->arena, rows[row].fix, "DOMAIN",
                                               reasons->input->domain)
                                : "";
    return reason;
}

void reason_number(struct verdict_reason *reason, const char *name, int64_t value)
{
    for (size_t i = 0; i < VERDICT_NUMBERS; i++)
        if (!reason->numbers[i].name) {
            reason->numbers[i] = (struct verdict_number){ name, value };
            return;
        }
}

void reason_days(struct reasons *reasons, struct verdict_reason *reason, int32_t from_day,
                 int32_t to_day)
{
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    if (reason == &reasons->items[REASONS_MAX])
        return;
    const char *period =
        arena_printf(reasons->arena, "from=%s&to=%s", clock_day_to_text(from_day, from),
                     clock_day_to_text(to_day, to));
    reason->url = page_of(reasons, period);
}

enum verdict_weight reasons_heaviest(const struct reasons *reasons)
{
    enum verdict_weight heaviest = WEIGHT_NOTES;
    for (size_t i = 0; i < reasons->count; i++)
        if (reasons->items[i].weight < heaviest)
            heaviest = reasons->items[i].weight;
    return heaviest;
}

void reasons_sort(struct reasons *reasons)
{
    for (size_t i = 1; i < reasons->count; i++) {
        struct verdict_reason moved = reasons->items[i];
        size_t place = i;
        for (; place > 0 && reasons->items[place - 1].weight > moved.weight; place--)
            reasons->items[place] = reasons->items[place - 1];
        reasons->items[place] = moved;
    }
}
