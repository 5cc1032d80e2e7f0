/* The _mta-sts TXT record (RFC 8461 section 3.1). See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_reporting.c. Next: setup_host.c */
#include "judge/setup_txt.h"
#include "base/clock.h"
#include <string.h>

#define HOUR_SECONDS 3600

static void see_ttl(struct setup_case *it)
{
    const struct setup_answer *answer = &it->facts->sts;
    const char *ttl = setup_span(it->arena, answer->ttl_seconds);
    if (answer->ttl_seconds > DAY_SECONDS)
        setup_add(it, "dns.sts.ttl-high", answer->name, "It is %s.", ttl);
    else if (answer->ttl_seconds > HOUR_SECONDS)
        setup_add(it, "dns.sts.ttl-long", answer->name, "It is %s.", ttl);
}

void setup_record(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    const struct setup_txt txt = { "dns.sts", "v=STSv1", &facts->sts, &facts->sts_servers };
    bool absent = facts->sts.status == LOOKUP_NXDOMAIN || facts->sts.status == LOOKUP_NODATA;
    if (facts->null_mx && absent) {
        it->absent[SETUP_RECORD] = true;
        return;
    }
    if (setup_txt_found(it, &txt)) {
        it->looked[SETUP_RECORD] = true;
        it->result.id = setup_txt_read(it, &txt, RECORD_STS).id;
    }
    if (it->result.id)
        see_ttl(it);
    setup_txt_around(it, &txt);
}
