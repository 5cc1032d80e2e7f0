/* See pg.h.
 * SPDX-License-Identifier: MIT */
#include "schema/pg.h"
#include "base/clock.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <libpq-fe.h>

#define PREPARED_MAX 128
#define PIECE_BYTES  (64 << 10) /* of what is put by COPY */
#define CONNECT_MS   15000      /* for all hosts that the connection string names */

struct pg {
    PGconn *connection;
    const char *prepared[PREPARED_MAX]; /* statement names, by pointer */
    size_t prepared_count;
    bool stale; /* the server no longer takes what was prepared, or we gave it up: connect anew */
    struct pg_patience patience;
    const char *given_up; /* why we hung up; NULL: we did not */
};

/* One line of what libpq says, without its "connection to server … failed:" repetition. */
static void tell(struct err *err, enum err_kind kind, const char *message)
{
    size_t size = strcspn(message, "\n");
    err_set(err, kind, "database: %.*s", (int)size, message);
}

static enum err_kind kind_of(const char *state, const PGconn *connection)
{
    static const struct {
        const char *prefix;
        enum err_kind kind;
    } kinds[] = {
        { "08", ERR_AGAIN },    /* connection */
        { "57P", ERR_AGAIN },   /* shutting down, crashed, starting up */
        { "57014", ERR_AGAIN }, /* cancelled */
        { "53", ERR_AGAIN },    /* out of room, memory or connections */
        { "40", ERR_AGAIN },    /* deadlock, serialization */
        { "55P03", ERR_AGAIN }, /* lock not available */
        { "25006", ERR_AGAIN }, /* read only: a standby, to be promoted */
        { "58", ERR_AGAIN },    /* disk */
        { "XX001", ERR_AGAIN }, /* damaged table */
        { "XX002", ERR_AGAIN }, /* damaged index */
        { "0A000", ERR_AGAIN }, /* prepared before the tables were changed; see is_stale() */
        { "26000", ERR_AGAIN }, /* prepared on another connection; ditto */
        { "22", ERR_INPUT },    /* data */
        { "23", ERR_INPUT },    /* constraint */
        { "54", ERR_INPUT },    /* program limit, e.g. an index row too large */
        { "28", ERR_SETUP },    /* who are you */
        { "3D", ERR_SETUP },    /* no such database */
        { "42", ERR_SETUP },    /* privilege; no such table or column: not our schema */
        { "3F", ERR_SETUP },    /* no such schema */
    };
    if (PQstatus(connection) == CONNECTION_BAD || !state)
        return ERR_AGAIN;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strncmp(state, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return kinds[i].kind;
    return ERR_BUG;
}

static void quiet(void *unused, const PGresult *notice)
{
    (void)unused;
    (void)notice; /* notices are for psql; what matters comes as an error */
}

static bool failed_to_connect(struct pg *pg, struct err *err)
{
    /* libpq gives no SQLSTATE here. A server that answers and refuses wants the operator. */
    const char *message = pg->given_up ? pg->given_up : PQerrorMessage(pg->connection);
    static const char *const refusals[] = {
        "does not exist",
        "authentication failed",
        "no password supplied",
        "pg_hba.conf", /* no entry, or one that rejects */
        "permission denied for database",
        "is not permitted to log in",
    };
    bool refused = false;
    for (size_t i = 0; i < ARRAY_SIZE(refusals) && !refused; i++)
        refused = strstr(message, refusals[i]) != NULL;
    tell(err, refused ? ERR_SETUP : ERR_AGAIN, message);
    return false;
}

/* The end of a password that has an '@' of its own, taken for a host. (One at its beginning makes the
 * name of an abstract socket.) */
static bool is_torn(const PQconninfoOption *option)
{
    return strcmp(option->keyword, "host") == 0 && strchr(option->val + 1, '@');
}

void pg_close(struct pg **pg)
{
    if (!*pg)
        return;
    PQfinish((*pg)->connection);
    free(*pg);
    *pg = NULL;
}

char *pg_describe(const char *conninfo, char *out, size_t size)
{
    static const char *const shown[] = { "dbname", "host", "port", "user", "service" };
    size_t used = 0;
    out[0] = '\0';
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
            if (o->val && *o->val && strcmp(o->keyword, shown[i]) == 0 && !is_torn(o)
                && used < size)
                used += (size_t)snprintf(out + used, size - used, "%s%s=%s", used ? " " : "",
                                         shown[i], o->val);
    PQconninfoFree(options);
    return out;
}

/* "Cached plan must not change result type", after another program's migration; "prepared statement
 * does not exist", behind a pooler; "read-only transaction", where a new connection may find the server
 * that is to be written to, or this one allowed to be. */
static bool is_stale(const char *state)
{
    return state
           && (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0
               || strcmp(state, "25006") == 0);
}

static bool good(struct pg *pg, const PGresult *result, struct err *err)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return true;
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *message = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (pg->given_up)
        tell(err, ERR_AGAIN, pg->given_up);
    else if (pg->patience.only_reads && state && strcmp(state, "57014") == 0)
        tell(err, ERR_LIMIT, message);
    else
        tell(err, kind_of(state, pg->connection),
             message ? message : PQerrorMessage(pg->connection));
    pg->stale = pg->stale || !result || is_stale(state);
    return false;
}

