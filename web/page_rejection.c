/* /rejected/ID: one delivery that could not be counted: where it came from, why not, and its bytes to
 * look at; and /rejected/ID/original: these bytes as they came.
 * SPDX-License-Identifier: MIT
 * Before: page_rejected.c, dump.c. Next: api_rejected.c */
#include "web/dump.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/part.h"
#include "web/rejected_list.h"

#define TEXT_SHOWN (16 << 10)
#define HEX_SHOWN  (2 << 10)

static bool load(struct visit *visit, const void **data, struct err *err)
{
    const struct rejected_row *row;
    if (!rejected_list_find(visit, &row, err))
        return false;
    *data = row;
    if (row)
        visit->title = arena_printf(visit->arena, "Rejected %lld", (long long)row->id);
    else
        visit->absent =
            "Nothing that was rejected stands here, or it has become too old and was removed.";
    return true;
}

static void print_field(struct html *page, const char *name, const char *value)
{
    html(page, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value && *value ? value : "\u2013");
}

static void print_moments(struct html *page, const struct rejected_row *row)
{
    html(page, "<div><dt>Came</dt><dd>");
    html_time(page, row->first_seconds);
    if (row->times > 1) {
        html(page, ", ");
        html_number(page, row->times);
        html(page, " times; last ");
        html_time(page, row->last_seconds);
    }
    html(page, "</dd></div>\n<div><dt>Bytes</dt><dd>");
    html_number(page, row->size);
    if (row->kept < row->size) {
        html(page, "; the first ");
        html_number(page, row->kept);
        html(page, " are kept (limits.rejected_head_bytes), so that it cannot be tried again");
    }
    html(page, "</dd></div>\n");
}

static void print_known(struct html *page, const struct rejected_row *row)
{
    html(page, "<dl class=\"fields\" id=\"header\">\n");
    print_field(page, "Organization", row->organization);
    print_field(page, "Came by", row->source);
    print_field(page, "From", row->origin);
    print_field(page, "Vouched for", row->vouched ? row->vouched_by : "no");
    print_moments(page, row);
    html(page, "</dl>\n");
    html(page, "<p><a class=\"button\" href=\"%s\" download>Download the bytes</a></p>\n",
         link_rejection_original(page->arena, row->id));
}

static struct bytes first(struct bytes bytes, size_t most)
{
    return (struct bytes){ bytes.data, bytes.size < most ? bytes.size : most };
}

static void print_bytes(struct html *page, struct bytes bytes, const char *id, const char *title)
{
    struct bytes shown = first(bytes, TEXT_SHOWN);
    html(page, "<section id=\"%s\"><h2>%s</h2>\n<pre class=\"dump\" tabindex=\"0\">", id, title);
    dump_text(page, shown);
    html(page, "%s</pre>\n</section>\n", shown.size < bytes.size ? "\n\u2026" : "");
}

static void print(struct html *page, const void *data)
{
    const struct rejected_row *row = data;
    struct bytes headers = dump_headers(row->head);
    struct bytes body = { row->head.data + headers.size, row->head.size - headers.size };
    part_crumbs(page, link_rejected(page->arena, NULL, NULL), "Rejected",
                arena_printf(page->arena, "%lld", (long long)row->id));
    html(page, "<h1>Rejected %lld</h1>\n<p class=\"lead\">", (long long)row->id);
    if (*row->field)
        html(page, "<code>%s</code>: ", row->field);
    html(page, "%s</p>\n", row->reason);
    print_known(page, row);
    if (headers.size)
        print_bytes(page, headers, "mail", "Headers of the mail");
    if (body.size)
        print_bytes(page, body, "text", headers.size ? "Body of the mail" : "As text");
    if (!dump_is_binary(row->head))
        return;
    html(page, "<section id=\"hex\"><h2>In hexadecimal</h2>\n<pre class=\"dump\" tabindex=\"0\">");
    dump_hex(page, first(row->head, HEX_SHOWN));
    html(page, "%s</pre>\n</section>\n", row->head.size > HEX_SHOWN ? "\u2026" : "");
}

const struct page page_rejection = {
    .path = "/rejected/*",
    .title = "Rejected",
    .section = "/rejected",
    .load = load,
    .print = print,
};

/* --- the bytes --- */

static bool serve(struct visit *visit, struct response *out, struct err *err)
{
    const struct rejected_row *row;
    if (!rejected_list_find(visit, &row, err))
        return false;
    if (!row)
        return true;
    *out = (struct response){
        .status = 200,
        .type = "application/octet-stream",
        .body = row->head,
        .headers = { { .name = "Content-Disposition",
                       .value =
                           arena_printf(visit->arena, "attachment; filename=\"rejected-%lld.bin\"",
                                        (long long)row->id) },
                     { .name = "Cache-Control", .value = "no-store" } },
    };
    return true;
}

const struct page page_rejection_original = {
    .path = "/rejected/*/original",
    .title = "Bytes",
    .section = "",
    .serve = serve,
};
