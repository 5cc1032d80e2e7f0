/* The policy host: addresses, certificate, HTTP. Each case breaks one piece of a healthy world and wants the
 * one finding that it must give.
 * SPDX-License-Identifier: MIT */
#include "setup_world.h"

static struct world world;

/* --- addresses --- */

static void no_host(struct world *it, enum setup_lookup status)
{
    it->facts.host_a = world_answer(it, "mta-sts.a.example", "A", NULL);
    it->facts.host_aaaa = world_answer(it, "mta-sts.a.example", "AAAA", NULL);
    it->facts.host_a.status = it->facts.host_aaaa.status = status;
    it->facts.fetches.count = it->facts.clients.count = 0;
}
static void nxdomain(struct world *it)
{
    no_host(it, LOOKUP_NXDOMAIN);
}
static void no_address(struct world *it)
{
    no_host(it, LOOKUP_NODATA);
}
static void host_servfail(struct world *it)
{
    no_host(it, LOOKUP_SERVFAIL);
}
static void host_timeout(struct world *it)
{
    no_host(it, LOOKUP_TIMEOUT);
}
static void dangling(struct world *it)
{
    no_host(it, LOOKUP_NXDOMAIN);
    world_alias(it, &it->facts.host_a, "gone.provider.example");
    it->facts.host_aaaa = it->facts.host_a;
}
static void one_family_fails(struct world *it)
{
    it->facts.host_aaaa = world_answer(it, "mta-sts.a.example", "AAAA", NULL);
    it->facts.host_aaaa.status = LOOKUP_SERVFAIL;
    it->facts.fetches.count = 1;
}
static void only_v6(struct world *it)
{
    it->facts.host_a = world_answer(it, "mta-sts.a.example", "A", NULL);
    it->facts.host_a.status = LOOKUP_NODATA;
    it->fetches[0] = it->fetches[1];
    it->facts.fetches.count = 1;
}
static void only_v4(struct world *it)
{
    it->facts.host_aaaa = world_answer(it, "mta-sts.a.example", "AAAA", NULL);
    it->facts.host_aaaa.status = LOOKUP_NODATA;
    it->facts.fetches.count = 1;
}

/* --- reach --- */

static void reach(struct world *it, enum setup_reach reach, size_t count)
{
    for (size_t i = 0; i < count; i++)
        it->fetches[1 - i] = (struct setup_fetch){ .url = "https://mta-sts.a.example/",
                                                   .address = it->fetches[1 - i].address,
                                                   .reach = reach };
}
static void refused(struct world *it)
{
    reach(it, REACH_REFUSED, 2);
}
static void refused_v6(struct world *it)
{
    reach(it, REACH_REFUSED, 1);
}
static void timeout(struct world *it)
{
    reach(it, REACH_TIMEOUT, 2);
}
static void timeout_v6(struct world *it)
{
    reach(it, REACH_TIMEOUT, 1);
}
static void unreachable_v6(struct world *it)
{
    reach(it, REACH_UNREACHABLE, 1);
}
static void forbidden(struct world *it)
{
    reach(it, REACH_FORBIDDEN, 1);
}
static void not_looked(struct world *it)
{
    reach(it, REACH_NONE, 1);
}

/* --- certificate --- */

static void flaw(struct world *it, unsigned flaws)
{
    for (size_t i = 0; i < 2; i++) {
        it->fetches[i].tls.certificate.flaws = flaws;
        it->fetches[i].status = 0; /* the client goes no further */
        it->fetches[i].body.size = 0;
    }
}
static void expired(struct world *it)
{
    flaw(it, FLAW_EXPIRED);
    it->fetches[0].tls.certificate.end_seconds = NOW - 3 * DAY;
    it->fetches[1].tls.certificate.end_seconds = NOW - 3 * DAY;
}
static void chain(struct world *it)
{
    flaw(it, FLAW_CHAIN | FLAW_UNTRUSTED);
}
static void wrong_name(struct world *it)
{
    flaw(it, FLAW_NAME);
    it->fetches[0].tls.certificate.names = world_certificate(it, "*.provider.example").names;
}
static void common_name_only(struct world *it)
{
    flaw(it, FLAW_NAME);
    it->fetches[0].tls.certificate.names.count = 0;
}
static void one_address_expired(struct world *it)
{
    it->fetches[1].tls.certificate.flaws = FLAW_EXPIRED;
    it->fetches[1].tls.certificate.end_seconds = NOW - 3 * DAY;
    it->fetches[1].status = 0;
}
static void ends_in(struct world *it, int64_t days)
{
    it->fetches[0].tls.certificate.end_seconds = NOW + days * DAY;
    it->fetches[1].tls.certificate.end_seconds = NOW + days * DAY;
}
static void ends_in_20(struct world *it)
{
    ends_in(it, 20);
}
static void ends_in_6(struct world *it)
{
    ends_in(it, 6);
}
static void chain_ends_in_20(struct world *it)
{
    it->fetches[0].tls.certificate.chain_end_seconds = NOW + 20 * DAY;
}
static void handshake(struct world *it)
{
    for (size_t i = 0; i < 2; i++) {
        it->fetches[i].tls = (struct setup_tls){ .tried = true, .why = "unrecognized name" };
        it->fetches[i].status = 0;
    }
}
static void old_tls(struct world *it)
{
    handshake(it);
    it->fetches[0].tls.too_old = it->fetches[1].tls.too_old = true;
}

