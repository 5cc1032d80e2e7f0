/* See domain_mx.h.
 *
 * RFC 8460 counts successes per policy and names a host only in failure details. So a host's row has
 * its own figures, which are exact, and beside them what it shares with the other hosts of the
 * policy, which is repeated in each of their rows and stands once in the row of the set.
 *
 * SPDX-License-Identifier: MIT */
#include "web/domain_mx.h"
#include "ingest/policy.h"
#include "web/chart.h"
#include "web/layout.h"
#include "web/part.h"
#include "web/link.h"
#include <string.h>

/* The rows of one MX under one policy type. */
struct group {
    const struct mx_row *rows;
    size_t count;
    int64_t own, failed;
};

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The group that begins at rows[0], of at most COUNT rows. */
static struct group group_of(const struct mx_row *rows, size_t count)
{
    struct group group = { .rows = rows };
    for (; group.count < count; group.count++) {
        const struct mx_row *row = &rows[group.count];
        if (!same(row->mx, rows->mx) || strcmp(row->policy_type, rows->policy_type) != 0)
            break;
        if (strcmp(row->result, "successful") == 0)
            group.own += row->sessions;
        else
            group.failed += row->sessions;
    }
    return group;
}

/* PATTERNS stand with a space between; none: not known, so that every host may be meant. */
static bool any_fits(struct arena *arena, const char *patterns, const char *host)
{
    if (!*patterns)
        return true;
    for (const char *at = patterns; *at;) {
        size_t size = strcspn(at, " ");
        if (policy_matches(arena_copy(arena, at, size), host))
            return true;
        at += size + (at[size] == ' ');
    }
    return false;
}

int64_t domain_mx_shared(struct arena *arena, const struct rows *policy_rows,
                         const char *policy_type, const char *host)
{
    const struct policy_row *rows = policy_rows->first;
    int64_t shared = 0;
    for (size_t i = 0; i < policy_rows->count; i++)
        if (rows[i].shared && strcmp(rows[i].type, policy_type) == 0
            && any_fits(arena, rows[i].mx, host))
            shared += rows[i].shared;
    return shared;
}

static void print_results(struct html *page, const struct group *group)
{
    bool any = false;
    for (size_t i = 0; i < group->count; i++) {
        const struct mx_row *row = &group->rows[i];
        if (strcmp(row->result, "successful") == 0 || !row->sessions)
            continue;
        html(page, any ? ", <code>%s</code>&nbsp;" : "<code>%s</code>&nbsp;", row->result);
        html_number(page, row->sessions);
        any = true;
    }
    if (!any)
        html(page, "\u2013");
}

/* Of all sessions that are surely the host's, or may be: the failed share is at most the first and at
 * least the second. */
static void print_share(struct html *page, const struct group *group, int64_t shared)
{
    int64_t surely = group->own + group->failed;
    html(page, "<td class=\"n\">");
    if (!surely) {
        html(page, "\u2013");
    } else if (!shared || !group->failed) {
        html_share(page, group->failed, surely + (group->failed ? 0 : shared));
    } else {
        html_share(page, group->failed, surely + shared);
        html(page, " to ");
        html_share(page, group->failed, surely);
    }
    html(page, "</td>");
}

static void print_trend(struct html *page, const struct group *group,
                        const struct domain_mx *domain)
{
    const struct period *period = domain->period;
    const struct trend_row *rows = domain->trend->first;
    int32_t step = period_step(period);
    size_t count = (size_t)((period->to_day - period->from_day) / step) + 1;
    int64_t *failed = arena_array(page->arena, count, sizeof *failed);
    if (!group->failed) {
        html(page, "<td>\u2013</td>");
        return;
    }
    for (size_t i = 0; i < domain->trend->count; i++)
        if (same(rows[i].mx, group->rows->mx)
            && strcmp(rows[i].policy_type, group->rows->policy_type) == 0)
            failed[(rows[i].day - period->from_day) / step] += rows[i].failed;
    html(page, "<td>");
    chart_sparkline(page, failed, failed, count,
                    step > 1 ? "Failed sessions by week" : "Failed sessions by day");
    html(page, "</td>");
}

