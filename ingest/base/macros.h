/* Attributes and small macros that every folder uses.
 * SPDX-License-Identifier: MIT */
#pragma once

/* The result carries success or failure: ignoring it is a bug that the compiler reports. */
#define MUST_CHECK __attribute__((warn_unused_result))
/* Printf-like: the format is argument FORMAT, its values begin at argument FIRST (both from 1). */
#define PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
/* Runs F(&variable) when the variable goes out of scope; for what no arena can own. */
#define CLEANUP(f) __attribute__((cleanup(f)))
#define NORETURN   __attribute__((noreturn))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof *(array))
