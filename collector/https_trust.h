/* Whom of those who post reports we believe, since RFC 8460 gives HTTPS no authentication: who knows
 * a token (the last part of the path), and clients that are listed. All others' reports are taken
 * and marked untrusted; so are those with a token that is not ours, because a sender that ignores
 * the status would lose its report when a token is changed, and because then no answer tells
 * whether a guess was right.
 *
 * SPDX-License-Identifier: MIT
 * Before: web/http.h. Next: https.h */
#pragma once

#include "base/err.h"
#include "base/hash.h"
#include "base/network.h"
#include "base/shared.h"

struct https_trust_settings {
    struct text_list tokens;
    const char *tokens_file;         /* one a line; "": none */
    struct text_list token_lines;    /* of that file; set by https_trust_load() */
    struct text_list clients;        /* as in base/network.h */
    struct network_list client_nets; /* made of them by the settings */
};

#define HTTPS_TOKEN_MIN 16 /* characters */
#define HTTPS_TOKEN_MAX 200

/* Reads the file of tokens and looks at all of them; texts are in ARENA. ERR_SETUP names the setting
 * and the place, never the token. */
MUST_CHECK bool https_trust_load(struct arena *arena, struct https_trust_settings *settings,
                                 struct err *err);

/* Hashes of the tokens, and networks; never changed once made. */
struct https_trust {
    struct shared shared;
    struct network_list clients;
    unsigned char (*tokens)[HASH_BYTES];
    size_t token_count;
};

/* Of one owner; keeps nothing of SETTINGS. */
struct https_trust *https_trust_new(const struct https_trust_settings *settings);

/* Why a report from CLIENT is believed, in a word or two; NULL when it is not. TOKEN is what the path
 * carries, "" if nothing; *STRANGE says that it is none of ours. Takes the same time for every token
 * of one length. */
const char *https_trust_ground(const struct https_trust *trust, const char *token,
                               const char *client, bool *strange);
