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
#define WAY_BYTES 80

struct progress progress_begin(void)
{
    return (struct progress){ .shown = isatty(STDERR_FILENO) == 1,
                              .unit = "reports",
                              .began_ms = clock_monotonic_ms() };
}

static int columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* "[####----]  50 %  " and "  0:12 left". */
static void put_way(char *bar, char *left, int64_t passed_ms, int64_t done, int64_t total)
{
    double share = (double)done / (double)total;
    share = share > 1 ? 1 : share;
    char marks[BAR_WIDTH + 1];
    for (int i = 0; i < BAR_WIDTH; i++)
        marks[i] = i < (int)(share * BAR_WIDTH) ? '#' : '-';
    marks[BAR_WIDTH] = '\0';
    snprintf(bar, WAY_BYTES, "[%s] %3d %%  ", marks, (int)(share * 100));
    int64_t seconds = share > 0 ? (int64_t)((double)passed_ms * (1 - share) / share / 1000) : 0;
    snprintf(left, WAY_BYTES, "  %" PRId64 ":%02d left", seconds / 60, (int)(seconds % 60));
}

void progress_draw(struct progress *progress, int64_t count, int64_t done, int64_t total)
{
    int64_t now = clock_monotonic_ms(), passed = now - progress->began_ms;
    char bar[WAY_BYTES] = "", left[WAY_BYTES] = "", line[WAY_BYTES * 3];
    if (!progress->shown || now - progress->drawn_ms < DRAW_MS)
        return;
    progress->drawn_ms = now;
    if (total > 0)
        put_way(bar, left, passed, done, total);
    snprintf(line, sizeof line, "%s%" PRId64 " %s  %" PRId64 "/s%s", bar, count, progress->unit,
             passed > 0 ? count * 1000 / passed : 0, left);
    fprintf(stderr, "\r%.*s\033[K", columns() - 1, line);
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown && progress->drawn_ms)
        fprintf(stderr, "\r\033[K");
    progress->drawn_ms = 0;
}
