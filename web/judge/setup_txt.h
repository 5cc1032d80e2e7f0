/* How a TXT record answers in DNS, whatever it says: at its own name, at every name server, at wrong
 * names. For the records of MTA-STS and of TLS-RPT alike.
 * SPDX-License-Identifier: MIT
 * Before: setup_certificate.h. Next: setup_reporting.c */
#pragma once

#include "ingest/record.h"
#include "judge/setup_case.h"

/* What a record begins with, and what findings about it begin with. */
struct setup_txt {
    const char *kind;   /* "dns.sts" */
    const char *begins; /* "v=STSv1" */
    const struct setup_answer *answer;
    const struct setup_answers *servers;
};

/* False when nothing can be read there; findings say why. */
bool setup_txt_found(struct setup_case *it, const struct setup_txt *txt);

/* Reads it by its grammar; findings tell every fault. */
struct record_reading setup_txt_read(struct setup_case *it, const struct setup_txt *txt,
                                     enum record_kind kind);

/* What other servers and wrong names have. */
void setup_txt_around(struct setup_case *it, const struct setup_txt *txt);

/* A record of this kind, or one that was meant to be. */
bool setup_txt_is(const struct setup_txt *txt, const char *record);
