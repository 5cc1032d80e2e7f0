/* See chart.h. Bars are stretched to the width of the page while text is not: so labels stand beside
 * the drawing, and patterns are of lines along the stretch.
 * SPDX-License-Identifier: MIT */
#include "web/chart.h"
#include "base/clock.h"
#include "web/layout.h"
#include "web/part.h"
#include <string.h>

#define BAR         10 /* width of a bar with the gap beside it, units */
#define HIGH        160
#define ROOM        (HIGH - 2 * LEAST) /* so that the least heights find room too */
#define HIGH_FAILED 56
#define LEAST       2.0 /* what is not nothing is seen */
#define SPARK_HIGH  24.0
#define SPARK_STEP  4
#define SCALE_MAX   INT64_C(2000000000000000000)

int64_t chart_scale(int64_t value)
{
    int64_t power = 1;
    while (power * 10 < value && power < SCALE_MAX / 20)
        power *= 10;
    for (int64_t times = 2; times < 10; times += 2)
        if (times * power >= value)
            return times * power;
    return 10 * power;
}

static int64_t total(const struct chart_bar *bar)
{
    return bar->own + bar->shared + bar->failed;
}

/* Height in units of COUNT on a scale that ends at SCALE, HIGH units up. */
static double height(int64_t count, int64_t scale, double high)
{
    if (count <= 0)
        return 0;
    double units = high * (double)count / (double)scale;
    return units < LEAST ? LEAST : units;
}

static void add_box(struct buf *path, size_t i, double top, double high)
{
    if (high > 0)
        buf_printf(path, "M%zu %.1fh8v%.1fh-8z", i * BAR + 1, top, high);
}

/* The series of a stacked chart, each one path. */
struct paths {
    struct buf own, shared, failed, missing;
};

#define PATH_BYTES (256 << 10)
#define PATHS                                                                         \
    {                                                                                 \
        .own = BUF(PATH_BYTES), .shared = BUF(PATH_BYTES), .failed = BUF(PATH_BYTES), \
        .missing = BUF(PATH_BYTES)                                                    \
    }

static void paths_done(struct paths *paths)
{
    buf_done(&paths->own);
    buf_done(&paths->shared);
    buf_done(&paths->failed);
    buf_done(&paths->missing);
}

static void add_bar(struct paths *paths, size_t i, const struct chart_bar *bar, int64_t scale)
{
    double own = height(bar->own, scale, ROOM), shared = height(bar->shared, scale, ROOM),
           failed = height(bar->failed, scale, ROOM);
    if (!bar->reported) {
        add_box(&paths->missing, i, 0, HIGH);
        return;
    }
    add_box(&paths->own, i, HIGH - own, own);
    add_box(&paths->shared, i, HIGH - own - shared, shared);
    add_box(&paths->failed, i, HIGH - own - shared - failed, failed);
}

/* The pattern is named here and not in the style sheet, where it would be one of the sheet's own. */
static void print_path(struct html *page, const char *name, const struct buf *path)
{
    if (path->size)
        html(page,
             strcmp(name, "shared") == 0 ? "<path class=\"%s\" fill=\"url(#lines)\" d=\"%s\"/>"
                                         : "<path class=\"%s\" d=\"%s\"/>",
             name, buf_get(path));
}

/* What the pointer over a bar tells. */
static void print_hints(struct html *page, const struct chart *chart, int high)
{
    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_bar *bar = &chart->bars[i];
        char day[CLOCK_TEXT_BYTES];
        clock_day_to_text(bar->day, day);
        html(page,
             "<rect class=\"hint\" x=\"%zu\" width=\"10\" height=\"%d\"><title>%s%s: ", i * BAR,
             high, chart->step_days > 1 ? "from " : "", day);
        if (bar->reported)
            html(page, "%lld succeeded, %lld failed</title></rect>",
                 (long long)(bar->own + bar->shared), (long long)bar->failed);
        else
            html(page, "no report</title></rect>");
    }
}

static void print_scale(struct html *page, int64_t scale)
{
    html(page, "<div class=\"scale\" aria-hidden=\"true\"><span>");
    html_number(page, scale);
    html(page, "</span><span>");
    html_number(page, scale / 2);
    html(page, "</span><span>0</span></div>\n");
}

static void print_axis(struct html *page, const struct chart *chart)
{
    html(page, "<div class=\"axis\" aria-hidden=\"true\"><span>");
    html_day(page, chart->bars[0].day);
    if (chart->count > 2) {
        html(page, "</span><span>");
        html_day(page, chart->bars[chart->count / 2].day);
    }
    html(page, "</span><span>");
    html_day(page, chart->bars[chart->count - 1].day);
    html(page, "</span></div>\n");
}

static void begin_drawing(struct html *page, const struct chart *chart, const char *name, int high,
                          const char *label)
{
    html(page,
         "<svg class=\"%s\" viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\" role=\"img\" "
         "aria-label=\"%s\">",
         name, chart->count * BAR, high, label);
    html(page, "<path class=\"grid\" d=\"M0 .5h%zuM0 %dh%zuM0 %d.5h%zu\"/>", chart->count * BAR,
         high / 2, chart->count * BAR, high - 1, chart->count * BAR);
}

static void print_stack(struct html *page, const struct chart *chart, int64_t most)
{
    CLEANUP(paths_done) struct paths paths = PATHS;
    int64_t scale = chart_scale(most);
    for (size_t i = 0; i < chart->count; i++)
        add_bar(&paths, i, &chart->bars[i], scale);
    html(page, "<div class=\"plot\">\n");
    print_scale(page, scale);
    begin_drawing(page, chart, "all", HIGH,
                  "Sessions by day; the same figures are in the table below");
    html(page,
         "<defs><pattern id=\"lines\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
         "<path class=\"under\" d=\"M0 0h4v4H0z\"/><path class=\"over\" d=\"M0 1h4\"/></pattern>"
         "</defs>");
    print_path(page, "missing", &paths.missing);
    print_path(page, "own", &paths.own);
    print_path(page, "shared", &paths.shared);
    print_path(page, "failed", &paths.failed);
    print_hints(page, chart, HIGH);
    html(page, "</svg>\n");
    print_axis(page, chart);
    html(page, "</div>\n");
}

