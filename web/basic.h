/* Name and password of a request (HTTP Basic, RFC 7617).
 * SPDX-License-Identifier: MIT
 * Before: users.h. Next: known.h */
#pragma once

#include "base/arena.h"
#include <stdbool.h>

struct credentials {
    const char *name, *password;
};

/* VALUE is that of the header Authorization, or NULL. False when it holds no credentials of this
 * scheme, or such as nobody can have: not base64, no colon, control characters. In the arena. */
bool basic_parse(struct arena *arena, const char *value, struct credentials *out);
