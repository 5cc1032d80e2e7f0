/* The public id of a report, as pages, answers and links write it: "12-20261122-00ff00ff00ff00ff",
 * which is the primary key of ledger.report: domain, UTC day, 64 bits of its identity.
 * SPDX-License-Identifier: MIT
 * Before: pg.h. Next: writer.h, read.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stdint.h>

struct report_key {
    int32_t domain_id;
    int32_t day; /* as in base/clock.h */
    int64_t id;
};

#define REPORT_KEY_TEXT_BYTES 48

/* OUT is returned. */
char *report_key_to_text(const struct report_key *key, char out[REPORT_KEY_TEXT_BYTES]);

/* False, and *KEY untouched, when TEXT is anything but what report_key_to_text() writes. */
MUST_CHECK bool report_key_from_text(const char *text, struct report_key *key);
