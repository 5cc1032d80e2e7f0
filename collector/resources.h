/* What the process may have: file descriptors, and memory that goes back when it is free.
 *
 * How much memory that is, whatever strangers send, with the default settings (MiB, resident; measured
 * where it is somebody else's code, tests/faults/hostile shows the sum):
 *
 *   program, libraries, threads, database connections                                         20
 *   names and policies that writers remember: 2 writers x (3 x 3 + 4)                         26
 *   HTTPS: collector.connections + 64 that are leaving, with TLS, x 44 KiB                    46
 *   LMTP: lmtp.connections x (8 KiB read, and replies of up to 48 KiB unread)                 11
 *   bodies being received, deliveries that wait to be read or written: limits.memory_bytes    40
 *   reading: one large delivery, limits.delivery_bytes, and two small ones
 *     (16 KiB that grow limits.inflate_ratio times, and as much again)                        53
 *   writing: rows made of a batch, no more than its deliveries hold (three quarters of
 *     limits.memory_bytes for large ones), and libpq's buffers, 2 x 8                         46
 *   looks at set-ups: check.parallel x (14 connections with TLS, policies of 64 KiB at 16
 *     addresses)                                                                              14
 *                                                                                      sum   256
 * SPDX-License-Identifier: MIT
 * Before: settings.h. Next: service.c */
#pragma once

#include "collector/settings.h"

/* Raises the limit of open files as far as the connections of SETTINGS may need and the system lets us;
 * false with ERR_SETUP, naming both numbers, when that is not enough (it is still worth going on).
 * To be called once, before there are threads. */
MUST_CHECK bool resources_prepare(const struct settings *settings, struct err *err);
