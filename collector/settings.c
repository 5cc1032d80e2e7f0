/* See settings.h. What can be set stands in settings_table.c.
 * SPDX-License-Identifier: MIT */
#include "collector/settings.h"
#include "collector/settings_table.h"
#include "base/listen.h"
#include "base/text.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <confuse.h>

/* --- values --- */

static void *at(const struct settings *settings, const struct setting *row)
{
    return (char *)(uintptr_t)settings + row->offset;
}

static bool set_number(struct settings *settings, const struct setting *row, int64_t number,
                       struct err *err)
{
    if (number < row->min || number > row->max)
        return err_field(err, ERR_SETUP, row->key, "must be from %" PRId64 " to %" PRId64, row->min,
                         row->max);
    *(int64_t *)at(settings, row) = number;
    return true;
}

static void set_list(struct settings *settings, const struct setting *row, const char *const *items,
                     size_t count)
{
    const char **copy = arena_array(&settings->arena, count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_text(&settings->arena, items[i]);
    *(struct text_list *)at(settings, row) = (struct text_list){ copy, count };
}

static bool set_flag(struct settings *settings, const struct setting *row, const char *text,
                     struct err *err)
{
    bool on = strcmp(text, "true") == 0;
    if (!on && strcmp(text, "false") != 0)
        return err_field(err, ERR_SETUP, row->key, "must be true or false");
    *(bool *)at(settings, row) = on;
    return true;
}

/* As on the command line: a list's items are separated by commas. */
static bool set_text(struct settings *settings, const struct setting *row, const char *text,
                     struct err *err)
{
    int64_t number;
    const char *items[64];
    size_t count = 0;
    switch (row->type) {
    case SETTING_TEXT:
        *(const char **)at(settings, row) = arena_text(&settings->arena, text);
        return true;
    case SETTING_NUMBER:
        if (!text_number(text, INT64_MIN, INT64_MAX, &number))
            return err_field(err, ERR_SETUP, row->key, "must be a whole number");
        return set_number(settings, row, number, err);
    case SETTING_FLAG:
        return set_flag(settings, row, text, err);
    case SETTING_LIST:
        while (*text) {
            size_t size = strcspn(text, ",");
            if (count == ARRAY_SIZE(items))
                return err_field(err, ERR_SETUP, row->key, "too many items for a command line");
            if (size)
                items[count++] = text_trim(&settings->arena, text, size);
            text += size + (text[size] == ',');
        }
        set_list(settings, row, items, count);
    }
    return true;
}

/* --- the file --- */

/* libconfuse hands no context to its callback. */
static _Thread_local struct err *file_err;
static _Thread_local const char *file_path;

static void on_fault(cfg_t *cfg, const char *format, va_list values)
    __attribute__((format(printf, 2, 0)));
/* Of the word in quotes only what can be a key: others may be a secret in the wrong place. */
static void hide_word(char *text)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyz_";
    char *from = strchr(text, '\''), *to = from ? strrchr(from + 1, '\'') : NULL;
    if (!to || (strncmp(text, "no such option", 14) == 0 && from + 1 + strspn(from + 1, fit) == to))
        return;
    *from = '\0';
}

static void on_fault(cfg_t *cfg, const char *format, va_list values)
{
    char text[200];
    vsnprintf(text, sizeof text, format, values);
    hide_word(text);
    err_set(file_err, ERR_SETUP, "%s:%d: %s", file_path, cfg ? cfg->line : 0, text);
}

static cfg_opt_t option_of(struct arena *arena, const struct setting *row)
{
    char *name = arena_text(arena, strchr(row->key, '.') + 1);
    cfg_opt_t text = CFG_STR(name, NULL, CFGF_NODEFAULT);
    cfg_opt_t number = CFG_INT(name, 0, CFGF_NODEFAULT);
    cfg_opt_t list = CFG_STR_LIST(name, NULL, CFGF_NODEFAULT);
    cfg_opt_t flag = CFG_BOOL(name, cfg_false, CFGF_NODEFAULT);
    switch (row->type) {
    case SETTING_TEXT:
        return text;
    case SETTING_NUMBER:
        return number;
    case SETTING_FLAG:
        return flag;
    case SETTING_LIST:
        break;
    }
    return list;
}

