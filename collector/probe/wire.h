/* One TCP connection to exactly one address: looked at first (vet.h), never resolved, bounded in time, and
 * without signals. What every look at a stranger's server goes over.
 *
 * All functions may be called by many threads at once. Moments are of clock_monotonic_ms().
 *
 * SPDX-License-Identifier: MIT
 * Before: vet.h. Next: chain.h */
#pragma once

#include "base/err.h"
#include "base/network.h"
#include "judge/setup.h"

struct chain_roots;

/* What looks may do; made of the settings by whoever asks for them, and only read. */
struct wire_terms {
    const char *hello;               /* what we call ourselves at EHLO */
    const struct chain_roots *roots; /* that certificates lead to; chain.h */
    struct network_list allow;       /* connected to although vet_address() refuses them */
    int64_t connect_ms, step_ms;     /* for a connection; for an answer */
    int64_t total_ms;                /* for all of one look */
};

/* The moment at which a step that begins now ends: MS from now, or UNTIL_MS if that is sooner. */
int64_t wire_step(int64_t ms, int64_t until_ms);

/* Connects, in terms->connect_ms at most. REACH_OPEN with *FD, non-blocking and close-on-exec, which is
 * the caller's; else *FD is untouched and ERR says what is the matter. REACH_NONE: this machine has no socket left. */
enum setup_reach wire_connect(const struct wire_terms *terms, const char *address, uint16_t port,
                              int *fd, struct err *err);

/* Closes *FD and makes it -1. Accepts -1; fits CLEANUP(). */
void wire_close(int *fd);

/* Breaks all connections that wire_connect() made, and makes none any more: for a program that ends, whose
 * looks then end at once. */
void wire_stop(void);

/* ERR_AGAIN: UNTIL_MS has come, or the connection has broken. */
MUST_CHECK bool wire_write(int fd, struct bytes bytes, int64_t until_ms, struct err *err);

/* Some bytes, at most SIZE; *GOT is 0 when the peer has closed. Errors as above. */
MUST_CHECK bool wire_read(int fd, char *out, size_t size, int64_t until_ms, size_t *got,
                          struct err *err);

/* What a stranger wrote, as valid UTF-8 of at most MOST bytes and a few; in the arena. */
const char *wire_text(struct arena *arena, const char *text, size_t size, size_t most);
#define WIRE_TEXT_BYTES 500 /* of a line that is kept to be shown */