/* --- waiting --- */

/* Until something of EVENTS happens on the connection; false when that took too long, or waiting is over. */
static bool wait_for(struct pg *pg, short events, int64_t until_ms)
{
    for (;;) {
        struct pollfd polled[] = { { .fd = PQsocket(pg->connection), .events = events },
                                   { .fd = pg->patience.stop_fd > 0 ? pg->patience.stop_fd : -1,
                                     .events = POLLIN } };
        int64_t left = until_ms - clock_monotonic_ms();
        int timeout = until_ms == INT64_MAX ? -1 : left > 0 ? (int)left : 0;
        int got = poll(polled, ARRAY_SIZE(polled), timeout);
        if (got < 0 && errno == EINTR)
            continue;
        if (got > 0 && !polled[1].revents)
            return true;
        pg->given_up = got > 0 ? "given up, since the program ends" : "no answer in time";
        return false;
    }
}

/* From here on the connection is known to be lost, also to libpq. */
static void hang_up(struct pg *pg)
{
    shutdown(PQsocket(pg->connection), SHUT_RDWR);
    pg->stale = true;
}

/* Waits until PQgetResult() has something to say without waiting. */
static void await(struct pg *pg)
{
    int64_t most = pg->patience.statement_ms;
    int64_t until = most ? clock_monotonic_ms() + most : INT64_MAX;
    for (;;) {
        int unsent = PQflush(pg->connection);
        if (unsent < 0 || (unsent && PQstatus(pg->connection) == CONNECTION_BAD)) {
            hang_up(pg);
            return;
        }
        if (!unsent && !PQisBusy(pg->connection))
            return;
        short events = unsent ? POLLIN | POLLOUT : POLLIN;
        if (!wait_for(pg, events, until)) {
            hang_up(pg);
            return;
        }
        if (!PQconsumeInput(pg->connection))
            return;
    }
}

/* The last result of what was SENT, an error's if there was one, or the wish for COPY's data; the
 * caller's to clear. NULL: PQerrorMessage() says why. */
static PGresult *result_of(struct pg *pg, int sent)
{
    PGresult *last = NULL;
    while (sent) {
        await(pg);
        PGresult *next = PQgetResult(pg->connection);
        if (!next)
            break;
        PQclear(last);
        last = next;
        if (PQresultStatus(last) == PGRES_COPY_IN)
            break;
    }
    return last;
}

bool pg_run(struct pg *pg, const char *sql, struct err *err)
{
    PGresult *result = result_of(pg, PQsendQuery(pg->connection, sql));
    bool done = good(pg, result, err);
    PQclear(result);
    return done;
}

void pg_rollback(struct pg *pg)
{
    PQclear(result_of(pg, PQsendQuery(pg->connection, "ROLLBACK")));
}

/* --- connecting --- */

/* Each by itself, and without those that this user may not do: the first alone keeps our statements
 * from writing, the role keeps all others from it, the rest bounds what a statement may use. */
static void give_up_rights(struct pg *pg)
{
    static const char *const statements[] = {
        "SET default_transaction_read_only = on",
        "SET work_mem = '16MB'",
        "SET plan_cache_mode = force_custom_plan", /* a rare mode is not found as a common one is */
        "SELECT set_config('temp_file_limit', '1GB', false) FROM pg_roles"
        " WHERE rolname = current_user AND rolsuper",
        "SELECT set_config('role', rolname, false) FROM pg_roles"
        " WHERE rolname = 'tlsrptd_reader' AND pg_has_role(current_user, oid, 'MEMBER')",
    };
    for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
        struct err may_not = { 0 };
        if (!pg_run(pg, statements[i], &may_not) && may_not.kind == ERR_AGAIN)
            return; /* lost: the next statement says so */
    }
}

