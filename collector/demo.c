/* See demo.h. Three tables say everything: who reports and how, which domains there are, and what
 * goes wrong where. Stories that come and go do so in a cycle of days, so that each is seen once in
 * every thirty.
 *
 * SPDX-License-Identifier: MIT */
#include "collector/demo.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

#define CYCLE_DAYS DEMO_CYCLE_DAYS
#define HOSTS_MAX  2

/* What real senders do with the format; each is a deviation that the pages show. */
enum habit {
    HABIT_DATE_WITHOUT_ZONE = 1 << 0,
    HABIT_MIRRORS = 1 << 1, /* tlsa sessions again as sts */
    HABIT_NO_MX_HOST = 1 << 2,
    HABIT_MX_HOST_STRING = 1 << 3, /* instead of an array */
    HABIT_NEXT_MIDNIGHT = 1 << 4,  /* as the end of the day */
    HABIT_NO_POLICY_STRING = 1 << 5,
    HABIT_NO_HOST_IN_DETAILS = 1 << 6, /* receiving-mx-hostname and addresses left out */
    HABIT_EMPTY_DETAILS = 1 << 7,      /* an empty array when nothing failed */
    HABIT_TESTING_SUCCEEDS = 1 << 8, /* failures under a testing policy are in the success total */
};

enum id_style {
    ID_GOOGLE,    /* 2026-11-22T00:00:00Z_example.org */
    ID_MICROSOFT, /* 18 digits + domain */
    ID_UUID,      /* at the sender's domain */
    ID_SYS4,      /* without the sender: 2026-11-22T00:00:00Z_idx0_example.org */
    ID_NUMBER,
    ID_MOX, /* 20261122.example.org@sender */
};

/* The domains, by their story. */
enum {
    CLEAN,
    RENEWED,
    BACKUP,
    OLD_STORE,
    QUIET,
    DANE,
    FAILING,
    FETCH,
    NO_POLICY,
    HEALTHY,
    LEAVING,
    UNREACHED,
    BEGINNING,
};

#define ALL         UINT32_MAX
#define ONLY(story) (UINT32_C(1) << (story))

struct reporter {
    const char *organization;
    const char *contact; /* NULL: null is sent */
    uint32_t domains;    /* that it sends mail to */
    int per_mille;       /* of a domain's sessions */
    unsigned habits;
    enum id_style id_style;
    const char *sends_from; /* a documentation range, RFC 5737 and 3849; a host number is added */
};

static const struct reporter reporters[] = {
    { .organization = "Google Inc.",
      .contact = "smtp-tls-reporting@google.com",
      .domains = ALL,
      .per_mille = 600,
      .habits = 0,
      .id_style = ID_GOOGLE,
      .sends_from = "2001:db8:4860::" },
    { .organization = "Microsoft Corporation",
      .contact = "tlsrpt-noreply@microsoft.com",
      .domains = ONLY(CLEAN) | ONLY(RENEWED) | ONLY(DANE) | ONLY(FAILING) | ONLY(FETCH)
                 | ONLY(HEALTHY) | ONLY(LEAVING) | ONLY(UNREACHED),
      .per_mille = 270,
      .habits = HABIT_DATE_WITHOUT_ZONE | HABIT_MIRRORS | HABIT_NO_MX_HOST,
      .id_style = ID_MICROSOFT,
      .sends_from = "192.0.2." },
    { .organization = "Comcast",
      .contact = "tls-reports@comcast.example",
      .domains = ONLY(CLEAN) | ONLY(OLD_STORE) | ONLY(HEALTHY),
      .per_mille = 70,
      .habits = HABIT_EMPTY_DETAILS,
      .id_style = ID_UUID,
      .sends_from = "198.51.100." },
    { .organization = "Mail.ru",
      .contact = "tls_support@corp.mail.ru",
      .domains = ONLY(RENEWED),
      .per_mille = 25,
      .habits = HABIT_NO_POLICY_STRING | HABIT_NO_MX_HOST | HABIT_NEXT_MIDNIGHT
                | HABIT_NO_HOST_IN_DETAILS,
      .id_style = ID_UUID,
      .sends_from = "203.0.113." },
    { .organization = "Verein Musterstadt e.V.",
      .contact = "postmaster@muster.example",
      .domains = ONLY(BACKUP) | ONLY(NO_POLICY),
      .per_mille = 12,
      .habits = 0,
      .id_style = ID_SYS4,
      .sends_from = "203.0.113.1" },
    { .organization = "kiefer.example",
      .contact = NULL,
      .domains = ONLY(DANE),
      .per_mille = 9,
      .habits = HABIT_NEXT_MIDNIGHT | HABIT_NO_MX_HOST | HABIT_EMPTY_DETAILS,
      .id_style = ID_NUMBER,
      .sends_from = "2001:db8:c1e:fe::" },
    { .organization = "birke.example",
      .contact = "postmaster@birke.example",
      .domains = ONLY(BACKUP),
      .per_mille = 7,
      .habits = HABIT_MX_HOST_STRING | HABIT_TESTING_SUCCEEDS,
      .id_style = ID_MOX,
      .sends_from = "2001:db8:b1:ce::" },
};

