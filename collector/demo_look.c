/* See demo_look.h. Every domain is healthy but for its story.
 * SPDX-License-Identifier: MIT */
#include "collector/demo_look.h"
#include "collector/demo.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include <string.h>

#define TTL          3600
#define LASTS_DAYS   90 /* certificates, which are renewed after so many: */
#define RENEWED_DAYS 60
#define HOSTS_MAX    3

struct story {
    const char *domain;
    const char *backup;      /* an MX host that the policy does not list */
    const char *misnamed;    /* an MX host that shows the certificate of another name */
    const char *expired;     /* one whose certificate was renewed late: see DEMO_EXPIRED_FROM */
    const char *unreachable; /* one to which there is no way from here */
    int ends_days;           /* when the MX hosts' certificates run out; 0: not soon */
    bool keeps_out;          /* the policy host sends some clients away */
    int long_ttl_days; /* the MTA-STS record was kept for two days until so long ago; 0: never */
};

static const struct story stories[] = {
    { .domain = "example.com", .backup = "backup.example.com" },
    { .domain = "shop.example", .misnamed = "mx2.shop.example" },
    { .domain = "example.net", .expired = "mx2.example.net" },
    { .domain = "museum.example", .unreachable = "mx.museum.example" },
    { .domain = "club.example", .ends_days = 12 },
    { .domain = "city.example", .keeps_out = true },
    { .domain = "library.example", .long_ttl_days = 20 },
};

static const struct story *story_of(const char *domain)
{
    static const struct story plain;
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        if (strcmp(stories[i].domain, domain) == 0)
            return &stories[i];
    return &plain;
}

/* One look that is being made. */
struct making {
    struct arena *arena;
    struct demo_domain domain;
    const struct story *story;
    int64_t at, now; /* seconds */
};

static struct text_list one_of(struct making *it, const char *text)
{
    const char **items = arena_array(it->arena, 1, sizeof *items);
    items[0] = text;
    return (struct text_list){ items, 1 };
}

/* RECORD: NULL for none. */
static struct setup_answer answer(struct making *it, const char *name, const char *type,
                                  const char *record)
{
    return (struct setup_answer){ .name = name,
                                  .type = type,
                                  .status = record ? LOOKUP_FOUND : LOOKUP_NXDOMAIN,
                                  .records = record ? one_of(it, record) : (struct text_list){ 0 },
                                  .ttl_seconds = record ? TTL : -1,
                                  .secure = it->domain.tlsa != NULL };
}

