/* From what a look at a domain's set-up saw (judge/setup.h) to findings, to the state of each step, and to
 * the gates of the verdict. A pure function: no clock, no network, no database.
 *
 * Each finding has a stable code, listed with its step, gate, rule and remedy in one table
 * (setup_finding.c).
 *
 * SPDX-License-Identifier: MIT
 * Before: setup.h. Next: page.h */
#pragma once

#include "judge/setup.h"
#include "judge/verdict.h"

enum setup_severity {
    SEVERITY_ERROR,   /* it breaks reporting or MTA-STS, or will refuse mail */
    SEVERITY_WARNING, /* some senders trip over it, or it will break soon */
    SEVERITY_UNKNOWN, /* it could not be looked at: neither good nor bad */
    SEVERITY_INFO,
};

/* In the order in which a domain is set up, and in which they are looked at. */
enum setup_step {
    SETUP_REPORTING, /* _smtp._tls TXT record, RFC 8460 section 3 */
    SETUP_RECORD,    /* _mta-sts TXT record, RFC 8461 section 3.1 */
    SETUP_HOST,      /* mta-sts.DOMAIN: addresses, certificate, HTTP; section 3.3 */
    SETUP_POLICY,    /* its text; section 3.2 */
    SETUP_MX,        /* MX records against the policy; section 4.1 */
    SETUP_SERVERS,   /* STARTTLS of every address of every MX host; section 4.2 */
    SETUP_DANE,      /* DNSSEC and TLSA records beside it, RFC 7672 */
    SETUP_STEPS,
};

enum setup_state {
    SETUP_UNKNOWN, /* not looked at, or it could not be */
    SETUP_GOOD,
    SETUP_WARNED,
    SETUP_FAULTY,
    SETUP_ABSENT, /* there is nothing, and nothing has to be */
};

struct setup_finding {
    const char *code; /* "tls.policy.expired" */
    enum setup_severity severity;
    enum setup_step step;
    const char *subject; /* name, host or address that is meant; "" when that goes without saying */
    const char *title;   /* one line, without a full stop */
    const char *evidence; /* what was seen, a sentence or two */
    const char *fix;      /* what to do, commands between backticks; "" when nothing is */
    const char *rule;     /* "RFC 8461 section 3.1"; "" when none says so */
    bool blocks;          /* a policy in mode enforce has to wait for it */
    const char *letter;   /* ready to send to whoever can mend it; NULL: none is needed */
};

struct setup_result {
    const struct setup_finding *findings; /* errors first, then in the order of steps */
    size_t finding_count;
    enum setup_state steps[SETUP_STEPS];
    enum verdict_known gates[GATES]; /* as far as this one look tells */
    const char *found[GATES];        /* what is wrong, a sentence; NULL: nothing more to say */
    enum verdict_word word; /* ready: all is good; ready-limited: with reserve; not-yet; unknown */

    /* What is published; NULL, 0 and -1 where nothing valid is. */
    const char *id;            /* of the record */
    const char *mode;          /* of the policy that senders get */
    const char *policy;        /* its bytes as text */
    const char *policy_sha256; /* hex, of these bytes */
    int64_t max_age_seconds;
    struct text_list patterns; /* its mx lines, canonical */
};

/* NOW is facts->at_seconds. All is in ARENA, or what was given. Never fails. */
struct setup_result setup_judge(struct arena *arena, const struct setup_facts *facts,
                                const struct setup_history *history);

const char *setup_severity_to_text(enum setup_severity severity); /* "error" */
const char *setup_step_to_text(enum setup_step step);             /* "policy-host": names a check */
const char *setup_step_label(enum setup_step step);               /* "Policy host": for people */
const char *setup_state_to_text(enum setup_state state);          /* "good", "warned", … */