enum { MICROSOFT = 1, COMCAST = 2, EVERYBODY = -1 };

struct domain {
    const char *name;
    int sessions;     /* on a working day, over all reporters */
    const char *mode; /* of its MTA-STS policy; NULL: it has none */
    const char *tlsa; /* TLSA RDATA of its only host; NULL: no DANE */
    const char *hosts[HOSTS_MAX];
    int silent_from, silent_to; /* days of the cycle without any mail; 0, 0: none */
};

static const struct domain domains[] = {
    [CLEAN] = { .name = "example.org",
                .sessions = 1800,
                .mode = "testing",
                .hosts = { "mx1.example.org", "mx2.example.org" } },
    [RENEWED] = { .name = "example.net",
                  .sessions = 900,
                  .mode = "testing",
                  .hosts = { "mx1.example.net", "mx2.example.net" } },
    [BACKUP] = { .name = "example.com",
                 .sessions = 1200,
                 .mode = "testing",
                 .hosts = { "mx1.example.com", "mx2.example.com" } },
    [OLD_STORE] = { .name = "library.example",
                    .sessions = 300,
                    .mode = "testing",
                    .hosts = { "mail.library.example" } },
    [QUIET] = { .name = "club.example",
                .sessions = 24,
                .mode = "testing",
                .hosts = { "mail.club.example" },
                .silent_from = 15,
                .silent_to = 21 },
    [DANE] = { .name = "dane.example",
               .sessions = 400,
               .mode = "enforce",
               .tlsa = "3 1 1 8f5c1d0a6b4e97f23ad10c58e2b7946f0d3c6a1b5e8f7024c9d1a6e3b5f80c72",
               .hosts = { "mx.dane.example" } },
    [FAILING] = { .name = "shop.example",
                  .sessions = 700,
                  .mode = "enforce",
                  .hosts = { "mx1.shop.example", "mx2.shop.example" } },
    [FETCH] = { .name = "city.example",
                .sessions = 500,
                .mode = "testing",
                .hosts = { "mx.city.example" } },
    [NO_POLICY] = { .name = "plain.example", .sessions = 120, .hosts = { "mail.plain.example" } },
    /* In enforce for long, and all is well. */
    [HEALTHY] = { .name = "bank.example",
                  .sessions = 1100,
                  .mode = "enforce",
                  .hosts = { "mx1.bank.example", "mx2.bank.example" } },
    /* On its way out of MTA-STS. */
    [LEAVING] = { .name = "former.example",
                  .sessions = 90,
                  .mode = "none",
                  .hosts = { "mx.former.example" } },
    /* Its servers cannot be looked at from everywhere. */
    [UNREACHED] = { .name = "museum.example",
                    .sessions = 600,
                    .mode = "testing",
                    .hosts = { "mx.museum.example" } },
    /* It asks for reports since today: nobody has sent any. */
    [BEGINNING] = { .name = "start.example", .hosts = { "mail.start.example" } },
};

/* What goes wrong: a share of the sessions of one domain, on some days of the cycle. */
struct fault {
    int domain, reporter;
    int from, to; /* days of the cycle, both included */
    int per_mille;
    const char *result;
    const char *host;    /* NULL: none is named */
    const char *address; /* of the host */
    const char *reason;
};

