/* TXT records of MTA-STS and TLS-RPT, one a line: what is said of them keeps its own rules.
 * SPDX-License-Identifier: MIT */
#include "ingest/record.h"
#include <assert.h>
#include <string.h>

#define RECORDS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *arena, enum record_kind kind, const struct text_list *records)
{
    struct record_reading reading = record_read(arena, kind, records);
    bool fatal = false;
    for (size_t i = 0; i < reading.fault_count; i++) {
        const struct record_fault *fault = &reading.faults[i];
        assert(fault->record < records->count || fault->flaw == RECORD_ABSENT);
        assert(!records->count || fault->at <= strlen(records->items[fault->record]));
        assert(fault->text && fault->what);
        fatal = fatal || fault->fatal;
    }
    assert(reading.fault_count == RECORD_FAULTS_MAX || reading.valid == !fatal);
    assert(reading.valid || !reading.strict);
    assert(!reading.valid || reading.record);
    if (kind == RECORD_STS && reading.valid) {
        assert(reading.id && *reading.id && strlen(reading.id) <= 32);
        /* Written as we do, it is good for everybody. */
        const char *ours = arena_printf(arena, "v=STSv1; id=%s;", reading.id);
        struct record_reading again = record_read(arena, kind, &(struct text_list){ &ours, 1 });
        assert(again.strict && again.fault_count == 0 && strcmp(again.id, reading.id) == 0);
    }
    bool usable = false;
    for (size_t i = 0; i < reading.uri_count; i++)
        usable = usable || reading.uris[i].usable;
    if (kind == RECORD_RPT && reading.valid)
        assert(usable);
    if (reading.uri_count && reading.uris[0].same)
        assert(record_find(arena, &reading, &(struct text_list){ &reading.uris[0].text, 1 }) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *text = arena_copy(&arena, data, size), *lines[RECORDS_MAX];
    size_t count = 0;
    while (*text && count < RECORDS_MAX) {
        size_t length = strcspn(text, "\n");
        lines[count++] = arena_copy(&arena, text, length);
        text += length + (text[length] == '\n');
    }
    struct text_list records = { lines, count };
    check(&arena, RECORD_STS, &records);
    check(&arena, RECORD_RPT, &records);
    return 0;
}
