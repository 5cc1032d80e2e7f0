/* See link.h. Arguments that are NULL or 0 are left out of the query.
 * SPDX-License-Identifier: MIT */
#include "web/link.h"
#include "web/asset.h"
#include <inttypes.h>
#include <string.h>

/* TEXT as one segment of a path or one value of a query (RFC 3986 section 2.3). */
static const char *encode(struct arena *arena, const char *text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, strlen(text) * 3 + 1), *end = out;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (strchr(unreserved, *c)) {
            *end++ = (char)*c;
            continue;
        }
        *end++ = '%';
        *end++ = hex[*c >> 4];
        *end++ = hex[*c & 15];
    }
    return out;
}

const char *link_overview(struct arena *arena, int64_t after_failed, const char *after_name)
{
    if (!after_name)
        return "/";
    return arena_printf(arena, "/?failed=%" PRId64 "&after=%s", after_failed,
                        encode(arena, after_name));
}

const char *link_domain(struct arena *arena, const char *name, int days)
{
    const char *path = arena_printf(arena, "/domains/%s", encode(arena, name));
    return days ? arena_printf(arena, "%s?days=%d", path, days) : path;
}

const char *link_reports(struct arena *arena, const char *domain, const struct report_key *before)
{
    char key[REPORT_KEY_TEXT_BYTES] = "";
    if (before)
        report_key_to_text(before, key);
    return arena_printf(arena, "/reports%s%s%s%s%s", domain || before ? "?" : "",
                        domain ? "domain=" : "", domain ? encode(arena, domain) : "",
                        before ? (domain ? "&before=" : "before=") : "", key);
}

const char *link_report(struct arena *arena, const struct report_key *key)
{
    char text[REPORT_KEY_TEXT_BYTES];
    return arena_printf(arena, "/reports/%s", report_key_to_text(key, text));
}

const char *link_original(struct arena *arena, const struct report_key *key)
{
    return arena_printf(arena, "%s/original", link_report(arena, key));
}

/* "?NAME=VALUE", or "&NAME=VALUE" behind another. */
static const char *add_argument(struct arena *arena, const char *link, const char *name,
                                const char *value)
{
    if (!value)
        return link;
    return arena_printf(arena, "%s%c%s=%s", link, strchr(link, '?') ? '&' : '?', name,
                        encode(arena, value));
}

const char *link_rejected(struct arena *arena, const struct rejected_list *list, const char *after)
{
    const char *link = add_argument(arena, "/rejected", "source", list ? list->source : NULL);
    link = add_argument(arena, link, "text", list ? list->text : NULL);
    return add_argument(arena, link, "after", after);
}

const char *link_rejection(struct arena *arena, int64_t id)
{
    return arena_printf(arena, "/rejected/%" PRId64, id);
}

const char *link_rejection_original(struct arena *arena, int64_t id)
{
    return arena_printf(arena, "%s/original", link_rejection(arena, id));
}

const char *link_asset(struct arena *arena, const char *name)
{
    const struct asset *asset = asset_find(name);
    return asset ? arena_printf(arena, "/static/%s?v=%s", name, asset_version(arena, asset)) : "";
}
