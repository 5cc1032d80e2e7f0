/* See progress.h.
 * SPDX-License-Identifier: MIT */
#include "collector/progress.h"
#include "base/clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_MS   100
#define BAR_WIDTH 24

struct progress progress_begin(void)
{
    return (struct progress){ .shown = isatty(STDERR_FILENO) == 1,
                              .began_ms = clock_monotonic_ms() };
}

static int columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void progress_draw(struct progress *progress, int64_t count, int64_t done, int64_t total)
{
    int64_t now = clock_monotonic_ms(), passed = now - progress->began_ms;
    if (!progress->shown || now - progress->drawn_ms < DRAW_MS)
        return;
    progress->drawn_ms = now;
    double share = total > 0 ? (double)done / (double)total : 0;
    share = share > 1 ? 1 : share;
    int64_t left = share > 0 ? (int64_t)((double)passed * (1 - share) / share / 1000) : 0;
    char bar[BAR_WIDTH + 1], line[200];
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < (int)(share * BAR_WIDTH) ? '#' : '-';
    bar[BAR_WIDTH] = '\0';
    snprintf(line, sizeof line,
             "[%s] %3d %%  %" PRId64 " reports  %" PRId64 "/s  %" PRId64 ":%02d left", bar,
             (int)(share * 100), count, passed > 0 ? count * 1000 / passed : 0, left / 60,
             (int)(left % 60));
    fprintf(stderr, "\r%.*s\033[K", columns() - 1, line);
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown && progress->drawn_ms)
        fprintf(stderr, "\r\033[K");
    progress->drawn_ms = 0;
}