/* What a new connection needs before its first statement. A server from which we are cut off must not
 * keep our locks for hours, nor go on with what nobody waits for. */
static bool greet(struct pg *pg, struct err *err)
{
    char sql[512];
    pg->prepared_count = 0;
    PQsetNoticeReceiver(pg->connection, quiet, NULL);
    PQsetnonblocking(pg->connection, 1);
    snprintf(sql, sizeof sql,
             "SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO';"
             "SET synchronous_commit = on; SET bytea_output = 'hex';"
             "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5;"
             "SET tcp_keepalives_count = 3; SET tcp_user_timeout = '20s';"
             "SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = %" PRId64,
             pg->patience.statement_ms * 4 / 5);
    if (!pg_run(pg, sql, err))
        return false;
    if (pg->patience.only_reads)
        give_up_rights(pg);
    return true;
}

/* Each of several hosts has its turn: of one that does not answer the kernel gives up by itself
 * (tcp_user_timeout). */
static bool connected(struct pg *pg, PostgresPollingStatusType (*go_on)(PGconn *), struct err *err)
{
    int64_t until = clock_monotonic_ms() + CONNECT_MS;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    pg->stale = false;
    pg->given_up = NULL;
    while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
        if (PQstatus(pg->connection) == CONNECTION_BAD
            || !wait_for(pg, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until))
            break;
        state = go_on(pg->connection);
    }
    if (state == PGRES_POLLING_OK)
        return greet(pg, err);
    pg->stale = true;
    return failed_to_connect(pg, err);
}

/* What libpq cannot read it quotes, and with it a password. */
static bool check_conninfo(const char *conninfo, struct err *err)
{
    char *message = NULL;
    bool plain = !strchr(conninfo, '=') && !strstr(conninfo, "://"); /* a database's name */
    PQconninfoOption *options = plain ? NULL : PQconninfoParse(conninfo, &message);
    bool good = plain || options;
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val && *o->val && is_torn(o))
            good = false;
    PQconninfoFree(options);
    PQfreemem(message);
    return good
           || err_set(err, ERR_SETUP,
                      "database: the connection string cannot be read. It is key='value' ..., or "
                      "postgresql://user:password@host/name with the password's special characters "
                      "percent-encoded");
}

bool pg_open_within(const char *conninfo, struct pg_patience patience, struct pg **out,
                    struct err *err)
{
    if (!check_conninfo(conninfo, err))
        return false;
    /* What the connection string says of these comes later and wins. */
    static const char *const keys[] = { "fallback_application_name",
                                        "tcp_user_timeout",
                                        "keepalives_idle",
                                        "keepalives_interval",
                                        "keepalives_count",
                                        "dbname",
                                        NULL };
    const char *const values[] = { "tlsrptd", "5000", "5", "2", "3", conninfo, NULL };
    struct pg *pg = memory_new(sizeof *pg);
    pg->patience = patience;
    pg->connection = PQconnectStartParams(keys, values, 1);
    if (!connected(pg, PQconnectPoll, err)) {
        pg_close(&pg);
        return false;
    }
    *out = pg;
    return true;
}

bool pg_open(const char *conninfo, struct pg **out, struct err *err)
{
    return pg_open_within(conninfo, (struct pg_patience){ 0 }, out, err);
}

bool pg_ready(struct pg *pg, struct err *err)
{
    if (PQstatus(pg->connection) == CONNECTION_OK && !pg->stale)
        return true;
    PQresetStart(pg->connection);
    return connected(pg, PQresetPoll, err);
}

/* --- statements --- */

static bool prepare(struct pg *pg, struct statement statement, struct err *err)
{
    for (size_t i = 0; i < pg->prepared_count; i++)
        if (strcmp(pg->prepared[i], statement.name) == 0)
            return true;
    PGresult *result =
        result_of(pg, PQsendPrepare(pg->connection, statement.name, statement.sql, 0, NULL));
    bool done = good(pg, result, err);
    PQclear(result);
    if (!done)
        return false;
    assert(pg->prepared_count < PREPARED_MAX);
    pg->prepared[pg->prepared_count++] = statement.name;
    return true;
}

