/* All settings, from one table: the file's grammar, defaults, ranges, `config check`, `config dump`
 * and the sample file come from it. Each module has its own struct; this one holds them all.
 *
 * The only place that knows libconfuse (in settings.c).
 *
 * SPDX-License-Identifier: MIT
 * Before: command.h */
#pragma once

#include "probe/check.h"
#include "collector/https.h"
#include "collector/mail.h"
#include "collector/policy_host.h"
#include "ingest/admit.h"
#include "ingest/lmtp.h"
#include "ingest/maildir.h"
#include "ingest/rate.h"
#include "schema/writer.h"
#include "web/auth.h"
#include "judge/verdict.h"

#define SETTINGS_FILE "/etc/tlsrptd/tlsrptd.conf"

struct database_settings {
    const char *url;      /* libpq connection string or URI; "": the environment or the default */
    const char *url_file; /* path of a file that holds it; "": none */
};

struct domains_settings {
    struct text_list names;
    const char *file; /* "": none */
    bool table;       /* the database holds some too */
    struct text_list mx;
};

struct web_view_settings {
    struct text_list listen;
    const char *certificate, *key; /* paths; "": plain HTTP */
    struct http_tls *tls;          /* both, loaded by the service */
    int64_t connections;
    struct auth_settings auth;
    const char *url;      /* where people reach the pages, for links elsewhere; "": not known */
    const char *database; /* libpq connection string; "": that of the service */
    int64_t statement_timeout_seconds;
    int64_t metrics_domains;
    bool metrics_public;
    bool changes_without_login;
};

struct settings {
    struct shared shared; /* first: the hall uses settings while others replace them */
    struct arena arena;   /* owns every text below */
    const char *file;     /* the file that was read; NULL when there was none */
    struct database_settings database;
    struct writer_settings writer; /* what is not in the table is set by who uses it */
    struct domains_settings domains;
    struct rules rules; /* made of them; `table` is for the hall to fill in */
    struct trust_settings trust;
    struct trust_rules trust_rules; /* made of them */
    struct dns_settings dns;
    struct limits limits;
    struct rate_settings rates;
    struct https_settings collector;
    struct lmtp_settings lmtp;
    struct maildir_settings maildir;
    struct spool_settings spool;
    struct web_view_settings web;
    struct policy_settings policy;
    struct verdict_settings verdict;
    struct check_settings check;
    struct mail_settings smtp;
};

/* Reads FILE (NULL: SETTINGS_FILE, if it is there), then OVERRIDES ("key=value", in order). False with
 * ERR_SETUP naming file and line, or the key and its rule; *OUT must be freed in either case. */
MUST_CHECK bool settings_read(const char *file, const struct text_list *overrides,
                              struct settings *out, struct err *err);

/* USEs every line of settings that says where to listen, to the first error; ERR names the setting. */
MUST_CHECK bool settings_listens(const struct settings *settings,
                                 bool (*use)(const char *line, struct err *err), struct err *err);

/* For who made them; all others have released them. */
void settings_free(struct settings *settings);

/* The same, as a thing that goes when its last owner releases it. NULL on error. */
struct settings *settings_read_shared(const char *file, const struct text_list *overrides,
                                      struct err *err);

/* Every key with its present value; with ALL false only those that differ from their default. */
void settings_dump(const struct settings *settings, bool all, struct buf *out);

/* Adds to OUT, with ", " between, the keys whose values differ: those that a running service takes
 * (LIVE), or those that it cannot. */
void settings_differences(const struct settings *a, const struct settings *b, bool live,
                          struct buf *out);

/* A commented file with every key and its default. */
void settings_sample(struct buf *out);