static bool same(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

/* 64 hex digits that are the same whenever they are made. */
static const char *digest(struct making *it, const char *name, int32_t day)
{
    const char *text = arena_printf(it->arena, "%s %d", name, day);
    return hash_to_text(text, strlen(text), arena_alloc(it->arena, HASH_TEXT_BYTES));
}

/* --- TLS --- */

/* Since when HOST has its present certificate. */
static int32_t begin_of(const struct making *it, const char *host)
{
    int32_t day = clock_day(it->at), in_cycle = day % DEMO_CYCLE_DAYS;
    if (!same(it->story->expired, host))
        return day / RENEWED_DAYS * RENEWED_DAYS;
    return in_cycle <= DEMO_EXPIRED_TO ? day - in_cycle - DEMO_CYCLE_DAYS + DEMO_EXPIRED_TO + 1
                                       : day - in_cycle + DEMO_EXPIRED_TO + 1;
}

static int64_t end_of(const struct making *it, const char *host, int32_t begin)
{
    int32_t day = clock_day(it->at), in_cycle = day % DEMO_CYCLE_DAYS;
    if (same(it->story->expired, host) && in_cycle >= DEMO_EXPIRED_FROM
        && in_cycle <= DEMO_EXPIRED_TO)
        return (int64_t)(day - in_cycle + DEMO_EXPIRED_FROM) * DAY_SECONDS;
    if (it->story->ends_days && !text_begins(host, "mta-sts."))
        return it->now + (int64_t)it->story->ends_days * DAY_SECONDS;
    return (int64_t)(begin + LASTS_DAYS) * DAY_SECONDS;
}

static struct setup_tls session(struct making *it, const char *host)
{
    bool misnamed = same(it->story->misnamed, host);
    const char *name = misnamed ? arena_printf(it->arena, "www.%s", it->domain.name) : host;
    int32_t begin = begin_of(it, host);
    int64_t end = end_of(it, host, begin);
    const char **chain = arena_array(it->arena, 2, sizeof *chain);
    chain[0] = arena_printf(it->arena, "CN=%s", name);
    chain[1] = "CN=Sample CA,O=tlsrptd sample data";
    unsigned flaws = (misnamed ? FLAW_NAME : 0) | (end <= it->at ? FLAW_EXPIRED : 0);
    return (struct setup_tls){
        .tried = true,
        .done = true,
        .version = "TLSv1.3",
        .cipher = "TLS_AES_256_GCM_SHA384",
        .certificate = { .shown = true,
                         .flaws = flaws,
                         .why = misnamed ? "hostname mismatch"
                                : flaws  ? "certificate has expired"
                                         : NULL,
                         .subject = chain[0],
                         .issuer = chain[1],
                         .names = one_of(it, name),
                         .begin_seconds = (int64_t)begin * DAY_SECONDS,
                         .end_seconds = end,
                         .chain_end_seconds = end,
                         .sha256 = digest(it, host, begin),
                         .spki_sha256 = it->domain.tlsa ? it->domain.tlsa + strlen("3 1 1 ")
                                                        : digest(it, host, 0),
                         .chain = { chain, 2 } },
    };
}

/* --- the policy --- */

static struct bytes policy_of(struct making *it)
{
    struct buf text = BUF(1000);
    buf_printf(&text, "version: STSv1\r\nmode: %s\r\n", it->domain.mode);
    for (size_t i = 0; i < it->domain.host_count && strcmp(it->domain.mode, "none") != 0; i++)
        buf_printf(&text, "mx: %s\r\n", it->domain.hosts[i]);
    buf_text(&text, "max_age: 604800\r\n");
    struct bytes bytes = { arena_copy(it->arena, text.data, text.size), text.size };
    buf_done(&text);
    return bytes;
}

static struct setup_fetch fetch(struct making *it, const char *host, const char *client)
{
    bool away = it->story->keeps_out && *client;
    return (struct setup_fetch){
        .url = arena_printf(it->arena, "https://%s/.well-known/mta-sts.txt", host),
        .address = "192.0.2.80",
        .client = client,
        .reach = REACH_OPEN,
        .tls = session(it, host),
        .status = away ? 403 : 200,
        .type = away ? "text/html" : "text/plain; charset=utf-8",
        .body = away ? (struct bytes){ "<h1>Forbidden</h1>", 18 } : policy_of(it),
        .milliseconds = 40,
    };
}

static void see_policy(struct making *it, struct setup_facts *facts)
{
    const char *host = arena_printf(it->arena, "mta-sts.%s", it->domain.name);
    const char *record = it->domain.mode ? "v=STSv1; id=20260801000000;" : NULL;
    facts->sts = answer(it, arena_printf(it->arena, "_mta-sts.%s", it->domain.name), "TXT", record);
    if (it->story->long_ttl_days
        && it->at < it->now - (int64_t)it->story->long_ttl_days * DAY_SECONDS)
        facts->sts.ttl_seconds = 2 * DAY_SECONDS;
    facts->host_a = answer(it, host, "A", it->domain.mode ? "192.0.2.80" : NULL);
    facts->host_aaaa = answer(it, host, "AAAA", it->domain.mode ? "2001:db8::80" : NULL);
    facts->host_caa = answer(it, it->domain.name, "CAA", NULL);
    if (!it->domain.mode)
        return;
    struct setup_fetch *fetches = arena_array(it->arena, 3, sizeof *fetches);
    fetches[0] = fetch(it, host, "");
    fetches[1] = fetches[0];
    fetches[1].address = "2001:db8::80";
    fetches[2] = fetch(it, host, "Mimecast MTA-STS");
    facts->fetches = (struct setup_fetches){ fetches, 2 };
    facts->clients = (struct setup_fetches){ fetches + 2, 1 };
    facts->head = fetches[0];
}

/* --- MX hosts --- */

static struct setup_probe probe(struct making *it, const char *host, const char *address)
{
    bool away = same(it->story->unreachable, host);
    return (struct setup_probe){
        .address = address,
        .at_seconds = it->at,
        .reach = away ? REACH_UNREACHABLE : REACH_OPEN,
        .why = away ? "Network is unreachable" : NULL,
        .banner = away ? NULL : arena_printf(it->arena, "220 %s ESMTP (sample data)", host),
        .starttls = away ? STARTTLS_NONE : STARTTLS_OFFERED,
        .tls = away ? (struct setup_tls){ 0 } : session(it, host),
        .dane = it->domain.tlsa ? DANE_MATCHES : DANE_NONE,
        .milliseconds = 120,
    };
}

static struct setup_mx mx(struct making *it, const char *host, size_t place)
{
    const char *four = arena_printf(it->arena, "192.0.2.%zu", place + 25);
    const char *six = arena_printf(it->arena, "2001:db8::25:%zu", place + 1);
    bool away = same(it->story->unreachable, host);
    struct setup_probe *probes = arena_array(it->arena, 2, sizeof *probes);
    probes[0] = probe(it, host, six);
    probes[1] = probe(it, host, four);
    return (struct setup_mx){
        .name = host,
        .preference = 10 * (int)(place + 1),
        .a = answer(it, host, "A", away ? NULL : four),
        .aaaa = answer(it, host, "AAAA", six),
        .tlsa = answer(it, arena_printf(it->arena, "_25._tcp.%s", host), "TLSA", it->domain.tlsa),
        .probes = probes,
        .probe_count = away ? 1 : 2, /* over IPv6 alone, which we lack */
    };
}

static void see_mx(struct making *it, struct setup_facts *facts)
{
    struct setup_mx *all = arena_array(it->arena, HOSTS_MAX, sizeof *all);
    const char **records = arena_array(it->arena, HOSTS_MAX, sizeof *records);
    size_t count = it->domain.host_count + (it->story->backup != NULL);
    for (size_t i = 0; i < count; i++) {
        all[i] = mx(it, i < it->domain.host_count ? it->domain.hosts[i] : it->story->backup, i);
        records[i] = arena_printf(it->arena, "%d %s", all[i].preference, all[i].name);
    }
    facts->mx_answer = answer(it, it->domain.name, "MX", records[0]);
    facts->mx_answer.records = (struct text_list){ records, count };
    facts->mx = all;
    facts->mx_count = count;
}

bool demo_look(struct arena *arena, size_t index, int64_t at_seconds, int64_t now_seconds,
               struct setup_facts *facts, struct setup_history *history)
{
    struct making it = { .arena = arena, .at = at_seconds, .now = now_seconds };
    if (!demo_domain(index, &it.domain))
        return false;
    it.story = story_of(it.domain.name);
    *facts = (struct setup_facts){ .domain = it.domain.name,
                                   .at_seconds = at_seconds,
                                   .at_us = at_seconds * SECOND_US,
                                   .milliseconds = 1400 };
    *history = (struct setup_history){
        .last_report_seconds = it.domain.reports ? at_seconds - DAY_SECONDS : 0,
    };
    facts->rpt = answer(&it, arena_printf(arena, "_smtp._tls.%s", it.domain.name), "TXT",
                        arena_printf(arena, "v=TLSRPTv1; rua=mailto:tlsrpt@%s", it.domain.name));
    facts->tls_parent = answer(&it, arena_printf(arena, "_tls.%s", it.domain.name), "TXT", NULL);
    facts->tls_parent.status = LOOKUP_NODATA;
    facts->wildcard = answer(&it, arena_printf(arena, "x7k2.%s", it.domain.name), "TXT", NULL);
    facts->domain_soa = answer(&it, it.domain.name, "SOA", "ns1 hostmaster 1 7200 900 1209600 300");
    see_policy(&it, facts);
    see_mx(&it, facts);
    return true;
}
