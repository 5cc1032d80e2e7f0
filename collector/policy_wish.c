/* See policy_wish.h.
 * SPDX-License-Identifier: MIT
 * Before: policy_host.c. Next: cmd_policy.c */
#include "collector/policy_wish.h"
#include "collector/command.h"
#include "ingest/policy.h"
#include "web/policy_change.h"
#include "base/clock.h"
#include <getopt.h>
#include <string.h>

#define DNS_MS      15000
#define MAX_AGE_DAY 86400

/* --- options --- */

static const struct option options[] = {
    { "mode", required_argument, NULL, 'm' },
    { "mx", required_argument, NULL, 'x' },
    { "mx-from-dns", no_argument, NULL, 'd' },
    { "max-age", required_argument, NULL, 'a' },
    { "external", no_argument, NULL, 'e' },
    { "here", no_argument, NULL, 'h' },
    { "renew", no_argument, NULL, 'r' },
    { "yes", no_argument, NULL, 'y' },
    { "override", required_argument, NULL, 'o' },
    { "format", required_argument, NULL, 'F' },
    { NULL, 0, NULL, 0 },
};

/* Options with a value; what is wrong with it. */
static const char *take_value(struct policy_wish *out, int option, const char *value)
{
    switch (option) {
    case 'm':
        out->mode = value;
        return strcmp(value, "testing") == 0 || strcmp(value, "enforce") == 0
                       || strcmp(value, "none") == 0
                   ? NULL
                   : "--mode: testing, enforce or none";
    case 'a':
        return text_number(value, 0, POLICY_MAX_AGE_MAX, &out->max_age_seconds)
                   ? NULL
                   : "--max-age: seconds, up to 31557600 (RFC 8461 section 3.2)";
    case 'o':
        out->override = value;
        return *value ? NULL : "--override: why";
    default: /* 'F' */
        out->json = strcmp(value, "json") == 0;
        return out->json || strcmp(value, "text") == 0 ? NULL : "--format: text or json";
    }
}

static void take_flag(struct policy_wish *out, int option)
{
    out->mx_from_dns = out->mx_from_dns || option == 'd';
    out->external = out->external || option == 'e';
    out->here = out->here || option == 'h';
    out->renew = out->renew || option == 'r';
    out->yes = out->yes || option == 'y';
}

static bool changes(const struct policy_wish *wish)
{
    return wish->mode || wish->mx.count || wish->mx_from_dns || wish->max_age_seconds >= 0
           || wish->external || wish->here || wish->renew;
}

const char *policy_wish_parse(struct arena *arena, int argc, char **argv, struct policy_wish *out)
{
    const char *fault = NULL;
    const char **mx = arena_array(arena, (size_t)argc, sizeof *mx);
    *out = (struct policy_wish){ .max_age_seconds = -1, .mx.items = mx };
    opterr = 0;
    for (int option; !fault && (option = getopt_long(argc, argv, ":", options, NULL)) != -1;)
        if (option == '?' || option == ':')
            fault = command_option_fault(arena, option, argv);
        else if (option == 'x')
            mx[out->mx.count++] = optarg;
        else if (optarg)
            fault = take_value(out, option, optarg);
        else
            take_flag(out, option);
    if (!fault && argc - optind != 2)
        fault = "name what to do and one domain";
    if (fault)
        return fault;
    out->verb = argv[optind];
    out->domain = argv[optind + 1];
    bool sets = strcmp(out->verb, "set") == 0;
    if (out->mx.count && out->mx_from_dns)
        return "--mx or --mx-from-dns";
    if (out->external && out->here)
        return "--external or --here";
    if (sets && !changes(out))
        return "set: what? --mode, --mx, --max-age, --external, --here or --renew";
    return !sets && changes(out) ? "these options are for set" : NULL;
}

/* --- meaning --- */

static bool ask_mx(struct arena *arena, const struct dns_settings *settings, const char *domain,
                   struct text_list *out, struct err *err)
{
    struct dns *dns = NULL;
    struct dns_question question = { .name = domain, .type = DNS_MX };
    if (!dns_open(settings, &dns, err))
        return false;
    dns_ask(dns, arena, &question, 1, clock_monotonic_ms() + DNS_MS);
    dns_close(&dns);
    const struct setup_answer *answer = &question.answer;
    const char **names = arena_array(arena, answer->records.count + 1, sizeof *names);
    size_t count = 0;
    if (answer->status == LOOKUP_NODATA) { /* RFC 5321 section 5.1 */
        names[count++] = domain;
    } else if (answer->status == LOOKUP_NXDOMAIN) {
        return err_set(err, ERR_INPUT, "%s: there is no such domain in DNS", domain);
    } else if (answer->status != LOOKUP_FOUND) {
        return err_set(err, ERR_AGAIN, "the MX records of %s: %s", domain,
                       answer->why ? answer->why : "no answer");
    }
    for (size_t i = 0; i < answer->records.count; i++) {
        const char *name = strchr(answer->records.items[i], ' ');
        if (name && strcmp(name + 1, ".") != 0)
            names[count++] = name + 1;
    }
    *out = (struct text_list){ names, policy_sort(names, count) };
    return count > 0
           || err_set(err, ERR_INPUT, "%s takes no mail: its MX is null (RFC 7505)", domain);
}

bool policy_wish_resolve(struct arena *arena, const struct dns_settings *dns,
                         const struct guide_input *input, const struct policy_wish *wish,
                         struct guide_wish *out, struct err *err)
{
    const struct hosting_version_row *current = guide_current(input);
    struct guide_wish made = {
        .mode = wish->mode ? wish->mode
                : current  ? current->mode
                           : "testing",
        .max_age_seconds = wish->max_age_seconds,
        .names_mx = wish->mx_from_dns || wish->mx.count,
    };
    bool same_mode = current && strcmp(current->mode, made.mode) == 0;
    if (made.max_age_seconds < 0)
        made.max_age_seconds = same_mode ? current->max_age_seconds : MAX_AGE_DAY;
    if (wish->mx_from_dns) {
        if (!ask_mx(arena, dns, input->domain, &made.mx, err))
            return false;
    } else if (wish->mx.count) {
        if (!policy_change_hosts(arena, &wish->mx, &made.mx, err))
            return false;
    } else if (current) {
        made.mx = guide_words(arena, current->mx);
    }
    if (!made.mx.count)
        return err_field(err, ERR_INPUT, "mx", "which hosts? --mx HOST, or --mx-from-dns");
    *out = made;
    return true;
}
