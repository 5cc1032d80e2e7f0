/* Settings: defaults, every range, files with faults, overrides, secrets, and that what is printed can
 * be read again.
 * SPDX-License-Identifier: MIT */
#include "collector/settings.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char directory[] = "/tmp/settings_test.XXXXXX";
static char file[64], secret[64];

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

/* Reads TEXT as the file (NULL: an empty one), then one override (NULL: none). */
static bool read_text(const char *text, const char *override, struct settings *out, struct err *err)
{
    write_file(file, text ? text : "");
    struct text_list overrides = { &override, override ? 1 : 0 };
    *err = (struct err){ 0 };
    return settings_read(file, &overrides, out, err);
}

static void refused(const char *text, const char *override, const char *want_field,
                    const char *want_text)
{
    struct settings settings;
    struct err err;
    print_message("%s%s\n", text ? text : "", override ? override : "");
    assert_false(read_text(text, override, &settings, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_string_equal(err.field, want_field);
    if (!strstr(err.text, want_text))
        fail_msg("'%s' lacks '%s'", err.text, want_text);
    settings_free(&settings);
}

static const char *dump(const struct settings *settings, bool all)
{
    static struct buf out = { .max = 1 << 20 };
    out.size = 0;
    buf_text(&out, "");
    settings_dump(settings, all, &out);
    return buf_get(&out);
}

static void test_defaults(void **state)
{
    (void)state;
    static const struct limits limits = LIMITS_DEFAULT;
    static const struct writer_settings writer = WRITER_SETTINGS_DEFAULT;
    struct settings s;
    struct err err;
    assert_true(read_text(NULL, NULL, &s, &err));
    assert_string_equal(s.file, file);
    assert_string_equal(s.database.url, "");
    assert_int_equal(s.domains.names.count, 0);
    assert_true(admit_takes_all(&s.rules));
    assert_int_equal(s.collector.http.listen.count, 1);
    assert_string_equal(s.collector.http.listen.items[0], "[::]:8443");
    assert_string_equal(s.lmtp.listen.items[0], "127.0.0.1:2424");
    assert_string_equal(s.web.listen.items[0], "127.0.0.1:8460");
    assert_string_equal(s.maildir.path, "");
    assert_memory_equal(&s.limits, &limits, sizeof limits);
    assert_true(s.writer.batch_reports == writer.batch_reports
                && s.writer.connections == writer.connections
                && s.writer.queue_reports == writer.queue_reports
                && s.writer.queue_bytes == writer.queue_bytes);
    assert_string_equal(dump(&s, false), "");
    settings_free(&s);
}

/* clang-format off */
static const struct {
    const char *key;
    int64_t min, max;
} numbers[] = {
    { "database.writers", 1, 64 },
    { "database.batch_reports", 1, 10000 },
    { "database.queue_reports", 1, 1000000 },
    { "database.queue_bytes", 1 << 20, INT64_C(1) << 34 },
    { "collector.connections", 1, 100000 },
    { "collector.per_client", 0, 100000 },
    { "collector.handshake_seconds", 1, 3600 },
    { "collector.header_seconds", 1, 3600 },
    { "collector.request_seconds", 1, 86400 },
    { "collector.bytes_per_second", 0, 1 << 30 },
    { "collector.timeout_seconds", 1, 3600 },
    { "lmtp.connections", 1, 10000 },
    { "lmtp.idle_seconds", 1, 3600 },
    { "lmtp.per_client", 0, 10000 },
    { "lmtp.message_seconds", 1, 86400 },
    { "lmtp.bytes_per_second", 0, 1 << 30 },
    { "lmtp.session_seconds", 0, 86400 },
    { "lmtp.session_commands", 0, 1000000 },
    { "lmtp.session_errors", 1, 1000 },
    { "lmtp.recipients", 1, 10000 },
    { "maildir.rescan_seconds", 1, 86400 },
    { "spool.max_bytes", 1 << 20, INT64_C(1) << 50 },
    { "web.login_failures_per_client", 0, 100000 },
    { "web.login_failures", 0, 100000 },
    { "web.statement_timeout_seconds", 1, 3600 },
    { "smtp.timeout_seconds", 1, 3600 },
    { "web.connections", 1, 10000 },
    { "web.metrics_domains", 0, 1000000 },
    { "trust.rsa_bits", 1024, 4096 },
    { "trust.signatures", 1, 100 },
    { "trust.recheck_seconds", 1, 86400 },
    { "trust.recheck_bytes", 0, INT64_C(1) << 40 },
    { "dns.timeout_seconds", 1, 60 },
    { "dns.questions", 1, 256 },
    { "check.dns_seconds", 60, 604800 },
    { "check.probe_seconds", 3600, 604800 },
    { "check.parallel", 1, 64 },
    { "check.connect_seconds", 1, 60 },
    { "check.step_seconds", 1, 60 },
    { "check.total_seconds", 2, 300 },
    { "limits.message_bytes", 1024, 1 << 30 },
    { "limits.memory_bytes", 1 << 20, INT64_C(1) << 40 },
    { "limits.inflated_bytes", 1024, 1 << 30 },
    { "limits.delivery_bytes", 1 << 20, INT64_C(1) << 32 },
    { "limits.inflate_ratio", 2, 100000 },
    { "limits.mime_parts", 1, 10000 },
    { "limits.mime_depth", 1, 100 },
    { "limits.mime_headers", 20, 1000000 },
    { "limits.header_bytes", 1000, 1 << 20 },
    { "limits.json_depth", 8, 250 },
    { "limits.json_values", 100, 100000000 },
    { "limits.policies", 1, 30000 },
    { "limits.details", 1, 1000000 },
    { "limits.client_per_hour", 0, 1000000000 },
    { "limits.reporter_per_hour", 0, 1000000000 },
    { "limits.rejected_per_hour", 0, 1000000000 },
    { "limits.burst_minutes", 1, 60 },
    { "limits.text_bytes", 64, 2000 },
    { "limits.rejected_bytes", 1 << 20, INT64_C(1) << 40 },
    { "limits.rejected_head_bytes", 1024, 1 << 30 },
    { "retention.rejected", 1, 36500 },
    { "retention.policy_fetches", 1, 36500 },
    { "verdict.days", 1, 56 },
    { "verdict.stretch_days", 1, 89 },
    { "verdict.active_days", 1, 56 },
    { "verdict.reporters", 1, 100 },
    { "verdict.reporter_days", 1, 56 },
    { "verdict.single_reporter_days", 1, 89 },
    { "verdict.session_bound_permille", 1, 1000 },
    { "verdict.day_bound_permille", 1, 1000 },
    { "verdict.limited_sessions", 1, 1000000 },
    { "verdict.limited_reporter_days", 1, 10000 },
    { "verdict.failing_days", 1, 56 },
};
/* clang-format on */

/* KEY = NUMBER, in a file or as an override. */
static bool read_number(const char *key, int64_t number, bool in_file, struct settings *out,
                        struct err *err)
{
    char text[200];
    int section = (int)strcspn(key, ".");
    if (in_file)
        snprintf(text, sizeof text, "%.*s {\n%s = %lld\n}\n", section, key, key + section + 1,
                 (long long)number);
    else
        snprintf(text, sizeof text, "%s=%lld", key, (long long)number);
    return read_text(in_file ? text : NULL, in_file ? NULL : text, out, err);
}

/* Both ends are taken, and one beyond is refused with the rule. */
static void test_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        for (int in_file = 0; in_file < 2; in_file++) {
            const int64_t given[] = { numbers[i].min, numbers[i].max, numbers[i].min - 1,
                                      numbers[i].max + 1 };
            char rule[100], line[100];
            snprintf(rule, sizeof rule, "must be from %lld to %lld", (long long)numbers[i].min,
                     (long long)numbers[i].max);
            for (size_t k = 0; k < ARRAY_SIZE(given); k++) {
                struct settings s;
                struct err err;
                bool good = read_number(numbers[i].key, given[k], in_file, &s, &err);
                print_message("%s = %lld\n", numbers[i].key, (long long)given[k]);
                assert_int_equal(good, k < 2);
                if (good) {
                    snprintf(line, sizeof line, " %s = %lld\n", strchr(numbers[i].key, '.') + 1,
                             (long long)given[k]);
                    assert_non_null(strstr(dump(&s, true), line));
                } else {
                    assert_int_equal(err.kind, ERR_SETUP);
                    assert_string_equal(err.field, numbers[i].key);
                    assert_string_equal(err.text, rule);
                }
                settings_free(&s);
            }
        }
}

/* Every number that is dumped stands in the table above, so that none lacks its test. */
static void test_ranges_are_complete(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    assert_true(read_text(NULL, NULL, &s, &err));
    char section[64] = "", name[64];
    long long number;
    size_t count = 0;
    for (const char *line = dump(&s, true); *line; line += strcspn(line, "\n") + 1) {
        if (sscanf(line, "%63[a-z_] {", section) == 1)
            continue;
        if (sscanf(line, " %63[a-z_] = %lld", name, &number) != 2)
            continue;
        char key[200];
        snprintf(key, sizeof key, "%s.%s", section, name);
        bool found = false;
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
            found = found || strcmp(key, numbers[i].key) == 0;
        if (!found)
            fail_msg("%s has no row", key);
        count++;
    }
    assert_int_equal(count, ARRAY_SIZE(numbers));
    settings_free(&s);
}

/* Faults of a file name it and their line. */
static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want; /* behind the file's name */
    } faults[] = {
        { "database {\n  url = \"x\"\n  ulr = \"y\"\n}\n", ":3: no such option 'ulr'" },
        { "\n\nnosuch {\n}\n", ":3: no such option 'nosuch'" },
        { "url = \"x\"\n", ":1: no such option 'url'" },
        { "lmtp {\n\n  connections = many\n}\n", ":3: " },
        { "lmtp {\n  connections = 99999999999999999999\n}\n", ":2: " },
        { "lmtp {\n  connections = 7x\n}\n", ":2: " },
        { "lmtp {\n  listen = { \"a\", \"b\" \n", ":" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        char want[200];
        snprintf(want, sizeof want, "%s%s", file, faults[i].want);
        refused(faults[i].text, NULL, "", want);
    }
}

