/* The two TXT records: how they answer in DNS, and what they say.
 * SPDX-License-Identifier: MIT */
#include "setup_world.h"

static struct world world;

/* --- MTA-STS --- */

static void sts(struct world *it, const char *record)
{
    it->facts.sts = world_answer(it, "_mta-sts.a.example", "TXT", record);
    it->facts.sts_servers.count = 0;
}
static void sts_status(struct world *it, enum setup_lookup status)
{
    sts(it, NULL);
    it->facts.sts.status = status;
}
static void none(struct world *it)
{
    sts_status(it, LOOKUP_NXDOMAIN);
}
static void given_up(struct world *it)
{
    none(it);
    it->history.given_up = true;
}
static void servfail(struct world *it)
{
    sts_status(it, LOOKUP_SERVFAIL);
}
static void bogus(struct world *it)
{
    sts_status(it, LOOKUP_BOGUS);
}
static void no_answer(struct world *it)
{
    sts_status(it, LOOKUP_TIMEOUT);
}
static void nobody_answers(struct world *it)
{
    struct setup_facts *facts = &it->facts;
    *facts = (struct setup_facts){ .domain = facts->domain, .at_seconds = facts->at_seconds };
    facts->sts.status = facts->rpt.status = facts->mx_answer.status = LOOKUP_TIMEOUT;
    facts->host_a.status = facts->host_aaaa.status = LOOKUP_TIMEOUT;
}
static void dangling(struct world *it)
{
    sts_status(it, LOOKUP_NXDOMAIN);
    world_alias(it, &it->facts.sts, "_mta-sts.gone.example");
}
static void loop(struct world *it)
{
    sts_status(it, LOOKUP_SERVFAIL);
    world_alias(it, &it->facts.sts, "_mta-sts.b.example");
}
static void followed(struct world *it) /* X1: fine */
{
    world_alias(it, &it->facts.sts, "_mta-sts.provider.example");
    world_alias(it, &it->facts.host_a, "mta-sts.provider.example");
    it->facts.rpt.ttl_seconds = 300;
    it->facts.sts.ttl_seconds = 7200;
}
static void two(struct world *it)
{
    world_record(&it->facts.sts, "v=STSv1; id=2;");
    it->facts.sts_servers.count = 0;
}
static void one_and_spf(struct world *it)
{
    world_record(&it->facts.sts, "v=spf1 -all");
    it->facts.sts_servers.count = 0;
}
static void only_spf(struct world *it)
{
    sts(it, "v=spf1 -all");
}
static void hyphen(struct world *it)
{
    sts(it, "v=STSv1; id=2026-11-01;");
}
static void long_id(struct world *it)
{
    sts(it, "v=STSv1; id=123456789012345678901234567890123;");
}
static void no_id(struct world *it)
{
    sts(it, "v=STSv1; x=1;");
}
static void space(struct world *it)
{
    sts(it, "v=STSv1 ; id=1;");
}
static void space_behind(struct world *it)
{
    sts(it, "v=STSv1; id=1 ");
}
static void spaced_equals(struct world *it)
{
    sts(it, "v = STSv1; id=1;");
}
static void quotes(struct world *it)
{
    sts(it, "\"v=STSv1; id=1;\"");
}
static void extension(struct world *it)
{
    sts(it, "v=STSv1; id=1; x=y;");
}
static void at_apex(struct world *it)
{
    none(it);
    it->misplaced[0] = world_answer(it, "a.example", "TXT", "v=STSv1; id=1;");
    it->facts.misplaced = (struct setup_answers){ it->misplaced, 1 };
}
static void also_at_apex(struct world *it)
{
    it->misplaced[0] = world_answer(it, "a.example", "TXT", "v=STSv1; id=1;");
    it->facts.misplaced = (struct setup_answers){ it->misplaced, 1 };
}
static void wildcard(struct world *it)
{
    only_spf(it);
    it->facts.wildcard = world_answer(it, "x7k2.a.example", "TXT", "v=spf1 -all");
}
static void
ttl_week(struct world *it) /* of the zone: our resolver keeps nothing longer than a day */
{
    it->sts_servers[0].ttl_seconds = 7 * DAY;
}
static void split(struct world *it)
{
    it->sts_servers[1].records = world_answer(it, "", "", "v=STSv1; id=old;").records;
}
static void stale(struct world *it)
{
    split(it);
    it->sts_servers[0].records = it->sts_servers[1].records;
}
static void stale_resolver(struct world *it)
{
    split(it);
    it->sts_servers[1].server = "192.0.2.99";
}
static void lame(struct world *it)
{
    it->sts_servers[1].status = LOOKUP_TIMEOUT;
    it->sts_servers[1].why = "no answer in time";
}
static void lame_by_its_word(struct world *it)
{
    it->sts_servers[1].why = "lame: it does not answer for the zone";
}

