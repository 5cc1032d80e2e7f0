/* See names.h. Three threads: one asks the servers of the zone, which it has to find first, one the further resolvers,
 * and the caller's all that our own resolver answers.
 * SPDX-License-Identifier: MIT
 * Before: dns.c. Next: names_mx.c */
#include "probe/names.h"
#include "base/clock.h"
#include "base/thread.h"
#include "probe/names_mx.h"
#include "probe/names_servers.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CAA_MAX 8 /* names from the policy host upward */

/* What has one name and one place to go. */
enum place {
    STS,
    RPT,
    TLS_PARENT,
    WILDCARD,
    MX,
    SOA,
    HOST_A,
    HOST_AAAA,
    PLACES,
};

/* Where records of MTA-STS and TLS-RPT are found by mistake; %s is the domain. A name that a zone's origin was
 * appended to a second time is the last of each. */
/* clang-format off */
static const struct {
    const char *before;
    bool twice;
} mistakes[] = {
    { .before = "" },
    { .before = "mta-sts." },
    { .before = "_mta_sts." },
    { .before = "_mtasts." },
    { .before = "_mta-sts.", .twice = true },
    { .before = "smtp._tls." },
    { .before = "_smtp_tls." },
    { .before = "_smtp-tls." },
    { .before = "_tlsrpt." },
    { .before = "_smtp._tls.", .twice = true },
};
/* clang-format on */
#define MISTAKES ARRAY_SIZE(mistakes)

/* --- servers by their addresses, beside --- */

/* The zone's servers, and the further resolvers. */
#define BESIDES 2

struct beside {
    void (*look)(struct arena *arena, const struct names_settings *settings, const char *domain,
                 struct names_servers *out);
    struct arena *arena; /* its own: two threads cannot share one */
    const struct names_settings *settings;
    const char *domain;
    struct names_servers servers;
    pthread_t thread;
    bool started;
};

static void *run(void *thing)
{
    struct beside *beside = thing;
    beside->look(beside->arena, beside->settings, beside->domain, &beside->servers);
    return NULL;
}

static void free_arena(void *thing)
{
    arena_free(thing);
}

static void begin(struct arena *arena, struct beside *beside)
{
    struct err ignored = { 0 };
    beside->arena = arena_alloc(arena, sizeof *beside->arena);
    arena_on_free(arena, free_arena, beside->arena);
    beside->started = thread_start(&beside->thread, run, beside, &ignored);
}

static struct setup_answers join(struct arena *arena, const struct setup_answers *one,
                                 const struct setup_answers *other)
{
    struct setup_answers all = { .count = one->count + other->count };
    all.items = arena_array(arena, all.count + 1, sizeof *all.items);
    if (one->count)
        memcpy(all.items, one->items, one->count * sizeof *all.items);
    if (other->count)
        memcpy(all.items + one->count, other->items, other->count * sizeof *all.items);
    return all;
}

/* --- our resolver --- */

static const char *chance_name(struct arena *arena, const char *domain)
{
    uint64_t chance;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        abort(); /* never fails once the system has started */
    return arena_printf(arena, "_x%016" PRIx64 ".%s", chance, domain);
}

static size_t put_places(struct arena *arena, const char *domain, struct dns_question *out)
{
    const char *host = arena_printf(arena, "mta-sts.%s", domain);
    const struct dns_question questions[PLACES] = {
        [STS] = { .name = arena_printf(arena, "_mta-sts.%s", domain), .type = DNS_TXT },
        [RPT] = { .name = arena_printf(arena, "_smtp._tls.%s", domain), .type = DNS_TXT },
        [TLS_PARENT] = { .name = arena_printf(arena, "_tls.%s", domain), .type = DNS_TXT },
        [WILDCARD] = { .name = chance_name(arena, domain), .type = DNS_TXT },
        [MX] = { .name = domain, .type = DNS_MX },
        [SOA] = { .name = domain, .type = DNS_SOA },
        [HOST_A] = { .name = host, .type = DNS_A },
        [HOST_AAAA] = { .name = host, .type = DNS_AAAA },
    };
    memcpy(out, questions, sizeof questions);
    return PLACES;
}

static size_t put_mistakes(struct arena *arena, const char *domain, struct dns_question *out)
{
    size_t count = 0;
    for (size_t i = 0; i < MISTAKES; i++) {
        const char *name = mistakes[i].twice
                               ? arena_printf(arena, "%s%s.%s", mistakes[i].before, domain, domain)
                               : arena_printf(arena, "%s%s", mistakes[i].before, domain);
        if (text_host(arena, name, NULL)) /* not too long */
            out[count++] = (struct dns_question){ .name = name, .type = DNS_TXT };
    }
    return count;
}

