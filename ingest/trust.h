/* Who sent a mail, and may he speak for the organization that its report names? RFC 8460 section 3
 * asks for a DKIM signature of the submitter; our own mail server may have checked it before.
 *
 *   mail ──► Authentication-Results of ours? ──► signatures that fit the report ──► key from DNS ──► holds?
 *
 * Signatures of domains that do not fit are not looked at further: they cost no DNS.
 *
 * SPDX-License-Identifier: MIT
 * Before: dkim.h, dns.h. Next: admit.h */
#pragma once

#include "ingest/dns.h"
#include "ingest/report.h"

enum proof {
    PROOF_NONE, /* nothing vouches for the sender */
    PROOF_PASS,
    PROOF_FAIL,
    PROOF_UNKNOWN, /* DNS could not be asked: try again */
};
const char *proof_to_text(enum proof proof); /* "none", "pass", "fail", "unknown" */
/* False, and OUT untouched, when TEXT is none of them. */
MUST_CHECK bool proof_from_text(const char *text, enum proof *out);

/* What is known of the sender of one report by mail. Texts are UTF-8, in the delivery's arena. */
struct sender {
    enum proof result;
    const char *method;            /* "dkim", "authres"; NULL: nobody looked */
    const char *domain, *selector; /* of the signature; NULL if there is none */
    const char *reason;            /* for people */
};

/* As the settings say it. */
struct trust_settings {
    const char *mail;
    struct text_list authserv_ids;
    const char *submitter_fit;
    struct text_list key_services;
    int64_t rsa_bits, signatures;
};

enum trust_fit {
    TRUST_SAME_ORGANIZATION, /* below one public suffix (mail.example.org, example.org) */
    TRUST_BELOW,             /* the signing domain, or a name below it */
    TRUST_EXACT,
};

struct trust_rules {
    bool dkim, authres;
    struct text_list authserv_ids;
    enum trust_fit fit;
    struct text_list key_services; /* a key that names services must name one of these */
    int64_t rsa_bits;
    int64_t signatures; /* of one mail that are looked at */
};

/* False with ERR_SETUP naming the key. The texts stay those of SETTINGS. */
MUST_CHECK bool trust_rules_make(const struct trust_settings *settings, struct trust_rules *out,
                                 struct err *err);

/* One mail; its signatures are verified once, however many reports it holds. */
struct trust_check;

/* For MESSAGE, received at RECEIVED_SECONDS, when its signatures had to be in force. All three must
 * live as long as the result, which is in ARENA. */
struct trust_check *trust_begin(struct arena *arena, const struct trust_rules *rules,
                                struct bytes message, int64_t received_seconds);

/* Judges the sender of REPORT, which came with MAIL. Without DNS (NULL), PROOF_UNKNOWN means that it
 * has to be asked. */
void trust_judge(struct trust_check *check, struct dns *dns, const struct mail *mail,
                 const struct report *report, struct sender *out);

/* "signed by example.org": why SENDER's reports are believed, or why not. */
const char *trust_ground(struct arena *arena, const struct sender *sender);
