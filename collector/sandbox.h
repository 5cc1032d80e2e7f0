/* What a process that reads strangers' bytes does not need, it gives up.
 * SPDX-License-Identifier: MIT
 * Before: service.h */
#pragma once

#include "base/err.h"
#include "base/macros.h"

/* Gives up all capabilities for good (capabilities(7)), also for programs that it starts, and the
 * gain of privileges through execve(2) (PR_SET_NO_NEW_PRIVS). Threads inherit it: call it when the
 * sockets are bound and before any thread is made. Which system calls and files are allowed is the
 * unit file's business (deploy/systemd). False with ERR_SETUP. */
MUST_CHECK bool sandbox_enter(struct err *err);
