/* See check.h.
 * SPDX-License-Identifier: MIT */
#include "probe/check.h"
#include "base/clock.h"
#include "base/thread.h"
#include "probe/chain.h"
#include "probe/check_policy.h"
#include "probe/crew.h"
#include "probe/names.h"
#include "probe/recall.h"
#include "probe/smtp.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR_SECONDS  3600
#define PROBE_THREADS 8
#define BUSY_MS       250 /* between two looks whether somebody else's has ended */
#define SERVER_MS     3000
#define HOST_BYTES    256

struct checker {
    struct arena arena;
    struct dns *dns;
    struct recall *recall;
    struct chain_roots *roots;
    struct wire_terms wire;
    struct text_list resolvers;
    int64_t total_ms, probe_seconds;
    atomic_bool stopping;
};

/* --- what all looks share --- */

static const char *own_name(struct arena *arena)
{
    char name[HOST_BYTES] = "";
    if (gethostname(name, sizeof name - 1) != 0 || !*name)
        return "localhost";
    return arena_text(arena, name);
}

static struct text_list copy_list(struct arena *arena, const struct text_list *list)
{
    const char **items = arena_array(arena, list->count + 1, sizeof *items);
    for (size_t i = 0; i < list->count; i++)
        items[i] = arena_text(arena, list->items[i]);
    return (struct text_list){ items, list->count };
}

static bool take_settings(struct checker *checker, const struct check_settings *settings,
                          struct err *err)
{
    struct arena *arena = &checker->arena;
    struct err fault = { 0 };
    if (!chain_roots_load(settings->ca_file, &checker->roots, &fault))
        return err_field(err, ERR_SETUP, "check.ca_file", "%s", fault.text);
    if (!network_list_parse(arena, &settings->allow_networks, &checker->wire.allow, &fault))
        return err_field(err, ERR_SETUP, "check.allow_networks", "%s", fault.text);
    checker->resolvers = copy_list(arena, &settings->resolvers);
    checker->wire.hello = *settings->hello ? arena_text(arena, settings->hello) : own_name(arena);
    checker->wire.roots = checker->roots;
    checker->wire.connect_ms = settings->connect_seconds * 1000;
    checker->wire.step_ms = settings->step_seconds * 1000;
    checker->wire.total_ms = settings->total_seconds * 1000;
    checker->total_ms = settings->total_seconds * 1000;
    checker->probe_seconds = settings->probe_seconds;
    return true;
}

bool checker_new(const struct check_settings *settings, struct dns *dns, struct recall *recall,
                 struct checker **out, struct err *err)
{
    struct checker *checker = memory_new(sizeof *checker);
    *checker = (struct checker){ .dns = dns, .recall = recall };
    if (take_settings(checker, settings, err)) {
        *out = checker;
        return true;
    }
    checker_free(&checker);
    return false;
}

void checker_stop(struct checker *checker)
{
    checker->stopping = true;
    dns_stop(checker->dns);
    wire_stop();
}

void checker_free(struct checker **checker)
{
    struct checker *old = *checker;
    *checker = NULL;
    if (!old)
        return;
    chain_roots_free(&old->roots);
    arena_free(&old->arena);
    free(old);
}

const char *check_stage_label(enum check_stage stage)
{
    static const char *const labels[] = {
        [CHECK_NAMES] = "DNS", [CHECK_POLICY] = "policy host", [CHECK_SERVERS] = "mail servers"
    };
    return labels[stage];
}

/* --- one look --- */

struct look {
    struct checker *checker;
    const struct check_wish *wish;
    struct setup_facts *facts;
    int64_t until_ms;
    pthread_mutex_t mutex; /* while somebody is told */
};

static void tell(struct look *look, enum check_stage stage, bool ended)
{
    if (!look->wish->told)
        return;
    pthread_mutex_lock(&look->mutex);
    look->wish->told(look->wish->context, stage, ended);
    pthread_mutex_unlock(&look->mutex);
}

/* A connection that begins now may take so long. */
static struct wire_terms terms_now(const struct look *look)
{
    struct wire_terms terms = look->checker->wire;
    int64_t left = look->until_ms - clock_monotonic_ms();
    left = left < 1 ? 1 : left;
    terms.total_ms = left;
    terms.connect_ms = terms.connect_ms < left ? terms.connect_ms : left;
    return terms;
}

static bool is_over(const struct look *look)
{
    return look->checker->stopping || clock_monotonic_ms() >= look->until_ms;
}

/* --- names --- */

static void look_at_names(struct arena *arena, struct look *look)
{
    struct checker *checker = look->checker;
    const struct names_settings names = {
        .dns = checker->dns,
        .resolvers = checker->resolvers,
        .allow = &checker->wire.allow,
        .server_ms = SERVER_MS,
        /* the rest is for what is found by it */
        .until_ms = clock_monotonic_ms() + checker->total_ms / 2,
    };
    tell(look, CHECK_NAMES, false);
    names_look(arena, &names, look->facts);
    tell(look, CHECK_NAMES, true);
}

/* --- MX hosts --- */

/* One address of one host. */
struct visit {
    const struct setup_mx *mx;
    struct setup_probe *out;
};
struct visits {
    struct look *look;
    struct visit *items;
    size_t count;
};

