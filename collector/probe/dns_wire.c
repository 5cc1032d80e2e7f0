/* See dns_wire.h. libldns takes the message apart; names are then put into the one form in which all of the
 * program compares them.
 * SPDX-License-Identifier: MIT
 * Next: dns_server.c */
#include "probe/dns_wire.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <ldns/ldns.h>

#define NAME_BYTES 1100 /* of a name whose bytes are all written \DDD */

const char *dns_type_to_text(enum dns_type type)
{
    switch (type) {
    case DNS_A:
        return "A";
    case DNS_NS:
        return "NS";
    case DNS_CNAME:
        return "CNAME";
    case DNS_SOA:
        return "SOA";
    case DNS_MX:
        return "MX";
    case DNS_TXT:
        return "TXT";
    case DNS_AAAA:
        return "AAAA";
    case DNS_TLSA:
        return "TLSA";
    case DNS_CAA:
        return "CAA";
    }
    return "?";
}

/* --- writing --- */

bool dns_wire_write(const struct dns_query *query, unsigned char out[DNS_QUERY_BYTES], size_t *size,
                    struct err *err)
{
    ldns_pkt *packet = NULL;
    uint8_t *bytes = NULL;
    size_t length = 0;
    if (ldns_pkt_query_new_frm_str(&packet, query->name, (ldns_rr_type)query->type,
                                   LDNS_RR_CLASS_IN, query->recursive ? LDNS_RD : 0)
        != LDNS_STATUS_OK)
        return err_set(err, ERR_INPUT, "\"%.100s\" is no name", query->name);
    ldns_pkt_set_id(packet, (uint16_t)query->id);
    if (query->edns)
        ldns_pkt_set_edns_udp_size(packet, DNS_UDP_BYTES);
    bool good =
        ldns_pkt2wire(&bytes, packet, &length) == LDNS_STATUS_OK && length <= DNS_QUERY_BYTES;
    if (good) {
        memcpy(out, bytes, length);
        *size = length;
    }
    LDNS_FREE(bytes);
    ldns_pkt_free(packet);
    return good || err_set(err, ERR_INPUT, "\"%.100s\" cannot be asked for", query->name);
}

/* --- records as text --- */

/* A name as text_host() has it; what is no host's name (an address, odd bytes) in lower case, without the dot
 * at its end; the root is ".". */
static const char *name_of(struct arena *arena, const ldns_rdf *rdf)
{
    char *text = ldns_rdf2str(rdf);
    if (!text)
        return "";
    size_t size = strnlen(text, NAME_BYTES);
    if (size > 1 && text[size - 1] == '.')
        size--;
    char *name = arena_copy(arena, text, size);
    LDNS_FREE(text);
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    const char *host = text_host(arena, name, NULL);
    return host ? host : name;
}

static unsigned number_of(const ldns_rdf *rdf)
{
    unsigned number = 0;
    for (size_t i = 0; i < ldns_rdf_size(rdf); i++)
        number = number << 8 | ldns_rdf_data(rdf)[i];
    return number;
}

static struct bytes bytes_of(const ldns_rdf *rdf)
{
    return (struct bytes){ (const char *)ldns_rdf_data(rdf), ldns_rdf_size(rdf) };
}

static void add_hex(struct buf *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        buf_printf(text, "%02x", (unsigned char)bytes.data[i]);
}

/* Its strings joined (RFC 1035 section 3.3.14); each has its length in front. */
static void add_txt(struct buf *text, const ldns_rr *record)
{
    for (size_t i = 0; i < ldns_rr_rd_count(record); i++) {
        struct bytes string = bytes_of(ldns_rr_rdf(record, i));
        if (string.size > 1 && text->size + string.size <= text->max)
            buf_add(text, string.data + 1, string.size - 1);
    }
}

/* 0 issue "ca.example" (RFC 8659 section 4.1.1) */
static void add_caa(struct buf *text, const ldns_rr *record)
{
    struct bytes tag = bytes_of(ldns_rr_rdf(record, 1)), value = bytes_of(ldns_rr_rdf(record, 2));
    if (tag.size > 1 && value.size < text->max)
        buf_printf(text, "%u %.*s \"%.*s\"", number_of(ldns_rr_rdf(record, 0)), (int)tag.size - 1,
                   tag.data + 1, (int)value.size, value.data);
}

static void add_tlsa(struct buf *text, const ldns_rr *record)
{
    for (size_t i = 0; i < 3; i++)
        buf_printf(text, "%u ", number_of(ldns_rr_rdf(record, i)));
    add_hex(text, bytes_of(ldns_rr_rdf(record, 3)));
}

static void add_soa(struct buf *text, struct arena *arena, const ldns_rr *record)
{
    buf_printf(text, "%s %s", name_of(arena, ldns_rr_rdf(record, 0)),
               name_of(arena, ldns_rr_rdf(record, 1)));
    for (size_t i = 2; i < 7; i++)
        buf_printf(text, " %u", number_of(ldns_rr_rdf(record, i)));
}

