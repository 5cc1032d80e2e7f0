/* Listening sockets from one line of settings.
 * SPDX-License-Identifier: MIT
 * Before: network.h */
#pragma once

#include "base/err.h"
#include "base/macros.h"

/* Opens one listening stream socket, non-blocking and close-on-exec. ADDRESS is one of
 *   127.0.0.1:2424, [::1]:2424, [::]:8443 (IPv4 too), localhost:2424, port 0 for any free one
 *   unix:/path/to/socket      (an old socket that nobody listens on is replaced; mode 0660)
 *   systemd:NAME              (passed by systemd under FileDescriptorName=NAME, sd_listen_fds(3))
 * False with ERR_SETUP, the text naming ADDRESS and the remedy. */
MUST_CHECK bool listen_open(const char *address, int *fd, struct err *err);

/* Whether ADDRESS is in one of these forms; nothing is opened and no name looked up. */
MUST_CHECK bool listen_check(const char *address, struct err *err);

/* Binds ADDRESS now, for listen_open() to hand out later: for ports that only a process with
 * capabilities may bind, which are gone by then. Of the main thread alone, before others are made.
 * Errors as of listen_open(). listen_release() closes what nobody asked for. */
MUST_CHECK bool listen_reserve(const char *address, struct err *err);
void listen_release(void);

/* Where FD listens, in the form above, with the port that the kernel chose. OUT is returned. */
#define LISTEN_TEXT_BYTES 160
char *listen_to_text(int fd, char out[LISTEN_TEXT_BYTES]);

/* True when no other machine can reach ADDRESS, which is in that form: loopback or a Unix socket. */
bool listen_is_local(const char *address);

/* The peer's address in canonical text without port, or "unix". OUT is returned. */
char *listen_peer_to_text(int fd, char out[LISTEN_TEXT_BYTES]);
