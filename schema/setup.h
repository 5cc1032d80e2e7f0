/* Looks at the live set-up of domains, as they are written: what one saw, which are due, and the newest look
 * at each MX host. What the words mean is not known here. Read through read_setup.h.
 *
 * All texts must be UTF-8 without U+0000. A moment is seconds since 1970; 0: not known.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdicts.h. Next: read_setup.h */
#pragma once

#include "schema/pg.h"
#include "base/text.h"

#define SETUP_STEP_COUNT 7
#define SETUP_GATE_COUNT 9

struct setup_finding_entry {
    const char *code, *subject, *severity, *step, *title, *evidence, *fix, *rule;
    bool blocks;
    const char *letter; /* NULL: none */
};

/* One address of an MX host; a host without any has one row with the address "". */
struct setup_mx_entry {
    const char *mx, *address;
    int32_t preference;
    int64_t probed_seconds;
    const char *reach, *starttls, *tls, *dane; /* words, as ledger.setup_mx has them */
    int32_t passes;                            /* 0 not known, 1 true, 2 false */
    const char *fails_with, *why;              /* "" */
    const char *certificate;                   /* SHA-256, hex; NULL: none was seen */
    int64_t certificate_begin_seconds, certificate_end_seconds;
};

struct setup_value_entry {
    const char *kind, *value; /* as ledger.setup_value has them */
    int64_t ttl_seconds;      /* -1: not known */
};

/* One look at one domain. */
struct setup_entry {
    const char *domain; /* canonical */
    int64_t at_us;      /* microseconds: looks of one second have an order too */
    int64_t milliseconds;
    bool probed;         /* it went to the MX hosts itself */
    const char *verdict; /* "ready", … */
    int32_t errors, warnings, unknowns;
    const char *steps[SETUP_STEP_COUNT]; /* "good", … */
    struct text_list unknown_steps;      /* names of those that could not be looked at: what was
                                            found of them before stays */
    int32_t gates[SETUP_GATE_COUNT];     /* 0 not known, 1 true, 2 false */
    const char *found[SETUP_GATE_COUNT]; /* NULL: no more to say */
    int32_t host;                        /* the policy host: 0 not known, 1 serves, 2 fails */
    const char *id, *mode;               /* "" where none is valid */
    int64_t max_age_seconds;             /* -1 */
    const char *policy_sha256, *policy;  /* hex, bytes; "" where none is valid */
    const char *result;                  /* JSON */
    const struct setup_finding_entry *findings; /* the heaviest first */
    size_t finding_count;
    bool mx_known; /* the names of MX hosts were told: those that are not in `mx` are past */
    const struct setup_mx_entry *mx;
    size_t mx_count;
    const struct setup_value_entry *values;
    size_t value_count;
};

/* Stores it in one transaction, unless a newer look is there; makes the domain if it has no reports yet. Its
 * verdict is due then, if what the verdict asks for is another than at the last look. */
MUST_CHECK bool setup_store(struct pg *pg, const struct setup_entry *entry, struct err *err);

/* --- which are due --- */

struct setup_candidate_row {
    const char *domain;
    bool hosted; /* its policy is made here */
};
/* Domains that may be worth watching, at most MOST: those whose policy is made here, and those of which
 * senders that are vouched for have reported in 30 days. */
MUST_CHECK bool setup_candidates(struct pg *pg, struct arena *arena, int64_t now_seconds, int most,
                                 struct rows *setup_candidate_rows, struct err *err);

/* Says of domains that they are to be watched; those that nobody names for two days are not any more. A new
 * one is due at once. */
MUST_CHECK bool setup_watch(struct pg *pg, const struct text_list *domains, int64_t now_seconds,
                            struct err *err);

struct setup_due_row {
    int32_t domain_id;
    const char *domain;
    bool probes; /* MX hosts are due too */
};
struct setup_turn {
    int64_t look_seconds, probe_seconds; /* from one to the next */
    int64_t now_seconds;
    int most;
};
/* Takes domains that are due, the longest waiting first, and sets when they are due next: in
 * the period that follows, at a moment which is each domain's own. So that of several programs one takes
 * each, and one that ends while it looks costs a look. */
MUST_CHECK bool setup_claim(struct pg *pg, struct arena *arena, const struct setup_turn *turn,
                            struct rows *setup_due_rows, struct err *err);

/* --- MX hosts --- */

/* A look at one address of an MX host; numbers as struct setup_probe of judge/setup.h has them. */
struct probe_row {
    const char *address, *mx;
    int64_t at_seconds;
    bool known; /* false: it lasts still */
    int32_t reach;
    const char *why, *banner; /* NULL */
    int32_t code, starttls, dane;
    int64_t milliseconds;
    int32_t tls; /* bits: 1 tried, 2 done, 4 too old, 8 a certificate was shown */
    const char *tls_version, *tls_cipher, *tls_why; /* NULL */
    int32_t flaws;
    const char *flaw_why, *subject, *issuer, *names, *chain; /* NULL; lists as lines */
    int64_t begins, ends, chain_ends;                        /* seconds since 1970 */
    const char *sha256, *spki_sha256;                        /* NULL */
};

/* A look that may be needed. */
struct probe_slot {
    const char *mx, *address;
    int64_t now_seconds;
    int64_t oldest_seconds; /* of a look that is new enough */
    int32_t most; /* looks at `address` within an hour, whatever hosts are said to be there */
};
/* *TAKEN: there is none that is new enough, and the caller is to look now. Until setup_probe_put() the row is not
 * `known`. */
MUST_CHECK bool setup_probe_take(struct pg *pg, const struct probe_slot *slot, bool *taken,
                                 struct err *err);
MUST_CHECK bool setup_probe_put(struct pg *pg, const struct probe_row *probe, struct err *err);
/* The newest; rows of all addresses of these hosts. */
MUST_CHECK bool setup_probes(struct pg *pg, struct arena *arena, const struct text_list *mx,
                             struct rows *probe_rows, struct err *err);

/* *REACHED: some address was reached since then; REACH is the number that says so. */
MUST_CHECK bool setup_reached(struct pg *pg, int32_t reach, int64_t since_seconds, bool *reached,
                              struct err *err);

/* What is older than is kept: looks of 30 days, findings that went a year ago, the newest 200 values and 100
 * policies of a domain, domains that were not looked at for 90 days. *REMOVED gets how many rows. */
MUST_CHECK bool setup_purge(struct pg *pg, int64_t now_seconds, int64_t *removed, struct err *err);