static void add_address(struct buf *text, int family, size_t size, const ldns_rdf *rdf)
{
    char address[INET6_ADDRSTRLEN];
    if (ldns_rdf_size(rdf) == size
        && inet_ntop(family, ldns_rdf_data(rdf), address, sizeof address))
        buf_text(text, address);
}

/* How many fields a record of that type has at least; libldns does not say so of empty ones. */
static size_t fields_of(enum dns_type type)
{
    switch (type) {
    case DNS_SOA:
        return 7;
    case DNS_TLSA:
        return 4;
    case DNS_CAA:
        return 3;
    case DNS_MX:
        return 2;
    case DNS_A:
    case DNS_NS:
    case DNS_CNAME:
    case DNS_AAAA:
        return 1;
    case DNS_TXT:
        return 0;
    }
    return 0;
}

/* NULL when it is too long or makes no sense. */
static const char *record_to_text(struct arena *arena, enum dns_type type, const ldns_rr *record)
{
    CLEANUP(buf_done) struct buf text = BUF(DNS_RECORD_BYTES);
    if (ldns_rr_rd_count(record) < fields_of(type))
        return NULL;
    switch (type) {
    case DNS_A:
        add_address(&text, AF_INET, 4, ldns_rr_rdf(record, 0));
        break;
    case DNS_AAAA:
        add_address(&text, AF_INET6, 16, ldns_rr_rdf(record, 0));
        break;
    case DNS_NS:
    case DNS_CNAME:
        buf_text(&text, name_of(arena, ldns_rr_rdf(record, 0)));
        break;
    case DNS_MX:
        buf_printf(&text, "%u %s", number_of(ldns_rr_rdf(record, 0)),
                   name_of(arena, ldns_rr_rdf(record, 1)));
        break;
    case DNS_SOA:
        add_soa(&text, arena, record);
        break;
    case DNS_TXT:
        add_txt(&text, record);
        break;
    case DNS_TLSA:
        add_tlsa(&text, record);
        break;
    case DNS_CAA:
        add_caa(&text, record);
        break;
    }
    bool replaced;
    if (text.failed || (!text.size && type != DNS_TXT))
        return NULL;
    return text_to_utf8(arena, buf_get(&text), text.size, &replaced);
}

/* --- reading --- */

static void lessen(struct setup_answer *answer, const ldns_rr *record)
{
    int64_t ttl =
        ldns_rr_ttl(record) > INT32_MAX ? 0 : ldns_rr_ttl(record); /* RFC 2181 section 8 */
    if (answer->ttl_seconds < 0 || ttl < answer->ttl_seconds)
        answer->ttl_seconds = ttl;
}

/* The CNAME record of NAME in the answer; NULL: none. */
static const ldns_rr *alias_of(const ldns_rr_list *section, const ldns_rdf *name)
{
    for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++) {
        const ldns_rr *record = ldns_rr_list_rr(section, i);
        if (ldns_rr_get_type(record) == LDNS_RR_TYPE_CNAME && ldns_rr_rd_count(record) == 1
            && ldns_dname_compare(ldns_rr_owner(record), name) == 0)
            return record;
    }
    return NULL;
}

static bool was_there(const struct text_list *aliases, const char *name)
{
    for (size_t i = 0; i < aliases->count; i++)
        if (strcmp(aliases->items[i], name) == 0)
            return true;
    return false;
}

/* Follows the aliases from NAME on; returns the name where they end, NULL: in a circle, or too many. */
static const ldns_rdf *follow(struct arena *arena, const ldns_rr_list *section,
                              const ldns_rdf *name, struct setup_answer *answer)
{
    const char **aliases = arena_array(arena, DNS_ALIASES_MAX, sizeof *aliases);
    answer->aliases.items = aliases;
    for (const ldns_rr *alias; (alias = alias_of(section, name));) {
        if (answer->aliases.count == DNS_ALIASES_MAX)
            return NULL;
        name = ldns_rr_rdf(alias, 0);
        lessen(answer, alias);
        const char *text = name_of(arena, name);
        if (was_there(&answer->aliases, text))
            return NULL;
        aliases[answer->aliases.count++] = text;
    }
    return name;
}

