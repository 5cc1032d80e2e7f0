/* What the TXT records of MTA-STS (RFC 8461 section 3.1) and TLS-RPT (RFC 8460 section 3) say: from all the TXT
 * records of a name to the one that counts, and to what is wrong with each, with its place.
 *
 * Senders discard records that do not begin with "v=STSv1;" (or "v=TLSRPTv1;"), and want exactly one to be left.
 * A fault is `fatal` when the RFC leaves no record, or no address, because of it; the others are those at which
 * some real senders stop.
 *
 * SPDX-License-Identifier: MIT
 * Before: policy_text.h. Next: record_uri.h */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum record_kind { RECORD_STS, RECORD_RPT };

enum record_flaw {
    RECORD_ABSENT,       /* no TXT record, or none that was meant to be one */
    RECORD_SEVERAL,      /* two or more that count */
    RECORD_OTHER_KIND,   /* the record of the other standard */
    RECORD_LEADING,      /* white space before "v=" */
    RECORD_CASE,         /* "V=STSv1", "v=stsv1" */
    RECORD_VERSION,      /* another version, or other characters where the semicolon belongs */
    RECORD_VERSION_ONLY, /* not even a semicolon behind the version */
    RECORD_SPACE_BEFORE, /* "v=STSv1 ;": the grammar has it, the rule for discarding has not */
    RECORD_SPACE_INSIDE, /* "v = STSv1", "id = 1" */
    RECORD_SPACE_AFTER,  /* at the end, without a semicolon before it */
    RECORD_QUOTES,       /* quotes or backslashes in the text itself */
    RECORD_SMART_QUOTES, /* and typographic ones */
    RECORD_NOT_ASCII,
    RECORD_FIELD,        /* a field that is no name=value, or an empty one */
    RECORD_EXTENSION,    /* a field that the standard does not know: it is ignored */
    RECORD_ID_MISSING,   /* STS: no id, */
    RECORD_ID_EMPTY,     /* "id=", */
    RECORD_ID_LONG,      /* more than 32 characters, */
    RECORD_ID_LETTERS,   /* others than letters and digits, */
    RECORD_ID_TWICE,     /* or two of them */
    RECORD_RUA_MISSING,  /* RPT: no rua, */
    RECORD_RUA_EMPTY,    /* "rua=", or nothing between two commas, */
    RECORD_RUA_TWICE,    /* or two of them */
    RECORD_RUA_MANY,     /* several addresses: a reporter has to deliver to one of them only */
    RECORD_URI_SCHEME,   /* neither mailto: nor https: */
    RECORD_URI_MAIL,     /* no mail address behind mailto: */
    RECORD_URI_HTTPS,    /* no host behind https:// */
    RECORD_URI_ENCODING, /* "!" or what no URI may hold, not percent-encoded; a bad "%" */
    RECORD_URI_TWICE,    /* the same address again */
    RECORD_UNRELATED,    /* another TXT record beside it */
    RECORD_SPF,          /* which is SPF: maybe of a wildcard */
    RECORD_FLAWS,
};

struct record_fault {
    enum record_flaw flaw;
    bool fatal;
    size_t record;    /* which of the TXT records, from 0 */
    size_t at;        /* which byte of it, from 0 */
    const char *what; /* the part that is meant, cut to RECORD_WHAT_BYTES; "" */
    const char *text; /* a sentence, without a full stop: what is wrong and what the rule is */
};
#define RECORD_WHAT_BYTES 80
#define RECORD_FAULTS_MAX 40

enum record_scheme { RECORD_MAILTO, RECORD_HTTPS, RECORD_OTHER };

struct record_uri {
    const char *text; /* as it stands there */
    enum record_scheme scheme;
    bool usable;        /* reports can be sent to it */
    const char *domain; /* canonical, of the mailbox or of the URL; NULL: none */
    const char
        *same; /* by which addresses are compared: decoded, hosts in lower case; NULL: none */
};

struct record_reading {
    const char *
        record; /* the one that counts by the RFC, or would without its faults; NULL: none, or several */
    bool valid;                    /* a sender that follows the RFC has a record */
    bool strict;                   /* the strictest sender has, too */
    const char *id;                /* STS: its id; NULL unless valid */
    const struct record_uri *uris; /* RPT: of its rua, in order */
    size_t uri_count;
    const struct record_fault *faults; /* fatal ones first */
    size_t fault_count;
};

/* Reads RECORDS, the strings of each joined, as those of one name. All in ARENA. Never fails. */
struct record_reading record_read(struct arena *arena, enum record_kind kind,
                                  const struct text_list *records);

/* Where the first of OWN addresses ("mailto:tlsrpt@example.org", "https://…") stands in the rua, from 0; -1: none of
 * them does. Parameters of mailto: make no difference, nor do encoding and the case of hosts. */
int record_find(struct arena *arena, const struct record_reading *reading,
                const struct text_list *own);

/* The last part of the finding's code: "syntax" of "dns.sts.syntax". */
const char *record_flaw_code(enum record_flaw flaw);
