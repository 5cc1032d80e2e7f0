/* See names.h. Ids never change, so that what is remembered stays true; when it grows too large it is
 * forgotten as a whole.
 * SPDX-License-Identifier: MIT */
#include "schema/names.h"
#include "base/scatter.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define REMEMBERED_BYTES (3 << 20) /* strangers choose names: how many there are says nothing */
#define NAME_BYTES       32        /* of one name, beside itself and its slot */
#define ATTEMPTS         3

struct name_slot {
    char *name; /* NULL: free; owned */
    int32_t id;
};

struct name_row {
    int32_t id;
    const char *name;
};
static const struct column name_columns[] = { COLUMN(name_row, id), COLUMN(name_row, name) };

static struct name_slot *slot_of(const struct names *names, const char *name)
{
    size_t at = (size_t)scatter_text(name) & (names->room - 1);
    while (names->slots[at].name && strcmp(names->slots[at].name, name) != 0)
        at = (at + 1) & (names->room - 1);
    return &names->slots[at];
}

static void make_room(struct names *names)
{
    if (names->used * 2 < names->room)
        return;
    struct names larger = { .room = names->room * 2 };
    larger.slots = memory_new(larger.room * sizeof *larger.slots);
    for (size_t i = 0; i < names->room; i++)
        if (names->slots[i].name)
            *slot_of(&larger, names->slots[i].name) = names->slots[i];
    free(names->slots);
    names->slots = larger.slots;
    names->room = larger.room;
}

static void remember(struct names *names, const char *name, int32_t id)
{
    make_room(names);
    struct name_slot *slot = slot_of(names, name);
    if (!slot->name) {
        slot->name = memory_text(name);
        names->used++;
        names->bytes += strlen(name) + NAME_BYTES;
    }
    slot->id = id;
}

void names_forget(struct names *names)
{
    for (size_t i = 0; i < names->room; i++)
        free(names->slots[i].name);
    free(names->slots);
    names->wanted_count = 0; /* they are borrowed, and their owners may go now */
    names->used = names->bytes = 0;
    names->room = 1024;
    names->slots = memory_new(names->room * sizeof *names->slots);
}

void names_init(struct names *names, struct statement statement)
{
    *names = (struct names){ .statement = statement };
    names_forget(names);
}

void names_done(struct names *names)
{
    names_forget(names);
    free(names->slots);
    free(names->wanted);
    *names = (struct names){ 0 };
}

void names_trim(struct names *names)
{
    if (names->bytes + names->room * sizeof *names->slots > REMEMBERED_BYTES)
        names_forget(names);
}

void names_want(struct names *names, const char *name)
{
    if (!name || slot_of(names, name)->name)
        return;
    if (names->wanted_count == names->wanted_room) {
        names->wanted_room = names->wanted_room ? names->wanted_room * 2 : 256;
        names->wanted = memory_resize(names->wanted, names->wanted_room * sizeof *names->wanted);
    }
    names->wanted[names->wanted_count++] = name;
}

static bool ask(struct names *names, struct pg *pg, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct pg_array *given = pg_array_new(&arena, PG_TEXT);
    for (size_t i = 0; i < names->wanted_count; i++)
        pg_array_text(given, names->wanted[i]);
    pg_array(&values, given);
    struct rows rows;
    if (!pg_query(pg, names->statement, &values, COLUMNS(name_row, name_columns), &rows, err))
        return false;
    const struct name_row *row = rows.first;
    for (size_t i = 0; i < rows.count; i++)
        remember(names, row[i].name, row[i].id);
    return true;
}

bool names_resolve(struct names *names, struct pg *pg, struct err *err)
{
    /* A name that another program is just making is seen only once that one has committed. */
    for (int attempt = 0; names->wanted_count && attempt < ATTEMPTS; attempt++) {
        if (!ask(names, pg, err)) {
            names->wanted_count = 0;
            return false;
        }
        size_t missing = 0;
        for (size_t i = 0; i < names->wanted_count; i++)
            if (!slot_of(names, names->wanted[i])->name)
                names->wanted[missing++] = names->wanted[i];
        names->wanted_count = missing;
    }
    bool all = names->wanted_count == 0;
    names->wanted_count = 0;
    return all || err_set(err, ERR_AGAIN, "database: a name is being made by another program");
}

int32_t names_id(const struct names *names, const char *name)
{
    if (!name)
        return 0;
    const struct name_slot *slot = slot_of(names, name);
    assert(slot->name);
    return slot->id;
}
