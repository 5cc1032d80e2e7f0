/* The header of a mail as it stands in the bytes: its fields one after another, and where the body
 * begins (RFC 5322 section 2.1). Nothing is decoded: what a signature covers must stay as it is.
 * SPDX-License-Identifier: MIT
 * Before: payload.h. Next: authres.h */
#pragma once

#include "base/buf.h"
#include "base/macros.h"
#include <stdbool.h>

/* One field; all of it borrowed from the mail. */
struct header_field {
    struct bytes name;  /* without the colon and blanks before it */
    struct bytes body;  /* behind the colon, folded lines and all, without the last line end */
    struct bytes whole; /* from name to body */
};

/* The header of MESSAGE, and all behind it; without the line that separates mails in an mbox. */
struct bytes header_of(struct bytes message);

/* Takes the next field off *REST. False at the end of the header: *REST is then the body. Lines that
 * are no field are passed over. */
bool header_next(struct bytes *rest, struct header_field *out);

/* Without regard to case. */
bool header_is(const struct header_field *field, const char *name);
