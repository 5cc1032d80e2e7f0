/* See tags.h.
 * SPDX-License-Identifier: MIT
 * Before: authres.c. Next: signature.c */
#include "ingest/tags.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

static bool is_visible(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((text.data[i] < 0x20 || text.data[i] > 0x7e) && !strchr("\t\r\n", text.data[i]))
            return false;
    return !memchr(text.data, '\0', text.size);
}

/* A letter, then letters, digits and underscores. */
static bool is_name(const char *name)
{
    if (!isalpha((unsigned char)*name))
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return *name == '\0';
}

static bool take_tag(struct arena *arena, struct tags *tags, struct bytes spec, struct err *err)
{
    const char *equals = memchr(spec.data, '=', spec.size);
    size_t size = equals ? (size_t)(equals - spec.data) : 0;
    const char *name = text_trim(arena, spec.data, size);
    if (!equals || !is_name(name))
        return err_set(err, ERR_INPUT, "a tag without a name or an equals sign");
    if (tags_find(tags, name))
        return err_set(err, ERR_INPUT, "the tag %.20s= stands there twice", name);
    if (tags->count == TAGS_MAX)
        return err_set(err, ERR_INPUT, "more than %d tags", TAGS_MAX);
    tags->items[tags->count++] =
        (struct tag){ name, text_trim(arena, equals + 1, spec.size - size - 1) };
    return true;
}

bool tags_parse(struct arena *arena, struct bytes text, struct tags *out, struct err *err)
{
    struct tags tags = { .count = 0 };
    if (!is_visible(text))
        return err_set(err, ERR_INPUT, "other characters than visible ASCII");
    for (size_t at = 0; at < text.size;) {
        const char *end = memchr(text.data + at, ';', text.size - at);
        size_t size = end ? (size_t)(end - text.data) - at : text.size - at;
        bool last = !end && !*text_trim(arena, text.data + at, size); /* behind the last ";" */
        if (!last && !take_tag(arena, &tags, (struct bytes){ text.data + at, size }, err))
            return false;
        at += size + 1;
    }
    *out = tags;
    return true;
}

const char *tags_find(const struct tags *tags, const char *name)
{
    for (size_t i = 0; i < tags->count; i++)
        if (strcmp(tags->items[i].name, name) == 0)
            return tags->items[i].value;
    return NULL;
}

const char *tags_next_item(struct arena *arena, const char **list)
{
    if (!*list)
        return NULL;
    size_t size = strcspn(*list, ":");
    const char *item = text_trim(arena, *list, size);
    *list = (*list)[size] ? *list + size + 1 : NULL;
    return item;
}

bool tags_list_has(const char *list, const char *item)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    for (const char *next; (next = tags_next_item(&arena, &list));)
        if (text_same(next, item))
            return true;
    return false;
}
