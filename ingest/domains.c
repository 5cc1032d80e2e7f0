/* See domains.h. Names stand in one block of memory and the table holds their places, so that a
 * million costs some 30 MB and takes well under a second.
 *
 * SPDX-License-Identifier: MIT
 * Before: policy.c. Next: admit.c */
#include "ingest/domains.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_AT_FIRST 64
#define LINE_BYTES    2048 /* more than any name needs, as U-labels and with its comment */
#define SCRATCH_BYTES (256 << 10)

/* FNV-1a. The names are the operator's own: nobody can choose them to collide. */
static uint32_t hash_of(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

/* The slot of STAR (a "*", or nothing) followed by REST, or the free one where it belongs. */
static uint32_t *slot_of(const struct domains *domains, const char *star, const char *rest)
{
    size_t stars = strlen(star);
    uint32_t hash = hash_of(hash_of(2166136261u, star), rest);
    hash ^= hash >> 15; /* the table looks at the low bits only */
    for (size_t at = hash;; at++) {
        uint32_t *slot = &domains->slots[at & (domains->room - 1)];
        if (!*slot)
            return slot;
        const char *name = domains->names + *slot - 1;
        if (strncmp(name, star, stars) == 0 && strcmp(name + stars, rest) == 0)
            return slot;
    }
}

static void domains_free(void *thing)
{
    struct domains *domains = thing;
    free(domains->names);
    free(domains->slots);
    free(domains);
}

struct domains *domains_new(void)
{
    struct domains *domains = memory_new(sizeof *domains);
    shared_init(&domains->shared, domains_free);
    domains->room = ROOM_AT_FIRST;
    domains->slots = memory_new(domains->room * sizeof *domains->slots);
    return domains;
}

static void make_room(struct domains *domains, size_t size)
{
    if (domains->capacity - domains->size < size) {
        domains->capacity = domains->capacity ? domains->capacity * 2 : 4096;
        domains->names = memory_resize(domains->names, domains->capacity);
    }
    if (domains->count * 2 < domains->room)
        return;
    free(domains->slots);
    domains->room *= 2;
    domains->slots = memory_new(domains->room * sizeof *domains->slots);
    for (size_t at = 0; at < domains->size; at += strlen(domains->names + at) + 1)
        *slot_of(domains, "", domains->names + at) = (uint32_t)at + 1;
}

static bool add(struct domains *domains, struct arena *scratch, const char *text, struct err *err)
{
    const char *name = text_host(scratch, text, NULL);
    if (!name)
        return err_set(err, ERR_SETUP,
                       "\"%.80s\" is no domain name; write \"example.org\", or "
                       "\"*.example.org\" for all below it",
                       text);
    size_t size = strlen(name) + 1;
    if (size > UINT32_MAX - domains->size)
        return err_set(err, ERR_SETUP, "more domains than can be kept");
    make_room(domains, size);
    uint32_t *slot = slot_of(domains, "", name);
    if (*slot)
        return true;
    memcpy(domains->names + domains->size, name, size);
    *slot = (uint32_t)domains->size + 1;
    domains->size += size;
    domains->count++;
    return true;
}

bool domains_add(struct domains *domains, const char *text, struct err *err)
{
    CLEANUP(arena_free) struct arena scratch = { 0 };
    return add(domains, &scratch, text, err);
}

bool domains_add_list(struct domains *domains, const struct text_list *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (!domains_add(domains, list->items[i], err))
            return false;
    return true;
}

/* LINE without comment and white space; a mark of UTF-8 may stand before the first. */
static char *name_in(struct arena *scratch, const char *line, size_t number)
{
    if (number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3;
    return text_trim(scratch, line, strcspn(line, "#"));
}

struct reading {
    FILE *file;
    size_t line, names; /* so far */
};

static bool add_lines(struct domains *domains, struct reading *reading, struct err *err)
{
    CLEANUP(arena_free) struct arena scratch = { 0 };
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, reading->file)) {
        size_t size = strlen(line);
        reading->line++;
        if (size == sizeof line - 1 && line[size - 1] != '\n')
            return err_set(err, ERR_SETUP, "longer than any domain name");
        const char *name = name_in(&scratch, line, reading->line);
        if (*name && !add(domains, &scratch, name, err))
            return false;
        reading->names += *name != '\0';
        if (scratch.bytes > SCRATCH_BYTES)
            arena_free(&scratch);
    }
    return true;
}

bool domains_add_file(struct domains *domains, const char *path, struct err *err)
{
    struct reading reading = { .file = fopen(path, "re") };
    if (!reading.file)
        return err_set(err, ERR_SETUP, "cannot read %s: %s", path, strerror(errno));
    bool good = add_lines(domains, &reading, err);
    int why = ferror(reading.file) ? errno : 0;
    fclose(reading.file);
    if (!good) {
        err_prefix(err, "%s:%zu: ", path, reading.line);
        return false;
    }
    if (why)
        return err_set(err, ERR_SETUP, "cannot read %s: %s", path, strerror(why));
    if (!reading.names)
        return err_set(err, ERR_SETUP, "%s names no domain; to take reports for all, unset this",
                       path);
    return true;
}

bool domains_have(const struct domains *domains, const char *name)
{
    if (!domains)
        return false;
    if (*slot_of(domains, "", name))
        return true;
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
        if (*slot_of(domains, "*", dot))
            return true;
    return false;
}
