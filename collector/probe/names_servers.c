/* See names_servers.h.
 * SPDX-License-Identifier: MIT
 * Before: names_mx.c. Next: vet.c */
#include "probe/names_servers.h"
#include "base/clock.h"
#include "probe/dns_server.h"
#include "probe/vet.h"
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX     10 /* name servers */
#define ADDRESSES_MAX 2  /* of each, of each family */
#define RESOLVERS_MAX 10
#define TARGETS_MAX   (NAMES_MAX * ADDRESSES_MAX * 2 + RESOLVERS_MAX)
#define QUESTIONS     3 /* of each server */

/* One who is to be asked, or why not. */
struct target {
    const char *server;  /* as it is shown */
    const char *address; /* NULL: it cannot be asked, */
    const char *why;     /* because */
    const char *zone;    /* NULL: a resolver */
};

struct look {
    struct arena *arena;
    const struct names_settings *settings;
    const char *domain;
    struct target targets[TARGETS_MAX];
    size_t count;
};

static struct setup_answer ask_one(struct look *look, const char *name, enum dns_type type,
                                   const char **zone)
{
    struct dns_question question = { .name = name, .type = type };
    dns_ask(look->settings->dns, look->arena, &question, 1, look->settings->until_ms);
    *zone = question.zone;
    return question.answer;
}

/* The names of the servers, and the zone: the domain's own, or the one above in which it lies. */
static struct text_list find_servers(struct look *look, const char **zone)
{
    const char *above = NULL;
    struct setup_answer answer = ask_one(look, look->domain, DNS_NS, &above);
    *zone = look->domain;
    if (answer.status != LOOKUP_FOUND && above && strcmp(above, look->domain) != 0) {
        *zone = above;
        answer = ask_one(look, above, DNS_NS, &above);
    }
    return answer.records;
}

static void add_target(struct look *look, struct target target)
{
    if (look->count < TARGETS_MAX)
        look->targets[look->count++] = target;
}

/* The addresses of one family of one server. */
static void add_addresses(struct look *look, const char *zone, const struct setup_answer *answer)
{
    for (size_t i = 0; i < answer->records.count && i < ADDRESSES_MAX; i++) {
        const char *address = answer->records.items[i];
        struct target target = { .server =
                                     arena_printf(look->arena, "%s %s", answer->name, address),
                                 .zone = zone };
        struct err err = { 0 };
        if (vet_address(address, look->settings->allow, &err))
            target.address = address;
        else
            target.why = arena_printf(look->arena, "not asked: %s", err.text);
        add_target(look, target);
    }
}

static const char *no_address(struct look *look, const struct setup_answer *a,
                              const struct setup_answer *aaaa)
{
    const char *why = a->why ? a->why : aaaa->why;
    if (a->status == LOOKUP_NXDOMAIN)
        return "not asked: there is no such name";
    return arena_printf(look->arena, "not asked: it has no address%s%s", why ? ": " : "",
                        why ? why : "");
}

static void add_servers(struct look *look)
{
    const char *zone;
    struct text_list names = find_servers(look, &zone);
    size_t count = names.count < NAMES_MAX ? names.count : NAMES_MAX;
    struct dns_question questions[NAMES_MAX * 2] = { 0 };
    for (size_t i = 0; i < count; i++) {
        questions[2 * i] = (struct dns_question){ .name = names.items[i], .type = DNS_A };
        questions[2 * i + 1] = (struct dns_question){ .name = names.items[i], .type = DNS_AAAA };
    }
    dns_ask(look->settings->dns, look->arena, questions, count * 2, look->settings->until_ms);
    for (size_t i = 0; i < count; i++) {
        const struct setup_answer *a = &questions[2 * i].answer,
                                  *aaaa = &questions[2 * i + 1].answer;
        add_addresses(look, zone, a);
        add_addresses(look, zone, aaaa);
        if (!a->records.count && !aaaa->records.count)
            add_target(look, (struct target){ .server = names.items[i],
                                              .why = no_address(look, a, aaaa),
                                              .zone = zone });
    }
}

static void add_resolvers(struct look *look)
{
    const struct text_list *resolvers = &look->settings->resolvers;
    for (size_t i = 0; i < resolvers->count && i < RESOLVERS_MAX; i++)
        add_target(look, (struct target){ .server = resolvers->items[i],
                                          .address = resolvers->items[i] });
}