static void print_failed(struct html *page, const struct chart *chart, int64_t most)
{
    CLEANUP(buf_done) struct buf path = BUF(PATH_BYTES);
    int64_t scale = chart_scale(most);
    for (size_t i = 0; i < chart->count; i++) {
        double high = height(chart->bars[i].failed, scale, HIGH_FAILED);
        add_box(&path, i, HIGH_FAILED - high, high);
    }
    html(page, "<p class=\"part\">Failed sessions alone, on a scale of their own</p>\n"
               "<div class=\"plot\">\n");
    print_scale(page, scale);
    begin_drawing(page, chart, "few", HIGH_FAILED,
                  "Failed sessions by day; the same figures are in the table below");
    print_path(page, "failed", &path);
    html(page, "</svg>\n</div>\n");
}

/* --- what stands around --- */

static void print_key(struct html *page, const char *name, const char *label)
{
    struct buf box = BUF(32);
    html(page, "<li><svg class=\"key\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">");
    buf_text(&box, "M1 1h12v12H1z");
    print_path(page, name, &box);
    html(page, "</svg> %s</li>\n", label);
    buf_done(&box);
}

static void print_keys(struct html *page, const struct chart *chart)
{
    bool own = false, shared = false, failed = false, missing = false;
    for (size_t i = 0; i < chart->count; i++) {
        own |= chart->bars[i].own > 0;
        shared |= chart->bars[i].shared > 0;
        failed |= chart->bars[i].failed > 0;
        missing |= !chart->bars[i].reported;
    }
    html(page, "<ul class=\"keys\">\n");
    if (failed)
        print_key(page, "failed", "failed");
    if (shared)
        print_key(page, "shared", "succeeded, at one of several hosts");
    if (own)
        print_key(page, "own", "succeeded, at a host that is known");
    if (missing)
        print_key(page, "missing", "no report");
    html(page, "</ul>\n");
}

static void print_row(struct html *page, const struct chart_bar *bar)
{
    char day[CLOCK_TEXT_BYTES];
    html(page, "<tr><th scope=\"row\">%s</th>", clock_day_to_text(bar->day, day));
    if (!bar->reported) {
        html(page, "<td class=\"n\" colspan=\"5\">no report</td></tr>\n");
        return;
    }
    html_cell(page, total(bar));
    html_cell(page, bar->own);
    html_cell(page, bar->shared);
    part_failed(page, bar->failed);
    html(page, "<td class=\"n\">");
    html_share(page, bar->failed, total(bar));
    html(page, "</td></tr>\n");
}

static void print_table(struct html *page, const struct chart *chart)
{
    html(page, "<details><summary>The chart as a table</summary>\n");
    LAYOUT_TABLE(page,
                 chart->step_days > 1 ? "Sessions per week; each is named by its first UTC day"
                                      : "Sessions per UTC day",
                 chart->step_days > 1 ? "From" : "Day", "#Sessions", "#Succeeded, host known",
                 "#Succeeded, hosts share", "#Failed", "#Share failed");
    for (size_t i = chart->count; i-- > 0;)
        print_row(page, &chart->bars[i]);
    layout_table_end(page);
    html(page, "</details>\n");
}

void chart_print(struct html *page, const struct chart *chart)
{
    int64_t most = 0, most_failed = 0;
    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_bar *bar = &chart->bars[i];
        most = total(bar) > most ? total(bar) : most;
        most_failed = bar->failed > most_failed ? bar->failed : most_failed;
    }
    if (!chart->count)
        return;
    html(page, "<div class=\"chart\">\n");
    print_keys(page, chart);
    print_stack(page, chart, most);
    if (most_failed && most_failed < most)
        print_failed(page, chart, most_failed);
    html(page, "</div>\n");
    print_table(page, chart);
}

/* --- sparkline --- */

void chart_sparkline(struct html *page, const int64_t *sessions, const int64_t *failed,
                     size_t count, const char *label)
{
    CLEANUP(buf_done) struct buf good = BUF(PATH_BYTES);
    CLEANUP(buf_done) struct buf bad = BUF(PATH_BYTES);
    int64_t most = 1;
    for (size_t i = 0; i < count; i++)
        most = sessions[i] > most ? sessions[i] : most;
    for (size_t i = 0; i < count; i++) {
        size_t x = i * SPARK_STEP + SPARK_STEP / 2;
        double low = height(failed[i], most, SPARK_HIGH - 4);
        double high = height(sessions[i], most, SPARK_HIGH - 4);
        if (sessions[i] > failed[i])
            buf_printf(&good, "M%zu %.1fV%.1f", x, SPARK_HIGH - low, SPARK_HIGH - high);
        if (low > 0)
            buf_printf(&bad, "M%zu %.0fV%.1f", x, SPARK_HIGH, SPARK_HIGH - low);
    }
    html(page, "<svg class=\"spark\" viewBox=\"0 0 %zu %d\" role=\"img\" aria-label=\"%s\">",
         count * SPARK_STEP, (int)SPARK_HIGH, label);
    html(page, "<path class=\"base\" d=\"M0 23.5h%zu\"/>", count * SPARK_STEP);
    print_path(page, "good", &good);
    print_path(page, "bad", &bad);
    html(page, "</svg>");
}