/* The policy host and each name above it, up to the top domain (RFC 8659 section 3). */
static size_t put_caa(const char *host, struct dns_question *out)
{
    size_t count = 0;
    for (const char *name = host; name && count < CAA_MAX; count++) {
        out[count] = (struct dns_question){ .name = name, .type = DNS_CAA };
        name = strchr(name, '.');
        name = name ? name + 1 : NULL;
    }
    return count;
}

/* --- what of it is kept --- */

static bool is_ours(const struct setup_answer *answer)
{
    for (size_t i = 0; i < answer->records.count; i++) {
        const char *text = answer->records.items[i];
        text += strspn(text, " \t\"'\\");
        if (text_begins(text, "v=STSv1") || text_begins(text, "v=TLSRPTv1"))
            return true;
    }
    return false;
}

static bool is_same(const struct setup_answer *a, const struct setup_answer *b)
{
    bool same = a->records.count == b->records.count;
    for (size_t i = 0; same && i < a->records.count; i++)
        same = strcmp(a->records.items[i], b->records.items[i]) == 0;
    return same;
}

/* Records of MTA-STS or TLS-RPT; not those that a wildcard puts everywhere. */
static void take_mistakes(struct arena *arena, const struct dns_question *questions, size_t count,
                          struct setup_facts *facts)
{
    struct setup_answers *out = &facts->misplaced;
    *out = (struct setup_answers){ .items = arena_array(arena, count + 1, sizeof *out->items) };
    if (is_ours(&facts->tls_parent) && !is_same(&facts->tls_parent, &facts->wildcard))
        out->items[out->count++] = facts->tls_parent;
    for (size_t i = 0; i < count; i++)
        if (is_ours(&questions[i].answer) && !is_same(&questions[i].answer, &facts->wildcard))
            out->items[out->count++] = questions[i].answer;
}

/* The nearest that says anything; when none does, the host's own. */
static struct setup_answer nearest(const struct dns_question *questions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (questions[i].answer.status != LOOKUP_NODATA
            && questions[i].answer.status != LOOKUP_NXDOMAIN)
            return questions[i].answer;
    return questions->answer;
}

static void ask_resolver(struct arena *arena, const struct names_settings *settings,
                         struct setup_facts *facts)
{
    struct dns_question questions[PLACES + MISTAKES + CAA_MAX];
    size_t places = put_places(arena, facts->domain, questions);
    size_t caa = put_caa(questions[HOST_A].name, questions + places);
    size_t wrong = put_mistakes(arena, facts->domain, questions + places + caa);
    dns_ask(settings->dns, arena, questions, places + caa + wrong, settings->until_ms);

    facts->sts = questions[STS].answer;
    facts->rpt = questions[RPT].answer;
    facts->tls_parent = questions[TLS_PARENT].answer;
    facts->wildcard = questions[WILDCARD].answer;
    facts->mx_answer = questions[MX].answer;
    facts->domain_soa = questions[SOA].answer;
    facts->host_a = questions[HOST_A].answer;
    facts->host_aaaa = questions[HOST_AAAA].answer;
    facts->host_caa = nearest(questions + places, caa);
    take_mistakes(arena, questions + places + caa, wrong, facts);
    names_mx_cut(arena, &facts->host_a, NAMES_ADDRESSES_MAX);
    names_mx_cut(arena, &facts->host_aaaa, NAMES_ADDRESSES_MAX);
    names_mx_look(arena, settings, facts);
}

/* A resolver tells how long it will keep a record still, and none for longer than it likes; how long it may is said
 * by the zone's servers. */
static void take_ttl(struct setup_answer *answer, const struct setup_answers *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        const struct setup_answer *one = &servers->items[i];
        if (answer->status == LOOKUP_FOUND && one->status == LOOKUP_FOUND
            && one->ttl_seconds > answer->ttl_seconds)
            answer->ttl_seconds = one->ttl_seconds;
    }
}

void names_look(struct arena *arena, const struct names_settings *settings,
                struct setup_facts *facts)
{
    struct beside besides[BESIDES] = {
        { .look = names_servers_look, .settings = settings, .domain = facts->domain },
        { .look = names_servers_resolvers, .settings = settings, .domain = facts->domain },
    };
    for (size_t i = 0; i < BESIDES; i++)
        begin(arena, &besides[i]);
    ask_resolver(arena, settings, facts);
    for (size_t i = 0; i < BESIDES; i++)
        if (besides[i].started)
            pthread_join(besides[i].thread, NULL);
        else /* one behind the other, then: the system has no thread left */
            run(&besides[i]);
    const struct names_servers *zone = &besides[0].servers, *others = &besides[1].servers;
    take_ttl(&facts->sts, &zone->sts);
    take_ttl(&facts->rpt, &zone->rpt);
    take_ttl(&facts->mx_answer, &zone->mx);
    facts->sts_servers = join(arena, &zone->sts, &others->sts);
    facts->rpt_servers = join(arena, &zone->rpt, &others->rpt);
    facts->mx_servers = join(arena, &zone->mx, &others->mx);
}