/* The questions of all targets that can be asked, one behind the other; the others' answers are ready. */
static size_t put_questions(struct look *look, struct names_servers *out,
                            struct dns_server_question *questions)
{
    const struct {
        const char *name;
        enum dns_type type;
        struct setup_answers *out;
    } kinds[QUESTIONS] = {
        { arena_printf(look->arena, "_mta-sts.%s", look->domain), DNS_TXT, &out->sts },
        { arena_printf(look->arena, "_smtp._tls.%s", look->domain), DNS_TXT, &out->rpt },
        { look->domain, DNS_MX, &out->mx },
    };
    size_t count = 0;
    for (size_t k = 0; k < QUESTIONS; k++) {
        *kinds[k].out = (struct setup_answers){
            arena_array(look->arena, look->count + 1, sizeof *kinds[k].out->items), look->count
        };
        for (size_t i = 0; i < look->count; i++) {
            const struct target *target = &look->targets[i];
            kinds[k].out->items[i] = (struct setup_answer){ .name = kinds[k].name,
                                                            .type = dns_type_to_text(kinds[k].type),
                                                            .server = target->server,
                                                            .why = target->why,
                                                            .ttl_seconds = -1 };
            if (target->address)
                questions[count++] = (struct dns_server_question){ .address = target->address,
                                                                   .server = target->server,
                                                                   .name = kinds[k].name,
                                                                   .type = kinds[k].type,
                                                                   .zone = target->zone };
        }
    }
    return count;
}

/* Where an alias that a server gave leads is looked up by our resolver, so that answers can be compared. */
static void follow_aliases(struct look *look, struct setup_answers *answers)
{
    struct dns_question questions[TARGETS_MAX] = { 0 };
    struct setup_answer *of[TARGETS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < answers->count; i++) {
        struct setup_answer *answer = &answers->items[i];
        if (answer->status != LOOKUP_FOUND || answer->records.count || !answer->aliases.count)
            continue;
        of[count] = answer;
        questions[count++].name = answer->aliases.items[answer->aliases.count - 1];
        questions[count - 1].type = text_same(answer->type, "MX") ? DNS_MX : DNS_TXT;
    }
    dns_ask(look->settings->dns, look->arena, questions, count, look->settings->until_ms);
    for (size_t i = 0; i < count; i++) {
        const struct setup_answer *end = &questions[i].answer;
        of[i]->status = end->status;
        of[i]->records = end->records;
        of[i]->why = end->why;
        if (end->ttl_seconds >= 0 && end->ttl_seconds < of[i]->ttl_seconds)
            of[i]->ttl_seconds = end->ttl_seconds;
    }
}

/* Asks all targets, at the same time. */
static void ask_targets(struct look *look, struct names_servers *out)
{
    const struct names_settings *settings = look->settings;
    struct dns_server_question *questions =
        arena_array(look->arena, TARGETS_MAX * QUESTIONS, sizeof *questions);
    size_t count = put_questions(look, out, questions);
    int64_t until = clock_monotonic_ms() + settings->server_ms;
    dns_server_ask(look->arena, questions, count,
                   until < settings->until_ms ? until : settings->until_ms);

    const struct dns_server_question *question = questions;
    struct setup_answers *const kinds[QUESTIONS] = { &out->sts, &out->rpt, &out->mx };
    for (size_t k = 0; k < QUESTIONS; k++)
        for (size_t i = 0; i < look->count; i++)
            if (look->targets[i].address)
                kinds[k]->items[i] = question++->answer;
    for (size_t k = 0; k < QUESTIONS; k++)
        follow_aliases(look, kinds[k]);
}

void names_servers_look(struct arena *arena, const struct names_settings *settings,
                        const char *domain, struct names_servers *out)
{
    struct look look = { .arena = arena, .settings = settings, .domain = domain };
    add_servers(&look);
    ask_targets(&look, out);
}

void names_servers_resolvers(struct arena *arena, const struct names_settings *settings,
                             const char *domain, struct names_servers *out)
{
    struct look look = { .arena = arena, .settings = settings, .domain = domain };
    add_resolvers(&look);
    ask_targets(&look, out);
}
