/* The verdict: is a domain's testing clean enough to enforce, and what would enforce have refused?
 *
 * A pure function of numbers and dates: no clock, no database. The same input gives the same verdict
 * whatever the order of its rows, so that one that was stored with its input can be replayed. Every
 * verdict follows from its reasons alone: the weight of the worst of them decides.
 *
 * What counts as a refusal is RFC 8461 section 5 (ingest/result.h). Evidence are the sessions of policy
 * type `sts`; those of `tlsa` make a verdict of their own (`dane`) and are never mixed with them.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict_triage.h. Next: setup.h */
#pragma once

#include "base/arena.h"
#include "base/text.h"
#include "schema/read_verdict.h"

/* What the domain has published. */
enum verdict_stage {
    STAGE_NONE,      /* nobody has reported, or MTA-STS was given up */
    STAGE_REPORTING, /* reports come, and none tells of an MTA-STS policy */
    STAGE_TESTING,
    STAGE_ENFORCE,
    STAGE_REMOVING, /* mode none */
};

enum verdict_word {
    VERDICT_READY,
    VERDICT_READY_LIMITED, /* clean, but the evidence is thin or something was not checked */
    VERDICT_NOT_YET,
    VERDICT_UNKNOWN,
    VERDICT_HEALTHY, /* in enforce */
    VERDICT_FAILING, /* in enforce, or, for DANE, at any stage */
};

enum verdict_known { KNOWN_NOT, KNOWN_TRUE, KNOWN_FALSE };

/* What only a look at the domain's live set-up tells. */
enum verdict_gate {
    GATE_RECORD,       /* _mta-sts TXT record */
    GATE_POLICY_HOST,  /* the policy is served as RFC 8461 section 3.3 asks, on every address */
    GATE_POLICY_TEXT,  /* every sender can read it */
    GATE_MODE,         /* its mode is testing */
    GATE_MX_LISTED,    /* every MX host fits it */
    GATE_MX_TLS,       /* every address of every MX host passes STARTTLS and certificate */
    GATE_CERTIFICATES, /* none runs out within 14 days */
    GATE_REPORTING,    /* _smtp._tls TXT record */
    GATE_ROLLBACK,     /* TTL and max_age are short, so that a way back is quick */
    GATES,
};

/* An MX host of the domain, now or once. */
struct verdict_host {
    const char *name;
    int32_t last_day;          /* in the MX records; INT32_MAX: it is now */
    enum verdict_known passes; /* our own look at it */
    const char *fails_with;    /* result type, where it does not pass */
    int32_t certificate_day;   /* since when it serves its present certificate; 0: not known */
};

/* All zero: nothing was looked at. */
struct verdict_live {
    int64_t looked_seconds; /* the newest look; 0: there was none */
    enum verdict_known gates[GATES];
    bool lately[GATES]; /* the gate is true now; it is KNOWN_FALSE by what was seen of late */
    const char
        *found[GATES];   /* what is wrong, a sentence; if `lately`, when; NULL: no more to say */
    const char *mode;    /* of the policy that is served; NULL: not known */
    bool given_up;       /* the operator has ended MTA-STS, after its time in mode none */
    bool knows_mx;       /* hosts is all that ever was in the MX records as far as we looked */
    int32_t mx_from_day; /* since when we looked; 0: always */
    const struct verdict_host *hosts;
    size_t host_count;
    int32_t reset_day; /* MX hosts changed, or the policy host came back, on this day; 0: never */
};

struct verdict_settings {
    int64_t days;                     /* clean ones in a row */
    int64_t stretch_days;             /* most that are looked at where little mail comes */
    int64_t active_days;              /* with sessions, of `days` */
    int64_t reporters, reporter_days; /* independent ones, each on so many days */
    int64_t single_reporter_days;     /* clean days after which one reporter has to do */
    int64_t session_bound_permille;   /* upper bound of the share refused */
    int64_t day_bound_permille;       /* the same of reporter days */
    int64_t limited_sessions, limited_reporter_days; /* least for `ready-limited` */
    int64_t failing_days;           /* in enforce: for so long after a failure it is failing */
    bool include_untrusted;         /* for who reads the evidence */
    struct text_list own_reporters; /* organizations that are ourselves: no evidence */
};
#define VERDICT_SETTINGS_DEFAULT                                                               \
    {                                                                                          \
        .days = 14, .stretch_days = 56, .active_days = 10, .reporters = 2, .reporter_days = 5, \
        .single_reporter_days = 28, .session_bound_permille = 10, .day_bound_permille = 150,   \
        .limited_sessions = 30, .limited_reporter_days = 20, .failing_days = 7                 \
    }

