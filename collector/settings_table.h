/* The one table of settings: key, place, default, range, help.
 *
 * To add a setting: a row in settings_table.c and a member in its module's own struct. Rows of one
 * section stand together, in the order in which the sample file shows them.
 *
 * SPDX-License-Identifier: MIT
 * Before: settings.h */
#pragma once

#include "collector/settings.h"

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_FLAG, SETTING_LIST };

#define SETTING_SECRET 1u /* never shown */
#define SETTING_LIVE   2u /* taken on SIGHUP; all others at the start only */

struct setting {
    const char *key; /* section.name */
    enum setting_type type;
    unsigned flags;       /* SETTING_… */
    size_t offset;        /* in struct settings */
    const char *standard; /* the default; of a list: its items, separated by commas */
    int64_t min, max;     /* of a number */
    const char *help;
};

extern const struct setting settings_table[];
extern const size_t settings_table_count;
