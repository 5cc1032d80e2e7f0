/* What an "mx" line of a policy may hold: a host's fully qualified name, or "*." and such a name
 * (RFC 8461 section 3.2; names as in RFC 5321 section 4.1.2, A-labels as in RFC 5890). One list of what
 * can be wrong with it, for policies that we make and for those of others.
 * SPDX-License-Identifier: MIT
 * Before: policy.h. Next: policy_text.h */
#pragma once

#include "base/buf.h"

enum policy_mx_flaw {
    POLICY_MX_GOOD,
    POLICY_MX_EMPTY,
    POLICY_MX_ADDRESS, /* of IPv4 or IPv6, in brackets or not, or a name that ends in a number */
    POLICY_MX_LIST,    /* several names in one line */
    POLICY_MX_PORT,    /* host:25 */
    POLICY_MX_UNICODE, /* a U-label, or other bytes that are not ASCII */
    POLICY_MX_DOT,     /* "mx.example.org." */
    POLICY_MX_WILDCARD_ALONE, /* "*" */
    POLICY_MX_WILDCARD_PLACE, /* an asterisk elsewhere than as the whole first label */
    POLICY_MX_CHARACTER,      /* a byte that no host name holds */
    POLICY_MX_LABEL,          /* empty, longer than 63, or with a hyphen at its begin or end */
    POLICY_MX_LONG,           /* more than 253 bytes */
    POLICY_MX_SINGLE, /* "mx", "*.com": one label; RFC 8461 lets it pass, but it is no host's whole name */
};

/* The first flaw of VALUE, which may hold any bytes; nothing is trimmed, case makes no difference. */
enum policy_mx_flaw policy_mx_check(struct bytes value);

/* What is wrong, to be put behind the value: "is an IP address; a policy names hosts". */
const char *policy_mx_flaw_to_text(enum policy_mx_flaw flaw);
