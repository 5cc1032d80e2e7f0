/* From a delivery to the JSON inside it: mail, gzip or plain, decided by content and not by label.
 *
 *   bytes ──► a mail? each part that looks like a report ──► gzip? inflate within limits ──► JSON
 *
 * SPDX-License-Identifier: MIT
 * Before: delivery.h. Next: deviation.h, report.h */
#pragma once

#include "ingest/delivery.h"
#include "ingest/deviation.h"

/* What a mail says about its report (RFC 8460 section 5.3); evidence, not truth. */
struct mail {
    const char *report_domain; /* TLS-Report-Domain; NULL if absent, as all below */
    const char *submitter;     /* TLS-Report-Submitter */
    const char *from;          /* From, as written */
    bool from_is_cut;          /* it has more addresses, perhaps */
    const char *subject;
    const char *message_id;
    const char *summary; /* MAIL_SUMMARY: a summary of ours, or a bounce of one, that came back */
};

/* The header by which a summary that we sent is known. Whoever else writes it has no report lost by it:
 * only mails without one are ignored. */
#define MAIL_SUMMARY "X-Tlsrptd-Summary"

/* One report's worth of bytes. */
struct payload {
    struct payload *next; /* of the same delivery */
    struct bytes json;    /* until payload_settle(); empty when err is set */
    struct bytes gzip; /* the same as it came, if it came as exactly one gzip stream; else empty */
    const struct mail *mail; /* NULL unless it came by mail */
    struct deviations deviations;
    bool own;            /* a mail of ours without a report: to be ignored; err is set too */
    bool inflated;       /* the JSON is among the texts below */
    struct arena *texts; /* what was inflated of this delivery; counts to its memory */
    struct err err;      /* why there is no JSON: ERR_INPUT or ERR_LIMIT */
};

/* Opens DELIVERY: at least one payload, each with its JSON or with its own error. Payloads live in
 * the delivery's arena. A mail that holds nothing like a report gives one payload with an error that
 * says what was looked for. */
struct payload *payload_open(struct delivery *delivery, const struct limits *limits);

/* Nobody reads the JSON of these payloads any more: what was inflated is freed, and each that had JSON
 * has `gzip`, or else is JSON as it came. */
void payload_settle(struct delivery *delivery, struct payload *first);
