/* What is wrong with the text of a policy, as it was served: by RFC 8461 section 3.2, and by the strictest of the
 * senders that exist. They differ in what they refuse (blank lines, marks, spaces, duplicates), so a policy is good
 * when the strictest takes it, which policy_text_make() sees to.
 *
 * SPDX-License-Identifier: MIT
 * Before: record_uri.h. Next: domains.h */
#pragma once

#include "ingest/policy.h"

enum policy_flaw_kind {
    POLICY_FLAW_LARGE,  /* longer than POLICY_BYTES_MAX */
    POLICY_FLAW_BOM,    /* a byte order mark in front */
    POLICY_FLAW_CR,     /* a line ended by CR alone */
    POLICY_FLAW_MIXED,  /* lines ended by LF and by CRLF */
    POLICY_FLAW_NO_END, /* the last line has none */
    POLICY_FLAW_BLANK,  /* a line with nothing, or white space only */
    POLICY_FLAW_COMMENT,
    POLICY_FLAW_LEADING,  /* white space before a key, */
    POLICY_FLAW_TRAILING, /* behind a value, */
    POLICY_FLAW_COLON,    /* or before a colon */
    POLICY_FLAW_LINE,     /* a line that is no "key: value" */
    POLICY_FLAW_NOT_ASCII,
    POLICY_FLAW_NOT_UTF8,
    POLICY_FLAW_SIMILAR,         /* an unknown key that is much like a known one */
    POLICY_FLAW_EXTENSION,       /* another unknown key */
    POLICY_FLAW_EXTENSION_COLON, /* with a colon in its value */
    POLICY_FLAW_DUPLICATE,       /* of version, mode or max_age; the first counts */
    POLICY_FLAW_VERSION_MISSING,
    POLICY_FLAW_VERSION,       /* not STSv1 */
    POLICY_FLAW_VERSION_PLACE, /* not the first key */
    POLICY_FLAW_MODE_MISSING,
    POLICY_FLAW_MODE, /* no mode, or in other letters */
    POLICY_FLAW_MAX_AGE_MISSING,
    POLICY_FLAW_MAX_AGE,       /* no number of 1 to 10 digits */
    POLICY_FLAW_MAX_AGE_RANGE, /* more than POLICY_MAX_AGE_MAX */
    POLICY_FLAW_MX_MISSING,
    POLICY_FLAW_MX_NONE, /* none, in mode none: the RFC lets it be */
    /* The grammar takes 192.0.2.1 for a name; yet no host has it, since the last label of one is no number (RFC 1123
     * section 2.1). */
    POLICY_FLAW_MX_ADDRESS,
    POLICY_FLAW_MX,        /* see policy_mx.h */
    POLICY_FLAW_MX_SINGLE, /* ditto: one label */
    POLICY_FLAWS,
};

struct policy_flaw {
    enum policy_flaw_kind kind;
    size_t line; /* from 1; 0: the whole text */
    /* RFC 8461 does not allow it: who follows it has no policy. White space at odd places and comments are left to
     * the strict: the grammar has neither, but "key: value" is still to be seen. */
    bool rfc;
    bool strict; /* some sender refuses the policy for it */
    /* Of the line, cut to POLICY_WHAT_BYTES characters, with what is not seen made visible; "" */
    const char *what;
    const char *text; /* what is wrong and what the rule is, without a full stop */
};
#define POLICY_WHAT_BYTES 80
#define POLICY_FLAWS_MAX  40

struct policy_lint {
    bool valid;                      /* a sender that follows RFC 8461 has a policy: */
    struct policy policy;            /* this one; without mode, hosts and age unless valid */
    bool strict;                     /* the strictest sender has it, too */
    struct policy meant;             /* read leniently, whatever is wrong */
    const struct policy_flaw *flaws; /* in order of lines, those of the whole text first */
    size_t flaw_count;
    size_t left_out; /* flaws beyond POLICY_FLAWS_MAX */
};

/* Looks at TEXT, the bytes as they were served, of any size. All in ARENA. Never fails. */
struct policy_lint policy_lint(struct arena *arena, struct bytes text);

/* The finding's code: "pol.cr". */
const char *policy_lint_code(enum policy_flaw_kind kind);
