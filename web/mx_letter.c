/* See mx_letter.h.
 * SPDX-License-Identifier: MIT */
#include "web/mx_letter.h"
#include "ingest/result.h"
#include "judge/letter.h"
#include "web/cause.h"
#include <inttypes.h>
#include <string.h>

#define CAUSES_AT_MOST 5
#define NAMES_AT_MOST  10

/* "LABEL a, b, c", a line; nothing when no evidence is of this kind. */
static void add_evidence(struct buf *out, const struct rows *evidence, const char *kind,
                         const char *label)
{
    const struct evidence_row *rows = evidence->first;
    bool any = false;
    for (size_t i = 0; i < evidence->count; i++) {
        if (strcmp(rows[i].kind, kind) != 0)
            continue;
        buf_text(out, any ? ", " : label);
        letter_value(out, rows[i].value);
        any = true;
    }
    buf_text(out, any ? "\n" : "");
}

static void add_cause(struct buf *out, struct arena *arena, const struct failure_row *row,
                      const char *host)
{
    const struct result *result = result_find(row->result);
    const char *command = cause_command(arena, row->result, host, NULL);
    buf_text(out, "\n* ");
    letter_value(out, row->result);
    buf_printf(out, ": %" PRId64 " sessions, ", row->sessions);
    letter_day(out, row->first_day);
    buf_text(out, " to ");
    letter_day(out, row->last_day);
    buf_printf(out, ", told by %" PRId64 " %s\n  %s\n  What to do: %s\n", row->reporters,
               row->reporters == 1 ? "sender" : "senders", result->meaning, result->remedy);
    if (command)
        buf_printf(out, "  To see it: %s\n", command);
}

static void add_domains(struct buf *out, const struct rows *domains)
{
    const struct mx_domain_row *rows = domains->first;
    if (!domains->count)
        return;
    int64_t shown = domains->count < NAMES_AT_MOST ? (int64_t)domains->count : NAMES_AT_MOST;
    buf_text(out, "Domains whose mail it concerns: ");
    for (int64_t i = 0; i < shown; i++) {
        buf_text(out, i ? ", " : "");
        letter_value(out, rows[i].name);
    }
    if (rows->domains > shown)
        buf_printf(out, " and %" PRId64 " more", rows->domains - shown);
    buf_text(out, "\n");
}

static void add_facts(struct buf *out, const struct mx_letter *letter)
{
    buf_text(out, "\nWhat the reports say besides:\n\n");
    if (letter->host->began) {
        buf_text(out, "Began: ");
        letter_day(out, letter->host->began);
        buf_text(out, "; last seen: ");
        letter_day(out, letter->host->last_failure);
        buf_text(out, "\n");
    }
    add_evidence(out, letter->evidence, "address", "Addresses that senders reached: ");
    add_evidence(out, letter->evidence, "helo", "The server called itself: ");
    add_evidence(out, letter->evidence, "reason", "Reasons given: ");
    add_evidence(out, letter->evidence, "reporter", "Told by: ");
    add_evidence(out, letter->evidence, "sender", "Seen from the addresses: ");
    add_domains(out, letter->domains);
}

const char *mx_letter(struct arena *arena, const struct mx_letter *letter)
{
    CLEANUP(buf_done) struct buf out = BUF(LETTER_BYTES);
    const struct failure_row *rows = letter->failures->first;
    bool blocks = false;
    buf_printf(
        &out,
        "Subject: TLS sessions to %s fail\n\nHello,\n\nmail senders report that TLS "
        "sessions to the mail server %s fail (SMTP TLS Reporting, RFC 8460; days are UTC):\n",
        letter->host->name, letter->host->name);
    for (size_t i = 0; i < letter->failures->count && i < CAUSES_AT_MOST; i++) {
        add_cause(&out, arena, &rows[i], letter->host->name);
        blocks |= result_find(rows[i].result)->blocks_under_enforce;
    }
    add_facts(&out, letter);
    if (blocks)
        buf_text(&out, "\nWhile this lasts, senders that enforce a domain's MTA-STS policy (RFC "
                       "8461) do not deliver its mail to this server.\n");
    letter_end(&out, "The reports themselves can be sent to you.");
    return arena_text(arena, buf_get(&out));
}
