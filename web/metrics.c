/* See metrics.h. To add a metric: a row in the table, and the function that prints its samples.
 *
 * Labels are domains, MX hosts and words of ours: never a reporter, an address or a report, of which
 * strangers could make any number.
 *
 * SPDX-License-Identifier: MIT */
#include "web/metrics.h"
#include "web/page.h"
#include "judge/setup_judge.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BYTES_MAX (256 << 20)

/* --- samples --- */

struct label {
    const char *name, *value;
};

static void print_label(struct buf *out, const char *before, const struct label *label)
{
    buf_printf(out, "%s%s=\"", before, label->name);
    for (const char *at = label->value; *at; at++)
        if (*at == '\n')
            buf_text(out, "\\n");
        else
            buf_printf(out, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    buf_text(out, "\"");
}

/* LABELS end with one without a name. */
static void print_sample(const struct scrape *scrape, const char *name, const struct label *labels,
                         int64_t value)
{
    buf_text(scrape->out, name);
    for (const struct label *label = labels; label->name; label++)
        print_label(scrape->out, label == labels ? "{" : ",", label);
    buf_printf(scrape->out, labels->name ? "} %" PRId64 "\n" : " %" PRId64 "\n", value);
}

#define SAMPLE(scrape, name, value, ...) \
    print_sample(scrape, name, (const struct label[]){ __VA_ARGS__, { 0 } }, value)

static void print_plain(const struct scrape *scrape, const char *name, int64_t value)
{
    print_sample(scrape, name, &(const struct label){ 0 }, value);
}

/* --- what the database knows --- */

/* "successful", "failed"; NULL for a row that tells why sessions failed. */
static const char *outcome_of_row(const struct counter_row *row)
{
    if (strcmp(row->result, "successful") == 0)
        return "successful";
    return strcmp(row->result, "total-failure") == 0 ? "failed" : NULL;
}

static void print_sessions(const struct scrape *scrape)
{
    const struct counter_row *rows = scrape->rows.counter_rows.first;
    for (size_t i = 0; i < scrape->rows.counter_rows.count; i++) {
        const char *result = outcome_of_row(&rows[i]);
        if (result && rows[i].domain)
            SAMPLE(scrape, "tlsrpt_sessions_total", rows[i].sessions, { "domain", rows[i].domain },
                   { "policy_type", rows[i].policy_type }, { "result", result });
    }
}

static void print_all_sessions(const struct scrape *scrape)
{
    const struct counter_row *rows = scrape->rows.counter_rows.first;
    for (size_t i = 0; i < scrape->rows.counter_rows.count; i++) {
        const char *result = outcome_of_row(&rows[i]);
        if (result && !rows[i].domain)
            SAMPLE(scrape, "tlsrpt_all_sessions_total", rows[i].sessions,
                   { "policy_type", rows[i].policy_type }, { "result", result });
    }
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Sessions of the result type of rows[*at], over all policy types, mirrored ones once; *AT moves on to
 * the next domain or result type. */
static int64_t take_failed(const struct rows *counter_rows, size_t *at)
{
    const struct counter_row *rows = counter_rows->first, *first = &rows[*at];
    int64_t failed = 0;
    for (; *at < counter_rows->count && same(rows[*at].domain, first->domain)
           && strcmp(rows[*at].result, first->result) == 0;
         (*at)++)
        failed += rows[*at].sessions - rows[*at].mirrored;
    return failed;
}

static void print_failed(const struct scrape *scrape)
{
    const struct counter_row *rows = scrape->rows.counter_rows.first;
    for (size_t i = 0; i < scrape->rows.counter_rows.count;) {
        const struct counter_row *row = &rows[i];
        int64_t failed = take_failed(&scrape->rows.counter_rows, &i);
        if (row->domain && !outcome_of_row(row))
            SAMPLE(scrape, "tlsrpt_failed_sessions_total", failed, { "domain", row->domain },
                   { "result_type", row->result });
    }
}

static void print_all_failed(const struct scrape *scrape)
{
    const struct counter_row *rows = scrape->rows.counter_rows.first;
    for (size_t i = 0; i < scrape->rows.counter_rows.count;) {
        const struct counter_row *row = &rows[i];
        int64_t failed = take_failed(&scrape->rows.counter_rows, &i);
        if (!row->domain && !outcome_of_row(row))
            SAMPLE(scrape, "tlsrpt_all_failed_sessions_total", failed,
                   { "result_type", row->result });
    }
}

static void print_mx(const struct scrape *scrape)
{
    const struct mx_counter_row *rows = scrape->rows.mx_counter_rows.first;
    for (size_t i = 0; i < scrape->rows.mx_counter_rows.count; i++)
        SAMPLE(scrape, "tlsrpt_mx_failed_sessions_total", rows[i].failed, { "mx", rows[i].mx });
}

static void print_last_reports(const struct scrape *scrape)
{
    const struct last_report_row *rows = scrape->rows.last_report_rows.first;
    for (size_t i = 0; i < scrape->rows.last_report_rows.count; i++)
        if (rows[i].last_report_seconds)
            SAMPLE(scrape, "tlsrpt_last_report_timestamp_seconds", rows[i].last_report_seconds,
                   { "domain", rows[i].domain });
}

static void print_verdicts(const struct scrape *scrape)
{
    const struct last_report_row *rows = scrape->rows.last_report_rows.first;
    for (size_t i = 0; i < scrape->rows.last_report_rows.count; i++)
        SAMPLE(scrape, "tlsrpt_verdict", 1, { "domain", rows[i].domain },
               { "verdict", rows[i].verdict });
}

/* --- what was looked at --- */

static void print_setup_states(const struct scrape *scrape)
{
    const struct live_state_row *rows = scrape->live.states.first;
    for (size_t i = 0; i < scrape->live.states.count; i++) {
        const char *at = rows[i].steps;
        for (int step = 0; step < SETUP_STEPS && *at; step++) {
            char state[32];
            size_t length = strcspn(at, " ");
            snprintf(state, sizeof state, "%.*s", (int)length, at);
            SAMPLE(scrape, "tlsrpt_setup_check_state", 1, { "domain", rows[i].domain },
                   { "check", setup_step_to_text((enum setup_step)step) }, { "state", state });
            at += length + (at[length] == ' ');
        }
    }
}

static void print_setup_looks(const struct scrape *scrape)
{
    const struct live_state_row *rows = scrape->live.states.first;
    for (size_t i = 0; i < scrape->live.states.count; i++)
        SAMPLE(scrape, "tlsrpt_setup_checked_timestamp_seconds", rows[i].checked_seconds,
               { "domain", rows[i].domain });
}

static const struct live_total_row *total_of(const struct scrape *scrape)
{
    static const struct live_total_row nothing;
    return scrape->live.total.count ? scrape->live.total.first : &nothing;
}

static void print_setup_findings(const struct scrape *scrape)
{
    const struct live_total_row *total = total_of(scrape);
    const struct {
        enum setup_severity severity;
        int64_t findings;
    } rows[] = { { SEVERITY_ERROR, total->errors },
                 { SEVERITY_WARNING, total->warnings },
                 { SEVERITY_UNKNOWN, total->unknowns } };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        SAMPLE(scrape, "tlsrpt_setup_findings", rows[i].findings,
               { "severity", setup_severity_to_text(rows[i].severity) });
}

static void print_setup_domains(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_setup_domains", total_of(scrape)->domains);
}

static void print_certificates(const struct scrape *scrape)
{
    const struct live_certificate_row *rows = scrape->live.certificates.first;
    for (size_t i = 0; i < scrape->live.certificates.count; i++)
        SAMPLE(scrape, "tlsrpt_mx_certificate_expiry_timestamp_seconds", rows[i].end_seconds,
               { "mx", rows[i].mx });
}

/* --- what there is --- */

/* How many rows of a kind there are; 0 when none was ever made. */
static int64_t number_of(const struct scrape *scrape, const char *kind)
{
    const struct number_row *rows = scrape->rows.number_rows.first;
    for (size_t i = 0; i < scrape->rows.number_rows.count; i++)
        if (!rows[i].outcome && strcmp(rows[i].source, kind) == 0)
            return rows[i].number;
    return 0;
}

static int64_t left_out(int64_t all, size_t shown)
{
    return all > (int64_t)shown ? all - (int64_t)shown : 0;
}

static void print_domains(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_domains", number_of(scrape, "domains"));
}

static void print_domains_left_out(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_domains_left_out",
                left_out(number_of(scrape, "domains"), scrape->rows.last_report_rows.count));
}

static void print_mx_left_out(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_mx_left_out",
                left_out(number_of(scrape, "mx"), scrape->rows.mx_counter_rows.count));
}

