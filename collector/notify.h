/* Telling systemd how we are: sd_notify(3)'s protocol, a datagram to $NOTIFY_SOCKET.
 * SPDX-License-Identifier: MIT
 * Before: service.h */
#pragma once

/* Sends STATE, e.g. "READY=1"; does nothing where nobody listens. */
void notify_send(const char *state);

/* RELOADING=1, with the time that systemd asks for; READY=1 says that it is over. */
void notify_reloading(void);
