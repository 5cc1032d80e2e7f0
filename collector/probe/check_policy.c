/* See check_policy.h.
 * SPDX-License-Identifier: MIT */
#include "probe/check_policy.h"
#include "base/clock.h"
#include "probe/crew.h"
#include "probe/fetch.h"
#include <string.h>

#define THREADS 6

/* As mail servers call themselves that fetch policies. */
static const char *const clients[] = {
    ("tlsrptd/" TLSRPTD_VERSION),
    "libwww-perl/6.72",
    "Mimecast MTA-STS",
    "Go-http-client/1.1",
};

/* Where policies are put by mistake. */
static const char *const wrong_paths[] = {
    "/mta-sts.txt",
    "/.well-known/mta-sts",
    "/.well-known/mta_sts.txt",
};

struct visits {
    const struct check_policy *look;
    const struct fetch_target *targets;
    struct setup_fetch *out;
};

static void visit(struct arena *arena, void *thing, size_t index)
{
    const struct visits *visits = thing;
    const struct fetch_target *target = &visits->targets[index];
    struct setup_fetch *out = &visits->out[index];
    struct wire_terms terms = *visits->look->terms;
    int64_t left = visits->look->until_ms - clock_monotonic_ms();
    if (left <= 0) {
        *out = (struct setup_fetch){ .address = target->address,
                                     .client = target->client,
                                     .url = arena_printf(arena, "https://%s%s", target->host,
                                                         target->path),
                                     .why = "the time for this look was over" };
        return;
    }
    terms.total_ms = left < terms.total_ms ? left : terms.total_ms;
    terms.connect_ms = left < terms.connect_ms ? left : terms.connect_ms;
    fetch_look(arena, &terms, target, out);
}

static struct setup_fetches visit_all(struct arena *arena, const struct check_policy *look,
                                      const struct fetch_target *targets, size_t count)
{
    struct visits visits = { look, targets, arena_array(arena, count + 1, sizeof *visits.out) };
    crew_run(arena, THREADS, count, visit, &visits);
    return (struct setup_fetches){ visits.out, count };
}

static const struct setup_fetch *served_of(const struct setup_facts *facts)
{
    for (size_t i = 0; i < facts->fetches.count; i++) {
        const struct setup_fetch *fetch = &facts->fetches.items[i];
        if (fetch->status == 200 && fetch->tls.done && !fetch->tls.certificate.flaws)
            return fetch;
    }
    return NULL;
}

/* Of the domain itself, by whose web server some serve it. */
static const char *address_of(struct arena *arena, const struct check_policy *look)
{
    struct dns_question question = { .name = look->facts->domain, .type = DNS_A };
    dns_ask(look->dns, arena, &question, 1, look->until_ms);
    return question.answer.records.count ? question.answer.records.items[0] : NULL;
}

static void look_elsewhere(struct arena *arena, const struct check_policy *look,
                           const struct fetch_target *first)
{
    struct fetch_target targets[ARRAY_SIZE(wrong_paths) + 2];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(wrong_paths); i++) {
        targets[count] = *first;
        targets[count++].path = wrong_paths[i];
    }
    targets[count] = *first;
    targets[count++].plain = true;
    const char *address = address_of(arena, look);
    if (address)
        targets[count++] = (struct fetch_target){
            .host = look->facts->domain, .path = FETCH_PATH, .address = address, .client = ""
        };
    look->facts->elsewhere = visit_all(arena, look, targets, count);
}

/* HEAD comes first, and clients behind it. */
static void look_again(struct arena *arena, const struct check_policy *look,
                       const struct fetch_target *first)
{
    struct fetch_target targets[ARRAY_SIZE(clients) + 1];
    size_t count = 0;
    targets[count] = *first;
    targets[count++].head = true;
    for (size_t i = 0; look->clients && i < ARRAY_SIZE(clients); i++) {
        targets[count] = *first;
        targets[count++].client = clients[i];
    }
    struct setup_fetches fetches = visit_all(arena, look, targets, count);
    look->facts->head = fetches.items[0];
    look->facts->clients = (struct setup_fetches){ fetches.items + 1, count - 1 };
}

void check_policy_look(struct arena *arena, const struct check_policy *look)
{
    struct setup_facts *facts = look->facts;
    const struct text_list *const lists[] = { &facts->host_a.records, &facts->host_aaaa.records };
    const char *host = arena_printf(arena, "mta-sts.%s", facts->domain);
    struct fetch_target *targets =
        arena_array(arena, lists[0]->count + lists[1]->count + 1, sizeof *targets);
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            targets[count++] = (struct fetch_target){
                .host = host, .path = FETCH_PATH, .address = lists[i]->items[j], .client = ""
            };
    facts->fetches = visit_all(arena, look, targets, count);
    const struct setup_fetch *served = served_of(facts);
    if (served)
        look_again(arena, look, &targets[served - facts->fetches.items]);
    else if (count)
        look_elsewhere(arena, look, targets);
    for (size_t i = 0; !served && i < count; i++)
        if (facts->fetches.items[i].status == 403) { /* is another client let in? */
            look_again(arena, look, &targets[i]);
            return;
        }
}
