/* See last_resort.h.
 * SPDX-License-Identifier: MIT
 * Next: service.c */
#include "collector/last_resort.h"
#include "base/log.h"
#include "base/thread.h"
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *watch(void *thing)
{
    const struct last_resort *resort = thing;
    struct pollfd polled = { .fd = resort->fd, .events = POLLIN };
    if (poll(&polled, 1, resort->seconds * 1000) != 0)
        return NULL;
    log_event(LOG_LEVEL_WARNING, "stopped",
              LOG_TEXT("note", "without waiting any longer for a name server or a disk; what was "
                               "in hand was acknowledged to nobody"));
    _exit(0);
}

void last_resort_begin(struct last_resort *resort, int seconds)
{
    struct err none = { 0 }; /* without the thread the stop takes what it takes */
    *resort = (struct last_resort){ .seconds = seconds, .fd = eventfd(0, EFD_CLOEXEC) };
    resort->begun = resort->fd >= 0 && thread_start(&resort->thread, watch, resort, &none);
    if (!resort->begun && resort->fd >= 0)
        close(resort->fd);
}

void last_resort_cancel(struct last_resort *resort)
{
    if (!resort->begun)
        return;
    ssize_t written = write(resort->fd, &(uint64_t){ 1 }, sizeof(uint64_t));
    (void)written; /* there is room for it */
    pthread_join(resort->thread, NULL);
    close(resort->fd);
    resort->begun = false;
}
