/* Answers read from their bytes: records of each type as text, aliases, TTLs, denials, and what is no answer.
 * SPDX-License-Identifier: MIT */
#include "probe/dns_wire.h"
#include "dns_answers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define ID   4711
#define OK   (FLAG_QR | FLAG_AA)
#define NAME "mail.example"

static void a(struct buf *out)
{
    put_head(out, ID, OK, NAME, 1, 2, 0);
    put_record(out, NAME, 1, 300, "\xc0\0\2\1", 4);
    put_record(out, "MAIL.Example", 1, 60, "\xc0\0\2\2", 4);
}

static void aaaa(struct buf *out)
{
    put_head(out, ID, OK, NAME, 28, 1, 0);
    put_record(out, NAME, 28, 300, "\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
}

static void txt(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 3, 0);
    put_record(out, NAME, 16, 300, "\5v=STS\4v1; \3id=\0015", 17);
    put_record(out, NAME, 16, 300, "\0", 1);
    put_record(out, NAME, 16, 300, "\4a\xff\0b", 5);
}

static void mx(struct buf *out)
{
    put_head(out, ID, OK, NAME, 15, 4, 0);
    put_named(out, NAME, 15, 300, 10, "MX1.Example");
    put_named(out, NAME, 15, 300, 0, "");
    put_named(out, NAME, 15, 300, 20, "192.0.2.1");
    put_named(out, NAME, 15, 300, 65535,
              "b\xc3\xbc"
              "cher.example");
}

static void tlsa(struct buf *out)
{
    put_head(out, ID, OK, NAME, 52, 1, 0);
    put_record(out, NAME, 52, 300, "\3\1\1\xab\xcd\0\1", 7);
}

static void caa(struct buf *out)
{
    put_head(out, ID, OK, NAME, 257, 2, 0);
    put_record(out, NAME, 257, 300, "\0\5issueca.example", 17);
    put_record(out, NAME, 257, 300, "\x80\11issuewild;", 12);
}

static void soa(struct buf *out)
{
    put_head(out, ID, OK, NAME, 6, 1, 0);
    put_soa(out, NAME, 300, 9);
}

static void ns(struct buf *out)
{
    put_head(out, ID, OK, NAME, 2, 1, 0);
    put_named(out, NAME, 2, 300, -1, "NS1.example");
}

static void alias(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 3, 0);
    put_txt(out, "c.example", 300, "at the end");
    put_named(out, "B.example", 5, 30, -1, "C.example");
    put_named(out, NAME, 5, 60, -1, "b.example");
}

static void alias_to_nothing(struct buf *out)
{
    put_head(out, ID, OK | 3, NAME, 16, 1, 1);
    put_named(out, NAME, 5, 60, -1, "b.example");
    put_soa(out, "example", 3600, 900);
}

static void circle(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 2, 0);
    put_named(out, NAME, 5, 60, -1, "b.example");
    put_named(out, "b.example", 5, 60, -1, NAME);
}

static void cname_itself(struct buf *out)
{
    put_head(out, ID, OK, NAME, 5, 1, 0);
    put_named(out, NAME, 5, 60, -1, "b.example");
}

static void nodata(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 0, 1);
    put_soa(out, "Example", 3600, 900);
}

static void of_others(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 2, 0);
    put_txt(out, "other.example", 300, "of another name");
    put_record(out, NAME, 1, 300, "\xc0\0\2\1", 4);
}

static void servfail(struct buf *out)
{
    put_head(out, ID, FLAG_QR | 2, NAME, 16, 0, 0);
}

static void notauth(struct buf *out)
{
    put_head(out, ID, FLAG_QR | 9, NAME, 16, 0, 0);
}

static void long_ttl(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 1, 0);
    put_txt(out, NAME, 0x80000001, "x");
}

static void another_id(struct buf *out)
{
    put_head(out, ID + 1, OK, NAME, 16, 1, 0);
    put_txt(out, NAME, 300, "x");
}

static void another_name(struct buf *out)
{
    put_head(out, ID, OK, "other.example", 16, 1, 0);
    put_txt(out, "other.example", 300, "x");
}

static void another_type(struct buf *out)
{
    put_head(out, ID, OK, NAME, 15, 0, 0);
}

static void a_question(struct buf *out)
{
    put_head(out, ID, 0, NAME, 16, 0, 0);
}

static void rubbish(struct buf *out)
{
    buf_text(out, "rubbish rubbish rubbish");
}

