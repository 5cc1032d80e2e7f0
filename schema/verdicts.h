/* Verdicts in the ledger: which are due, where they are kept. What they say is not known here.
 * SPDX-License-Identifier: MIT
 * Before: read_verdict.h, status.h. Next: web/verdict.h */
#pragma once

#include "schema/pg.h"

/* A domain whose verdict is due. */
struct verdict_due_row {
    int32_t domain_id;
    const char *domain;
    const char *stage, *verdict; /* what it was; NULL: it had none */
    int32_t tries;               /* in vain so far */
};

/* Begins a transaction, as the only one of all programs that judge, and takes up to MOST marks of domains
 * that are due, in the order of their ids. They are due still if verdicts_done() is not reached. */
MUST_CHECK bool verdicts_take(struct pg *pg, struct arena *arena, int most,
                              struct rows *verdict_due_rows, struct err *err);

/* One domain's new verdict. */
struct verdict_entry {
    int32_t domain_id;
    const char *stage, *verdict, *dane;
    const char *result; /* JSON */
    int32_t reasons, clean_days;
    int32_t weight;              /* of the heaviest reason, enum verdict_weight */
    const char *code, *sentence; /* of the heaviest reason */
    const char *input;           /* JSON; NULL where stage and verdict are what they were */
};

/* Stores COUNT of them, with a line of history for each that changed; in the transaction of
 * verdicts_take(), once or several times. */
MUST_CHECK bool verdicts_store(struct pg *pg, const struct verdict_entry *entries, size_t count,
                               int64_t now_seconds, struct err *err);

/* A part of the transaction of verdicts_take(), which is given up alone when it ends not GOOD. */
MUST_CHECK bool verdicts_part_begin(struct pg *pg, struct err *err);
MUST_CHECK bool verdicts_part_end(struct pg *pg, bool good, struct err *err);

/* DUE is due again, later the more often it was tried in vain. */
MUST_CHECK bool verdicts_postpone(struct pg *pg, const struct verdict_due_row *due,
                                  struct err *err);

/* Ends the transaction of verdicts_take(). */
MUST_CHECK bool verdicts_done(struct pg *pg, struct err *err);

/* Gives up the transaction of verdicts_take(). */
void verdicts_undo(struct pg *pg);

/* What an operator acknowledges: failures of RESULT at MX ("": none is named) up to LAST_DAY. */
struct verdict_ack_entry {
    const char *domain, *mx, *result;
    int32_t last_day;
    const char *note, *who;
};
/* *KNOWN: there is such a domain. Its verdict is due then. */
MUST_CHECK bool verdicts_acknowledge(struct pg *pg, const struct verdict_ack_entry *entry,
                                     bool *known, struct err *err);
/* Takes it back: ENTRY's domain, mx and result. *KNOWN: it was acknowledged. */
MUST_CHECK bool verdicts_withdraw(struct pg *pg, const struct verdict_ack_entry *entry, bool *known,
                                  struct err *err);