/* --- what this process knows --- */

/* Told by the database where it keeps the reports, by this process where nothing was kept. */
static void print_reports(const struct scrape *scrape)
{
    static const enum outcome own[] = { OUTCOME_SPOOLED, OUTCOME_REFUSED, OUTCOME_RETRY,
                                        OUTCOME_IGNORED };
    const struct number_row *rows = scrape->rows.number_rows.first;
    for (size_t i = 0; scrape->database && i < scrape->rows.number_rows.count; i++)
        if (rows[i].outcome)
            SAMPLE(scrape, "tlsrpt_reports_total", rows[i].number, { "source", rows[i].source },
                   { "outcome", rows[i].outcome });
    for (int source = 0; source < SOURCE_COUNT; source++)
        for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
            int64_t reports = atomic_load(&scrape->insight->figures->reports[source][own[i]]);
            if (source != SOURCE_COMMAND || reports)
                SAMPLE(scrape, "tlsrpt_reports_total", reports,
                       { "source", source_to_text((enum source)source) },
                       { "outcome", outcome_row(own[i])->word });
        }
}

static void print_commits(const struct scrape *scrape)
{
    static const int64_t bounds[] = FIGURES_BOUNDS;
    struct figures *figures = scrape->insight->figures;
    int64_t count = 0, sum_us = atomic_load(&figures->commit_us);
    for (size_t i = 0; i < FIGURES_BUCKETS; i++) {
        char bound[32] = "+Inf";
        if (i < ARRAY_SIZE(bounds))
            snprintf(bound, sizeof bound, "%g", (double)bounds[i] / 1e6);
        count += atomic_load(&figures->commits[i]);
        SAMPLE(scrape, "tlsrpt_commit_duration_seconds_bucket", count, { "le", bound });
    }
    buf_printf(scrape->out, "tlsrpt_commit_duration_seconds_sum %.6f\n", (double)sum_us / 1e6);
    print_plain(scrape, "tlsrpt_commit_duration_seconds_count", count);
}

