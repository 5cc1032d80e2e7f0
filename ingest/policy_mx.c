/* See policy_mx.h. The questions are asked in the order in which their answers help most: "192.0.2.1:25"
 * is told as an address, not as a port.
 * SPDX-License-Identifier: MIT
 * Before: policy.c. Next: policy_text.c */
#include "ingest/policy_mx.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

#define NAME_BYTES  253 /* RFC 1035 section 2.3.4 */
#define LABEL_BYTES 63

static bool has(struct bytes value, const char *set)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] && strchr(set, value.data[i]))
            return true;
    return false;
}

static bool is_plain(struct bytes value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.data[i] >= 0x80)
            return false;
    return true;
}

static bool is_address(struct bytes value)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    return value.size <= NAME_BYTES && !memchr(value.data, '\0', value.size)
           && text_address(&arena, arena_copy(&arena, value.data, value.size), NULL);
}

/* "name:25" */
static bool has_port(struct bytes value)
{
    size_t at = value.size;
    while (at && isdigit((unsigned char)value.data[at - 1]))
        at--;
    return at && at < value.size && value.data[at - 1] == ':';
}

/* Of the name behind "*.", or of all of it. */
static enum policy_mx_flaw check_name(struct bytes name)
{
    size_t label = 0, labels = 1;
    bool letter = false; /* the last label is no number */
    for (size_t i = 0; i <= name.size; i++) {
        char c = '.';
        if (i < name.size)
            c = name.data[i];
        if (c == '.') {
            if (label == 0 || label > LABEL_BYTES || name.data[i - 1] == '-')
                return POLICY_MX_LABEL;
            if (i == name.size)
                break;
            label = 0;
            letter = false;
            labels++;
        } else if (!isalnum((unsigned char)c) && c != '-') {
            return c == '*' ? POLICY_MX_WILDCARD_PLACE : POLICY_MX_CHARACTER;
        } else if (c == '-' && label == 0) {
            return POLICY_MX_LABEL;
        } else {
            label++;
            letter = letter || !isdigit((unsigned char)c);
        }
    }
    if (!letter)
        return POLICY_MX_ADDRESS;
    return labels == 1 ? POLICY_MX_SINGLE : POLICY_MX_GOOD;
}

enum policy_mx_flaw policy_mx_check(struct bytes value)
{
    if (value.size == 0)
        return POLICY_MX_EMPTY;
    if (is_address(value))
        return POLICY_MX_ADDRESS;
    if (!is_plain(value))
        return POLICY_MX_UNICODE;
    if (has(value, ", \t;"))
        return POLICY_MX_LIST;
    if (has_port(value))
        return POLICY_MX_PORT;
    if (value.size == 1 && *value.data == '*')
        return POLICY_MX_WILDCARD_ALONE;
    struct bytes name = value;
    if (value.size >= 2 && memcmp(value.data, "*.", 2) == 0)
        name = (struct bytes){ value.data + 2, value.size - 2 };
    bool dot = name.size > 1 && name.data[name.size - 1] == '.';
    name.size -= dot;
    if (name.size > NAME_BYTES)
        return POLICY_MX_LONG;
    enum policy_mx_flaw flaw = check_name(name);
    return dot && (flaw == POLICY_MX_GOOD || flaw == POLICY_MX_SINGLE) ? POLICY_MX_DOT : flaw;
}

const char *policy_mx_flaw_to_text(enum policy_mx_flaw flaw)
{
    static const char *const texts[] = {
        [POLICY_MX_GOOD] = "is good",
        [POLICY_MX_EMPTY] = "is empty; name a host",
        [POLICY_MX_ADDRESS] = "is an IP address or ends in a number; a policy names hosts",
        [POLICY_MX_LIST] = "holds more than one name; each host has a line of its own",
        [POLICY_MX_PORT] = "has a port; a policy names hosts only",
        [POLICY_MX_UNICODE] = "is not in ASCII; write its A-labels (xn--…)",
        [POLICY_MX_DOT] = "ends with a dot; leave it out",
        [POLICY_MX_WILDCARD_ALONE] = "would be every host; \"*.\" needs a domain behind it",
        [POLICY_MX_WILDCARD_PLACE] = "has an asterisk elsewhere than as its whole first label",
        [POLICY_MX_CHARACTER] =
            "is no host name: letters, digits and hyphens, in labels separated by dots",
        [POLICY_MX_LABEL] =
            "has a label that is empty, longer than 63 bytes, or begins or ends with a hyphen",
        [POLICY_MX_LONG] = "is longer than the 253 bytes of a name",
        [POLICY_MX_SINGLE] = "is one label only; write the fully qualified name",
    };
    return texts[flaw];
}
