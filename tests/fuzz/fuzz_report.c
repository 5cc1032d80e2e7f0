/* Everything between a delivery's bytes and its reports: mail, gzip, JSON, the model.
 * SPDX-License-Identifier: MIT */
#include "ingest/report.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct limits limits = LIMITS_DEFAULT;
    struct delivery *delivery = delivery_new(SOURCE_COMMAND, "fuzz");
    delivery->bytes = (struct bytes){ arena_copy(&delivery->arena, data, size), size };
    for (struct payload *p = payload_open(delivery, &limits); p; p = p->next) {
        struct report report = { 0 };
        struct err err = p->err;
        if (err.kind != ERR_NONE
            || !report_parse(&delivery->arena, p, &limits, 1795392000, &report, &err)) {
            assert(err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
            continue;
        }
        assert(report.policy_count > 0);
        for (size_t i = 0; i < report.policy_count; i++)
            assert(report.policies[i].failed_sessions >= 0
                   && report.policies[i].successful_sessions <= REPORT_COUNT_MAX);
    }
    delivery_free(&delivery);
    return 0;
}
