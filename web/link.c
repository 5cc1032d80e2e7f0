/* See link.h. Arguments that are NULL or 0 are left out of the query.
 * SPDX-License-Identifier: MIT */
#include "web/link.h"
#include "web/asset.h"
#include "base/url.h"
#include <inttypes.h>
#include <string.h>

const char *link_domain(struct arena *arena, const char *name, const char *period)
{
    return url_query(arena, url_path(arena, "/domains/", name), period);
}

const char *link_mx(struct arena *arena, const char *host, const char *period)
{
    return url_query(arena, url_path(arena, "/mx/", host), period);
}

const char *link_week(struct arena *arena, const char *week, const char *domain)
{
    return url_add(arena, url_path(arena, "/weeks/", week), "domain", domain);
}

const char *link_reports(struct arena *arena, const char *domain, const struct report_key *before)
{
    char key[REPORT_KEY_TEXT_BYTES];
    const char *link = url_add(arena, "/reports", "domain", domain);
    return before ? url_add(arena, link, "before", report_key_to_text(before, key)) : link;
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

const char *link_rejected(struct arena *arena, const struct rejected_list *list, const char *after)
{
    const char *link = url_add(arena, "/rejected", "source", list ? list->source : NULL);
    link = url_add(arena, link, "text", list ? list->text : NULL);
    return url_add(arena, link, "after", after);
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