/* --- TLS-RPT --- */

static void rpt(struct world *it, const char *record)
{
    it->facts.rpt = world_answer(it, "_smtp._tls.a.example", "TXT", record);
    it->facts.rpt_servers.count = 0;
}
static void rpt_status(struct world *it, enum setup_lookup status)
{
    rpt(it, NULL);
    it->facts.rpt.status = status;
}
static void rpt_none(struct world *it)
{
    rpt_status(it, LOOKUP_NODATA);
}
static void rpt_servfail(struct world *it)
{
    rpt_status(it, LOOKUP_SERVFAIL);
}
static void rpt_bogus(struct world *it)
{
    rpt_status(it, LOOKUP_BOGUS);
}
static void rpt_no_answer(struct world *it)
{
    rpt_status(it, LOOKUP_TIMEOUT);
}
static void rpt_dangling(struct world *it)
{
    rpt_status(it, LOOKUP_NXDOMAIN);
    world_alias(it, &it->facts.rpt, "gone.example");
}
static void rpt_two(struct world *it)
{
    world_record(&it->facts.rpt, "v=TLSRPTv1; rua=mailto:x@b.example");
    it->facts.rpt_servers.count = 0;
}
static void rpt_no_rua(struct world *it)
{
    rpt(it, "v=TLSRPTv1; ruf=mailto:tlsrpt@reports.example");
}
static void rpt_spaced(struct world *it)
{
    rpt(it, "v = TLSRPTv1; rua=mailto:tlsrpt@reports.example");
}
static void rpt_http(struct world *it)
{
    rpt(it, "v=TLSRPTv1; rua=http://reports.example/");
}
static void rpt_one_bad(struct world *it)
{
    rpt(it, "v=TLSRPTv1; rua=mailto:tlsrpt@reports.example,ftp://b.example");
}
static void rpt_foreign(struct world *it)
{
    rpt(it, "v=TLSRPTv1; rua=mailto:tls@elsewhere.example");
}
static void rpt_second(struct world *it)
{
    rpt(it, "v=TLSRPTv1; rua=mailto:tls@a.example,mailto:tlsrpt@reports.example");
}
static void rpt_space(struct world *it)
{
    rpt(it, "v=TLSRPTv1 ; rua=mailto:tlsrpt@reports.example");
}
static void rpt_space_behind(struct world *it)
{
    rpt(it, "v=TLSRPTv1; rua=mailto:tlsrpt@reports.example ");
}
static void rpt_extension(struct world *it)
{
    rpt(it, "v=TLSRPTv1; rua=mailto:tlsrpt@reports.example; x=y");
}
static void rpt_beside(struct world *it)
{
    world_record(&it->facts.rpt, "hello");
    it->facts.rpt_servers.count = 0;
}
static void rpt_elsewhere(struct world *it)
{
    rpt_none(it);
    it->misplaced[0] =
        world_answer(it, "_tls.a.example", "TXT", "v=TLSRPTv1; rua=mailto:x@y.example");
    it->facts.misplaced = (struct setup_answers){ it->misplaced, 1 };
}
static void rpt_wildcard(struct world *it)
{
    rpt(it, "v=spf1 -all");
    it->facts.wildcard = world_answer(it, "x7k2.a.example", "TXT", "v=spf1 -all");
}
static void rpt_split(struct world *it)
{
    it->rpt_servers[1] = it->rpt_servers[0];
    it->rpt_servers[1].server = "ns2.a.example 192.0.2.54";
    it->rpt_servers[1].records =
        world_answer(it, "", "", "v=TLSRPTv1; rua=mailto:o@b.example").records;
    it->facts.rpt_servers.count = 2;
}
static void rpt_stale(struct world *it)
{
    rpt_split(it);
    it->rpt_servers[0].records = it->rpt_servers[1].records;
}
static void parent_gone(struct world *it)
{
    it->facts.tls_parent.status = LOOKUP_NXDOMAIN;
}
static void silent(struct world *it)
{
    it->history.last_report_seconds = NOW - 9 * DAY;
}
static void never(struct world *it)
{
    it->history.last_report_seconds = 0;
}
static void external(struct world *it)
{
    it->history.own_rua.count = 0; /* not known */
}
static void own_broken_mx(struct world *it)
{
    rpt(it, "v=TLSRPTv1; rua=mailto:tlsrpt@a.example");
    it->history.own_rua.count = 0;
    for (int i = 0; i < 2; i++)
        it->probes[i][0].starttls = it->probes[i][1].starttls = STARTTLS_MISSING;
}

