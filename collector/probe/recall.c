/* See recall.h.
 * SPDX-License-Identifier: MIT */
#include "probe/recall.h"
#include "schema/setup.h"
#include "base/clock.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_SECONDS  300   /* a look that lasts longer never ends */
#define REMEMBER_MOST 20000 /* in memory; beyond, all is forgotten */
#define HOUR_SECONDS  3600
#define ADDRESS_MOST \
    120              /* looks at one address within an hour, whatever hosts are said to be there */
#define AWAY_MS 5000 /* a database that was away is not asked again so soon */

enum tls_bit { TLS_TRIED = 1, TLS_DONE = 2, TLS_TOO_OLD = 4, TLS_SHOWN = 8 };

struct kept {
    struct probe_row row; /* texts are in `arena` */
    struct arena arena;
    struct kept *next;
};

struct recall {
    pthread_mutex_t mutex; /* for all that follows */
    char *database;        /* NULL: none */
    struct pg_patience patience;
    struct pg *pg;
    int64_t away_until_ms;
    struct kept *kept; /* what is in no ledger */
    size_t count;
    bool reached;
};

/* --- a look, and a row of the ledger --- */

static const char *lines_of(struct arena *arena, const struct text_list *list)
{
    struct buf out = BUF(1 << 20);
    for (size_t i = 0; i < list->count; i++)
        buf_printf(&out, "%s%s", i ? "\n" : "", list->items[i]);
    const char *lines = list->count ? arena_text(arena, buf_get(&out)) : NULL;
    buf_done(&out);
    return lines;
}

static struct text_list list_of(struct arena *arena, const char *lines)
{
    size_t count = lines ? 1 : 0;
    for (const char *at = lines; at && *at; at++)
        count += *at == '\n';
    const char **items = arena_array(arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const char *end = strchrnul(lines, '\n');
        items[i] = arena_copy(arena, lines, (size_t)(end - lines));
        lines = end + 1;
    }
    return (struct text_list){ items, count };
}

/* Texts are the probe's; lists are in ARENA. */
static struct probe_row row_of(struct arena *arena, const char *mx, const struct setup_probe *probe)
{
    const struct setup_tls *tls = &probe->tls;
    const struct setup_certificate *certificate = &tls->certificate;
    return (struct probe_row){
        .address = probe->address,
        .mx = mx,
        .at_seconds = probe->at_seconds,
        .known = true,
        .reach = (int32_t)probe->reach,
        .why = probe->why,
        .banner = probe->banner,
        .code = probe->code,
        .starttls = (int32_t)probe->starttls,
        .dane = (int32_t)probe->dane,
        .milliseconds = probe->milliseconds,
        .tls = (tls->tried ? TLS_TRIED : 0) | (tls->done ? TLS_DONE : 0)
               | (tls->too_old ? TLS_TOO_OLD : 0) | (certificate->shown ? TLS_SHOWN : 0),
        .tls_version = tls->version,
        .tls_cipher = tls->cipher,
        .tls_why = tls->why,
        .flaws = (int32_t)certificate->flaws,
        .flaw_why = certificate->why,
        .subject = certificate->subject,
        .issuer = certificate->issuer,
        .names = lines_of(arena, &certificate->names),
        .chain = lines_of(arena, &certificate->chain),
        .begins = certificate->begin_seconds,
        .ends = certificate->end_seconds,
        .chain_ends = certificate->chain_end_seconds,
        .sha256 = certificate->sha256,
        .spki_sha256 = certificate->spki_sha256,
    };
}

static struct setup_probe probe_of(struct arena *arena, const struct probe_row *row)
{
    return (struct setup_probe){
        .address = arena_text(arena, row->address),
        .at_seconds = row->at_seconds,
        .reach = (enum setup_reach)row->reach,
        .why = arena_text(arena, row->why),
        .banner = arena_text(arena, row->banner),
        .code = row->code,
        .starttls = (enum setup_starttls)row->starttls,
        .dane = (enum setup_dane)row->dane,
        .milliseconds = row->milliseconds,
        .tls = {
            .tried = row->tls & TLS_TRIED,
            .done = row->tls & TLS_DONE,
            .too_old = row->tls & TLS_TOO_OLD,
            .version = arena_text(arena, row->tls_version),
            .cipher = arena_text(arena, row->tls_cipher),
            .why = arena_text(arena, row->tls_why),
            .certificate = {
                .shown = row->tls & TLS_SHOWN,
                .flaws = (unsigned)row->flaws,
                .why = arena_text(arena, row->flaw_why),
                .subject = arena_text(arena, row->subject),
                .issuer = arena_text(arena, row->issuer),
                .names = list_of(arena, row->names),
                .chain = list_of(arena, row->chain),
                .begin_seconds = row->begins,
                .end_seconds = row->ends,
                .chain_end_seconds = row->chain_ends,
                .sha256 = arena_text(arena, row->sha256),
                .spki_sha256 = arena_text(arena, row->spki_sha256),
            },
        },
    };
}

/* --- in memory --- */

static void forget(struct recall *recall)
{
    while (recall->kept) {
        struct kept *old = recall->kept;
        recall->kept = old->next;
        arena_free(&old->arena);
        free(old);
    }
    recall->count = 0;
}

static struct kept *find(const struct recall *recall, const char *mx, const char *address)
{
    struct kept *kept = recall->kept;
    while (kept && (strcmp(kept->row.mx, mx) != 0 || strcmp(kept->row.address, address) != 0))
        kept = kept->next;
    return kept;
}

static bool is_worn(const struct recall *recall, const char *address, int64_t now_seconds)
{
    int32_t looks = 0;
    for (const struct kept *kept = recall->kept; kept; kept = kept->next)
        looks += kept->row.at_seconds > now_seconds - HOUR_SECONDS
                 && strcmp(kept->row.address, address) == 0;
    return looks >= ADDRESS_MOST;
}