static void too_few(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 2, 0);
    put_txt(out, NAME, 300, "x");
}

static void pointer(struct buf *out)
{
    put_head(out, ID, OK, NAME, 16, 1, 0);
    buf_add(out, "\xc0\x20\xc0\x20", 4);
}

struct row {
    const char *name;
    void (*put)(struct buf *out);
    enum dns_type type;
    bool refused; /* as no answer */
    enum setup_lookup want;
    const char *want_records; /* separated by | */
    const char *want_aliases;
    int64_t want_ttl;
    const char *want_why, *want_zone;
};

/* clang-format off */
static const struct row rows[] = {
    { .name = "A", .put = a, .type = DNS_A, .want = LOOKUP_FOUND, .want_records = "192.0.2.1|192.0.2.2|", .want_ttl = 60 },
    { .name = "AAAA", .put = aaaa, .type = DNS_AAAA, .want = LOOKUP_FOUND, .want_records = "2001:db8::1|", .want_ttl = 300 },
    { .name = "TXT: strings are joined, odd bytes are replaced", .put = txt, .type = DNS_TXT, .want = LOOKUP_FOUND,
      .want_records = "v=STSv1; id=5||a\xef\xbf\xbd\xef\xbf\xbd" "b|", .want_ttl = 300 },
    { .name = "MX: canonical, null, an address, odd bytes", .put = mx, .type = DNS_MX, .want = LOOKUP_FOUND,
      .want_records = "10 mx1.example|0 .|20 192.0.2.1|65535 b\\195\\188cher.example|", .want_ttl = 300 },
    { .name = "TLSA", .put = tlsa, .type = DNS_TLSA, .want = LOOKUP_FOUND, .want_records = "3 1 1 abcd0001|", .want_ttl = 300 },
    { .name = "CAA", .put = caa, .type = DNS_CAA, .want = LOOKUP_FOUND,
      .want_records = "0 issue \"ca.example\"|128 issuewild \";\"|", .want_ttl = 300 },
    { .name = "SOA", .put = soa, .type = DNS_SOA, .want = LOOKUP_FOUND,
      .want_records = "ns.example root.example 1 2 3 4 9|", .want_ttl = 300 },
    { .name = "NS", .put = ns, .type = DNS_NS, .want = LOOKUP_FOUND, .want_records = "ns1.example|", .want_ttl = 300 },
    { .name = "aliases in any order", .put = alias, .type = DNS_TXT, .want = LOOKUP_FOUND, .want_records = "at the end|",
      .want_aliases = "b.example|c.example|", .want_ttl = 30 },
    { .name = "an alias to nothing", .put = alias_to_nothing, .type = DNS_TXT, .want = LOOKUP_NXDOMAIN,
      .want_aliases = "b.example|", .want_ttl = 60, .want_zone = "example" },
    { .name = "aliases in a circle", .put = circle, .type = DNS_TXT, .want = LOOKUP_SERVFAIL, .want_ttl = 60,
      .want_aliases = "b.example|mail.example|", .want_why = "circle" },
    { .name = "the alias itself", .put = cname_itself, .type = DNS_CNAME, .want = LOOKUP_FOUND, .want_records = "b.example|",
      .want_ttl = 60 },
    { .name = "not with this type", .put = nodata, .type = DNS_TXT, .want = LOOKUP_NODATA, .want_ttl = 900, .want_zone = "example" },
    { .name = "records of others", .put = of_others, .type = DNS_TXT, .want = LOOKUP_NODATA, .want_ttl = -1 },
    { .name = "SERVFAIL", .put = servfail, .type = DNS_TXT, .want = LOOKUP_SERVFAIL, .want_ttl = -1, .want_why = "SERVFAIL" },
    { .name = "another code", .put = notauth, .type = DNS_TXT, .want = LOOKUP_SERVFAIL, .want_ttl = -1,
      .want_why = "the answer's code is 9" },
    { .name = "a TTL with its highest bit is none", .put = long_ttl, .type = DNS_TXT, .want = LOOKUP_FOUND,
      .want_records = "x|", .want_ttl = 0 },
    { .name = "another id", .put = another_id, .type = DNS_TXT, .refused = true },
    { .name = "another name", .put = another_name, .type = DNS_TXT, .refused = true },
    { .name = "another type", .put = another_type, .type = DNS_TXT, .refused = true },
    { .name = "a question", .put = a_question, .type = DNS_TXT, .refused = true },
    { .name = "rubbish", .put = rubbish, .type = DNS_TXT, .refused = true },
    { .name = "fewer records than it says", .put = too_few, .type = DNS_TXT, .refused = true },
    { .name = "a pointer to itself", .put = pointer, .type = DNS_TXT, .refused = true },
};
/* clang-format on */