/* clang-format off */
static const struct world_case sts_cases[] = {
    { "R30 no record", none, "dns.sts.missing", SEVERITY_ERROR, "_mta-sts.a.example", "does not exist", true },
    { "R30 X1 CNAME to nothing", dangling, "dns.sts.alias", SEVERITY_ERROR, NULL, "_mta-sts.gone.example", false },
    { "X1 CNAME loop", loop, "dns.sts.alias", SEVERITY_ERROR, NULL, NULL, false },
    { "X1 CNAME that leads there; R41 TTL of two hours", followed, "dns.sts.ttl-long", SEVERITY_INFO, NULL, "2 hours", true },
    { "R32 X3 two records", two, "dns.sts.multiple", SEVERITY_ERROR, NULL, NULL, true },
    { "R33 X3 valid and SPF", one_and_spf, "dns.sts.unrelated-txt", SEVERITY_WARNING, NULL, "v=spf1", true },
    { "no record, which is wanted", given_up, "dns.sts.given-up", SEVERITY_INFO, "_mta-sts.a.example", "no record", true },
    { "R32 only SPF", only_spf, "dns.sts.missing", SEVERITY_ERROR, NULL, "v=spf1 -all", false },
    { "R34 X12 hyphen in the id", hyphen, "dns.sts.id-invalid", SEVERITY_ERROR, NULL, "letters and digits", true },
    { "R34 X12 33 characters", long_id, "dns.sts.id-invalid", SEVERITY_ERROR, NULL, "longer than 32", true },
    { "R34 no id", no_id, "dns.sts.id-invalid", SEVERITY_ERROR, NULL, NULL, false },
    { "R35 space before the semicolon", space, "dns.sts.space-before-semicolon", SEVERITY_WARNING, NULL, NULL, true },
    { "R35 space at the end", space_behind, "dns.sts.odd", SEVERITY_WARNING, NULL, NULL, true },
    { "R36 spaces around =", spaced_equals, "dns.sts.syntax", SEVERITY_ERROR, NULL, NULL, false },
    { "R36 quotes", quotes, "dns.sts.syntax", SEVERITY_ERROR, NULL, "zone file", false },
    { "R34 unknown field", extension, "dns.sts.extension", SEVERITY_INFO, NULL, "x", true },
    { "R37 record at the apex", at_apex, "dns.sts.wrong-place", SEVERITY_ERROR, "a.example", NULL, false },
    { "R37 and at the right name too", also_at_apex, "dns.sts.wrong-place", SEVERITY_WARNING, NULL, NULL, true },
    { "R38 X5 wildcard", wildcard, "dns.sts.wildcard", SEVERITY_WARNING, NULL, "x7k2.a.example", false },
    { "R41 X10 TTL of a week", ttl_week, "dns.sts.ttl-high", SEVERITY_WARNING, NULL, "7 days", true },
    { "R42 X11 SERVFAIL", servfail, "dns.sts.servfail", SEVERITY_ERROR, NULL, NULL, true },
    { "X11 bogus", bogus, "dns.sts.bogus", SEVERITY_ERROR, NULL, NULL, true },
    { "R42 no answer", no_answer, "dns.sts.timeout", SEVERITY_ERROR, NULL, NULL, true },
    { "R42 no answer to any question", nobody_answers, "dns.unreachable", SEVERITY_UNKNOWN, "a.example", NULL, true },
    { "R43 name servers disagree", split, "dns.sts.split", SEVERITY_WARNING, NULL, "ns2.a.example", true },
    { "R44 our resolver has an older one", stale, "dns.sts.stale", SEVERITY_WARNING, NULL, "id=old", true },
    { "R44 another resolver has an older one", stale_resolver, "dns.sts.stale", SEVERITY_WARNING, NULL, "192.0.2.99", true },
    { "X11 a name server is silent", lame, "dns.sts.lame", SEVERITY_WARNING, "ns2.a.example 192.0.2.54", NULL, true },
    { "X11 lame name server", lame_by_its_word, "dns.sts.lame", SEVERITY_WARNING, NULL, "lame", true },
};