static void visit_now(struct arena *arena, struct look *look, const struct visit *visit)
{
    const struct setup_mx *mx = visit->mx;
    const char *address = visit->out->address;
    bool dane = mx->tlsa.status == LOOKUP_FOUND && mx->tlsa.secure;
    const struct wire_terms terms = terms_now(look);
    const struct smtp_target target = { .host = mx->name,
                                        .address = address,
                                        .domain = look->facts->domain,
                                        .tlsa = dane ? &mx->tlsa.records : NULL };
    smtp_look(arena, &terms, &target, visit->out);
    if (look->checker->stopping) /* what was broken off says nothing */
        *visit->out = (struct setup_probe){ .address = address, .why = "the program ends" };
    else
        recall_put(look->checker->recall, mx->name, visit->out);
}

/* Since when a look is new enough. */
static int64_t oldest_of(const struct look *look)
{
    if (look->wish->again)
        return look->facts->at_seconds;
    return look->facts->at_seconds
           - (look->wish->probes ? HOUR_SECONDS : look->checker->probe_seconds + HOUR_SECONDS);
}

static void visit(struct arena *arena, void *thing, size_t index)
{
    const struct visits *visits = thing;
    struct look *look = visits->look;
    const struct visit *it = &visits->items[index];
    const char *address = it->out->address;
    enum recall_answer answer = RECALL_BUSY;
    while (!is_over(look)) {
        answer = recall_take(look->checker->recall, arena, it->mx->name, address, oldest_of(look),
                             it->out);
        if (answer != RECALL_BUSY)
            break;
        usleep(BUSY_MS * 1000);
    }
    if (answer == RECALL_LOOK)
        visit_now(arena, look, it);
    else if (answer == RECALL_LATER)
        *it->out = (struct setup_probe){
            .address = address,
            .reach = REACH_LATER,
            .why = "it was gone to often enough within the hour, for other hosts",
        };
    else if (answer == RECALL_BUSY)
        *it->out = (struct setup_probe){ .address = address,
                                         .reach = REACH_NONE,
                                         .why = "the time for this look was over" };
}

static void add_addresses(struct setup_mx *mx, const struct setup_answer *answer)
{
    for (size_t i = 0; i < answer->records.count; i++)
        mx->probes[mx->probe_count++].address = answer->records.items[i];
}

static void plan_visits(struct arena *arena, struct look *look, struct visits *out)
{
    struct setup_facts *facts = look->facts;
    size_t all = 0;
    for (size_t i = 0; i < facts->mx_count; i++) {
        struct setup_mx *mx = &facts->mx[i];
        size_t count = mx->a.records.count + mx->aaaa.records.count;
        mx->probes = arena_array(arena, count + 1, sizeof *mx->probes);
        add_addresses(mx, &mx->a);
        add_addresses(mx, &mx->aaaa);
        all += mx->probe_count;
    }
    out->items = arena_array(arena, all + 1, sizeof *out->items);
    for (size_t i = 0; i < facts->mx_count; i++)
        for (size_t j = 0; j < facts->mx[i].probe_count; j++)
            out->items[out->count++] =
                (struct visit){ .mx = &facts->mx[i], .out = &facts->mx[i].probes[j] };
}

/* No server answered that could have, and neither did any other of late. */
static bool seems_blocked(const struct look *look, const struct visits *visits)
{
    bool silent = false;
    for (size_t i = 0; i < visits->count; i++) {
        enum setup_reach reach = visits->items[i].out->reach;
        if (reach == REACH_OPEN || reach == REACH_REFUSED)
            return false;
        silent |= reach == REACH_TIMEOUT || reach == REACH_UNREACHABLE;
    }
    return silent && !recall_reached(look->checker->recall);
}

static void look_at_servers(struct arena *arena, struct look *look)
{
    struct visits visits = { .look = look };
    tell(look, CHECK_SERVERS, false);
    plan_visits(arena, look, &visits);
    crew_run(arena, PROBE_THREADS, visits.count, visit, &visits);
    look->facts->smtp_blocked = seems_blocked(look, &visits);
    tell(look, CHECK_SERVERS, true);
}

/* --- the policy host --- */

static void look_at_policy(struct arena *arena, struct look *look)
{
    const struct wire_terms terms = terms_now(look);
    const struct check_policy policy = { .terms = &terms,
                                         .until_ms = look->until_ms,
                                         .dns = look->checker->dns,
                                         .clients = look->wish->clients,
                                         .facts = look->facts };
    tell(look, CHECK_POLICY, false);
    check_policy_look(arena, &policy);
    tell(look, CHECK_POLICY, true);
}

/* --- all of it --- */

/* The two do not wait for each other, and write to different facts. */
static void look_at_hosts(struct arena *arena, void *thing, size_t index)
{
    struct look *look = thing;
    if (index == 0)
        look_at_policy(arena, look);
    else
        look_at_servers(arena, look);
}

void check_domain(struct checker *checker, struct arena *arena, const struct check_wish *wish,
                  struct setup_facts *out)
{
    int64_t begin_ms = clock_monotonic_ms();
    struct look look = { .checker = checker,
                         .wish = wish,
                         .facts = out,
                         .until_ms = begin_ms + checker->total_ms,
                         .mutex = PTHREAD_MUTEX_INITIALIZER };
    *out = (struct setup_facts){ .domain = wish->domain, .at_us = clock_now_us() };
    out->at_seconds = out->at_us / SECOND_US;
    look_at_names(arena, &look);
    crew_run(arena, 2, 2, look_at_hosts, &look);
    out->milliseconds = clock_monotonic_ms() - begin_ms;
    pthread_mutex_destroy(&look.mutex);
}
