/* Certificates: files with faults, and a change of certificate while clients shake hands and while
 * others keep their connections.
 * SPDX-License-Identifier: MIT */
#include "web/http_tls.h"
#include "web/http.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define CLIENTS 4
#define CHANGES 60
#define DAY     86400

static char directory[] = "/tmp/http_tls_test.XXXXXX";

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
}

static void write_datum(const char *path, gnutls_datum_t *datum)
{
    write_bytes(path, datum->data, datum->size);
    gnutls_free(datum->data);
}

/* directory/NAME.crt and .key: self-signed, of that serial number, valid until END. */
static void make(const char *name, unsigned char serial, time_t end, const char *passphrase)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    gnutls_datum_t pem;
    char path[100];
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                                  0),
                     0);
    assert_int_equal(gnutls_x509_crt_init(&crt), 0);
    assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(crt, &serial, 1), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(crt, end - 10 * DAY), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, end), 0);
    assert_int_equal(gnutls_x509_crt_set_dn(crt, "CN=localhost", NULL), 0);
    assert_int_equal(gnutls_x509_crt_set_key(crt, key), 0);
    assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
    snprintf(path, sizeof path, "%s/%s.crt", directory, name);
    assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_datum(path, &pem);
    snprintf(path, sizeof path, "%s/%s.key", directory, name);
    assert_int_equal(passphrase ? gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM,
                                                                    passphrase, 0, &pem)
                                : gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem),
                     0);
    write_datum(path, &pem);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

static bool load(struct arena *arena, const char *certificate, const char *key,
                 struct http_tls **out, struct err *err)
{
    char paths[2][100] = { "", "" };
    if (*certificate)
        snprintf(paths[0], sizeof paths[0], "%s/%s", directory, certificate);
    if (*key)
        snprintf(paths[1], sizeof paths[1], "%s/%s", directory, key);
    return http_tls_load(arena, paths[0], paths[1], out, err);
}

static void test_faults(void **state)
{
    (void)state;
    static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    static const struct {
        const char *certificate, *key, *want[3];
    } rows[] = {
        { "none.crt", "a.key", { "certificate ", "/none.crt cannot be read: No such file" } },
        { "a.crt", "none.key", { "key ", "/none.key cannot be read: No such file" } },
        { "", "a.key", { "only the key is set" } },
        { "a.crt", "", { "only the certificate is set" } },
        { "junk", "a.key", { "certificate ", "/junk is not a PEM file" } },
        { "a.crt", "junk", { "key ", "/junk is not a PEM file" } },
        { "broken", "a.key", { "certificate ", "/broken cannot be used: " } },
        { "a.key", "a.key", { "certificate ", "/a.key cannot be used: " } },
        { "a.crt", "a.crt", { "key ", "/a.crt cannot be used: " } },
        { "a.crt", "b.key", { "/a.crt and the key ", "/b.key", "belongs to another certificate" } },
        { "locked.crt", "locked.key", { "/locked.key", "it has a passphrase" } },
    };
    char path[100];
    snprintf(path, sizeof path, "%s/junk", directory);
    write_bytes(path, "junk\n", 5);
    snprintf(path, sizeof path, "%s/broken", directory);
    write_bytes(path, broken, sizeof broken - 1);
    make("locked", 3, time(NULL) + DAY, "secret");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct http_tls *tls = NULL;
        struct err err = { 0 };
        assert_false(load(&arena, rows[i].certificate, rows[i].key, &tls, &err));
        assert_null(tls);
        assert_int_equal(err.kind, ERR_SETUP);
        for (size_t k = 0; k < 3 && rows[i].want[k]; k++)
            if (!strstr(err.text, rows[i].want[k]))
                fail_msg("\"%s\" is not in \"%s\"", rows[i].want[k], err.text);
    }
}

static void test_facts(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct http_tls *tls = NULL;
    struct http_tls_facts facts;
    struct err err = { 0 };
    assert_true(load(&arena, "", "", &tls, &err));
    assert_null(tls);
    time_t end = time(NULL) - DAY; /* expired, and nevertheless taken */
    make("old", 0x7f, end, NULL);
    if (!load(&arena, "old.crt", "old.key", &tls, &err))
        fail_msg("%s", err.text);
    http_tls_describe(tls, &facts);
    assert_string_equal(facts.serial, "7F");
    assert_int_equal(facts.end_seconds, end);
    assert_int_equal(facts.begin_seconds, end - 10 * DAY);
}

/* --- handshakes --- */

static void handle(struct request *request, void *context)
{
    (void)context;
    http_respond(request, &(struct response){ .status = 200, .body = { "here", 4 } });
}

struct client {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    int fd;
};

/* False when the handshake failed. */
static bool client_open(struct client *client, int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((uint16_t)port) };
    struct timeval patience = { .tv_sec = 20 };
    *client = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    gnutls_init(&client->session, GNUTLS_CLIENT);
    gnutls_set_default_priority(client->session);
    gnutls_certificate_allocate_credentials(&client->credentials);
    gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials);
    gnutls_transport_set_int(client->session, client->fd);
    int code = connect(client->fd, (const struct sockaddr *)&to, sizeof to);
    if (code == 0)
        do
            code = gnutls_handshake(client->session);
        while (code < 0 && !gnutls_error_is_fatal(code));
    return code == 0;
}

