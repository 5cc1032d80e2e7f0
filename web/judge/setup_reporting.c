/* The _smtp._tls TXT record (RFC 8460 section 3). See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_txt.c. Next: setup_record.c */
#include "judge/setup_txt.h"
#include "base/clock.h"
#include <string.h>

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
    if (!last)
        setup_add(it, "rpt.first", it->facts->domain, "No report about %s was ever counted here.",
                  it->facts->domain);
    else if (it->facts->at_seconds - last > SILENT_SECONDS)
        setup_add(it, "rpt.silent", it->facts->domain, "The last report came on %s, %s ago.",
                  setup_day(it->arena, last), setup_span(it->arena, it->facts->at_seconds - last));
}

void setup_reporting(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    const struct setup_txt txt = { "dns.rpt", "v=TLSRPTv1", &facts->rpt, &facts->rpt_servers };
    if (setup_txt_found(it, &txt)) {
        it->looked[SETUP_REPORTING] = true;
        see_reports(it);
    }
    see_parent(it);
    setup_txt_around(it, &txt);
}
