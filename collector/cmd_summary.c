/* tlsrptd summary: what failed in a week beside the week before, on standard output or by mail.
 *
 * With --mail each summary is one mail: that over all domains to smtp.to, that of a domain to those whom
 * smtp.domains names for it.
 *
 * SPDX-License-Identifier: MIT
 * Before: web/summary.h, mail.h */
#include "collector/database.h"
#include "collector/mail.h"
#include "web/period.h"
#include "web/summary.h"
#include "web/summary_html.h"
#include "web/summary_json.h"
#include "web/summary_text.h"
#include "base/clock.h"
#include "base/text.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define TEXT_BYTES (4 << 20) /* never reached: lists are bounded */
#define MAIL_BYTES (16 << 20)

enum format { TEXT, HTML, JSON };
static const char *const formats[] = { [TEXT] = "text", [HTML] = "html", [JSON] = "json" };

struct job {
    struct arena *arena;
    const struct settings *settings;
    struct reader *reader;
    enum format format;
    bool mail;
    int32_t monday, today;
    const char **domains; /* that were named */
    size_t count;
    const char *base; /* of links: web.url without a slash at its end */
};

/* --- standard output --- */

static void put(const struct job *job, const struct summary *summary, struct buf *out)
{
    struct html *page;
    struct json *json;
    switch (job->format) {
    case TEXT:
        summary_text(out, job->arena, summary, job->base);
        break;
    case HTML:
        page = html_new(job->arena);
        summary_html(page, summary, job->base);
        buf_add(out, buf_get(&page->text), page->text.size);
        break;
    case JSON:
        json = json_new(job->arena);
        summary_json(json, job->arena, summary, job->base);
        buf_add(out, buf_get(&json->text), json->text.size);
    }
}

/* How summaries are parted. */
static const char *between(enum format format, size_t at, size_t count)
{
    if (format == JSON)
        return at == 0 ? "[\n" : at < count ? ",\n" : "\n]\n";
    return format == TEXT && at > 0 && at < count ? "\n\n" : "";
}

static int print_all(struct job *job)
{
    CLEANUP(buf_done) struct buf out = BUF(TEXT_BYTES * 16);
    struct err err = { 0 };
    size_t count = job->count ? job->count : 1;
    for (size_t i = 0; i < count; i++) {
        const char *domain = job->count ? job->domains[i] : NULL;
        const struct summary_wish wish = { domain, job->monday, job->today };
        const struct summary *summary;
        if (!summary_read(job->reader, job->arena, &wish, &summary, &err))
            return command_fail("summary", &err);
        if (!summary) {
            fprintf(stderr, "tlsrptd: summary: no report has spoken of the domain %s\n", domain);
            return EX_NOINPUT;
        }
        buf_text(&out, between(job->format, i, count));
        put(job, summary, &out);
    }
    buf_text(&out, between(job->format, count, count));
    if (fwrite(buf_get(&out), 1, out.size, stdout) != out.size || fflush(stdout) != 0)
        return EX_IOERR;
    return EX_OK;
}

/* --- mail --- */

/* How the mails of one run fared. */
struct tally_of_mails {
    int sent, quiet, failed;
    enum err_kind kind; /* of the first that failed */
};

static bool send_summary(struct job *job, const struct summary *summary, const struct mailbox *to,
                         size_t to_count, struct err *err)
{
    const struct mail_settings *smtp = &job->settings->smtp;
    CLEANUP(buf_done) struct buf text = BUF(TEXT_BYTES), mail = BUF(MAIL_BYTES);
    struct html *page = html_new(job->arena);
    summary_text(&text, job->arena, summary, job->base);
    summary_html(page, summary, job->base);
    const struct message message = {
        .from = smtp->sender,
        .to = to,
        .to_count = to_count,
        .subject = summary_subject(job->arena, summary),
        .week = summary->week,
        .date_seconds = clock_now(),
        .deliver_without_tls = smtp->deliver_without_tls,
        .text = buf_get(&text),
        .html = buf_get(&page->text),
    };
    message_print(&mail, job->arena, &message);
    return mail_send(smtp, to, to_count, (struct bytes){ buf_get(&mail), mail.size }, err);
}