/* A secret that stands where a key or nothing should is not shown. */
static void test_faults_show_no_secret(void **state)
{
    (void)state;
    static const char *const faults[] = {
        "collector { tokens = { \"hunter2\" \"hunter3\" } }\n",
        "collector { tokens = { \"hunter2\", } hunter3 }\n",
        "collector { tokens = hunter2 hunter3 }\n",
        "collector { tokens = hunter2' hunter3 }\n",
        "collector { tokens \"hunter2\" }\n",
        "collector { tokens = \"hunter2\n",
        "collector { hunter2 = 1 }\n",
        "hunter2\n",
        "web { users = { \"a\" } hunter2' }\n",
        "limits { policies = hunter2 }\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        struct settings settings;
        struct err err;
        assert_false(read_text(faults[i], NULL, &settings, &err));
        assert_int_equal(err.kind, ERR_SETUP);
        if (strstr(err.text, "hunter"))
            fail_msg("%s", err.text);
        settings_free(&settings);
    }
}

static void test_unreadable_file(void **state)
{
    (void)state;
    struct settings settings;
    struct err err = { 0 };
    assert_false(settings_read("/nonexistent/tlsrptd.conf", NULL, &settings, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_string_equal(err.text,
                        "cannot read /nonexistent/tlsrptd.conf: No such file or directory");
    settings_free(&settings);
}

static void test_overrides(void **state)
{
    (void)state;
    refused(NULL, "lmtp.connections", "", "-o lmtp.connections: must be key=value");
    refused(NULL, "lmtp.conections=7", "", "-o lmtp.conections=…: there is no such setting");
    refused(NULL, "lmtp.=7", "", "there is no such setting");
    refused(NULL, "=7", "", "there is no such setting");
    refused(NULL, "", "", "must be key=value");
    refused(NULL, "lmtp.connections=", "lmtp.connections", "must be a whole number");
    refused(NULL, "lmtp.connections=7x", "lmtp.connections", "must be a whole number");
    refused(NULL, "lmtp.connections=99999999999999999999", "lmtp.connections", "whole number");

    /* the later one wins, and all win over the file */
    struct settings s;
    struct err err = { 0 };
    static const char *const items[] = { "lmtp.connections=8", "lmtp.connections=9",
                                         "maildir.path=/a=b,c",
                                         "lmtp.listen=", "web.listen= 127.0.0.1:1 ,, unix:/x," };
    write_file(file, "lmtp {\n connections = 7\n idle_seconds = 11\n}\n");
    assert_true(settings_read(file, &(struct text_list){ items, ARRAY_SIZE(items) }, &s, &err));
    assert_int_equal(s.lmtp.connections, 9);
    assert_int_equal(s.lmtp.idle_seconds, 11);
    assert_string_equal(s.maildir.path, "/a=b,c");
    assert_int_equal(s.lmtp.listen.count, 0);
    assert_int_equal(s.web.listen.count, 2);
    assert_string_equal(s.web.listen.items[0], "127.0.0.1:1");
    assert_string_equal(s.web.listen.items[1], "unix:/x");
    settings_free(&s);
}

static void test_lists(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    assert_true(read_text(
        "domains { names = { \"A.Example.\", \"*.B.example\", \"m\xc3\xbcller.example\" } }\n"
        "lmtp { listen = {} }\nweb { listen = \"127.0.0.1:7\" }\n",
        NULL, &s, &err));
    assert_int_equal(s.domains.names.count, 3);
    assert_string_equal(s.domains.names.items[0], "A.Example.");
    assert_int_equal(s.rules.names->count, 3);
    assert_true(domains_have(s.rules.names, "a.example"));
    assert_true(domains_have(s.rules.names, "x.b.example"));
    assert_true(domains_have(s.rules.names, "xn--mller-kva.example"));
    assert_false(domains_have(s.rules.names, "b.example"));
    assert_int_equal(s.lmtp.listen.count, 0);
    assert_int_equal(s.web.listen.count, 1);
    settings_free(&s);
    refused("domains { names = { \"a.example\", \"not a name\" } }\n", NULL, "domains.names",
            "\"not a name\" is no domain name");
    refused(NULL, "domains.names=192.0.2.1", "domains.names", "\"192.0.2.1\" is no domain name");
}

/* The list of domains in a file of its own, and MX hosts. */
static void test_domains(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    char override[100];
    snprintf(override, sizeof override, "domains.file=%s", secret);
    write_file(secret, "# ours\nb.example\n\nM\xc3\xbcller.example. # with dot\n");
    assert_true(read_text("domains {\n names = { \"a.example\" }\n mx = { \"*.MX.example\" }\n}\n",
                          override, &s, &err));
    assert_int_equal(s.rules.names->count, 3);
    assert_true(domains_have(s.rules.names, "b.example"));
    assert_true(domains_have(s.rules.names, "xn--mller-kva.example"));
    assert_true(domains_have(s.rules.mx, "one.mx.example"));
    assert_false(admit_takes_all(&s.rules));
    settings_free(&s);
    assert_true(read_text("domains {\n mx = { \"mx.example\" }\n}\n", NULL, &s, &err));
    assert_true(admit_takes_all(&s.rules)); /* hosts alone shut nobody out */
    settings_free(&s);

    char want[200];
    write_file(secret, "a.example\n\nnot a name\n");
    snprintf(want, sizeof want, "%s:3: \"not a name\" is no domain name", secret);
    refused(NULL, override, "domains.file", want);
    unlink(secret);
    refused(NULL, override, "domains.file", "No such file or directory");
    assert_true(read_text("domains { table = true }\n", NULL, &s, &err));
    assert_true(s.domains.table);
    assert_false(admit_takes_all(&s.rules)); /* nobody's, until the table is read */
    assert_non_null(strstr(dump(&s, false), "    table = true\n"));
    settings_free(&s);
    refused(NULL, "web.listen=nonsense", "web.listen", "nonsense is no address to listen on");
    refused(NULL, "collector.listen={}", "collector.listen", "{} is no address to listen on");
    refused("lmtp { listen = { \"unix:/x\", \"systemd:\" } }\n", NULL, "lmtp.listen",
            "systemd: is no address to listen on");
    refused(NULL, "domains.table=yes", "domains.table", "must be true or false");
    refused("domains { table = maybe }\n", NULL, "", ":1: ");
    refused(NULL, "domains.mx=-.-,:", "domains.mx", "\":\" is no domain name");
}

static void test_networks(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    assert_true(read_text("collector {\n trusted_clients = { \"192.0.2.0/24\" }\n"
                          " trusted_proxies = { \"unix\", \"::1\" }\n}\n",
                          NULL, &s, &err));
    assert_true(network_list_has(&s.collector.trust.client_nets, "192.0.2.200"));
    assert_true(network_list_has(&s.collector.http.trusted_proxies, "::1"));
    assert_false(network_list_has(&s.collector.http.trusted_proxies, "192.0.2.200"));
    settings_free(&s);
    refused(NULL, "collector.trusted_clients=mx.example", "collector.trusted_clients",
            "\"mx.example\" is no address or network");
    refused(NULL, "collector.trusted_proxies=10.0.0.1/8", "collector.trusted_proxies",
            "bits beyond /8 are set");
}

/* What a reload takes and what it cannot; values are not shown. */
static void test_differences(void **state)
{
    (void)state;
    struct settings a, b;
    struct err err;
    struct buf live = BUF(1000), fixed = BUF(1000);
    assert_true(read_text("lmtp { listen = \"127.0.0.1:1\" }\ncollector { tokens = { \"one\" } }\n",
                          NULL, &a, &err));
    assert_true(read_text("lmtp { listen = \"127.0.0.1:2\" }\ncollector { tokens = { \"two\" } }\n"
                          "domains { names = { \"a.example\" } }\ndatabase { writers = 3 }\n"
                          "limits { text_bytes = 100 }\n",
                          NULL, &b, &err));
    settings_differences(&a, &b, true, &live);
    settings_differences(&a, &b, false, &fixed);
    assert_string_equal(buf_get(&live), "domains.names, collector.tokens, limits.text_bytes");
    assert_string_equal(buf_get(&fixed), "database.writers, lmtp.listen");
    buf_done(&live);
    buf_done(&fixed);
    settings_differences(&a, &a, true, &live);
    assert_int_equal(live.size, 0);
    settings_free(&a);
    settings_free(&b);
}

static void test_environment(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    setenv("SETTINGS_TEST_VALUE", "from \"outside\"", 1);
    unsetenv("SETTINGS_TEST_NONE");
    assert_true(read_text("database { url = \"dbname=${SETTINGS_TEST_VALUE}\" }\n"
                          "maildir { path = \"${SETTINGS_TEST_NONE:-/default}\" }\n"
                          "collector { tokens = { \"${SETTINGS_TEST_VALUE}\" } }\n",
                          NULL, &s, &err));
    assert_string_equal(s.database.url, "dbname=from \"outside\"");
    assert_string_equal(s.maildir.path, "/default");
    assert_string_equal(s.collector.trust.tokens.items[0], "from \"outside\"");
    settings_free(&s);
}

static void test_url_file(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    char override[100];
    snprintf(override, sizeof override, "database.url_file=%s", secret);
    write_file(secret, " postgresql://u:p@h/d \nsecond line\n");
    assert_true(read_text("database { url = \"other\" }\n", override, &s, &err));
    assert_string_equal(s.database.url, "postgresql://u:p@h/d");
    settings_free(&s);
    write_file(secret, "");
    refused(NULL, override, "database.url_file", "it is empty");
    unlink(secret);
    refused(NULL, override, "database.url_file", "No such file or directory");
}

/* What is printed, read again, gives the same; secrets are not printed. */
static void test_dump(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    static const char text[] = "domains {\n    names = { \"a.example\", \"*.b.example\" }\n}\n"
                               "lmtp {\n    listen = {}\n    connections = 7\n}\n"
                               "maildir {\n    path = \"/a \\\"quoted\\\" \\\\ path\"\n}\n";
    assert_true(read_text(text, NULL, &s, &err));
    assert_string_equal(s.maildir.path, "/a \"quoted\" \\ path");
    assert_string_equal(dump(&s, false), text);
    char *all = strdup(dump(&s, true));
    assert_non_null(all);
    settings_free(&s);
    assert_true(read_text(all, NULL, &s, &err));
    assert_string_equal(dump(&s, true), all);
    assert_string_equal(dump(&s, false), text);
    settings_free(&s);
    free(all);

    assert_true(read_text("database { url = \"password=hunter2\" }\n"
                          "collector { tokens = { \"hunter2\", \"hunter2\" } }\n",
                          NULL, &s, &err));
    assert_null(strstr(dump(&s, true), "hunter2"));
    assert_non_null(strstr(dump(&s, false), "url = "));
    assert_non_null(strstr(dump(&s, false), "tokens = "));
    settings_free(&s);
}

/* The sample file gives the defaults, as it is and with every key made to count. */
static void test_sample(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    struct buf sample = BUF(1 << 20);
    settings_sample(&sample);
    assert_true(read_text(buf_get(&sample), NULL, &s, &err));
    assert_string_equal(dump(&s, false), "");
    char *all = strdup(dump(&s, true));
    assert_non_null(all);
    settings_free(&s);

    size_t keys = 0;
    for (char *at = sample.data; (at = strstr(at, "\n    #")); at += 6)
        if (at[6] != ' ') {
            at[5] = ' ';
            keys++;
        }
    size_t lines = 0;
    for (const char *at = all; (at = strstr(at, " = ")); at += 3)
        lines++;
    assert_int_equal(keys, lines);
    if (!read_text(buf_get(&sample), NULL, &s, &err))
        fail_msg("%s: %s", err.field, err.text);
    assert_string_equal(dump(&s, true), all);
    settings_free(&s);
    buf_done(&sample);
    free(all);
}

static int make_directory(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(file, sizeof file, "%s/tlsrptd.conf", directory);
    snprintf(secret, sizeof secret, "%s/secret", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(secret);
    unlink(file);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_ranges_are_complete),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_faults_show_no_secret),
        cmocka_unit_test(test_unreadable_file),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_url_file),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_sample),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