static struct kept *find_or_make(struct recall *recall, const char *mx, const char *address)
{
    struct kept *kept = find(recall, mx, address);
    if (kept)
        return kept;
    if (recall->count == REMEMBER_MOST)
        forget(recall);
    kept = memory_new(sizeof *kept);
    *kept = (struct kept){ .next = recall->kept };
    kept->row.mx = arena_text(&kept->arena, mx);
    kept->row.address = arena_text(&kept->arena, address);
    recall->kept = kept;
    recall->count++;
    return kept;
}

static enum recall_answer take_here(struct recall *recall, struct arena *arena, const char *mx,
                                    const char *address, int64_t oldest_seconds,
                                    struct setup_probe *out)
{
    struct kept *kept = find(recall, mx, address);
    int64_t now = clock_now();
    bool worn = is_worn(recall, address, now);
    if (kept && kept->row.known && (worn || kept->row.at_seconds >= oldest_seconds)) {
        *out = probe_of(arena, &kept->row);
        return RECALL_KNOWN;
    }
    if (kept && !kept->row.known && kept->row.at_seconds > now - BUSY_SECONDS)
        return RECALL_BUSY;
    if (worn)
        return RECALL_LATER;
    kept = find_or_make(recall, mx, address);
    kept->row.known = false;
    kept->row.at_seconds = now;
    return RECALL_LOOK;
}

static void put_here(struct recall *recall, const char *mx, const struct setup_probe *probe)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct kept *kept = find_or_make(recall, mx, probe->address);
    struct arena old = kept->arena;
    const struct probe_row row = row_of(&arena, mx, probe);
    kept->arena = (struct arena){ 0 };
    const struct setup_probe copy = probe_of(&kept->arena, &row);
    kept->row = row_of(&kept->arena, arena_text(&kept->arena, mx), &copy);
    arena_free(&old);
}

/* --- in the ledger --- */

/* False while there is none to be asked. */
static bool is_there(struct recall *recall)
{
    struct err err = { 0 };
    if (!recall->database || clock_monotonic_ms() < recall->away_until_ms)
        return false;
    if ((recall->pg || pg_open_within(recall->database, recall->patience, &recall->pg, &err))
        && pg_ready(recall->pg, &err))
        return true;
    recall->away_until_ms = clock_monotonic_ms() + AWAY_MS;
    return false;
}

static bool take_there(struct recall *recall, struct arena *arena, const struct probe_slot *slot,
                       enum recall_answer *answer, struct setup_probe *out)
{
    const struct text_list mx = { &slot->mx, 1 };
    struct err err = { 0 };
    struct rows rows;
    bool taken = false;
    if (!is_there(recall) || !setup_probe_take(recall->pg, slot, &taken, &err))
        return false;
    *answer = taken ? RECALL_LOOK : RECALL_LATER;
    if (taken)
        return true;
    if (!setup_probes(recall->pg, arena, &mx, &rows, &err))
        return false;
    const struct probe_row *all = rows.first;
    for (size_t i = 0; i < rows.count; i++)
        if (strcmp(all[i].address, slot->address) == 0 && all[i].known) {
            *out = probe_of(arena, &all[i]);
            *answer = RECALL_KNOWN;
        } else if (strcmp(all[i].address, slot->address) == 0
                   && all[i].at_seconds > slot->now_seconds - BUSY_SECONDS) {
            *answer = RECALL_BUSY;
        }
    return true;
}

static bool put_there(struct recall *recall, const char *mx, const struct setup_probe *probe)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct probe_row row = row_of(&arena, mx, probe);
    struct err err = { 0 };
    return is_there(recall) && setup_probe_put(recall->pg, &row, &err);
}

/* --- either --- */

struct recall *recall_new(const char *database, struct pg_patience patience)
{
    struct recall *recall = memory_new(sizeof *recall);
    *recall = (struct recall){ .mutex = PTHREAD_MUTEX_INITIALIZER,
                               .database = database ? memory_text(database) : NULL,
                               .patience = patience };
    return recall;
}

void recall_free(struct recall **recall)
{
    struct recall *old = *recall;
    *recall = NULL;
    if (!old)
        return;
    forget(old);
    pg_close(&old->pg);
    pthread_mutex_destroy(&old->mutex);
    free(old->database);
    free(old);
}

enum recall_answer recall_take(struct recall *recall, struct arena *arena, const char *mx,
                               const char *address, int64_t oldest_seconds, struct setup_probe *out)
{
    const struct probe_slot slot = { mx, address, clock_now(), oldest_seconds, ADDRESS_MOST };
    enum recall_answer answer;
    pthread_mutex_lock(&recall->mutex);
    if (!take_there(recall, arena, &slot, &answer, out))
        answer = take_here(recall, arena, mx, address, oldest_seconds, out);
    pthread_mutex_unlock(&recall->mutex);
    return answer;
}

void recall_put(struct recall *recall, const char *mx, const struct setup_probe *probe)
{
    pthread_mutex_lock(&recall->mutex);
    recall->reached |= probe->reach == REACH_OPEN;
    if (!put_there(recall, mx, probe))
        put_here(recall, mx, probe);
    pthread_mutex_unlock(&recall->mutex);
}

bool recall_reached(struct recall *recall)
{
    struct err err = { 0 };
    pthread_mutex_lock(&recall->mutex);
    bool reached = recall->reached, found = false;
    if (!reached && is_there(recall)
        && setup_reached(recall->pg, (int32_t)REACH_OPEN, clock_now() - DAY_SECONDS, &found, &err))
        reached = found;
    pthread_mutex_unlock(&recall->mutex);
    return reached;
}
