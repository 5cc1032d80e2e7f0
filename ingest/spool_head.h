/* What stands before the bytes of a delivery in a file of the spool: lines of text that bring back
 * what the door knew.
 *
 *   tlsrptd-spool: 1          source: https          origin: 192.0.2.1     received: 1788220800
 *   vouched: token            bytes: 4711            sha256: …             head: …
 *
 * each on a line of its own, then an empty line and the bytes as they came. Values come from strangers:
 * every byte that is not printable ASCII, and "%", is written as %XX. `sha256` is the digest of the
 * bytes, `head` begins that of the lines above it, so that damage does not pass for a report.
 *
 * SPDX-License-Identifier: MIT
 * Before: delivery.h. Next: spool.h */
#pragma once

#include "ingest/delivery.h"

#define SPOOL_HEAD_BYTES 8192 /* no head is longer */

/* Adds the head of DELIVERY to OUT, whose maximum must be SPOOL_HEAD_BYTES or more. An origin or ground
 * longer than 512 bytes is cut. */
void spool_head_print(const struct delivery *delivery, struct buf *out);

/* DELIVERY's bytes are those of a file: takes the head off and sets source, origin, time and who
 * vouches. When head or bytes are damaged the delivery keeps all bytes of the file, and its fault says
 * what is wrong (ERR_INPUT). Texts live in the delivery's arena. */
void spool_head_take(struct delivery *delivery);