static size_t section_size(const struct setting *row)
{
    return strcspn(row->key, ".");
}

/* Rows of one section stand together in the table. */
static cfg_opt_t *grammar(struct arena *arena)
{
    cfg_opt_t end = CFG_END();
    cfg_opt_t *sections = arena_array(arena, settings_table_count + 1, sizeof *sections);
    size_t count = 0;
    for (size_t i = 0; i < settings_table_count;) {
        size_t size = section_size(&settings_table[i]), options_count = 0;
        char *name = arena_copy(arena, settings_table[i].key, size);
        cfg_opt_t *options = arena_array(arena, settings_table_count + 1, sizeof *options);
        for (; i < settings_table_count && strncmp(settings_table[i].key, name, size) == 0
               && settings_table[i].key[size] == '.';
             i++)
            options[options_count++] = option_of(arena, &settings_table[i]);
        options[options_count] = end;
        cfg_opt_t section = CFG_SEC(name, options, CFGF_NONE);
        sections[count++] = section;
    }
    sections[count] = end;
    return sections;
}

static bool take_value(struct settings *settings, const struct setting *row, cfg_t *section,
                       struct err *err)
{
    const char *name = strchr(row->key, '.') + 1;
    if (!section || !(cfg_getopt(section, name)->flags & CFGF_MODIFIED))
        return true; /* not in the file; an empty list is */
    switch (row->type) {
    case SETTING_TEXT:
        return set_text(settings, row, cfg_getstr(section, name) ? cfg_getstr(section, name) : "",
                        err);
    case SETTING_NUMBER:
        return set_number(settings, row, cfg_getint(section, name), err);
    case SETTING_FLAG:
        *(bool *)at(settings, row) = cfg_getbool(section, name) == cfg_true;
        return true;
    case SETTING_LIST:
        break;
    }
    unsigned count = cfg_size(section, name);
    const char **items = arena_array(&settings->arena, count, sizeof *items);
    for (unsigned i = 0; i < count; i++)
        items[i] = cfg_getnstr(section, name, i);
    set_list(settings, row, items, count);
    return true;
}

static bool read_file(struct settings *settings, const char *path, struct err *err)
{
    file_err = err;
    file_path = path;
    cfg_t *cfg = cfg_init(grammar(&settings->arena), CFGF_NONE);
    cfg_set_error_function(cfg, on_fault);
    int parsed = cfg_parse(cfg, path);
    bool good = parsed == CFG_SUCCESS;
    if (parsed == CFG_FILE_ERROR)
        err_set(err, ERR_SETUP, "cannot read %s: %s", path, strerror(errno));
    else if (!good)
        err_set(err, ERR_SETUP, "%s: cannot be read as settings", path);
    for (size_t i = 0; i < settings_table_count && good; i++) {
        char *section =
            arena_copy(&settings->arena, settings_table[i].key, section_size(&settings_table[i]));
        good = take_value(settings, &settings_table[i], cfg_getsec(cfg, section), err);
    }
    cfg_free(cfg);
    settings->file = arena_text(&settings->arena, path);
    return good;
}

/* --- what follows from the values --- */

/* The first line of the file PATH into *OUT, which stays as it is when PATH is empty. */
static bool read_secret(struct settings *settings, const char *key, const char *path,
                        const char **out, struct err *err)
{
    if (!*path)
        return true;
    char line[4096];
    FILE *file = fopen(path, "re");
    char *got = file ? fgets(line, sizeof line, file) : NULL;
    if (!got)
        err_field(err, ERR_SETUP, key, "cannot read %s: %s", path,
                  file ? "it is empty" : strerror(errno));
    if (file)
        fclose(file);
    if (got)
        *out = text_trim(&settings->arena, line, strlen(line));
    return got != NULL;
}

static bool read_secrets(struct settings *settings, struct err *err)
{
    struct database_settings *database = &settings->database;
    struct mail_settings *smtp = &settings->smtp;
    return read_secret(settings, "database.url_file", database->url_file, &database->url, err)
           && read_secret(settings, "smtp.password_file", smtp->password_file, &smtp->password,
                          err);
}

static void release(void *thing)
{
    shared_release(thing);
}