/* --- HTTP --- */

static void status(struct world *it, int status)
{
    it->fetches[0].status = it->fetches[1].status = status;
    it->fetches[0].body = it->fetches[1].body = (struct bytes){ "<html>", 6 };
}
static void redirect(struct world *it)
{
    status(it, 301);
    it->fetches[0].location = "https://www.a.example/mta-sts.txt";
}
static void not_found(struct world *it)
{
    status(it, 404);
}
static void forbidden_403(struct world *it)
{
    status(it, 403);
    it->facts.clients.count = 0;
}
static void nameless(struct world *it) /* who says a name gets the policy */
{
    status(it, 403);
}
static void client_certificate(struct world *it)
{
    status(it, 0);
    it->fetches[0].why = "tlsv13 alert certificate required";
}
static void gone(struct world *it)
{
    status(it, 410);
}
static void misdirected(struct world *it)
{
    status(it, 421);
}
static void fault(struct world *it)
{
    status(it, 503);
}
static void no_content(struct world *it)
{
    status(it, 204);
}
static void login(struct world *it)
{
    status(it, 401);
    it->fetches[0].authenticate = "Basic realm=\"x\"";
}
static void no_answer(struct world *it)
{
    status(it, 0);
}
static void type_html(struct world *it)
{
    it->fetches[0].type = it->fetches[1].type = "text/html";
}
static void page(struct world *it)
{
    world_policy(it, " <!DOCTYPE html><title>checking your browser</title>");
}
static void type_octets(struct world *it)
{
    it->fetches[0].type = it->fetches[1].type = "application/octet-stream";
}
static void type_none(struct world *it)
{
    it->fetches[0].type = it->fetches[1].type = NULL;
}
static void type_other_case(struct world *it) /* that is fine */
{
    it->fetches[0].type = it->fetches[1].type = "Text/PLAIN ; charset=us-ascii";
    it->facts.head.status = 405;
}
static void too_large(struct world *it)
{
    it->fetches[0].too_large = it->fetches[1].too_large = true;
}
static void cut(struct world *it)
{
    it->fetches[0].cut = it->fetches[1].cut = true;
}
static void encoding(struct world *it)
{
    it->fetches[0].encoding = it->fetches[1].encoding = "gzip";
}
static void slow(struct world *it)
{
    it->fetches[1].milliseconds = 7300;
}
static void differs(struct world *it)
{
    it->fetches[1].body = (struct bytes){ POLICY_ENFORCE, strlen(POLICY_ENFORCE) };
}
static void blocked(struct world *it)
{
    it->clients[0].status = 403;
}
static void another_text(struct world *it)
{
    it->clients[0].body = (struct bytes){ "<html>", 6 };
}
static void wrong_path(struct world *it)
{
    status(it, 404);
    it->elsewhere[0] = world_fetch(it, "192.0.2.80", POLICY_TESTING);
    it->elsewhere[0].url = "https://mta-sts.a.example/mta-sts.txt";
    it->facts.elsewhere = (struct setup_fetches){ it->elsewhere, 1 };
}
static void only_http(struct world *it)
{
    refused(it);
    it->elsewhere[0] = world_fetch(it, "192.0.2.80", POLICY_TESTING);
    it->elsewhere[0].url = "http://mta-sts.a.example/.well-known/mta-sts.txt";
    it->facts.elsewhere = (struct setup_fetches){ it->elsewhere, 1 };
}
static void head(struct world *it)
{
    it->facts.head.status = 405;
}

/* --- CAA --- */

static void caa_other(struct world *it)
{
    it->facts.host_caa = world_answer(it, "a.example", "CAA", "0 issue \"digicert.com; x=y\"");
}
static void caa_none(struct world *it)
{
    it->facts.host_caa = world_answer(it, "a.example", "CAA", "0 issue \";\"");
}
static void caa_unknown(struct world *it)
{
    caa_other(it);
    for (size_t i = 0; i < 2; i++)
        it->fetches[i].tls.certificate.issuer = "CN=A small authority";
}

