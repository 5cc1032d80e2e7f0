/* See notice.h.
 * SPDX-License-Identifier: MIT */
#include "web/notice.h"

static void print_waiting(struct html *page, const struct spool_figures *spool)
{
    html_number(page, spool->deliveries);
    html(page, spool->deliveries == 1 ? " report waits" : " reports wait");
    html(page, " in the spool since ");
    html_time(page, spool->since_seconds);
}

static void print_away(struct html *page, const struct err *why, const struct spool_figures *spool)
{
    html(page,
         "<div class=\"notice\" id=\"notice\"><p><strong>Nothing is counted at present:</strong> "
         "PostgreSQL cannot be written. ");
    if (!spool->max_bytes) {
        html(page,
             "There is no spool (<code>spool.path</code>), so senders are told to come again.");
    } else if (spool->bytes >= spool->max_bytes) {
        html(page, "The spool is full (<code>spool.max_bytes</code>), so senders are told to come "
                   "again. ");
        print_waiting(page, spool);
        html(page, ".");
    } else if (spool->deliveries) {
        print_waiting(page, spool);
        html(page, ", and will be counted when it is back.");
    } else {
        html(page, "Reports that come now go to the spool and will be counted when it is back.");
    }
    html(page, "</p>\n");
    if (why->kind != ERR_NONE) {
        char text[ERR_TEXT_BYTES];
        html(page, "<pre class=\"wrap\">%s</pre>\n", err_to_text(why, text, sizeof text));
    }
    html(page, "</div>\n");
}

void notice_print(struct html *page, const struct insight *insight, bool why)
{
    struct spool_figures spool = { 0 };
    if (!insight->writer)
        return;
    if (insight->spool)
        spool = spool_figures(insight->spool);
    struct writer_state state = writer_state(insight->writer);
    if (state.away) {
        print_away(page, why ? &state.err : &(struct err){ 0 }, &spool);
    } else if (spool.deliveries) {
        html(page, "<div class=\"notice\" id=\"notice\"><p>");
        print_waiting(page, &spool);
        html(page, " and %s being counted now: the figures below are behind.</p></div>\n",
             spool.deliveries == 1 ? "is" : "are");
    }
}