/* An empty set that goes with the settings. */
static struct domains *new_domains(struct settings *settings)
{
    struct domains *domains = domains_new();
    arena_on_free(&settings->arena, release, domains);
    return domains;
}

static bool make_rules(struct settings *settings, struct err *err)
{
    const struct domains_settings *from = &settings->domains;
    struct domains *names = new_domains(settings), *mx = new_domains(settings);
    struct err fault = { 0 };
    if (!domains_add_list(names, &from->names, &fault))
        return err_field(err, fault.kind, "domains.names", "%s", fault.text);
    if (*from->file && !domains_add_file(names, from->file, &fault))
        return err_field(err, fault.kind, "domains.file", "%s", fault.text);
    if (!domains_add_list(mx, &from->mx, &fault))
        return err_field(err, fault.kind, "domains.mx", "%s", fault.text);
    settings->rules = (struct rules){ .names = names->count ? names : NULL, .mx = mx };
    if (from->table)
        settings->rules.table = new_domains(settings); /* until the hall knows better */
    return true;
}

static bool make_networks(struct settings *settings, struct err *err)
{
    struct https_settings *from = &settings->collector;
    struct arena *arena = &settings->arena;
    struct err fault = { 0 };
    if (!network_list_parse(arena, &from->trust.clients, &from->trust.client_nets, &fault))
        return err_field(err, fault.kind, "collector.trusted_clients", "%s", fault.text);
    if (!network_list_parse(arena, &from->trusted_proxies, &from->http.trusted_proxies, &fault))
        return err_field(err, fault.kind, "collector.trusted_proxies", "%s", fault.text);
    if (!network_list_parse(arena, &from->unlimited, &from->http.unlimited, &fault))
        return err_field(err, fault.kind, "collector.unlimited", "%s", fault.text);
    if (!network_list_parse(arena, &settings->lmtp.unlimited, &settings->lmtp.unlimited_networks,
                            &fault))
        return err_field(err, fault.kind, "lmtp.unlimited", "%s", fault.text);
    return true;
}

bool settings_listens(const struct settings *settings, bool (*use)(const char *, struct err *),
                      struct err *err)
{
    const struct text_list *const lists[] = { &settings->collector.http.listen,
                                              &settings->lmtp.listen, &settings->web.listen };
    static const char *const names[] = { "collector.listen", "lmtp.listen", "web.listen" };
    struct err fault = { 0 };
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (!use(lists[i]->items[j], &fault))
                return err_field(err, fault.kind, names[i], "%s", fault.text);
    return true;
}

static bool override(struct settings *settings, const char *given, struct err *err)
{
    size_t size = strcspn(given, "=");
    for (size_t i = 0; i < settings_table_count; i++)
        if (strlen(settings_table[i].key) == size
            && strncmp(settings_table[i].key, given, size) == 0 && given[size])
            return set_text(settings, &settings_table[i], given + size + 1, err);
    /* The value may be a secret whose key is misspelt. */
    return err_set(err, ERR_SETUP, "-o %.*s%s", (int)size, given,
                   given[size] ? "=…: there is no such setting (see `tlsrptd config dump --all`)"
                               : ": must be key=value");
}

bool settings_read(const char *file, const struct text_list *overrides, struct settings *out,
                   struct err *err)
{
    *out = (struct settings){ 0 };
    shared_init(&out->shared, NULL); /* its maker's own: never freed by releasing */
    for (size_t i = 0; i < settings_table_count; i++)
        if (!set_text(out, &settings_table[i], settings_table[i].standard, err))
            return false;
    out->collector.http.header_bytes = 16 << 10;
    out->collector.http.threads = 2; /* TLS handshakes are most of the work */
    const char *path = file ? file : access(SETTINGS_FILE, F_OK) == 0 ? SETTINGS_FILE : NULL;
    if (path && !read_file(out, path, err))
        return false;
    for (size_t i = 0; overrides && i < overrides->count; i++)
        if (!override(out, overrides->items[i], err))
            return false;
    return read_secrets(out, err) && make_rules(out, err) && make_networks(out, err)
           && settings_listens(out, listen_check, err)
           && trust_rules_make(&out->trust, &out->trust_rules, err)
           && mail_check(&out->smtp, &out->arena, err);
}

void settings_free(struct settings *settings)
{
    arena_free(&settings->arena);
}

