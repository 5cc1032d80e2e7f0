/* The text of a policy as we publish it, in the form that the strictest sender takes (RFC 8461 section
 * 3.2), and what its TXT record says (section 3.1).
 *
 * The id of the record is derived from the text: the time of the change, "h", and the first twelve
 * hexadecimal digits of the SHA-256 of the bytes as served. So it changes when they do, sorts by time,
 * and whoever has both can tell whether they belong together.
 *
 * SPDX-License-Identifier: MIT
 * Before: policy_mx.h. Next: record.h */
#pragma once

#include "base/err.h"
#include "base/text.h"

#define POLICY_MAX_AGE_MAX 31557600 /* seconds; RFC 8461 section 3.2 */
#define POLICY_BYTES_MAX   65536    /* section 3.3: what senders read at most */

struct policy_terms {
    const char *mode;        /* "testing", "enforce" or "none" */
    int64_t max_age_seconds; /* 0 to POLICY_MAX_AGE_MAX */
    struct text_list mx; /* "mx.example.org", "*.example.org"; needed unless the mode is "none" */
};

/* "version", "mode", one "mx" for each host and "max_age", as "key: value" with CRLF behind each: hosts in
 * lower case, without a trailing dot, sorted, each once. The mode "none" keeps its hosts, without which
 * some senders refuse it. In ARENA. ERR_INPUT names the field ("mode", "max_age", "mx") and its rule;
 * ERR_LIMIT: longer than POLICY_BYTES_MAX. */
MUST_CHECK bool policy_text_make(struct arena *arena, const struct policy_terms *terms,
                                 const char **out, struct err *err);

#define POLICY_ID_BYTES 28 /* 14 digits, "h", 12 digits, NUL; a record may have 32 */

/* The id of POLICY (its bytes as served), changed at that time (the years 1 to 9999); returns OUT. */
char *policy_text_id(int64_t changed_seconds, struct bytes policy, char out[POLICY_ID_BYTES]);

enum policy_fit {
    POLICY_FIT_OTHER,   /* an id of another scheme: it tells nothing of the bytes */
    POLICY_FIT_GOOD,    /* made of these bytes */
    POLICY_FIT_DIFFERS, /* made of others: one of the two is not the newest */
};

/* Does this id fit these bytes? */
enum policy_fit policy_text_fit(const char *id, struct bytes policy);

/* The text of the TXT record: "v=STSv1; id=…;". In ARENA. */
const char *policy_text_record(struct arena *arena, const char *id);
