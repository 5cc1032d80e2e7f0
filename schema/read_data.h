/* Rows for programs: what the API and `tlsrptd export` give out. Each list is read in pages, by the key
 * of its last row, so that any span costs no more memory than one page; with the keys in the order of
 * the table's index a page costs the same wherever it begins.
 *
 * Rows live in the arena given. A row's key members come first; a row of which only these are set is a
 * place to go on behind. Days and moments are as in base/clock.h.
 *
 * SPDX-License-Identifier: MIT
 * Before: read.h. Next: web/api.h */
#pragma once

#include "schema/reader.h"
#include "schema/report_key.h"

enum data_choice { DATA_ALL, DATA_YES, DATA_NO };

enum data_order {
    DATA_NEWEST_FIRST,
    DATA_BY_KEY, /* for reading very many */
};

/* What is asked for. NULL and DATA_ALL: everything. */
struct data_filter {
    const char *domain, *mx; /* canonical */
    const char *reporter;    /* as sent */
    const char *policy_type; /* as policy_type_to_text() */
    const char *result_type; /* of a failure */
    enum data_choice trusted;
    enum data_choice failed;  /* of a report: whether sessions failed */
    int32_t from_day, to_day; /* both included */
    int limit;                /* most rows */
    enum data_order order;    /* of reports of all domains; those of one are newest first */

    int32_t domain_id, mx_id, reporter_id; /* set by read_data_find(); 0: all */
};

/* Finds the ids of the filter's names. *KNOWN is false when the ledger has never heard one of them: no
 * row can fit, and the functions below are not to be called. */
MUST_CHECK bool read_data_find(struct reader *reader, struct arena *arena,
                               struct data_filter *filter, bool *known, struct err *err);

/* The highest id of a domain: how far a list in the order of its key goes, roughly. */
MUST_CHECK bool read_data_end(struct reader *reader, struct arena *arena, int32_t *domain_id,
                              struct err *err);

/* Sessions of one key of the tally. Exactly one of the first three counts is above 0. */
struct data_tally_row {
    int32_t domain_id, day, reporter_id;
    int64_t policy_id;
    int32_t mx_id;
    const char *result; /* "successful", "unexplained" or a result type */
    bool trusted;

    const char *domain;
    const char *mx; /* NULL: not named */
    const char *policy_type, *reporter;
    const char *result_type; /* NULL: successful */
    int64_t successful, shared, failed;
    int64_t mirrored; /* of these, told under another policy type too */
};
MUST_CHECK bool read_data_tally(struct reader *reader, struct arena *arena,
                                const struct data_filter *filter,
                                const struct data_tally_row *after, struct rows *tally_rows,
                                struct err *err);

/* One failure detail. */
struct data_failure_row {
    int32_t domain_id, day;
    int64_t report_id;
    int32_t policy_number, detail_number;

    int32_t report_domain_id; /* with day and report_id: the report's public key */
    const char *domain, *mx, *policy_type, *result_type, *reporter;
    bool trusted;
    int64_t failed;
    const char *sending_mta_ip, *receiving_ip, *receiving_mx_helo, *additional_information,
        *failure_reason_code; /* NULL when not told */
};
MUST_CHECK bool read_data_failures(struct reader *reader, struct arena *arena,
                                   const struct data_filter *filter,
                                   const struct data_failure_row *after, struct rows *failure_rows,
                                   struct err *err);

struct data_report_row {
    int32_t domain_id, day;
    int64_t id;

    const char *domain; /* of its first policy */
    const char *organization, *report_id;
    const char *contact; /* or NULL */
    int64_t begin_seconds, end_seconds;
    int64_t successful, failed;
    bool trusted;
    const char *trust_ground, *source;
    int64_t received_seconds;
    const char *deviations; /* codes with a space between */
};
MUST_CHECK bool read_data_reports(struct reader *reader, struct arena *arena,
                                  const struct data_filter *filter,
                                  const struct data_report_row *after, struct rows *report_rows,
                                  struct err *err);

/* One MX over all domains. */
struct data_mx_row {
    int32_t mx_id;

    const char *mx;
    int64_t successful, failed;
    int32_t first_day, last_day;
    int32_t last_failure_day; /* 0: none failed */
};
MUST_CHECK bool read_data_mx(struct reader *reader, struct arena *arena,
                             const struct data_filter *filter, const struct data_mx_row *after,
                             struct rows *mx_rows, struct err *err);

/* One domain and its last 30 days. */
struct data_domain_row {
    int32_t attention; /* who needs somebody: 1 failing in enforce, 2 failing, 3 silent, 4 clean */
    int32_t urgency;   /* as in struct domain_row */
    int64_t failed;
    const char *name;

    int64_t successful;
    int32_t reporters;
    int32_t first_day, last_day; /* of any report; 0: none */
    int64_t last_report_seconds;
    const char *worst_mx; /* NULL: no MX failed by name */
    int64_t worst_mx_failed;
    const char *mode; /* of the newest MTA-STS policy that reports quote, or NULL */
    int64_t evaluated_seconds;
};
MUST_CHECK bool read_data_domains(struct reader *reader, struct arena *arena,
                                  const struct data_filter *filter,
                                  const struct data_domain_row *after, struct rows *domain_rows,
                                  struct err *err);
