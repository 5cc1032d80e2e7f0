/* Who is connected, since when and how far: for listeners that anybody may reach. Time is passed in,
 * and nothing is closed here: this says who must go, the listener ends the connection.
 *
 * Three bounds. A visit has a time for each phase, and while it sends must keep up a rate, so that
 * one byte now and then holds no connection for ever. One client (an IPv4 address, a /64 of IPv6) has
 * so many visits and no more. And when all places are taken, another visit makes room for the next:
 * of the client with the most visits, the one that has been in its phase for longest; never one that
 * waits for us. So slow clients cannot keep others out, however many they are.
 *
 * SPDX-License-Identifier: MIT
 * Before: network.h. Next: listen.h */
#pragma once

#include "base/network.h"
#include <stdint.h>

enum visit_phase {
    VISIT_ARRIVED, /* nothing was understood yet: a handshake, a greeting */
    VISIT_ASKING,  /* in a command, in headers */
    VISIT_SENDING, /* in a body or message; the rate is asked for */
    VISIT_WAITING, /* for our answer: no time, never told to go */
    VISIT_READING, /* our answer is on its way */
    VISIT_IDLE,    /* between two requests */
};
#define VISIT_PHASES (VISIT_IDLE + 1)

struct visit_rules {
    int64_t most;                  /* visits at once */
    int64_t per_client;            /* of one client; 0: no such limit */
    int64_t seconds[VISIT_PHASES]; /* for each phase; 0: for ever. SENDING: all in all */
    int64_t session_seconds;       /* for all of it; 0: for ever */
    int64_t grace_seconds;         /* of SENDING, before a rate is asked for */
    int64_t bytes_per_second;      /* the rate; 0: none */
};

struct visit {
    struct visit *prev, *next; /* oldest first; as all below, only read by others */
    struct visit_client *client;
    enum visit_phase phase;
    int64_t begun_ms, since_ms; /* the visit; the phase */
    int64_t bytes;              /* in this phase */
    int fd;
    bool excess;  /* one visit too many of this client when it came */
    bool leaving; /* told to go */
};

struct visits {
    struct visit_rules rules;
    struct visit *first, *last;
    struct visit_client *clients[256];
    int64_t count; /* of those that are not leaving */
};

void visits_init(struct visits *visits, const struct visit_rules *rules);

/* VISIT begins; it is the caller's and stays where it is until visits_remove(). FREE: this client may
 * have any number of visits, and goes last. */
void visits_add(struct visits *visits, struct visit *visit, int fd, const char *client, bool free,
                int64_t now_ms);
void visits_remove(struct visits *visits, struct visit *visit);

void visit_enter(struct visit *visit, enum visit_phase phase, int64_t now_ms);

/* When it is to be ended if it does not go on; INT64_MAX: never. */
int64_t visit_deadline(const struct visits *visits, const struct visit *visit);

/* One whose time is over, now marked as leaving; NULL when there is none. */
struct visit *visits_overdue(struct visits *visits, int64_t now_ms);

/* When there are more than rules.most: the one that makes room, now marked as leaving; the newest only
 * when all others wait for us. Else NULL. */
struct visit *visits_victim(struct visits *visits);

/* How many visits this visit's client has. */
int64_t visit_siblings(const struct visit *visit);
