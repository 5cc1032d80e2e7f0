/* The _smtp._tls TXT record (RFC 8460 section 3). See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_txt.c. Next: setup_record.c */
#include "judge/setup_txt.h"
#include "base/clock.h"
#include <string.h>

#define ADDRESSES      4 /* told */
#define SILENT_SECONDS (INT64_C(3) * DAY_SECONDS)

static void see_parent(struct setup_case *it)
{
    const struct setup_answer *parent = &it->facts->tls_parent;
    if (parent->status == LOOKUP_NXDOMAIN && it->facts->rpt.status == LOOKUP_FOUND)
        setup_add(it, "dns.rpt.parent-nxdomain", parent->name,
                  "%s is answered with NXDOMAIN, and %s exists.", parent->name,
                  it->facts->rpt.name);
}

static void see_reports(struct setup_case *it)
{
    int64_t last = it->history->last_report_seconds;
    if (last < 0)
        return;
    if (!last)
        setup_add(it, "rpt.first", it->facts->domain, "No report about %s was ever counted here.",
                  it->facts->domain);
    else if (it->facts->at_seconds - last > SILENT_SECONDS)
        setup_add(it, "rpt.silent", it->facts->domain, "The last report came on %s, %s ago.",
                  setup_day(it->arena, last), setup_span(it->arena, it->facts->at_seconds - last));
}

static bool is_mail_of(const struct record_uri *uri, const char *domain)
{
    return uri->usable && uri->scheme == RECORD_MAILTO && uri->domain
           && text_same(uri->domain, domain);
}

static void see_addresses(struct setup_case *it, const struct record_reading *reading)
{
    const char *name = it->facts->rpt.name;
    const struct text_list *own = &it->history->own_rua;
    int place = record_find(it->arena, reading, own);
    if (own->count && place < 0)
        setup_add(it, "dns.rpt.rua-not-ours", name, "The record is %s; reports come here by %s.",
                  reading->record, setup_words(it->arena, own, ADDRESSES));
    else if (place > 0)
        setup_add(it, "dns.rpt.rua-not-first", name, "%s stands before it.", reading->uris[0].text);
    for (size_t i = 0; i < reading->uri_count; i++) {
        const struct record_uri *uri = &reading->uris[i];
        if (uri->usable && uri->domain && !text_same(uri->domain, it->facts->domain)
            && !text_ends(uri->domain, arena_printf(it->arena, ".%s", it->facts->domain)))
            setup_add(it, "dns.rpt.rua-external", name, "%s.", uri->text);
    }
}

static bool has_error(const struct setup_case *it, const char *host)
{
    size_t size = strlen(host);
    for (size_t i = 0; i < it->count; i++) {
        const struct setup_finding *finding = &it->findings[i];
        if (finding->step == SETUP_SERVERS && finding->severity == SEVERITY_ERROR
            && (!*finding->subject || strncmp(finding->subject, host, size) == 0))
            return true;
    }
    return false;
}

/* No MX host is without an error. */
static bool all_broken(const struct setup_case *it)
{
    for (size_t i = 0; i < it->facts->mx_count; i++)
        if (!has_error(it, it->facts->mx[i].name))
            return false;
    return it->facts->mx_count;
}

/* X24: reports are exempt from enforcement, and need a working server all the same. */
void setup_reporting_home(struct setup_case *it)
{
    const struct record_reading reading =
        record_read(it->arena, RECORD_RPT, &it->facts->rpt.records);
    if (!all_broken(it))
        return;
    for (size_t i = 0; i < reading.uri_count; i++)
        if (reading.valid && is_mail_of(&reading.uris[i], it->facts->domain))
            setup_add(it, "dns.rpt.rua-own-mx", it->facts->rpt.name, "%s.", reading.uris[i].text);
}

void setup_reporting(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    const struct setup_txt txt = { "dns.rpt", "v=TLSRPTv1", &facts->rpt, &facts->rpt_servers };
    if (setup_txt_found(it, &txt)) {
        it->looked[SETUP_REPORTING] = true;
        const struct record_reading reading = setup_txt_read(it, &txt, RECORD_RPT);
        if (reading.valid)
            see_addresses(it, &reading);
        see_reports(it);
    }
    see_parent(it);
    setup_txt_around(it, &txt);
}