/* clang-format off */
static const struct world_case cases[] = {
    { "R10 no such host", nxdomain, "host.nxdomain", SEVERITY_ERROR, "mta-sts.a.example", NULL, false },
    { "R10 no address", no_address, "host.no-address", SEVERITY_ERROR, NULL, NULL, false },
    { "R10 SERVFAIL", host_servfail, "host.servfail", SEVERITY_ERROR, NULL, NULL, false },
    { "R10 no answer", host_timeout, "host.lookup-timeout", SEVERITY_UNKNOWN, NULL, NULL, false },
    { "R10 CNAME to nothing", dangling, "host.alias", SEVERITY_ERROR, NULL, "gone.provider.example", false },
    { "R10 SERVFAIL for AAAA alone", one_family_fails, "host.servfail", SEVERITY_WARNING, NULL, "AAAA", true },
    { "R12 X8 IPv6 only", only_v6, "host.no-v4", SEVERITY_WARNING, NULL, NULL, true },
    { "R12 IPv4 only", only_v4, "host.no-v6", SEVERITY_INFO, NULL, NULL, true },
    { "R12 port closed everywhere", refused, "host.refused", SEVERITY_ERROR, "mta-sts.a.example", "all 2 addresses", false },
    { "R12 port closed at one", refused_v6, "host.refused", SEVERITY_WARNING, "mta-sts.a.example (2001:db8::80)", NULL, true },
    { "R12 no answer anywhere", timeout, "host.timeout", SEVERITY_ERROR, NULL, NULL, false },
    { "X8 IPv6 broken", timeout_v6, "host.timeout", SEVERITY_WARNING, "mta-sts.a.example (2001:db8::80)", NULL, true },
    { "R12 no way to IPv6 from here", unreachable_v6, "host.unreachable", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R78 forbidden address", forbidden, "host.forbidden", SEVERITY_UNKNOWN, NULL, "check.allow_networks", true },
    { "R12 not asked", not_looked, "host.not-looked", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R13 handshake fails", handshake, "tls.policy.handshake", SEVERITY_ERROR, NULL, "unrecognized name", false },
    { "R13 old TLS", old_tls, "tls.policy.version", SEVERITY_ERROR, NULL, NULL, false },
    { "R14 X17 expired", expired, "tls.policy.expired", SEVERITY_ERROR, NULL, "2026-11-25, 3 days ago", false },
    { "R14 X17 missing intermediate", chain, "tls.policy.chain", SEVERITY_ERROR, NULL, "is not among them", false },
    { "R14 X17 wrong name", wrong_name, "tls.policy.name", SEVERITY_ERROR, NULL, "*.provider.example, not mta-sts.a.example", false },
    { "R14 X17 CN only", common_name_only, "tls.policy.name", SEVERITY_ERROR, NULL, "no subjectAltName", false },
    { "R14 expired at one address", one_address_expired, "tls.policy.expired", SEVERITY_ERROR, "mta-sts.a.example (2001:db8::80)", NULL, false },
    { "R15 20 days left", ends_in_20, "tls.policy.expiring", SEVERITY_WARNING, NULL, "in 20 days", true },
    { "R15 6 days left", ends_in_6, "tls.policy.expiring", SEVERITY_ERROR, NULL, NULL, true },
    { "R15 chain ends first", chain_ends_in_20, "tls.policy.expiring", SEVERITY_WARNING, NULL, "of its chain", true },
    { "R16 404", not_found, "http.status-4xx", SEVERITY_ERROR, NULL, "404", false },
    { "R16 X16 403", forbidden_403, "http.status-4xx", SEVERITY_ERROR, NULL, "403: forbidden", false },
    { "R16 410", gone, "http.status-4xx", SEVERITY_ERROR, NULL, "410", false },
    { "R16 X16 421", misdirected, "http.status-4xx", SEVERITY_ERROR, NULL, "421", false },
    { "R16 503", fault, "http.status-5xx", SEVERITY_ERROR, NULL, "503", false },
    { "R16 204", no_content, "http.status", SEVERITY_ERROR, NULL, "204", false },
    { "R16 no answer", no_answer, "http.no-answer", SEVERITY_ERROR, NULL, NULL, false },
    { "R17 redirect", redirect, "http.redirect", SEVERITY_ERROR, NULL, "https://www.a.example/mta-sts.txt", false },
    { "R18 HTTP only", only_http, "http.plain", SEVERITY_ERROR, NULL, "http://mta-sts", false },
    { "R19 wrong path", wrong_path, "http.path", SEVERITY_ERROR, NULL, "/mta-sts.txt", false },
    { "R20 octet-stream", type_octets, "http.type", SEVERITY_ERROR, NULL, "application/octet-stream", true },
    { "R20 no type", type_none, "http.type", SEVERITY_ERROR, NULL, "(none)", true },
    { "R20 type in other case, with a parameter", type_other_case, "http.head", SEVERITY_INFO, NULL, NULL, true },
    { "R21 X16 64 KiB + 1", too_large, "http.too-large", SEVERITY_ERROR, NULL, NULL, false },
    { "R21 cut", cut, "http.cut", SEVERITY_ERROR, NULL, NULL, false },
    { "R21 slow", slow, "http.slow", SEVERITY_WARNING, NULL, "7.3 seconds", true },
    { "R22 X16 web page", page, "http.html", SEVERITY_ERROR, NULL, NULL, false },
    { "R22 text/html", type_html, "http.html", SEVERITY_ERROR, NULL, NULL, false },
    { "R22 X16 403 for mail servers", blocked, "http.ua-blocked", SEVERITY_ERROR, NULL, "Mimecast MTA-STS", true },
    { "R22 X16 403 for who says no name", nameless, "http.ua-blocked", SEVERITY_ERROR, NULL, "without one", true },
    { "R23 client certificate", client_certificate, "http.auth", SEVERITY_ERROR, NULL, "client certificate", false },
    { "R22 another text for mail servers", another_text, "http.ua-blocked", SEVERITY_ERROR, NULL, "another text", true },
    { "R22 addresses differ", differs, "http.differs", SEVERITY_ERROR, NULL, "2001:db8::80", true },
    { "R23 X16 gzip unasked", encoding, "http.encoding", SEVERITY_ERROR, NULL, "gzip", false },
    { "R23 login", login, "http.auth", SEVERITY_ERROR, NULL, "Basic", false },
    { "R24 HEAD", head, "http.head", SEVERITY_INFO, NULL, "405", true },
    { "R26 CAA names another", caa_other, "host.caa", SEVERITY_WARNING, "a.example", "digicert.com", true },
    { "R26 CAA names nobody", caa_none, "host.caa-none", SEVERITY_WARNING, NULL, NULL, true },
    { "R26 CAA and an issuer that we do not know", caa_unknown, "host.caa", SEVERITY_INFO, NULL, "small authority", true },
};
/* clang-format on */

static void test_cases(void **state)
{
    (void)state;
    assert_true(world_all_hold(&world, cases, ARRAY_SIZE(cases)));
    assert_true(world_flaws_hold(&world, flaw, "tls.policy", false));
    assert_true(world_covers(SETUP_HOST, ""));
}

/* Two flaws of one certificate are two findings: each has to be mended. */
static void test_two_flaws(void **state)
{
    (void)state;
    world_begin(&world);
    flaw(&world, FLAW_EXPIRED | FLAW_NAME);
    const struct setup_result result = world_judge(&world);
    assert_non_null(world_find(&result, "tls.policy.expired"));
    assert_non_null(world_find(&result, "tls.policy.name"));
    assert_null(world_find(&result, "http.no-answer"));
    assert_null(result.mode); /* senders get no policy */
    assert_int_equal(result.steps[SETUP_HOST], SETUP_FAULTY);
    assert_int_equal(result.gates[GATE_POLICY_HOST], KNOWN_FALSE);
    arena_free(&world.arena);
}

/* R27, R101: what to ask a provider for, where neither host nor certificate can be made by the owner. */
static void test_letter(void **state)
{
    (void)state;
    static const char *const want[] = {
        "https://mta-sts.a.example/.well-known/mta-sts.txt",
        "subjectAltName has mta-sts.a.example",
        "http://mta-sts.a.example/.well-known/acme-challenge/",
        "_acme-challenge.mta-sts.a.example",
        "* CAA: 0 issue \"letsencrypt.org\"\n",
    };
    world_begin(&world);
    wrong_name(&world);
    struct setup_result result = world_judge(&world);
    const char *letter = world_find(&result, "tls.policy.name")->letter;
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        assert_non_null(strstr(letter, want[i]));
    assert_non_null(strstr(letter, "* its certificate today names: *.provider.example\n"));
    world_begin(&world);
    dangling(&world);
    result = world_judge(&world);
    letter = world_find(&result, "host.alias")->letter;
    assert_non_null(
        strstr(letter, "* A today: no such name\n  by way of the CNAME gone.provider.example\n"));
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_two_flaws),
        cmocka_unit_test(test_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
