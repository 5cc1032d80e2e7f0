/* See setup_txt.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_certificate.c. Next: setup_reporting.c */
#include "judge/setup_txt.h"
#include <string.h>

#define RECORDS 4 /* told */
#define NAMES   6

static const char *code(struct setup_case *it, const struct setup_txt *txt, const char *what)
{
    return arena_printf(it->arena, "%s.%s", txt->kind, what);
}

bool setup_txt_is(const struct setup_txt *txt, const char *record)
{
    size_t size = strlen(txt->begins);
    return strncmp(record, txt->begins, size) == 0
           && (!record[size] || strchr("; \t", record[size]));
}

static const char *told(struct setup_case *it, const struct text_list *records)
{
    return records->count ? setup_words(it->arena, records, RECORDS) : "(none)";
}

/* --- at its own name --- */

/* Where records of this kind stand instead; "" for nowhere. */
static const char *elsewhere(struct setup_case *it, const struct setup_txt *txt)
{
    const struct setup_answers *misplaced = &it->facts->misplaced;
    for (size_t i = 0; i < misplaced->count; i++)
        for (size_t j = 0; j < misplaced->items[i].records.count; j++)
            if (setup_txt_is(txt, misplaced->items[i].records.items[j]))
                return arena_printf(it->arena, " One stands at %s.", misplaced->items[i].name);
    return "";
}

static void see_none(struct setup_case *it, const struct setup_txt *txt)
{
    const struct setup_answer *answer = txt->answer;
    if (answer->aliases.count)
        setup_add(it, code(it, txt, "alias"), answer->name,
                  "%s is a CNAME to %s, which has no TXT record.", answer->name,
                  setup_words(it->arena, &answer->aliases, NAMES));
    else
        setup_add(it, code(it, txt, "missing"), answer->name, "%s %s.%s", answer->name,
                  answer->status == LOOKUP_NXDOMAIN ? "does not exist" : "has no TXT record",
                  elsewhere(it, txt));
}

bool setup_txt_found(struct setup_case *it, const struct setup_txt *txt)
{
    const struct setup_answer *answer = txt->answer;
    const char *why = answer->why ? answer->why : "no reason was given";
    switch (answer->status) {
    case LOOKUP_FOUND:
        return true;
    case LOOKUP_NODATA:
    case LOOKUP_NXDOMAIN:
        see_none(it, txt);
        return false;
    case LOOKUP_SERVFAIL:
        setup_add(it, answer->aliases.count ? code(it, txt, "alias") : code(it, txt, "servfail"),
                  answer->name, "The TXT record of %s: %s.", answer->name, why);
        return false;
    case LOOKUP_BOGUS:
        setup_add(it, code(it, txt, "bogus"), answer->name, "The TXT record of %s: %s.",
                  answer->name, why);
        return false;
    case LOOKUP_TIMEOUT:
        setup_add(it, code(it, txt, "timeout"), answer->name, "The TXT record of %s: %s.",
                  answer->name, why);
        return false;
    case LOOKUP_NONE:
        break;
    }
    return false;
}

/* --- around it --- */

