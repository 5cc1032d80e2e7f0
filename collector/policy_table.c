/* See policy_table.h. The file has a line "domain id version sha256 check size" for each policy, then its
 * bytes and a line feed; the check is one of all of them.
 *
 * SPDX-License-Identifier: MIT */
#include "collector/policy_table.h"
#include "base/hash.h"
#include "base/scatter.h"
#include "ingest/policy_text.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD        "tlsrptd policies 1\n"
#define FIRST_SLOTS 1024

/* Open addressing; as many slots as a power of two, at most half of them taken. */
struct policy_table {
    pthread_rwlock_t lock;
    const struct hosted **slots; /* NULL: free */
    size_t slot_count, count;
};

struct policy_table *policy_table_new(void)
{
    struct policy_table *table = memory_new(sizeof *table);
    pthread_rwlock_init(&table->lock, NULL);
    table->slot_count = FIRST_SLOTS;
    table->slots = memory_new(FIRST_SLOTS * sizeof *table->slots);
    return table;
}

void policy_table_free(struct policy_table **table)
{
    struct policy_table *old = *table;
    if (!old)
        return;
    *table = NULL;
    for (size_t i = 0; i < old->slot_count; i++)
        shared_release(old->slots[i]);
    pthread_rwlock_destroy(&old->lock);
    free(old->slots);
    free(old);
}

/* --- slots; the lock is held --- */

static size_t home_of(const struct policy_table *table, const char *domain)
{
    return (size_t)scatter_text(domain) & (table->slot_count - 1);
}

/* DOMAIN's slot, or the free one where it would be. */
static size_t slot_of(const struct policy_table *table, const char *domain)
{
    size_t at = home_of(table, domain);
    while (table->slots[at] && strcmp(table->slots[at]->domain, domain) != 0)
        at = (at + 1) & (table->slot_count - 1);
    return at;
}

static void grow(struct policy_table *table)
{
    struct policy_table wide = { .slot_count = table->slot_count * 2 };
    wide.slots = memory_new(wide.slot_count * sizeof *wide.slots);
    for (size_t i = 0; i < table->slot_count; i++)
        if (table->slots[i])
            wide.slots[slot_of(&wide, table->slots[i]->domain)] = table->slots[i];
    free(table->slots);
    table->slots = wide.slots;
    table->slot_count = wide.slot_count;
}

/* Moves up what stood behind a slot that is free now and belongs before it. */
static void close_gap(struct policy_table *table, size_t gap)
{
    size_t mask = table->slot_count - 1;
    for (size_t at = (gap + 1) & mask; table->slots[at]; at = (at + 1) & mask) {
        size_t home = home_of(table, table->slots[at]->domain);
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        table->slots[gap] = table->slots[at];
        table->slots[at] = NULL;
        gap = at;
    }
}

static void take_out(struct policy_table *table, size_t at)
{
    shared_release(table->slots[at]);
    table->slots[at] = NULL;
    table->count--;
    close_gap(table, at);
}

static void take_in(struct policy_table *table, const struct hosted *hosted)
{
    if (table->count * 2 >= table->slot_count)
        grow(table);
    size_t at = slot_of(table, hosted->domain);
    table->count += table->slots[at] == NULL;
    shared_release(table->slots[at]);
    table->slots[at] = hosted;
}

/* --- one policy --- */

static struct hosted *hosted_new(const struct hosting_changed_row *row)
{
    size_t name_size = strlen(row->domain) + 1;
    struct hosted *hosted = memory_new(sizeof *hosted + name_size + row->body.size);
    *hosted = (struct hosted){ .domain_id = row->domain_id, .version = row->version };
    shared_init(&hosted->shared, free);
    memcpy(hosted->text, row->domain, name_size);
    memcpy(hosted->text + name_size, row->body.data, row->body.size);
    hosted->domain = hosted->text;
    hosted->body = (struct bytes){ hosted->text + name_size, row->body.size };
    snprintf(hosted->etag, sizeof hosted->etag, "\"%s\"", row->sha256);
    return hosted;
}

const struct hosted *policy_table_find(struct policy_table *table, const char *domain)
{
    pthread_rwlock_rdlock(&table->lock);
    const struct hosted *hosted = table->slots[slot_of(table, domain)];
    if (hosted)
        shared_keep(hosted);
    pthread_rwlock_unlock(&table->lock);
    return hosted;
}

size_t policy_table_count(struct policy_table *table)
{
    pthread_rwlock_rdlock(&table->lock);
    size_t count = table->count;
    pthread_rwlock_unlock(&table->lock);
    return count;
}