static void free_shared(void *thing)
{
    settings_free(thing);
    free(thing);
}

struct settings *settings_read_shared(const char *file, const struct text_list *overrides,
                                      struct err *err)
{
    struct settings *settings = memory_new(sizeof *settings);
    bool good = settings_read(file, overrides, settings, err);
    shared_init(&settings->shared, free_shared);
    if (good)
        return settings;
    shared_release(settings);
    return NULL;
}

/* --- printing --- */

static void print_text(struct buf *out, const char *text)
{
    buf_text(out, "\"");
    for (; *text; text++)
        buf_printf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    buf_text(out, "\"");
}

static void print_value(struct buf *out, const struct settings *settings, const struct setting *row)
{
    const struct text_list *list = at(settings, row);
    switch (row->type) {
    case SETTING_TEXT:
        print_text(out, *(const char **)at(settings, row));
        break;
    case SETTING_NUMBER:
        buf_printf(out, "%" PRId64, *(const int64_t *)at(settings, row));
        break;
    case SETTING_FLAG:
        buf_text(out, *(const bool *)at(settings, row) ? "true" : "false");
        break;
    case SETTING_LIST:
        buf_text(out, "{");
        for (size_t i = 0; i < list->count; i++) {
            buf_text(out, i ? ", " : " ");
            print_text(out, list->items[i]);
        }
        buf_text(out, list->count ? " }" : "}");
    }
}

static bool is_same(const struct settings *one, const struct settings *other,
                    const struct setting *row)
{
    struct buf a = BUF(1 << 20), b = BUF(1 << 20);
    print_value(&a, one, row);
    print_value(&b, other, row);
    bool same = strcmp(buf_get(&a), buf_get(&b)) == 0;
    buf_done(&a);
    buf_done(&b);
    return same;
}

enum style { STYLE_CHANGED, STYLE_ALL, STYLE_SAMPLE };

static void print(const struct settings *settings, enum style style, struct buf *out)
{
    struct settings standard = { 0 };
    struct err none = { 0 };
    const char *section = "";
    bool good = true;
    for (size_t i = 0; i < settings_table_count; i++)
        good = set_text(&standard, &settings_table[i], settings_table[i].standard, &none) && good;
    settings = settings ? settings : &standard;
    for (size_t i = 0; i < settings_table_count && good; i++) {
        const struct setting *row = &settings_table[i];
        size_t size = section_size(row);
        if (style == STYLE_CHANGED && is_same(settings, &standard, row))
            continue;
        if (strncmp(section, row->key, size + 1) != 0) {
            buf_printf(out, "%s%.*s {\n", *section ? "}\n" : "", (int)size, row->key);
            section = row->key;
        }
        if (style == STYLE_SAMPLE)
            buf_printf(out, "    # %s\n    #", row->help);
        buf_printf(out, style == STYLE_SAMPLE ? "%s = " : "    %s = ", row->key + size + 1);
        if ((row->flags & SETTING_SECRET) && !is_same(settings, &standard, row))
            buf_text(out, "\"…\"");
        else
            print_value(out, settings, row);
        buf_text(out, style == STYLE_SAMPLE ? "\n\n" : "\n");
    }
    if (*section)
        buf_text(out, "}\n");
    settings_free(&standard);
}

void settings_dump(const struct settings *settings, bool all, struct buf *out)
{
    print(settings, all ? STYLE_ALL : STYLE_CHANGED, out);
}

void settings_differences(const struct settings *a, const struct settings *b, bool live,
                          struct buf *out)
{
    for (size_t i = 0; i < settings_table_count; i++) {
        const struct setting *row = &settings_table[i];
        if (((row->flags & SETTING_LIVE) != 0) == live && !is_same(a, b, row))
            buf_printf(out, "%s%s", out->size ? ", " : "", row->key);
    }
}

void settings_sample(struct buf *out)
{
    buf_text(
        out,
        "# tlsrptd.conf: every setting with its default; take the # before one away to change it.\n"
        "# Without --standalone set collector.certificate and collector.key, or collector.listen = {}\n"
        "# if no reports come over HTTPS; all else may stay.\n"
        "# Texts may hold ${VARIABLE} of the environment.\n\n");
    print(NULL, STYLE_SAMPLE, out);
}