static void print_last_failure(struct html *page, const struct group *group)
{
    html_cell(page, group->rows->reporters);
    html(page, "<td>");
    if (group->rows->last_failure)
        html_day(page, group->rows->last_failure);
    else
        html(page, "\u2013");
    html(page, "</td>");
}

static void print_host(struct html *page, const struct group *group, const struct domain_mx *domain)
{
    const char *mx = group->rows->mx;
    int64_t shared =
        mx ? domain_mx_shared(page->arena, domain->policies, group->rows->policy_type, mx) : 0;
    if (mx)
        html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>%s</td>",
             link_mx(page->arena, mx, domain->period->query), mx, group->rows->policy_type);
    else
        html(page, "<tr class=\"set\"><th scope=\"row\">no host named</th><td>%s</td>",
             group->rows->policy_type);
    if (mx) {
        html_cell(page, group->own);
        html_cell(page, shared);
    } else {
        html(page, "<td class=\"n\">\u2013</td><td class=\"n\">\u2013</td>");
    }
    part_failed(page, group->failed);
    if (mx)
        print_share(page, group, shared);
    else
        html(page, "<td class=\"n\">\u2013</td>");
    html(page, "<td>");
    print_results(page, group);
    html(page, "</td>");
    print_last_failure(page, group);
    print_trend(page, group, domain);
    html(page, "</tr>\n");
}

/* The shared successes of all policies of one type with the same hosts; row I is the first of them. */
static void print_set(struct html *page, const struct policy_row *rows, size_t count, size_t i)
{
    int64_t shared = 0;
    for (size_t k = 0; k < count; k++) {
        bool fits = strcmp(rows[k].type, rows[i].type) == 0 && strcmp(rows[k].mx, rows[i].mx) == 0;
        if (fits && k < i)
            return;
        shared += fits ? rows[k].shared : 0;
    }
    if (!shared)
        return;
    html(page, "<tr class=\"set\"><th scope=\"row\">%s",
         *rows[i].mx ? "any of " : "any host, for the policy is not told");
    if (*rows[i].mx)
        layout_words(page, rows[i].mx);
    html(page, "</th><td>%s</td><td class=\"n\">\u2013</td>", rows[i].type);
    html_cell(page, shared);
    html(page, "<td class=\"n\">\u2013</td><td class=\"n\">\u2013</td><td>\u2013</td>"
               "<td class=\"n\">\u2013</td><td>\u2013</td><td>\u2013</td></tr>\n");
}

static void print_explanation(struct html *page)
{
    html(page,
         "<details><summary>How to read this</summary><p>Reports name a host when a session "
         "fails, but count successes per policy. Successes that are known to be a host\u2019s own "
         "stand under <em>own</em>; those that the hosts of a policy share stand in a row of their "
         "own, and under <em>shared</em> beside each host that they may belong to, so that column "
         "is not to be added up, and neither are rows of different policy types. The share failed "
         "is a range where it depends on how many of the shared ones were the host\u2019s.</p>"
         "</details>\n");
}

void domain_mx_print(struct html *page, const struct domain_mx *domain)
{
    const struct mx_row *rows = domain->mx->first;
    int64_t others = domain->mx->count ? rows->hosts : 0, shown = 0;
    html(page, "<section id=\"mx\"><h2>MX hosts</h2>\n");
    LAYOUT_TABLE(page, "Sessions per MX host and policy type", "MX host", "Policy type",
                 "#Own successes", "#Shared successes", "#Failed", "#Share failed",
                 "Failures by result type", "#Reporters affected", "Last failure", "Trend");
    for (size_t i = 0; i < domain->mx->count;) {
        struct group group = group_of(&rows[i], domain->mx->count - i);
        shown += i == 0 || !same(rows[i].mx, rows[i - 1].mx);
        if (group.own || group.failed)
            print_host(page, &group, domain);
        i += group.count;
    }
    for (size_t i = 0; i < domain->policies->count; i++)
        print_set(page, domain->policies->first, domain->policies->count, i);
    layout_table_end(page);
    part_left_out(page, others, (size_t)shown, "hosts with fewer failures");
    print_explanation(page);
    html(page, "</section>\n");
}