static const char *joined(struct arena *arena, const struct text_list *list)
{
    const char *text = "";
    for (size_t i = 0; i < list->count; i++)
        text = arena_printf(arena, "%s%s|", text, list->items[i]);
    return text;
}

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        CLEANUP(arena_free) struct arena arena = { 0 };
        CLEANUP(buf_done) struct buf packet = BUF(65535);
        struct dns_message message = { 0 };
        struct setup_answer answer = { 0 };
        struct err err = { 0 };
        struct dns_query query = { .name = "Mail.example", .type = row->type, .id = ID };
        row->put(&packet);
        print_message("%s\n", row->name);
        bool good = dns_wire_read(&arena, &query, (struct bytes){ packet.data, packet.size },
                                  &message, &answer, &err);
        assert_int_equal(good, !row->refused);
        if (!good)
            continue;
        assert_int_equal(answer.status, row->want);
        assert_string_equal(joined(&arena, &answer.records),
                            row->want_records ? row->want_records : "");
        assert_string_equal(joined(&arena, &answer.aliases),
                            row->want_aliases ? row->want_aliases : "");
        assert_int_equal(answer.ttl_seconds, row->want_ttl);
        if (row->want_why)
            assert_non_null(strstr(answer.why, row->want_why));
        else
            assert_null(answer.why);
        assert_int_equal(!message.zone, !row->want_zone);
        if (row->want_zone)
            assert_string_equal(message.zone, row->want_zone);
    }
}

/* Cut at every byte, and with every byte changed: never more than an error. */
static void test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(buf_done) struct buf packet = BUF(65535);
        rows[i].put(&packet);
        for (size_t at = 0; at < packet.size; at++) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct dns_query query = { .name = NAME, .type = rows[i].type, .id = ID };
            struct dns_message message;
            struct setup_answer answer = { 0 };
            struct err err = { 0 };
            char *copy =
                arena_copy(&arena, packet.data, at); /* a buffer of its own: ASan sees its end */
            bool good =
                dns_wire_read(&arena, &query, (struct bytes){ copy, at }, &message, &answer, &err);
            copy = arena_copy(&arena, packet.data, packet.size);
            copy[at] ^= (char)0xff;
            good |= dns_wire_read(&arena, &query, (struct bytes){ copy, packet.size }, &message,
                                  &answer, &err);
            (void)good;
        }
    }
}

static void test_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(buf_done) struct buf packet = BUF(65535);
    put_head(&packet, ID, OK, NAME, 16, 300, 0);
    for (int i = 0; i < 300; i++)
        put_txt(&packet, NAME, 300, "v=spf1 -all");
    struct dns_query query = { .name = NAME, .type = DNS_TXT, .id = ID };
    struct dns_message message;
    struct setup_answer answer = { 0 };
    struct err err = { 0 };
    assert_true(dns_wire_read(&arena, &query, (struct bytes){ packet.data, packet.size }, &message,
                              &answer, &err));
    assert_int_equal(answer.records.count, DNS_RECORDS_MAX);
    assert_non_null(strstr(answer.why, "236 of 300 records are left out"));
}

static void test_write(void **state)
{
    (void)state;
    unsigned char out[DNS_QUERY_BYTES];
    size_t size = 0;
    struct err err = { 0 };
    struct dns_query query = { .name = "_mta-sts.example.org", .type = DNS_TXT, .id = 0x1234 };
    assert_true(dns_wire_write(&query, out, &size, &err));
    assert_int_equal(size, 12 + 22 + 4);
    assert_memory_equal(out, "\x12\x34\0\0\0\1\0\0\0\0\0\0\10_mta-sts\7example\3org\0\0\x10\0\1",
                        size);
    query.recursive = query.edns = true;
    assert_true(dns_wire_write(&query, out, &size, &err));
    assert_int_equal(size, 12 + 22 + 4 + 11);
    assert_memory_equal(out, "\x12\x34\1\0\0\1\0\0\0\0\0\1", 12);
    assert_memory_equal(out + 38, "\0\0\x29\4\xd0", 5); /* OPT, 1232 */
    query.name = "a..b";
    assert_false(dns_wire_write(&query, out, &size, &err));
    assert_int_equal(err.kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