struct verdict_input {
    const char *domain;
    int32_t today; /* UTC day */
    const struct verdict_settings *settings;
    const struct verdict_row *rows; /* of VERDICT_DAYS and today; in any order */
    size_t row_count;
    const struct verdict_policy_row *policies; /* all that the rows quote */
    size_t policy_count;
    const struct verdict_live *live;
    const struct verdict_ack_row *acks; /* failures that an operator does not wait for */
    size_t ack_count;
    const int32_t *gaps; /* days on which we ourselves did not collect */
    size_t gap_count;
};
#define VERDICT_DAYS 92 /* before today: the 90 that may be looked at, less those still open */

/* How much a reason weighs; the heaviest comes first. */
enum verdict_weight {
    WEIGHT_REFUSES, /* in enforce: mail is refused today */
    WEIGHT_BLOCKS,  /* something must be mended before enforce */
    WEIGHT_WAITS,   /* more days or more evidence are needed */
    WEIGHT_UNKNOWN, /* nothing can be said */
    WEIGHT_LIMITS,  /* ready, but not without reserve */
    WEIGHT_NOTES,   /* worth knowing; decides nothing */
};

#define VERDICT_NUMBERS 4
struct verdict_number {
    const char *name; /* NULL: no more */
    int64_t value;
};

struct verdict_reason {
    const char *code; /* stable; see verdict_reason.c */
    enum verdict_weight weight;
    const char *text; /* a sentence or two */
    struct verdict_number numbers[VERDICT_NUMBERS];
    const char *url; /* where the rows are */
    const char *fix; /* what to do, commands between backticks; "" when nothing is */
    const char *mx,
        *result; /* of the failure that it is about, as in dispositions; NULL: of none */
};

/* One kind of failure and what is thought of it. */
struct verdict_disposition {
    const char *mx; /* NULL: not named */
    const char *result;
    const char *word; /* "unlisted-mx", "transient", …: also the code of its reason */
    bool counts;      /* against the domain */
    int64_t sessions;
    int32_t first_day, last_day;
    int32_t reporters;
    const char *reporter; /* he may be at fault himself, alone as he is; NULL: not so */
    bool passes;          /* our own look at this MX finds no fault */
    const char *why;      /* a sentence */
    bool decides;         /* it changes when somebody acknowledges it, or takes that back */
    const struct verdict_ack_row
        *ack; /* what was acknowledged of it, also if it recurred; or NULL */
};

/* Sessions that enforce would have refused, of one day, MX, reporter or reason. */
struct verdict_refused {
    const char *name;            /* NULL: MX not named; of a day its date */
    int64_t low, high, sessions; /* sessions: of all, where that is known; else 0 */
};
struct verdict_refused_list {
    const struct verdict_refused *items; /* most first; days in order */
    size_t count;
};

struct verdict_counterfactual {
    int32_t from_day, to_day; /* both included */
    int64_t refused_low, refused_high, sessions;
    int64_t reporters, reporter_days;
    double upper_bound; /* of the share refused */
    struct verdict_refused_list by_day, by_mx, by_reporter, by_reason;
    const char *sentence; /* for those who decide */
};

/* One reporter and the policy that is published now. */
struct verdict_adopter {
    const char *reporter;
    bool current;         /* its newest sessions quote it */
    int32_t since_day;    /* first day on which they did; 0: never */
    int32_t last_day;     /* of its newest sessions */
    int32_t deadline_day; /* until when it may keep the older one; 0: not known or not needed */
};

struct verdict {
    enum verdict_stage stage;
    enum verdict_word word;
    enum verdict_word dane; /* healthy, failing, or unknown: no evidence */
    const struct verdict_reason *reasons;
    size_t reason_count;
    const struct verdict_disposition *dispositions; /* those that count first, then by sessions */
    size_t disposition_count;
    struct verdict_counterfactual counterfactual;
    const struct verdict_adopter *adopters;
    size_t adopter_count;
    int32_t clock_day;       /* since when the published policy has been seen; 0: none was */
    int32_t last_closed_day; /* the newest day of which no more reports are to be expected */
    int32_t clean_days;      /* closed days without a failure that counts, up to that day */
};

/* Texts are in ARENA, or the input's. Never fails. */
struct verdict verdict_judge(struct arena *arena, const struct verdict_input *input);

/* The failure of RESULT at MX ("": none is named); NULL when there is none. */
const struct verdict_disposition *verdict_failure(const struct verdict *verdict, const char *mx,
                                                  const char *result);

/* "testing", "ready-limited". */
const char *verdict_stage_to_text(enum verdict_stage stage);
const char *verdict_word_to_text(enum verdict_word word);
/* False when TEXT, of the ledger, is none. */
MUST_CHECK bool verdict_word_from_text(const char *text, enum verdict_word *out);
/* "ready, with limits": for people. */
const char *verdict_word_label(enum verdict_word word);