static const struct fault faults[] = {
    /* Nobody renewed the certificate of one of two hosts, for three days. */
    { .domain = RENEWED,
      .reporter = EVERYBODY,
      .from = DEMO_EXPIRED_FROM,
      .to = DEMO_EXPIRED_TO,
      .per_mille = 460,
      .result = "certificate-expired",
      .host = "mx2.example.net",
      .address = "192.0.2.225",
      .reason = "X509_V_ERR_CERT_HAS_EXPIRED" },
    /* The backup host is in the DNS and was forgotten in the policy. */
    { .domain = BACKUP,
      .reporter = EVERYBODY,
      .from = 0,
      .to = CYCLE_DAYS - 1,
      .per_mille = 21,
      .result = "validation-failure",
      .host = "backup.example.com",
      .address = "198.51.100.225",
      .reason = "mx-not-in-policy" },
    /* One sender does not know the authority that signed the certificate. */
    { .domain = OLD_STORE,
      .reporter = COMCAST,
      .from = 0,
      .to = CYCLE_DAYS - 1,
      .per_mille = 1000,
      .result = "certificate-not-trusted",
      .host = "mail.library.example",
      .address = "203.0.113.225",
      .reason = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY" },
    /* In enforce, with a certificate for another name: this mail is being refused. */
    { .domain = FAILING,
      .reporter = EVERYBODY,
      .from = 0,
      .to = CYCLE_DAYS - 1,
      .per_mille = 180,
      .result = "certificate-host-mismatch",
      .host = "mx2.shop.example",
      .address = "198.51.100.226",
      .reason = "X509_V_ERR_HOSTNAME_MISMATCH" },
    /* The policy host keeps one sender out. */
    { .domain = FETCH,
      .reporter = MICROSOFT,
      .from = 0,
      .to = CYCLE_DAYS - 1,
      .per_mille = 1000,
      .result = "sts-policy-fetch-error" },
};

/* SplitMix64: the same numbers on every machine. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* One report being made. */
struct sample {
    const struct reporter *reporter;
    const struct domain *domain;
    const struct fault *fault; /* NULL: nothing failed */
    int32_t day;
    uint64_t random;
    int64_t successful, failed;
};

/* A whole number: what is less than one happens on some days. */
static int64_t thousandths(struct sample *sample, int64_t number)
{
    return (number + (int64_t)(random_next(&sample->random) % 1000)) / 1000;
}

/* Sessions of the day; 0: no report is sent. */
static int64_t sessions_of(struct sample *sample)
{
    int weekday = (sample->day + 3) % 7; /* 0: Monday; day 0 was a Thursday */
    int cycle_day = sample->day % CYCLE_DAYS;
    const struct domain *domain = sample->domain;
    if (domain->silent_to && cycle_day >= domain->silent_from && cycle_day <= domain->silent_to)
        return 0;
    int64_t percent = (weekday >= 5 ? 45 : 100) * (int64_t)(80 + random_next(&sample->random) % 41);
    return thousandths(sample,
                       domain->sessions * (int64_t)sample->reporter->per_mille * percent / 10000);
}

static const struct fault *fault_of(const struct demo *demo)
{
    int cycle_day = demo->day % CYCLE_DAYS;
    for (const struct fault *fault = faults; fault < faults + ARRAY_SIZE(faults); fault++)
        if (fault->domain == (int)demo->domain && cycle_day >= fault->from && cycle_day <= fault->to
            && (fault->reporter == EVERYBODY || fault->reporter == (int)demo->reporter))
            return fault;
    return NULL;
}

static void add_text(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "\"%s\": \"", name);
    text_json(out, text);
    buf_text(out, "\"");
}