static void client_close(struct client *client)
{
    gnutls_deinit(client->session);
    gnutls_certificate_free_credentials(client->credentials);
    close(client->fd);
}

static unsigned serial_seen(const struct client *client)
{
    unsigned count = 0;
    unsigned char serial[20] = { 0 };
    size_t size = sizeof serial;
    gnutls_x509_crt_t crt;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(client->session, &count);
    if (!chain || gnutls_x509_crt_init(&crt) < 0)
        return 0;
    gnutls_x509_crt_import(crt, chain, GNUTLS_X509_FMT_DER);
    gnutls_x509_crt_get_serial(crt, serial, &size);
    gnutls_x509_crt_deinit(crt);
    return serial[0];
}

static bool client_ask(struct client *client)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    char got[2048] = "";
    size_t size = 0;
    if (gnutls_record_send(client->session, request, sizeof request - 1) < 0)
        return false;
    while (size < sizeof got - 1 && !strstr(got, "\r\n\r\nhere")) {
        ssize_t part = gnutls_record_recv(client->session, got + size, sizeof got - 1 - size);
        if (part == GNUTLS_E_AGAIN || part == GNUTLS_E_INTERRUPTED)
            continue;
        if (part <= 0)
            return false;
        size += (size_t)part;
    }
    return strncmp(got, "HTTP/1.1 200", 12) == 0;
}

struct crowd {
    int port;
    pthread_mutex_t mutex;
    unsigned seen[256]; /* handshakes by serial */
    unsigned failed, done;
    bool ended;
};

static void *come_and_go(void *context)
{
    struct crowd *crowd = context;
    for (bool ended = false; !ended;) {
        struct client client;
        bool good = client_open(&client, crowd->port);
        unsigned serial = good ? serial_seen(&client) : 0;
        good = good && client_ask(&client);
        client_close(&client);
        pthread_mutex_lock(&crowd->mutex);
        crowd->seen[serial]++;
        crowd->failed += !good;
        crowd->done++;
        ended = crowd->ended;
        pthread_mutex_unlock(&crowd->mutex);
    }
    return NULL;
}

static unsigned done_by(struct crowd *crowd)
{
    pthread_mutex_lock(&crowd->mutex);
    unsigned done = crowd->done;
    pthread_mutex_unlock(&crowd->mutex);
    return done;
}

static void change_under(struct crowd *crowd, struct http *http, const struct http_settings *from)
{
    for (int i = 0; i < CHANGES; i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct http_settings settings = *from;
        struct err err = { 0 };
        assert_true(load(&arena, i % 2 ? "a.crt" : "b.crt", i % 2 ? "a.key" : "b.key",
                         &settings.tls, &err));
        http_change(http, &settings);
        for (unsigned before = done_by(crowd); done_by(crowd) < before + 2;)
            usleep(1000);
    }
}

static void test_changed_under_handshakes(void **state)
{
    (void)state;
    static const char *const address = "127.0.0.1:0";
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct http_settings settings = HTTP_SETTINGS_DEFAULT;
    struct http *http = NULL;
    struct err err = { 0 };
    settings.listen = (struct text_list){ &address, 1 };
    assert_true(load(&arena, "a.crt", "a.key", &settings.tls, &err));
    assert_true(http_open(&settings, handle, NULL, &http, &err));

    struct crowd crowd = { .mutex = PTHREAD_MUTEX_INITIALIZER };
    crowd.port = (int)strtol(strrchr(http_address(http, 0), ':') + 1, NULL, 10);
    struct client kept;
    assert_true(client_open(&kept, crowd.port));
    assert_true(client_ask(&kept));
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &crowd), 0);
    change_under(&crowd, http, &settings);
    pthread_mutex_lock(&crowd.mutex);
    crowd.ended = true;
    pthread_mutex_unlock(&crowd.mutex);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    assert_true(client_ask(&kept)); /* the same connection */
    client_close(&kept);
    http_close(&http);

    print_message("%u handshakes: %u with one, %u with the other, %u failed\n", crowd.done,
                  crowd.seen[1], crowd.seen[2], crowd.failed);
    assert_int_equal(crowd.failed, 0);
    assert_int_equal(crowd.seen[1] + crowd.seen[2], crowd.done);
    assert_true(crowd.seen[1] > 10 && crowd.seen[2] > 10);
}

static int make_files(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    make("a", 1, time(NULL) + DAY, NULL);
    make("b", 2, time(NULL) + DAY, NULL);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    static const char *const names[] = { "a.crt",      "a.key",   "b.crt",   "b.key", "locked.crt",
                                         "locked.key", "old.crt", "old.key", "junk",  "broken" };
    char path[100];
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_changed_under_handshakes),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
