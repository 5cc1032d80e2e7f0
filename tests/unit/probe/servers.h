/* Servers of strangers, for tests: servers.py in a network namespace of this test's own, so that they
 * listen on their real ports and nothing else is reached.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/clock.h"
#include "probe/chain.h"
#include "probe/wire.h"
#include <dirent.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static struct {
    FILE *ask, *answer;
    pid_t pid;
    char directory[64];
    struct chain_roots *roots;
    struct network local[2]; /* 127.0.0.0/8, ::1 */
    struct wire_terms terms; /* patient: what they bound is never the machine */
} servers;

/* What servers.py answers to a line; good until the next. */
__attribute__((unused)) static const char *ask(const char *format, ...)
{
    static char line[65536];
    va_list values;
    va_start(values, format);
    vfprintf(servers.ask, format, values);
    va_end(values);
    fputc('\n', servers.ask);
    fflush(servers.ask);
    assert_non_null(fgets(line, sizeof line, servers.answer));
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* That this program has open. */
__attribute__((unused)) static int open_files(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

struct servers_client {
    pthread_t thread;
    bool (*look)(const char *address);
    char address[64];
    bool good;
};

static void *servers_look_often(void *thing)
{
    struct servers_client *client = thing;
    client->good = true;
    for (int i = 0; i < 5; i++)
        client->good &= client->look(client->address);
    return NULL;
}

/* Eight threads LOOK at once, again and again, each at a server of its own that servers.py makes by the
 * line SERVER. Every look must be true. */
__attribute__((unused)) static void many_at_once(bool (*look)(const char *address),
                                                 const char *server)
{
    struct servers_client clients[8];
    for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
        clients[i] = (struct servers_client){ .look = look };
        snprintf(clients[i].address, sizeof clients[i].address, "%s", ask("%s", server));
    }
    for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
        assert_int_equal(pthread_create(&clients[i].thread, NULL, servers_look_often, &clients[i]),
                         0);
    for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
        pthread_join(clients[i].thread, NULL);
        assert_true(clients[i].good);
    }
}

static void bring_up_loopback(void)
{
    struct ifreq request = { .ifr_name = "lo" };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
    request.ifr_flags |= IFF_UP;
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

static void start_python(void)
{
    int in[2], out[2];
    const char *source = getenv("TLSRPTD_SOURCE");
    char script[1000];
    snprintf(script, sizeof script, "%s/tests/unit/probe/servers.py", source ? source : ".");
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    servers.pid = fork();
    assert_true(servers.pid >= 0);
    if (servers.pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        closefrom(3);
        execl("/usr/bin/python3", "/usr/bin/python3", "-I", "-B", "-W", "ignore", script,
              servers.directory, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    servers.ask = fdopen(in[1], "w");
    servers.answer = fdopen(out[0], "r");
}

static int start_servers(void **state)
{
    struct err err = { 0 };
    char path[100];
    (void)state;
    signal(SIGPIPE, SIG_DFL); /* which nothing here may raise */
    assert_int_equal(unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET), 0);
    bring_up_loopback();
    snprintf(servers.directory, sizeof servers.directory, "/tmp/servers.XXXXXX");
    assert_non_null(mkdtemp(servers.directory));
    start_python();
    assert_int_equal(strlen(ask("spki")), 64);
    snprintf(path, sizeof path, "%s/root.pem", servers.directory);
    assert_true(chain_roots_load(path, &servers.roots, &err));
    assert_true(network_parse("127.0.0.0/8", &servers.local[0], &err));
    assert_true(network_parse("::1", &servers.local[1], &err));
    servers.terms = (struct wire_terms){ .hello = "client.example",
                                         .roots = servers.roots,
                                         .allow = { servers.local, 2 },
                                         .connect_ms = 1000,
                                         .step_ms = 20000,
                                         .total_ms = 60000 };
    return 0;
}

static int stop_servers(void **state)
{
    char command[100];
    (void)state;
    fclose(servers.ask);
    fclose(servers.answer);
    waitpid(servers.pid, NULL, 0);
    chain_roots_free(&servers.roots);
    snprintf(command, sizeof command, "rm -r %s", servers.directory);
    return system(command);
}