/* The result is the caller's to clear; NULL after an error. */
static PGresult *run(struct pg *pg, struct statement statement, const struct pg_values *values,
                     struct err *err)
{
    if (!prepare(pg, statement, err)) {
        err_prefix(err, "%s: ", statement.name);
        return NULL;
    }
    PGresult *result =
        result_of(pg, PQsendQueryPrepared(pg->connection, statement.name, values->count,
                                          values->data, values->sizes, values->binary, 0));
    if (good(pg, result, err))
        return result;
    err_prefix(err, "%s: ", statement.name);
    PQclear(result);
    return NULL;
}

bool pg_execute(struct pg *pg, struct statement statement, const struct pg_values *values,
                int64_t *rows, struct err *err)
{
    PGresult *result = run(pg, statement, values, err);
    if (!result)
        return false;
    if (rows)
        *rows = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return true;
}

/* In pieces: libpq's buffer grows to the largest of them and never shrinks. */
static bool put_data(struct pg *pg, struct bytes bytes)
{
    bool sent = true;
    while (bytes.size && sent) {
        size_t size = bytes.size < PIECE_BYTES ? bytes.size : PIECE_BYTES;
        sent = PQputCopyData(pg->connection, bytes.data, (int)size) == 1;
        bytes = (struct bytes){ bytes.data + size, bytes.size - size };
    }
    return sent;
}

bool pg_put(struct pg *pg, struct statement statement, struct pg_copy *copy, struct err *err)
{
    struct bytes bytes = pg_copy_end(copy);
    PGresult *result = result_of(pg, PQsendQuery(pg->connection, statement.sql));
    if (PQresultStatus(result) == PGRES_COPY_IN) {
        PQclear(result);
        bool sent = put_data(pg, bytes);
        result =
            result_of(pg, PQputCopyEnd(pg->connection, sent ? NULL : "could not be sent") == 1);
    }
    bool done = good(pg, result, err);
    PQclear(result);
    if (!done)
        err_prefix(err, "%s: ", statement.name);
    return done;
}

static struct bytes unhex(struct arena *arena, const char *text)
{
    size_t size = 0;
    unsigned char *bytes = PQunescapeBytea((const unsigned char *)text, &size);
    struct bytes copy = { arena_copy(arena, bytes, bytes ? size : 0), bytes ? size : 0 };
    PQfreemem(bytes);
    return copy;
}

static void read_value(struct arena *arena, const struct column *column, const char *value,
                       void *row)
{
    void *at = (char *)row + column->offset;
    switch (column->type) {
    case COLUMN_TEXT:
        *(const char **)at = arena_text(arena, value);
        break;
    case COLUMN_NUMBER:
        *(int64_t *)at = value ? strtoll(value, NULL, 10) : 0;
        break;
    case COLUMN_NUMBER32:
        *(int32_t *)at = value ? (int32_t)strtol(value, NULL, 10) : 0;
        break;
    case COLUMN_FLAG:
        *(bool *)at = value && *value == 't';
        break;
    case COLUMN_BYTES:
        *(struct bytes *)at = value ? unhex(arena, value) : (struct bytes){ .data = "" };
        break;
    }
}

bool pg_query(struct pg *pg, struct statement statement, const struct pg_values *values,
              struct columns columns, struct rows *out, struct err *err)
{
    PGresult *result = run(pg, statement, values, err);
    if (!result)
        return false;
    bool fits = (size_t)PQnfields(result) == columns.count;
    for (size_t c = 0; c < columns.count && fits; c++)
        fits = strcmp(PQfname(result, (int)c), columns.columns[c].name) == 0;
    if (!fits) {
        PQclear(result);
        return err_set(err, ERR_BUG, "%s: its columns are not those of the row", statement.name);
    }
    size_t count = (size_t)PQntuples(result);
    char *rows = arena_array(values->arena, count, columns.row_size);
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < columns.count; c++) {
            bool null = PQgetisnull(result, (int)r, (int)c);
            read_value(values->arena, &columns.columns[c],
                       null ? NULL : PQgetvalue(result, (int)r, (int)c),
                       rows + r * columns.row_size);
        }
    PQclear(result);
    *out = (struct rows){ rows, count };
    return true;
}
