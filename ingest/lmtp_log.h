/* What the LMTP door writes to the log.
 * SPDX-License-Identifier: MIT
 * Before: lmtp_session.h. Next: lmtp.c */
#pragma once

#include "ingest/lmtp_session.h"

void lmtp_log_answer(const struct delivery *delivery, const struct answer *answer);

/* A message that was swallowed: LMTP_TOO_LARGE (over LIMIT bytes) or LMTP_NO_ROOM. */
void lmtp_log_refused(const char *origin, enum lmtp_event event, int64_t limit);

/* How a session ended, unless the client or we ourselves just left. */
void lmtp_log_end(const char *origin, const struct lmtp_session *session);
