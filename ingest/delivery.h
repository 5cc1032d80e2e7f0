/* What a door received and how it is told what became of it.
 *
 * Each door does two things: it makes a delivery of what it received and brings it to the hall, and
 * it translates one of eight outcomes into its own protocol by the table below. An acknowledgement is a
 * promise: `stored`, `duplicate` and `rejected` are answered only when they are durable in the
 * database, `spooled` when the bytes are durable in the spool.
 *
 * SPDX-License-Identifier: MIT
 * Before: limits.h. Next: payload.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "ingest/budget.h"
#include "ingest/limits.h"
#include <stdint.h>

enum source {
    SOURCE_HTTPS,
    SOURCE_LMTP,
    SOURCE_MAILDIR,
    SOURCE_COMMAND,
};
#define SOURCE_COUNT (SOURCE_COMMAND + 1)

enum outcome {
    OUTCOME_STORED,
    OUTCOME_DUPLICATE, /* known already, by whichever door it came first */
    OUTCOME_SPOOLED,   /* safe in the spool while the database is away; counted later */
    OUTCOME_REJECTED,  /* cannot be counted; kept with its reason */
    OUTCOME_REFUSED,   /* not ours to keep */
    OUTCOME_RETRY,     /* nothing was taken */
    OUTCOME_THROTTLED, /* ditto: this client or reporter has sent too much */
    OUTCOME_IGNORED, /* a mail of our own that came back: nothing to count, to keep or to answer */
};
#define OUTCOME_COUNT (OUTCOME_IGNORED + 1)

/* One row per outcome: how each protocol says it. */
struct outcome_row {
    const char *word;
    int http_status;
    const char *lmtp_reply; /* code and enhanced code, RFC 3463 */
    char maildir_flag;      /* moved to cur/ with this flag; 0: left in new/ */
    int exit_code;          /* of a command fed by a mail server, sysexits(3) */
};

/* What became of a delivery. With several reports in one mail: retry if any must be tried again,
 * else the best of them, in the order of the enum. */
struct answer {
    enum outcome outcome;
    struct err err; /* why, unless stored */
    size_t reports; /* how many reports the delivery held, or may hold when it is in the spool */
    const char *id; /* of the first report stored or known, as in /reports/ID; "" if none */
    const char *organization;   /* of that report, or "" */
    const char *domain;         /* first policy domain of that report, or "" */
    int64_t successful, failed; /* sessions of all its reports, mirrored blocks once */
};

struct entry;   /* one report of a delivery; entry.h */
struct figures; /* what is counted; figures.h */
struct spool;   /* where deliveries wait for the database; spool.h */

struct delivery {
    struct arena arena;   /* holds everything below; one owner at a time */
    struct charge charge; /* what it holds of the budget; given back by delivery_free() */
    struct bytes bytes;   /* as received; NUL-terminated behind the last byte */
    enum source source;
    const char *origin;       /* client address or path; "" if unknown */
    int64_t received_seconds; /* since 1970 */
    bool vouched;             /* the operator, or a secret of his, answers for the sender */
    const char *vouched_by;   /* the ground, when vouched: a word or two */
    size_t read_bytes;        /* as received and inflated; set by payload_open() */
    bool spoolable; /* nobody else keeps it: the spool takes it while the database is away */
    bool
        again; /* was kept before, rejected or not verified: neither that nor an arrival is noted anew */
    struct err fault;      /* found by the door: kept with this reason, not read as a report */
    struct entry *entries; /* filled in the hall */
    size_t entry_count;

    /* Told once, from any thread, when the outcome is durable. The delivery is the door's again and
     * is freed by it; ANSWER's texts live in the delivery's arena. */
    void (*answered)(struct delivery *delivery, const struct answer *answer);
    void *door;              /* for `answered` */
    struct figures *figures; /* of the hall; NULL: nobody counts */
};

/* Where doors bring deliveries. The hall owns the delivery until it is answered. */
struct hall {
    void (*take)(struct hall *hall, struct delivery *delivery);
    struct budget *budget; /* for what is being received; NULL: no bound */
    /* Waits, at most MILLISECONDS, until a delivery would be written at once: the queue has room and
     * the database is there. For doors that fetch instead of being sent to. False when not yet. */
    bool (*wait)(struct hall *hall, int milliseconds);
    struct spool *spool;     /* NULL: there is none */
    struct figures *figures; /* for its deliveries; NULL: nobody counts */
};

/* A door of the service: opened with its own settings, brings deliveries from threads of its own. */
struct door {
    const char *name; /* also the settings' section */
    /* Reads the files that SETTINGS name, into them and ARENA. ERR_SETUP. NULL: they name none. Before
     * open() and reload(). */
    bool (*load)(struct arena *arena, void *settings, struct err *err);
    /* True with *STATE NULL when the settings leave this door shut. */
    bool (*open)(const void *settings, const struct limits *limits, struct hall *hall, void **state,
                 struct err *err);
    /* Takes other SETTINGS and LIMITS while running, as far as it can: those that the table of settings
     * calls live. What is under way goes on. NULL: has none of these. */
    void (*reload)(void *state, const void *settings, const struct limits *limits);
    void (*stop)(void *state);   /* takes nothing new; returns once all in flight are answered */
    void (*close)(void **state); /* frees; sets NULL; accepts NULL */
};

/* An empty delivery received now; the caller fills bytes and `answered`. */
struct delivery *delivery_new(enum source source, const char *origin);

/* Tells the door; the hall does not touch the delivery afterwards. */
void delivery_answer(struct delivery *delivery, const struct answer *answer);

/* Frees it and all that hangs on it; sets NULL; accepts NULL. */
void delivery_free(struct delivery **delivery);

const char *source_to_text(enum source source);
/* False, and OUT untouched, when TEXT names none. */
MUST_CHECK bool source_from_text(const char *text, enum source *out);
const struct outcome_row *outcome_row(enum outcome outcome);

/* The outcome that an error means for a whole delivery. */
enum outcome outcome_of(const struct err *err);