static void send_one(struct job *job, const char *domain, const struct mailbox *to, size_t to_count,
                     struct tally_of_mails *tally)
{
    const struct summary *summary = NULL;
    struct err err = { 0 };
    const struct summary_wish wish = { domain, job->monday, job->today };
    bool good = summary_read(job->reader, job->arena, &wish, &summary, &err);
    const char *name = domain ? domain : "all domains";
    if (good && !summary)
        summary = summary_blank(job->arena, &wish);
    if (good && summary->state == SUMMARY_CALM && !job->settings->smtp.quiet_weeks) {
        printf("quiet: %s in week %s is not sent (smtp.quiet_weeks)\n", name, summary->week);
        tally->quiet++;
        return;
    }
    good = good && send_summary(job, summary, to, to_count, &err);
    if (good) {
        printf("sent: %s in week %s to", name, summary->week);
        for (size_t i = 0; i < to_count; i++)
            printf("%s %s", i ? "," : "", to[i].address);
        puts("");
        tally->sent++;
        return;
    }
    err_prefix(&err, "%s: ", name);
    command_fail("summary", &err);
    tally->kind = tally->failed++ ? tally->kind : err.kind;
}

static const struct mail_domain *find(const struct mail_settings *smtp, const char *domain)
{
    for (size_t i = 0; i < smtp->per_domain_count; i++)
        if (strcmp(smtp->per_domain[i].domain, domain) == 0)
            return &smtp->per_domain[i];
    return NULL;
}

static int code_of(const struct tally_of_mails *tally)
{
    if (!tally->failed)
        return EX_OK;
    if (tally->kind == ERR_AGAIN && !tally->sent)
        return EX_TEMPFAIL;
    return tally->kind == ERR_REFUSED ? EX_NOPERM
           : tally->kind == ERR_SETUP ? EX_CONFIG
                                      : EX_UNAVAILABLE;
}

static bool may_mail(const struct job *job, struct err *err)
{
    const struct mail_settings *smtp = &job->settings->smtp;
    if (!*smtp->url)
        return err_field(err, ERR_SETUP, "smtp.url", "is not set: no server to hand mails to");
    if (!*smtp->from)
        return err_field(err, ERR_SETUP, "smtp.from", "is not set");
    for (size_t i = 0; i < job->count; i++)
        if (!find(smtp, job->domains[i]) && !smtp->to.count)
            return err_field(err, ERR_SETUP, "smtp.domains",
                             "names nobody for %s, nor does smtp.to", job->domains[i]);
    return job->count || smtp->to.count || smtp->per_domain_count
           || err_field(err, ERR_SETUP, "smtp.to", "is not set, nor is smtp.domains");
}

static int mail_all(struct job *job)
{
    const struct mail_settings *smtp = &job->settings->smtp;
    struct tally_of_mails tally = { 0 };
    for (size_t i = 0; i < job->count; i++) {
        const struct mail_domain *to = find(smtp, job->domains[i]);
        send_one(job, job->domains[i], to ? to->to : smtp->receivers,
                 to ? to->to_count : smtp->to.count, &tally);
    }
    if (!job->count && smtp->to.count)
        send_one(job, NULL, smtp->receivers, smtp->to.count, &tally);
    for (size_t i = 0; !job->count && i < smtp->per_domain_count; i++)
        send_one(job, smtp->per_domain[i].domain, smtp->per_domain[i].to,
                 smtp->per_domain[i].to_count, &tally);
    return code_of(&tally);
}

/* --- options --- */

static bool read_format(const char *text, enum format *out)
{
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
        if (strcmp(text, formats[i]) == 0) {
            *out = (enum format)i;
            return true;
        }
    return false;
}

/* NULL, or what is wrong with the option's value. */
static const char *take_option(struct job *job, int option, const char *value)
{
    switch (option) {
    case 'w':
        return period_week_from_text(value, &job->monday) && job->monday <= job->today
                   ? NULL
                   : "--week: must be an ISO week that has begun, such as 2026-W47";
    case 'F':
        return read_format(value, &job->format) ? NULL : "--format: must be text, html or json";
    case 'm':
        job->mail = true;
        return NULL;
    default:
        return NULL;
    }
}

