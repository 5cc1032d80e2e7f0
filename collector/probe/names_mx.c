/* See names_mx.h.
 * SPDX-License-Identifier: MIT
 * Before: names.c. Next: names_servers.c */
#include "probe/names_mx.h"
#include <stdlib.h>
#include <string.h>

void names_mx_cut(struct arena *arena, struct setup_answer *answer, size_t most)
{
    if (answer->records.count <= most)
        return;
    answer->why =
        arena_printf(arena, "only %zu of %zu records are looked at", most, answer->records.count);
    answer->records.count = most;
}

/* --- who they are --- */

static int compare(const void *a, const void *b)
{
    const struct setup_mx *one = a, *other = b;
    if (one->preference != other->preference)
        return one->preference < other->preference ? -1 : 1;
    return strcmp(one->name, other->name);
}

static bool is_known(const struct setup_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->mx_count; i++)
        if (strcmp(facts->mx[i].name, name) == 0)
            return true;
    return false;
}

/* "10 mx.example.org"; NULL and false for what is null MX. */
static bool read_mx(const char *record, struct setup_mx *out)
{
    char *name;
    long preference = strtol(record, &name, 10);
    name += *name == ' ';
    *out = (struct setup_mx){ .name = name, .preference = (int)preference };
    return strcmp(name, ".") != 0;
}

/* In their order, each name once, the most that we look at. */
static void take_hosts(struct arena *arena, struct setup_facts *facts)
{
    struct text_list *records = &facts->mx_answer.records;
    struct setup_mx *all = arena_array(arena, records->count + 1, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < records->count; i++)
        if (read_mx(records->items[i], &all[count]))
            count++;
        else
            facts->null_mx = true;
    if (count)
        qsort(all, count, sizeof *all, compare);
    facts->mx = arena_array(arena, count + 1, sizeof *facts->mx);
    for (size_t i = 0; i < count; i++) {
        if (is_known(facts, all[i].name))
            continue;
        if (facts->mx_count == NAMES_MX_MAX) {
            facts->mx_answer.why =
                arena_printf(arena, "only the first %d hosts are looked at, of %zu records",
                             NAMES_MX_MAX, records->count);
            return;
        }
        facts->mx[facts->mx_count++] = all[i];
    }
}

static void take_domain(struct arena *arena, struct setup_facts *facts)
{
    facts->mx = arena_array(arena, 1, sizeof *facts->mx);
    facts->mx[0] = (struct setup_mx){ .name = facts->domain, .implicit = true };
    facts->mx_count = 1;
}

/* --- addresses and TLSA records --- */

static void ask_addresses(struct arena *arena, const struct names_settings *settings,
                          struct setup_facts *facts)
{
    struct dns_question *questions = arena_array(arena, facts->mx_count * 2 + 1, sizeof *questions);
    size_t count = 0;
    for (size_t i = 0; i < facts->mx_count; i++) {
        if (!text_host(arena, facts->mx[i].name, NULL))
            continue; /* an address, or what no host is called */
        questions[count++] = (struct dns_question){ .name = facts->mx[i].name, .type = DNS_A };
        questions[count++] = (struct dns_question){ .name = facts->mx[i].name, .type = DNS_AAAA };
    }
    dns_ask(settings->dns, arena, questions, count, settings->until_ms);
    const struct dns_question *question = questions;
    for (size_t i = 0; i < facts->mx_count && question < questions + count; i++) {
        struct setup_mx *mx = &facts->mx[i];
        if (question->name != mx->name)
            continue;
        mx->a = question++->answer;
        mx->aaaa = question++->answer;
        names_mx_cut(arena, &mx->a, NAMES_ADDRESSES_MAX);
        names_mx_cut(arena, &mx->aaaa, NAMES_ADDRESSES_MAX);
    }
}

/* The answer with addresses, one that DNSSEC vouches for if there is one; NULL: none. TLSA records are asked for
 * without DNSSEC too: that they stand there for nothing is worth telling. */
static const struct setup_answer *best_addresses(const struct setup_mx *mx)
{
    if (mx->a.status == LOOKUP_FOUND && (mx->a.secure || mx->aaaa.status != LOOKUP_FOUND))
        return &mx->a;
    return mx->aaaa.status == LOOKUP_FOUND ? &mx->aaaa : NULL;
}

static void ask_tlsa(struct arena *arena, const struct names_settings *settings,
                     struct setup_facts *facts)
{
    struct dns_question *questions = arena_array(arena, facts->mx_count * 2 + 1, sizeof *questions);
    struct setup_mx **of = arena_array(arena, facts->mx_count * 2 + 1, sizeof(struct setup_mx *));
    size_t count = 0;
    for (size_t i = 0; i < facts->mx_count; i++) {
        const struct setup_answer *addresses = best_addresses(&facts->mx[i]);
        const struct text_list *aliases = addresses ? &addresses->aliases : NULL;
        for (size_t k = aliases && aliases->count ? 0 : 1; addresses && k < 2; k++) {
            const char *host = k ? facts->mx[i].name : aliases->items[aliases->count - 1];
            of[count] = &facts->mx[i];
            questions[count++] =
                (struct dns_question){ .name = arena_printf(arena, "_25._tcp.%s", host),
                                       .type = DNS_TLSA };
        }
    }
    dns_ask(settings->dns, arena, questions, count, settings->until_ms);
    for (size_t i = 0; i < count; i++) {
        if (of[i]->tlsa.status == LOOKUP_FOUND && of[i]->tlsa.secure)
            continue;
        of[i]->tlsa = questions[i].answer;
        of[i]->tlsa.secure = of[i]->tlsa.secure && best_addresses(of[i])->secure;
    }
}

void names_mx_look(struct arena *arena, const struct names_settings *settings,
                   struct setup_facts *facts)
{
    if (facts->mx_answer.status == LOOKUP_FOUND)
        take_hosts(arena, facts);
    else if (facts->mx_answer.status == LOOKUP_NODATA)
        take_domain(arena, facts);
    ask_addresses(arena, settings, facts);
    ask_tlsa(arena, settings, facts);
}