static bool has(const struct text_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

/* The same records, in any order. */
static bool is_same(const struct setup_answer *a, const struct setup_answer *b)
{
    for (size_t i = 0; i < a->records.count; i++)
        if (!has(&b->records, a->records.items[i]))
            return false;
    return a->records.count == b->records.count;
}

static bool is_lame(const struct setup_answer *answer)
{
    return answer->why && text_begins(answer->why, "lame");
}

static bool is_answered(const struct setup_answer *answer)
{
    if (is_lame(answer))
        return false;
    return answer->status == LOOKUP_FOUND || answer->status == LOOKUP_NODATA
           || answer->status == LOOKUP_NXDOMAIN;
}

static bool is_resolver(const struct setup_answer *answer)
{
    return answer->server && !strchr(answer->server, ' ');
}

/* What all name servers of the zone say alike, where our resolvers say something else (R44); else NULL. */
static const struct setup_answer *fresher(const struct setup_txt *txt)
{
    const struct setup_answer *first = NULL;
    for (size_t i = 0; i < txt->servers->count; i++) {
        const struct setup_answer *answer = &txt->servers->items[i];
        if (is_resolver(answer))
            continue;
        if (!is_answered(answer) || is_same(answer, txt->answer)
            || (first && !is_same(answer, first)))
            return NULL;
        first = answer;
    }
    return first;
}

static void see_server(struct setup_case *it, const struct setup_txt *txt,
                       const struct setup_answer *answer)
{
    const char *server = answer->server ? answer->server : "another server";
    bool resolver = is_resolver(answer);
    if (is_answered(answer))
        setup_add(it, code(it, txt, resolver ? "stale" : "split"), txt->answer->name,
                  "%s says %s; our resolvers say %s.", server, told(it, &answer->records),
                  told(it, &txt->answer->records));
    else if (strcmp(txt->kind, "dns.sts") == 0 /* once for a server is enough */
             && (answer->status != LOOKUP_NONE || is_lame(answer)) && !resolver)
        setup_add(it, "dns.sts.lame", server, "%s: %s.", server,
                  answer->why ? answer->why : "no answer");
}

static void see_servers(struct setup_case *it, const struct setup_txt *txt)
{
    const struct setup_answer *fresh = fresher(txt);
    if (fresh)
        setup_add(it, code(it, txt, "stale"), txt->answer->name,
                  "All name servers of the zone say %s; our resolvers still say %s.",
                  told(it, &fresh->records), told(it, &txt->answer->records));
    for (size_t i = 0; i < txt->servers->count; i++) {
        const struct setup_answer *answer = &txt->servers->items[i];
        if (!is_answered(answer) || !is_same(answer, fresh ? fresh : txt->answer))
            see_server(it, txt, answer);
    }
}

/* A name of chance has records too: what stands at our name may come from a wildcard (R38). */
static void see_wildcard(struct setup_case *it, const struct setup_txt *txt)
{
    const struct setup_answer *wildcard = &it->facts->wildcard;
    if (wildcard->status == LOOKUP_FOUND && wildcard->records.count
        && is_same(wildcard, txt->answer))
        setup_add(it, code(it, txt, "wildcard"), txt->answer->name,
                  "%s and the made-up name %s both have %s.", txt->answer->name, wildcard->name,
                  told(it, &wildcard->records));
}

static void see_misplaced(struct setup_case *it, const struct setup_txt *txt)
{
    const struct setup_answers *misplaced = &it->facts->misplaced;
    for (size_t i = 0; i < misplaced->count; i++)
        for (size_t j = 0; j < misplaced->items[i].records.count; j++) {
            const char *record = misplaced->items[i].records.items[j];
            if (!setup_txt_is(txt, record))
                continue;
            bool own = false; /* the right name has one too: this one is merely in the way */
            for (size_t k = 0; k < txt->answer->records.count; k++)
                own |= setup_txt_is(txt, txt->answer->records.items[k]);
            setup_add(it, code(it, txt, "wrong-place"), misplaced->items[i].name, "%s has %s.",
                      misplaced->items[i].name, record)
                ->severity = own ? SEVERITY_WARNING : SEVERITY_ERROR;
            break;
        }
}

void setup_txt_around(struct setup_case *it, const struct setup_txt *txt)
{
    see_wildcard(it, txt);
    see_misplaced(it, txt);
    if (is_answered(txt->answer))
        see_servers(it, txt);
}

struct record_reading setup_txt_read(struct setup_case *it, const struct setup_txt *txt,
                                     enum record_kind kind)
{
    struct record_reading reading = record_read(it->arena, kind, &txt->answer->records);
    bool none = reading.fault_count && reading.faults[0].flaw == RECORD_ABSENT;
    for (size_t i = 0; i < reading.fault_count; i++) {
        const struct record_fault *fault = &reading.faults[i];
        if (none && (fault->flaw == RECORD_UNRELATED || fault->flaw == RECORD_SPF))
            continue; /* they stand beside nothing */
        const char *what = code(it, txt, record_flaw_code(fault->flaw));
        struct setup_finding *finding =
            setup_add(it, what, txt->answer->name, "%s%s%s%s.", fault->text,
                      *fault->what ? ": \"" : "", fault->what, *fault->what ? "\"" : "");
        if (fault->flaw == RECORD_ABSENT)
            setup_add(it, what, txt->answer->name, "The TXT records there: %s.%s",
                      told(it, &txt->answer->records), elsewhere(it, txt));
        if (fault->fatal && !reading.valid)
            finding->severity = SEVERITY_ERROR;
        else if (finding->severity == SEVERITY_ERROR)
            finding->severity = SEVERITY_WARNING;
    }
    return reading;
}
