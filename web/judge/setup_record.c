/* The _mta-sts TXT record (RFC 8461 section 3.1). See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_reporting.c. Next: setup_host.c */
#include "judge/setup_txt.h"
#include "base/clock.h"
#include <string.h>

#define HOUR_SECONDS 3600

/* As the zone has it: a resolver that was asked before gives what is left, and not more than a day. */
static int64_t ttl_of(const struct setup_facts *facts)
{
    int64_t ttl = facts->sts.ttl_seconds;
    for (size_t i = 0; i < facts->sts_servers.count; i++)
        if (facts->sts_servers.items[i].ttl_seconds > ttl)
            ttl = facts->sts_servers.items[i].ttl_seconds;
    return ttl;
}

static void see_ttl(struct setup_case *it)
{
    int64_t ttl = ttl_of(it->facts);
    const char *name = it->facts->sts.name, *span = setup_span(it->arena, ttl);
    if (ttl > DAY_SECONDS)
        setup_add(it, "dns.sts.ttl-high", name, "It is %s.", span);
    else if (ttl > HOUR_SECONDS)
        setup_add(it, "dns.sts.ttl-long", name, "It is %s.", span);
}

void setup_record(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    const struct setup_txt txt = { "dns.sts", "v=STSv1", &facts->sts, &facts->sts_servers };
    bool absent = facts->sts.status == LOOKUP_NXDOMAIN || facts->sts.status == LOOKUP_NODATA;
    bool given_up = absent && it->history->given_up;
    it->absent[SETUP_RECORD] = given_up || (absent && facts->null_mx);
    if (given_up)
        setup_add(it, "dns.sts.given-up", facts->sts.name,
                  "`tlsrptd policy end` was confirmed, and there is no record.");
    if (it->absent[SETUP_RECORD])
        return;
    if (setup_txt_found(it, &txt)) {
        it->looked[SETUP_RECORD] = true;
        it->result.id = setup_txt_read(it, &txt, RECORD_STS).id;
    }
    if (it->result.id)
        see_ttl(it);
    setup_txt_around(it, &txt);
}