static const struct world_case rpt_cases[] = {
    { "R80 no record", rpt_none, "dns.rpt.missing", SEVERITY_ERROR, "_smtp._tls.a.example", NULL, true },
    { "R80 SERVFAIL", rpt_servfail, "dns.rpt.servfail", SEVERITY_ERROR, NULL, NULL, true },
    { "R80 bogus", rpt_bogus, "dns.rpt.bogus", SEVERITY_ERROR, NULL, NULL, true },
    { "R80 no answer", rpt_no_answer, "dns.rpt.timeout", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R80 CNAME to nothing", rpt_dangling, "dns.rpt.alias", SEVERITY_ERROR, NULL, NULL, true },
    { "R80 two records", rpt_two, "dns.rpt.multiple", SEVERITY_ERROR, NULL, NULL, false },
    { "R80 record below _tls", rpt_elsewhere, "dns.rpt.wrong-place", SEVERITY_ERROR, "_tls.a.example", NULL, false },
    { "R80 wildcard", rpt_wildcard, "dns.rpt.wildcard", SEVERITY_WARNING, NULL, NULL, false },
    { "R80 another TXT record", rpt_beside, "dns.rpt.unrelated-txt", SEVERITY_WARNING, NULL, "hello", true },
    { "R80 space before the semicolon", rpt_space, "dns.rpt.space-before-semicolon", SEVERITY_WARNING, NULL, NULL, true },
    { "R80 space at the end", rpt_space_behind, "dns.rpt.odd", SEVERITY_WARNING, NULL, NULL, true },
    { "R80 unknown field", rpt_extension, "dns.rpt.extension", SEVERITY_INFO, NULL, NULL, true },
    { "R81 no rua", rpt_no_rua, "dns.rpt.rua-invalid", SEVERITY_ERROR, NULL, "no rua", false },
    { "R81 spaces around =", rpt_spaced, "dns.rpt.syntax", SEVERITY_ERROR, NULL, NULL, false },
    { "R81 rua by http:", rpt_http, "dns.rpt.rua-invalid", SEVERITY_ERROR, NULL, "http://reports.example/", false },
    { "R81 one address of two is bad", rpt_one_bad, "dns.rpt.rua-invalid", SEVERITY_WARNING, NULL, "ftp", false },
    { "R82 none is ours", rpt_foreign, "dns.rpt.rua-not-ours", SEVERITY_WARNING, NULL, "mailto:tlsrpt@reports.example", true },
    { "R82 ours is the second", rpt_second, "dns.rpt.rua-not-first", SEVERITY_WARNING, NULL, "mailto:tls@a.example", false },
    { "R83 two addresses", rpt_second, "dns.rpt.rua-many", SEVERITY_WARNING, NULL, NULL, false },
    { "R84 address in another domain", external, "dns.rpt.rua-external", SEVERITY_INFO, NULL, NULL, true },
    { "X24 mailbox whose servers are broken", own_broken_mx, "dns.rpt.rua-own-mx", SEVERITY_WARNING, NULL, "tlsrpt@a.example", false },
    { "R43 name servers disagree", rpt_split, "dns.rpt.split", SEVERITY_WARNING, NULL, NULL, true },
    { "R44 our resolver has an older one", rpt_stale, "dns.rpt.stale", SEVERITY_WARNING, NULL, NULL, true },
    { "R88 _tls is said not to exist", parent_gone, "dns.rpt.parent-nxdomain", SEVERITY_WARNING, "_tls.a.example", NULL, true },
    { "R85 reports stay away", silent, "rpt.silent", SEVERITY_WARNING, NULL, "9 days ago", true },
    { "R85 none came yet", never, "rpt.first", SEVERITY_INFO, NULL, NULL, true },
};
/* clang-format on */

static void test_sts(void **state)
{
    (void)state;
    assert_true(world_all_hold(&world, sts_cases, ARRAY_SIZE(sts_cases)));
    assert_true(world_covers(SETUP_RECORD, "dns."));
}

static void test_rpt(void **state)
{
    (void)state;
    assert_true(world_all_hold(&world, rpt_cases, ARRAY_SIZE(rpt_cases)));
    assert_true(world_covers(SETUP_REPORTING, ""));
}

/* G1, G8, G9: which gate a fault of a record closes. */
static void test_gates(void **state)
{
    (void)state;
    static const struct {
        void (*break_it)(struct world *world);
        enum verdict_gate gate;
        enum verdict_known want;
    } cases[] = {
        { two, GATE_RECORD, KNOWN_FALSE },
        { one_and_spf, GATE_RECORD, KNOWN_TRUE },
        { split, GATE_RECORD, KNOWN_FALSE },
        { ttl_week, GATE_ROLLBACK, KNOWN_FALSE },
        { rpt_none, GATE_REPORTING, KNOWN_FALSE },
        { rpt_no_answer, GATE_REPORTING, KNOWN_NOT },
        { rpt_foreign, GATE_REPORTING, KNOWN_FALSE },
        { silent, GATE_REPORTING, KNOWN_TRUE },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        world_begin(&world);
        cases[i].break_it(&world);
        const struct setup_result result = world_judge(&world);
        assert_int_equal(result.gates[cases[i].gate], cases[i].want);
    }
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sts),
        cmocka_unit_test(test_rpt),
        cmocka_unit_test(test_gates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
