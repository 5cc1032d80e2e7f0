/* See lmtp_log.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/lmtp_log.h"
#include "base/log.h"

void lmtp_log_answer(const struct delivery *delivery, const struct answer *answer)
{
    char reason[ERR_TEXT_BYTES] = "";
    if (answer->outcome != OUTCOME_STORED && answer->err.kind != ERR_NONE)
        err_to_text(&answer->err, reason, sizeof reason);
    log_event(LOG_LEVEL_INFO, "lmtp", LOG_TEXT("client", delivery->origin),
              LOG_TEXT("result", outcome_row(answer->outcome)->word), LOG_TEXT("id", answer->id),
              LOG_TEXT("org", answer->organization), LOG_TEXT("domain", answer->domain),
              LOG_NUMBER("sessions", answer->successful + answer->failed),
              LOG_NUMBER("failed", answer->failed),
              LOG_TEXT(reason[0] ? "reason" : NULL, reason)); /* no key: the list's end */
}

void lmtp_log_refused(const char *origin, enum lmtp_event event, int64_t limit)
{
    bool large = event == LMTP_TOO_LARGE;
    log_event(LOG_LEVEL_INFO, "lmtp", LOG_TEXT("client", origin),
              LOG_TEXT("result", large ? "too-large" : "no-memory"),
              LOG_NUMBER(large ? "limit" : NULL, limit)); /* no key: the list's end */
}

void lmtp_log_end(const char *origin, const struct lmtp_session *session)
{
    if (session->end > LMTP_QUIT && session->end < LMTP_SHUTDOWN)
        log_event(LOG_LEVEL_INFO, "session closed", LOG_TEXT("door", "lmtp"),
                  LOG_TEXT("client", origin), LOG_TEXT("reason", lmtp_end_to_text(session->end)),
                  LOG_NUMBER("errors", session->errors));
}
