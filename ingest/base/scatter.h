/* Where a name has its place in a table in memory: by a hash with a key of this process, so that strangers, who
 * choose names and addresses, cannot choose some that fall together and are slow to find (SipHash-2-4, Aumasson
 * and Bernstein 2012). Another in each process: never to be stored, sent or shown.
 * SPDX-License-Identifier: MIT
 * Before: hash.h */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t scatter(const void *bytes, size_t size);
uint64_t scatter_text(const char *text);

/* The same under a KEY that is given, for comparison with published values. */
uint64_t scatter_by(const uint64_t key[2], const void *bytes, size_t size);