void policy_table_put(struct policy_table *table, const struct hosting_changed_row *row)
{
    const struct hosted *hosted = row->served ? hosted_new(row) : NULL;
    pthread_rwlock_wrlock(&table->lock);
    size_t at = slot_of(table, row->domain);
    if (hosted)
        take_in(table, hosted);
    else if (table->slots[at])
        take_out(table, at);
    pthread_rwlock_unlock(&table->lock);
}

void policy_table_confirm(struct policy_table *table)
{
    pthread_rwlock_wrlock(&table->lock);
    for (size_t i = 0; i < table->slot_count;)
        if (table->slots[i] && table->slots[i]->remembered)
            take_out(table, i); /* something else may stand there now */
        else
            i++;
    pthread_rwlock_unlock(&table->lock);
}

/* --- the file --- */

/* Over all that is told of a policy: none is given to another domain. */
static int64_t check_of(const char *domain, const struct hosting_changed_row *row)
{
    struct hash hash = { 0 };
    unsigned char digest[HASH_BYTES], whole[HASH_BYTES];
    hash_bytes(row->body.data, row->body.size, digest);
    hash_text(&hash, domain);
    hash_text(&hash, row->sha256);
    hash_number(&hash, row->domain_id);
    hash_number(&hash, row->version);
    hash_number(&hash, hash_key(digest));
    hash_done(&hash, whole);
    return hash_key(whole);
}

static void save_one(const struct hosted *hosted, FILE *file)
{
    char sha256[65];
    snprintf(sha256, sizeof sha256, "%.64s", hosted->etag + 1);
    const struct hosting_changed_row row = { .domain_id = hosted->domain_id,
                                             .version = hosted->version,
                                             .body = hosted->body,
                                             .sha256 = sha256 };
    fprintf(file, "%s %" PRId32 " %" PRId32 " %s %" PRId64 " %zu\n", hosted->domain,
            hosted->domain_id, hosted->version, sha256, check_of(hosted->domain, &row),
            hosted->body.size);
    fwrite(hosted->body.data, 1, hosted->body.size, file);
    fputc('\n', file);
}

static bool save_all(struct policy_table *table, FILE *file)
{
    fputs(HEAD, file);
    pthread_rwlock_rdlock(&table->lock);
    for (size_t i = 0; i < table->slot_count; i++)
        if (table->slots[i])
            save_one(table->slots[i], file);
    pthread_rwlock_unlock(&table->lock);
    return fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
}

bool policy_table_save(struct policy_table *table, const char *path, struct err *err)
{
    char fresh[PATH_MAX];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file)
        return err_set(err, ERR_SETUP, "%s cannot be written: %s", fresh, strerror(errno));
    bool good = save_all(table, file);
    int why = errno;
    good = fclose(file) == 0 && good;
    if (good && rename(fresh, path) == 0)
        return true;
    why = good ? errno : why;
    unlink(fresh);
    return err_set(err, ERR_SETUP, "%s cannot be written: %s", path, strerror(why));
}

/* The next policy; false when there is none, or the rest cannot be read. *GOOD: its bytes are whole. */
static bool load_one(FILE *file, struct policy_table *table, bool *good)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    char domain[254], sha256[65];
    int64_t check;
    struct hosting_changed_row row = { .domain = domain, .served = true, .sha256 = sha256 };
    size_t size;
    *good = false;
    if (fscanf(file, "%253s %" SCNd32 " %" SCNd32 " %64s %" SCNd64 " %zu", domain, &row.domain_id,
               &row.version, sha256, &check, &size)
            != 6
        || fgetc(file) != '\n' || size > POLICY_BYTES_MAX)
        return false;
    char *body = arena_alloc(&arena, size + 1);
    if (fread(body, 1, size, file) != size || fgetc(file) != '\n')
        return false;
    row.body = (struct bytes){ body, size };
    *good = check == check_of(domain, &row);
    struct hosted *hosted = *good ? hosted_new(&row) : NULL;
    if (hosted) {
        hosted->remembered = true;
        pthread_rwlock_wrlock(&table->lock);
        take_in(table, hosted);
        pthread_rwlock_unlock(&table->lock);
    }
    return true;
}

bool policy_table_load(struct policy_table *table, const char *path, size_t *damaged,
                       struct err *err)
{
    char head[sizeof HEAD] = "";
    *damaged = 0;
    FILE *file = fopen(path, "re");
    if (!file && errno == ENOENT)
        return true;
    if (!file)
        return err_set(err, ERR_SETUP, "%s cannot be read: %s", path, strerror(errno));
    bool good = fgets(head, sizeof head, file) && strcmp(head, HEAD) == 0;
    *damaged = !good;
    for (bool whole = true; good; *damaged += good && !whole)
        good = load_one(file, table, &whole);
    *damaged += !feof(file) && !*damaged;
    fclose(file);
    return true;
}