static void add_id(struct buf *out, struct sample *sample)
{
    char day[CLOCK_TEXT_BYTES];
    clock_day_to_text(sample->day, day);
    uint64_t a = random_next(&sample->random), b = random_next(&sample->random);
    const char *domain = sample->domain->name;
    const char *at = sample->reporter->contact ? strchr(sample->reporter->contact, '@') : "";
    buf_text(out, "\"report-id\": \"");
    switch (sample->reporter->id_style) {
    case ID_GOOGLE:
        buf_printf(out, "%sT00:00:00Z_%s", day, domain);
        break;
    case ID_MICROSOFT:
        buf_printf(out, "%018" PRIu64 "+%s", a % UINT64_C(1000000000000000000), domain);
        break;
    case ID_UUID:
        buf_printf(out,
                   "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64 "%s",
                   a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffffffffffff, at);
        break;
    case ID_SYS4:
        buf_printf(out, "%sT00:00:00Z_idx0_%s", day, domain);
        break;
    case ID_NUMBER:
        buf_printf(out, "%" PRIu64, a % UINT64_C(10000000000000000));
        break;
    case ID_MOX:
        buf_printf(out, "%.4s%.2s%.2s.%s%s", day, day + 5, day + 8, domain, at);
        break;
    }
    buf_text(out, "\"");
}

static void add_head(struct buf *out, struct sample *sample)
{
    const struct reporter *reporter = sample->reporter;
    char start[CLOCK_TEXT_BYTES], end[CLOCK_TEXT_BYTES];
    bool next_midnight = reporter->habits & HABIT_NEXT_MIDNIGHT;
    clock_to_text((int64_t)sample->day * DAY_SECONDS, start);
    clock_to_text((sample->day + INT64_C(1)) * DAY_SECONDS - (next_midnight ? 0 : 1), end);
    if (reporter->habits & HABIT_DATE_WITHOUT_ZONE)
        *strchr(start, 'Z') = *strchr(end, 'Z') = '\0';

    add_text(out, "organization-name", reporter->organization);
    buf_printf(out, ", \"date-range\": { \"start-datetime\": \"%s\", \"end-datetime\": \"%s\" }, ",
               start, end);
    if (reporter->contact)
        add_text(out, "contact-info", reporter->contact);
    else
        buf_text(out, "\"contact-info\": null");
    buf_text(out, ", ");
    add_id(out, sample);
}

static void add_hosts(struct buf *out, const struct domain *domain, const char *format_first,
                      const char *before_next)
{
    for (size_t i = 0; i < HOSTS_MAX && domain->hosts[i]; i++) {
        buf_text(out, i ? before_next : format_first);
        text_json(out, domain->hosts[i]);
        buf_text(out, "\"");
    }
}

static void add_policy(struct buf *out, const struct sample *sample, const char *type)
{
    const struct domain *domain = sample->domain;
    unsigned habits = sample->reporter->habits;
    buf_printf(out, "\"policy\": { \"policy-type\": \"%s\", ", type);
    /* Who cannot fetch a policy has no text to show. */
    bool unknown = (habits & HABIT_NO_POLICY_STRING)
                   || (sample->fault && !sample->fault->host && sample->successful == 0);
    if (strcmp(type, "tlsa") == 0 && !unknown) {
        buf_printf(out, "\"policy-string\": [\"%s\"], ", domain->tlsa);
    } else if (strcmp(type, "sts") == 0 && !unknown) {
        buf_printf(out, "\"policy-string\": [\"version: STSv1\", \"mode: %s\"", domain->mode);
        if (strcmp(domain->mode, "none") != 0)
            add_hosts(out, domain, ", \"mx: ", ", \"mx: ");
        buf_text(out, ", \"max_age: 604800\"], ");
    }
    add_text(out, "policy-domain", domain->name);
    if (!(habits & HABIT_NO_MX_HOST)) {
        bool bare = (habits & HABIT_MX_HOST_STRING) && !domain->hosts[1];
        add_hosts(out, domain, bare ? ", \"mx-host\": \"" : ", \"mx-host\": [\"", ", \"");
        buf_text(out, bare ? "" : "]");
    }
    buf_text(out, " }");
}

