/* One event is one line: a word for the event, then key=value. Values that come from strangers are
 * quoted and their control bytes escaped, so that no line can be forged.
 *
 * Only doors, the service and commands log; libraries return a struct err instead. Lines go to
 * stderr, with a <N> priority prefix when systemd's journal reads it.
 *
 * SPDX-License-Identifier: MIT
 * Before: err.h. Next: clock.h */
#pragma once

#include "base/err.h"
#include <stdint.h>

enum log_level { /* the numbers are syslog(3)'s */
                 LOG_LEVEL_ERROR = 3,
                 LOG_LEVEL_WARNING = 4,
                 LOG_LEVEL_INFO = 6,
                 LOG_LEVEL_DEBUG = 7,
};

struct log_field {
    const char *key;
    const char *text; /* NULL: the number counts */
    int64_t number;
};

static inline const char *log_text(const char *text)
{
    return text ? text : "";
}

#define LOG_TEXT(key_name, value)   ((struct log_field){ .key = (key_name), .text = log_text(value) })
#define LOG_NUMBER(key_name, value) ((struct log_field){ .key = (key_name), .number = (value) })

/* Lines of a level above LEVEL are left out from now on; INFO at the start. */
void log_level_set(enum log_level level);

/* Writes one line: `EVENT key=value …`. EVENT is a literal of our own. Any thread. */
#define log_event(level, event, ...) \
    log_write((level), (event), (struct log_field[]){ __VA_ARGS__, { .key = NULL } })
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/* The event `EVENT` with the error's field and text. */
void log_err(enum log_level level, const char *event, const struct err *err);
