/* Answers of name servers: whatever they hold, what is read of them is bounded. The first byte chooses the type; the
 * question is put in front, as a server that is no friend would repeat it.
 * SPDX-License-Identifier: MIT */
#include "probe/dns_wire.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = { DNS_A,   DNS_NS,   DNS_CNAME, DNS_SOA, DNS_MX,
                                           DNS_TXT, DNS_AAAA, DNS_TLSA,  DNS_CAA };
    if (size < 7)
        return 0;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct dns_query query = { .name = "a.example", .type = types[data[0] % ARRAY_SIZE(types)] };
    unsigned char out[DNS_QUERY_BYTES];
    size_t length = 0;
    struct err err = { 0 };
    assert(dns_wire_write(&query, out, &length, &err));
    out[2] |= 0x80; /* an answer */
    out[3] = data[1];
    memcpy(out + 6, data + 2, 4); /* counts of answers and of the authority section */
    out[6] = out[8] = 0;
    CLEANUP(buf_done) struct buf packet = BUF(70000);
    buf_add(&packet, out, length);
    buf_add(&packet, data + 6, size - 6 < 65000 ? size - 6 : 65000);

    struct dns_message message = { 0 };
    struct setup_answer answer = { 0 };
    if (!dns_wire_read(&arena, &query, (struct bytes){ packet.data, packet.size }, &message,
                       &answer, &err))
        return 0;
    assert(answer.records.count <= DNS_RECORDS_MAX && answer.aliases.count <= DNS_ALIASES_MAX);
    assert((answer.status == LOOKUP_FOUND) == (answer.records.count > 0)
           || answer.status == LOOKUP_SERVFAIL);
    assert(answer.ttl_seconds >= -1);
    for (size_t i = 0; i < answer.records.count; i++) {
        size_t text = strlen(answer.records.items[i]);
        assert(text <= DNS_RECORD_BYTES * 3); /* each byte may have become U+FFFD */
        assert(text_is_utf8(answer.records.items[i], text));
    }
    return 0;
}