static struct spool_figures spool_of(const struct scrape *scrape)
{
    struct spool *spool = scrape->insight->spool;
    return spool ? spool_figures(spool) : (struct spool_figures){ 0 };
}

static void print_spool_reports(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_spool_reports", spool_of(scrape).deliveries);
}

static void print_spool_bytes(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_spool_bytes", spool_of(scrape).bytes);
}

static void print_spool_limit(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_spool_limit_bytes", spool_of(scrape).max_bytes);
}

static void print_db_up(const struct scrape *scrape)
{
    print_plain(scrape, "tlsrpt_db_up", scrape->database);
}

static void print_build_info(const struct scrape *scrape)
{
    SAMPLE(scrape, "tlsrpt_build_info", 1, { "version", TLSRPTD_VERSION });
}

/* --- the table --- */

static const struct metric metrics[] = {
    {
        .name = "tlsrpt_sessions_total",
        .type = "counter",
        .help = "TLS sessions that reports tell of, by domain, policy type and result (successful, "
                "failed). Policy types are not to be added together: some reporters list the same "
                "sessions under two of them.",
        .of_database = true,
        .print = print_sessions,
    },
    {
        .name = "tlsrpt_failed_sessions_total",
        .type = "counter",
        .help = "Failed TLS sessions by domain and result type. unexplained: no detail was given; "
                "other: types that are not registered. A session may fail in more than one way.",
        .of_database = true,
        .print = print_failed,
    },
    {
        .name = "tlsrpt_mx_failed_sessions_total",
        .type = "counter",
        .help = "Failed TLS sessions by the MX host that reports name, over all domains.",
        .of_database = true,
        .print = print_mx,
    },
    {
        .name = "tlsrpt_all_sessions_total",
        .type = "counter",
        .help = "tlsrpt_sessions_total over all domains, also those that are left out.",
        .of_database = true,
        .print = print_all_sessions,
    },
    {
        .name = "tlsrpt_all_failed_sessions_total",
        .type = "counter",
        .help = "tlsrpt_failed_sessions_total over all domains, also those that are left out.",
        .of_database = true,
        .print = print_all_failed,
    },
    {
        .name = "tlsrpt_last_report_timestamp_seconds",
        .type = "gauge",
        .help = "When the last report of a domain came.",
        .of_database = true,
        .print = print_last_reports,
    },
    {
        .name = "tlsrpt_verdict",
        .type = "gauge",
        .help =
            "1 for the verdict of a domain: ready, ready-limited, not-yet, unknown, healthy or failing.",
        .of_database = true,
        .print = print_verdicts,
    },
    {
        .name = "tlsrpt_setup_check_state",
        .type = "gauge",
        .help = "1 for the state of a step of a domain's set-up in the newest look: good, warned, "
                "faulty, unknown or absent.",
        .of_database = true,
        .print = print_setup_states,
    },
    {
        .name = "tlsrpt_setup_checked_timestamp_seconds",
        .type = "gauge",
        .help = "When the live set-up of a domain was last looked at.",
        .of_database = true,
        .print = print_setup_looks,
    },
    {
        .name = "tlsrpt_setup_findings",
        .type = "gauge",
        .help = "What the newest looks found in the set-ups of all domains, by severity.",
        .of_database = true,
        .print = print_setup_findings,
    },
    {
        .name = "tlsrpt_setup_domains",
        .type = "gauge",
        .help =
            "Domains whose live set-up was looked at. Those with least to mend, beyond the setting "
            "web.metrics_domains, have no series of their own.",
        .of_database = true,
        .print = print_setup_domains,
    },
    {
        .name = "tlsrpt_mx_certificate_expiry_timestamp_seconds",
        .type = "gauge",
        .help =
            "When the certificate of an MX host runs out, of its addresses the first; those that "
            "run out first, up to the setting web.metrics_domains.",
        .of_database = true,
        .print = print_certificates,
    },
    {
        .name = "tlsrpt_domains",
        .type = "gauge",
        .help = "Domains of which reports have spoken.",
        .of_database = true,
        .print = print_domains,
    },
    {
        .name = "tlsrpt_domains_left_out",
        .type = "gauge",
        .help =
            "Domains without series of their own: those with fewest failures in 30 days, beyond "
            "the setting web.metrics_domains.",
        .of_database = true,
        .print = print_domains_left_out,
    },
    {
        .name = "tlsrpt_mx_left_out",
        .type = "gauge",
        .help = "MX hosts that failed and have no series of their own: those with fewest failures, "
                "beyond the setting web.metrics_domains.",
        .of_database = true,
        .print = print_mx_left_out,
    },
    {
        .name = "tlsrpt_reports_total",
        .type = "counter",
        .help = "Reports by the door they came through and what became of them. stored, duplicate "
                "and rejected are counted in the database, whichever program stored them; spooled, "
                "refused and retry by this process since it started.",
        .print = print_reports,
    },
    {
        .name = "tlsrpt_spool_reports",
        .type = "gauge",
        .help = "Deliveries that wait in the spool for the database.",
        .print = print_spool_reports,
    },
    {
        .name = "tlsrpt_spool_bytes",
        .type = "gauge",
        .help = "Bytes of the deliveries that wait in the spool.",
        .print = print_spool_bytes,
    },
    {
        .name = "tlsrpt_spool_limit_bytes",
        .type = "gauge",
        .help = "Bytes that the spool may hold; 0 when there is none.",
        .print = print_spool_limit,
    },
    {
        .name = "tlsrpt_commit_duration_seconds",
        .type = "histogram",
        .help = "How long it took until a batch of reports was durable in the database.",
        .print = print_commits,
    },
    {
        .name = "tlsrpt_db_up",
        .type = "gauge",
        .help = "1 when the database answered the questions of this scrape, else 0.",
        .print = print_db_up,
    },
    {
        .name = "tlsrpt_build_info",
        .type = "gauge",
        .help = "1; its label is the version of this program.",
        .print = print_build_info,
    },
};

