/* Threads without signals, waits by the monotonic clock. SPDX-License-Identifier: MIT */
#include "base/thread.h"
#include "base/clock.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void *blocked(void *thing)
{
    sigset_t *set = thing;
    pthread_sigmask(SIG_BLOCK, NULL, set);
    return NULL;
}

static void test_a_thread_gets_no_signals_and_the_caller_still_does(void **state)
{
    (void)state;
    struct err err = { 0 };
    pthread_t thread;
    sigset_t in_thread, here;
    assert_true(thread_start(&thread, blocked, &in_thread, &err));
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_BLOCK, NULL, &here);
    const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        assert_true(sigismember(&in_thread, signals[i]));
        assert_false(sigismember(&here, signals[i]));
    }
}

struct meeting {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool there;
};

static void *come(void *thing)
{
    struct meeting *meeting = thing;
    pthread_mutex_lock(&meeting->mutex);
    meeting->there = true;
    pthread_cond_signal(&meeting->changed);
    pthread_mutex_unlock(&meeting->mutex);
    return NULL;
}

static void test_a_wait_ends_when_it_is_told(void **state)
{
    (void)state;
    struct meeting meeting = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
    pthread_t thread;
    bool waiting = true;
    pthread_mutex_lock(&meeting.mutex);
    thread_need(&thread, come, &meeting);
    int64_t until = clock_monotonic_ms() + 60000;
    while (!meeting.there && waiting)
        waiting = thread_wait(&meeting.changed, &meeting.mutex, until);
    pthread_mutex_unlock(&meeting.mutex);
    pthread_join(thread, NULL);
    assert_true(meeting.there);
    assert_true(waiting);
}

static void test_a_wait_ends_when_its_time_has_come(void **state)
{
    (void)state;
    struct meeting meeting = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
    int64_t until = clock_monotonic_ms() + 20;
    bool waiting = true;
    pthread_mutex_lock(&meeting.mutex);
    while (waiting)
        waiting = thread_wait(&meeting.changed, &meeting.mutex, until);
    pthread_mutex_unlock(&meeting.mutex);
    assert_true(clock_monotonic_ms() >= until);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_gets_no_signals_and_the_caller_still_does),
        cmocka_unit_test(test_a_wait_ends_when_it_is_told),
        cmocka_unit_test(test_a_wait_ends_when_its_time_has_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