/* The failures, over up to three of the sender's machines. */
static void add_details(struct buf *out, struct sample *sample)
{
    const struct fault *fault = sample->fault;
    int64_t left = sample->failed;
    for (int machine = 1; left > 0; machine++) {
        int64_t some = machine == 3 || left < 8
                           ? left
                           : 1 + (int64_t)(random_next(&sample->random) % (uint64_t)left);
        buf_text(out, machine > 1 ? ", { " : "{ ");
        add_text(out, "result-type", fault->result);
        if (fault->host && !(sample->reporter->habits & HABIT_NO_HOST_IN_DETAILS)) {
            buf_printf(out, ", \"sending-mta-ip\": \"%s%d\", ", sample->reporter->sends_from,
                       machine);
            add_text(out, "receiving-mx-hostname", fault->host);
            buf_text(out, ", ");
            add_text(out, "receiving-ip", fault->address);
        }
        buf_printf(out, ", \"failed-session-count\": %" PRId64, some);
        if (fault->reason) {
            buf_text(out, ", ");
            add_text(out, "failure-reason-code", fault->reason);
        }
        buf_text(out, " }");
        left -= some;
    }
}

static void add_block(struct buf *out, struct sample *sample, const char *type)
{
    int64_t failed = sample->failed, successful = sample->successful;
    unsigned habits = sample->reporter->habits;
    bool testing = sample->domain->mode && strcmp(sample->domain->mode, "testing") == 0;
    if ((habits & HABIT_TESTING_SUCCEEDS) && testing) {
        successful += failed;
        failed = 0;
    }
    buf_text(out, "{ ");
    add_policy(out, sample, type);
    buf_printf(out,
               ", \"summary\": { \"total-successful-session-count\": %" PRId64
               ", \"total-failure-session-count\": %" PRId64 " }",
               successful, failed);
    if (sample->failed || (habits & HABIT_EMPTY_DETAILS)) {
        buf_text(out, ", \"failure-details\": [");
        add_details(out, sample);
        buf_text(out, "]");
    }
    buf_text(out, " }");
}

static void add_report(struct buf *out, struct sample *sample)
{
    const struct domain *domain = sample->domain;
    buf_text(out, "{ ");
    add_head(out, sample);
    buf_text(out, ", \"policies\": [");
    if (domain->tlsa)
        add_block(out, sample, "tlsa");
    if (domain->tlsa && (sample->reporter->habits & HABIT_MIRRORS)) {
        buf_text(out, ", ");
        add_block(out, sample, "sts");
    }
    if (!domain->tlsa)
        add_block(out, sample, domain->mode ? "sts" : "no-policy-found");
    buf_text(out, "] }\n");
}

/* To the next pair of domain and reporter, and after the last to the next day. */
static void step(struct demo *demo)
{
    if (++demo->reporter < ARRAY_SIZE(reporters))
        return;
    demo->reporter = 0;
    if (++demo->domain < ARRAY_SIZE(domains))
        return;
    demo->domain = 0;
    demo->day++;
}

struct demo demo_begin(int64_t now_seconds)
{
    int32_t today = clock_day(now_seconds);
    return (struct demo){ .day = today - DEMO_DAYS, .end = today };
}

bool demo_next(struct demo *demo, struct buf *json)
{
    json->size = 0;
    for (; demo->day < demo->end; step(demo)) {
        struct sample sample = {
            .reporter = &reporters[demo->reporter],
            .domain = &domains[demo->domain],
            .fault = fault_of(demo),
            .day = demo->day,
            .random = (uint64_t)demo->day << 16 | demo->domain << 8 | demo->reporter,
        };
        int64_t sessions = sessions_of(&sample);
        if (sessions == 0 || !(sample.reporter->domains & ONLY(demo->domain)))
            continue;
        if (sample.fault)
            sample.failed = thousandths(&sample, sessions * sample.fault->per_mille);
        sample.successful = sessions - sample.failed;
        add_report(json, &sample);
        step(demo);
        return true;
    }
    return false;
}

bool demo_domain(size_t index, struct demo_domain *out)
{
    if (index >= ARRAY_SIZE(domains))
        return false;
    const struct domain *domain = &domains[index];
    *out = (struct demo_domain){ .name = domain->name,
                                 .mode = domain->mode,
                                 .tlsa = domain->tlsa,
                                 .reports = domain->sessions > 0,
                                 .hosts = domain->hosts };
    while (out->host_count < HOSTS_MAX && domain->hosts[out->host_count])
        out->host_count++;
    return true;
}
