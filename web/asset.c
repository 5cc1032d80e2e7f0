/* See asset.h. To add one: the file in web/static and a row here.
 * SPDX-License-Identifier: MIT */
#include "web/asset.h"
#include "base/hash.h"
#include "embedded/web.h"
#include <inttypes.h>
#include <string.h>

static const struct asset assets[] = {
    { "style.css", "text/css; charset=utf-8", style_css, &style_css_size },
    { "favicon.svg", "image/svg+xml", favicon_svg, &favicon_svg_size },
};

const struct asset *asset_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(assets); i++)
        if (strcmp(assets[i].name, name) == 0)
            return &assets[i];
    return NULL;
}

const char *asset_version(struct arena *arena, const struct asset *asset)
{
    unsigned char digest[HASH_BYTES];
    hash_bytes(asset->data, *asset->size, digest);
    return arena_printf(arena, "%016" PRIx64, (uint64_t)hash_key(digest));
}