static void take_records(struct arena *arena, const ldns_rr_list *section, const ldns_rdf *name,
                         enum dns_type type, struct setup_answer *answer)
{
    const char **records = arena_array(arena, DNS_RECORDS_MAX, sizeof *records);
    size_t all = 0, kept = 0;
    for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++) {
        const ldns_rr *record = ldns_rr_list_rr(section, i);
        if (ldns_rr_get_type(record) != (ldns_rr_type)type
            || ldns_rr_get_class(record) != LDNS_RR_CLASS_IN
            || ldns_dname_compare(ldns_rr_owner(record), name) != 0)
            continue;
        all++;
        lessen(answer, record);
        const char *text = kept < DNS_RECORDS_MAX ? record_to_text(arena, type, record) : NULL;
        if (text)
            records[kept++] = text;
    }
    answer->records = (struct text_list){ records, kept };
    if (kept < all)
        answer->why = arena_printf(arena,
                                   "%zu of %zu records are left out: more than %d, longer than %d "
                                   "bytes, or not readable",
                                   all - kept, all, DNS_RECORDS_MAX, DNS_RECORD_BYTES);
}

static void take_authority(struct arena *arena, const ldns_rr_list *section,
                           struct dns_message *message, struct setup_answer *answer)
{
    for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++) {
        const ldns_rr *record = ldns_rr_list_rr(section, i);
        if (ldns_rr_get_type(record) == LDNS_RR_TYPE_NS && !message->cut)
            message->cut = name_of(arena, ldns_rr_owner(record));
        if (ldns_rr_get_type(record) != LDNS_RR_TYPE_SOA || ldns_rr_rd_count(record) < 7
            || message->zone)
            continue;
        message->zone = name_of(arena, ldns_rr_owner(record));
        unsigned minimum = number_of(ldns_rr_rdf(record, 6));
        if (!answer->records.count) {
            lessen(answer, record);
            if (minimum < answer->ttl_seconds)
                answer->ttl_seconds = minimum;
        }
    }
}

const char *dns_wire_rcode(struct arena *arena, int rcode)
{
    switch (rcode) {
    case DNS_SERVFAIL:
        return "SERVFAIL";
    case DNS_REFUSED:
        return "REFUSED";
    case DNS_FORMERR:
        return "FORMERR";
    case DNS_NOTIMP:
        return "NOTIMP";
    default:
        return arena_printf(arena, "the answer's code is %d", rcode);
    }
}

/* True when it is the answer to QUERY: its id and question are the same. */
static bool is_answer(const ldns_pkt *packet, const struct dns_query *query)
{
    ldns_rdf *name = ldns_dname_new_frm_str(query->name);
    const ldns_rr_list *asked = ldns_pkt_question(packet);
    bool same = name && ldns_pkt_qr(packet) && ldns_pkt_id(packet) == query->id
                && ldns_rr_list_rr_count(asked) == 1
                && ldns_rr_get_type(ldns_rr_list_rr(asked, 0)) == (ldns_rr_type)query->type
                && ldns_dname_compare(ldns_rr_owner(ldns_rr_list_rr(asked, 0)), name) == 0;
    ldns_rdf_deep_free(name);
    return same;
}

static void take(struct arena *arena, const ldns_pkt *packet, enum dns_type type,
                 struct dns_message *message, struct setup_answer *answer)
{
    const ldns_rr_list *section = ldns_pkt_answer(packet);
    const ldns_rdf *name = ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(packet), 0));
    if (type != DNS_CNAME)
        name = follow(arena, section, name, answer);
    if (!name) {
        answer->status = LOOKUP_SERVFAIL;
        answer->why = arena_printf(arena, "its aliases go round in a circle, or are more than %d",
                                   DNS_ALIASES_MAX);
        return;
    }
    if (message->rcode == DNS_NOERROR)
        take_records(arena, section, name, type, answer);
    take_authority(arena, ldns_pkt_authority(packet), message, answer);
    if (message->rcode == DNS_NXDOMAIN)
        answer->status = LOOKUP_NXDOMAIN;
    else if (message->rcode == DNS_NOERROR)
        answer->status = answer->records.count ? LOOKUP_FOUND : LOOKUP_NODATA;
    else {
        answer->status = LOOKUP_SERVFAIL;
        answer->why = dns_wire_rcode(arena, message->rcode);
    }
}

bool dns_wire_read(struct arena *arena, const struct dns_query *query, struct bytes packet,
                   struct dns_message *message, struct setup_answer *answer, struct err *err)
{
    ldns_pkt *read = NULL;
    if (ldns_wire2pkt(&read, (const uint8_t *)packet.data, packet.size) != LDNS_STATUS_OK)
        return err_set(err, ERR_INPUT, "the answer is no DNS message");
    bool fits = is_answer(read, query);
    if (fits) {
        *message = (struct dns_message){
            .truncated = ldns_pkt_tc(read),
            .authoritative = ldns_pkt_aa(read),
            .recursion = ldns_pkt_ra(read),
            .rcode = ldns_pkt_edns_extended_rcode(read) << 4 | (int)ldns_pkt_get_rcode(read),
        };
        answer->ttl_seconds = -1;
        answer->why = NULL;
        answer->records = answer->aliases = (struct text_list){ 0 };
        take(arena, read, query->type, message, answer);
    }
    ldns_pkt_free(read);
    return fits || err_set(err, ERR_INPUT, "the answer is to another question");
}