static const char *take_options(struct job *job, int argc, char **argv)
{
    static const struct option options[] = {
        { "week", required_argument, NULL, 'w' },
        { "format", required_argument, NULL, 'F' },
        { "mail", no_argument, NULL, 'm' },
        { NULL, 0, NULL, 0 },
    };
    const char *fault = NULL;
    opterr = 0;
    for (int option; !fault && (option = getopt_long(argc, argv, ":", options, NULL)) != -1;)
        fault = option == '?' || option == ':' ? command_option_fault(job->arena, option, argv)
                                               : take_option(job, option, optarg);
    job->domains = arena_array(job->arena, (size_t)argc, sizeof *job->domains);
    for (int i = optind; !fault && i < argc; i++) {
        const char *name = text_host(job->arena, argv[i], NULL);
        if (!name)
            fault = arena_printf(job->arena, "%s: must be a domain, such as example.org", argv[i]);
        job->domains[job->count++] = name;
    }
    if (!fault && job->format == HTML && job->count > 1)
        fault = "--format html: a document is of one domain, or of all";
    return fault;
}

/* The setting without slashes at its end. */
static const char *base_of(struct arena *arena, const char *url)
{
    size_t size = strlen(url);
    while (size && url[size - 1] == '/')
        size--;
    return arena_copy(arena, url, size);
}

static int run_with(struct job *job, struct context *context)
{
    struct database database = { 0 };
    struct err err = { 0 };
    if ((job->mail && !may_mail(job, &err)) || !database_open(context, &database, &err))
        return command_fail("summary", &err);
    job->reader = reader_new(database.conninfo, 1, (struct pg_patience){ .only_reads = true });
    int code = job->mail ? mail_all(job) : print_all(job);
    reader_free(&job->reader);
    database_close(&database);
    return code;
}

static int run(struct context *context, int argc, char **argv)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct job job = {
        .arena = &arena,
        .settings = &context->settings,
        .today = clock_day(clock_now()),
        .base = base_of(&arena, context->settings.web.url),
    };
    job.monday = summary_newest(job.today);
    const char *fault = take_options(&job, argc, argv);
    return fault ? command_usage(&cmd_summary, fault) : run_with(&job, context);
}

const struct command cmd_summary = {
    .name = "summary",
    .arguments = "[DOMAIN...] [--week YYYY-Www] [--format text|html|json] [--mail]",
    .summary = "What failed in a week, beside the week before",
    .help =
        "  DOMAIN             only of this domain; each has a summary of its own\n"
        "  --week YYYY-Www    an ISO week, Monday to Sunday, UTC; without it the newest that is over\n"
        "  --format text      76 columns, the default\n"
        "  --format html      a document that holds all it needs, as in the mail\n"
        "  --format json      a list of objects: week, week_before, from, to, domain (null: all), over,\n"
        "                     settled (its reports have come), state (empty, calm, steady, look),\n"
        "                     headline, totals {week, week_before}, failures {new, worse, going_on,\n"
        "                     better, gone}: count and at most 20 items, each with mx, result_type,\n"
        "                     failed_sessions, failed_sessions_before, untrusted_sessions, reporters (3),\n"
        "                     reporter_count, domains (3), domain_count, domain_count_is_a_minimum,\n"
        "                     its_reporters_are_silent, url; silent: count and items;\n"
        "                     verdicts: changed, worse, ready (how many domains), and at most 20 items,\n"
        "                     each with domain, change (worse, ready, other, none), from_verdict, stage,\n"
        "                     verdict, because, at, changes (how many in the week), url;\n"
        "                     setup {new, gone, certificates}: count and at most 20 items, each with\n"
        "                     domain, code, severity, subject, title, at, or mx, ends_at, domain_count; url\n"
        "  --mail             sends it instead: over all domains to smtp.to, and of each domain in\n"
        "                     smtp.domains to whom that names; of DOMAIN to these, or else to smtp.to\n"
        "\n"
        "Failures are worse or better from a quarter and five sessions on. Exit codes: 0 done, 64 a\n"
        "wrong option, 66 an unknown domain, 69 the database is away, or a mail was refused for good\n"
        "or after others were sent, 74 the output cannot be written, 75 no mail was taken: try again,\n"
        "77 the mail server refuses the log-in, 78 settings.\n",
    .run = run,
};