const struct metric *metrics_at(size_t index)
{
    return index < ARRAY_SIZE(metrics) ? &metrics[index] : NULL;
}

void metrics_print(const struct scrape *scrape)
{
    for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
        const struct metric *metric = &metrics[i];
        if (metric->of_database && !scrape->database)
            continue;
        buf_printf(scrape->out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
                   metric->name, metric->type);
        metric->print(scrape);
    }
}

/* --- the page --- */

static void text_done(void *text)
{
    buf_done(text);
}

static bool serve(struct visit *visit, struct response *out, struct err *err)
{
    struct buf *text = arena_alloc(visit->arena, sizeof *text);
    struct scrape scrape = { .out = text, .insight = visit->insight };
    struct err away = { 0 };
    *text = BUF(BYTES_MAX);
    arena_on_free(visit->arena, text_done, text);
    scrape.database =
        read_metrics(visit->reader, visit->arena, visit->metrics_domains, &scrape.rows, &away)
        && read_live_metrics(visit->reader, visit->arena, visit->metrics_domains, &scrape.live,
                             &away);
    metrics_print(&scrape);
    if (text->failed)
        return err_set(err, ERR_LIMIT, "too many metrics: lower web.metrics_domains");
    *out = (struct response){
        .status = 200,
        .type = "text/plain; version=0.0.4; charset=utf-8",
        .body = { buf_get(text), text->size },
        .headers = { { .name = "Cache-Control", .value = "no-store" } },
    };
    return true;
}

const struct page page_metrics = {
    .path = "/metrics", .title = "Metrics", .section = "", .serve = serve
};
