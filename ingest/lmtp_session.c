/* See lmtp_session.h. One table says which command is in order when and what it may carry, one which
 * parameters MAIL and RCPT may have, one how a session ends.
 *
 * A message ends at CRLF.CRLF and nowhere else: a lone LF or CR is data. Taking less for an end would
 * let a sender hide a second message inside the first (SMTP smuggling).
 *
 * SPDX-License-Identifier: MIT */
#include "ingest/lmtp_session.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES   2048 /* of a command; RFC 5321 section 4.5.3.1.4 asks for 512 */
#define ANSWER_BYTES 400  /* of one reply; RFC 5321 section 4.5.3.1.5 allows 512 */

/* Bits, for the tables. */
enum state {
    GREETED = 1 << 0,
    READY = 1 << 1, /* LHLO was said */
    MAIL = 1 << 2,
    RCPT = 1 << 3,
    DATA = 1 << 4,
    WAITING = 1 << 5, /* for the answer to a message */
    OVER = 1 << 6,
    COMMANDS = GREETED | READY | MAIL | RCPT,
};

/* In a message: what came last. Only a line that CRLF ended is followed by a line that may be ".". */
enum at {
    AT_LINE_START,
    AT_TEXT,
    AT_CR,
    AT_DOT,    /* "." at a line's start, not yet kept */
    AT_DOT_CR, /* ditto, with CR; also not yet kept */
};

static void reply(struct lmtp_session *session, const char *text)
{
    buf_text(&session->out, text);
    buf_text(&session->out, "\r\n");
    if (text[0] == '5')
        session->errors++;
}

static void forget_mail(struct lmtp_session *session, enum state state)
{
    hold_done(&session->body);
    session->recipients = 0;
    session->utf8 = false;
    session->state = state;
}

static void lhlo(struct lmtp_session *session, const char *argument)
{
    (void)argument;
    buf_printf(&session->out,
               "250-%s\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE %" PRId64
               "\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n",
               session->rules->hostname, session->rules->message_bytes);
    forget_mail(session, READY);
}

static void rset(struct lmtp_session *session, const char *argument)
{
    (void)argument;
    reply(session, "250 2.0.0 OK");
    forget_mail(session, session->state == GREETED ? GREETED : READY);
}

static const char *too_large(const struct lmtp_session *session, char text[ANSWER_BYTES])
{
    snprintf(text, ANSWER_BYTES, "552 5.3.4 message exceeds the limit of %" PRId64 " bytes",
             session->rules->message_bytes);
    return text;
}

/* The checks of parameters give a refusal, or NULL. ROOM is for its text. */

static const char *size_refusal(struct lmtp_session *session, const char *value,
                                char room[ANSWER_BYTES])
{
    size_t digits = strspn(value, "0123456789");
    int64_t size;
    if (digits == 0 || digits > 20 || value[digits] != '\0') /* RFC 1870 section 4 */
        return "501 5.5.4 SIZE=number wanted";
    if (!text_number(value, 0, session->rules->message_bytes, &size))
        return too_large(session, room);
    return NULL;
}

static const char *body_refusal(struct lmtp_session *session, const char *value,
                                char room[ANSWER_BYTES])
{
    (void)session, (void)room;
    bool known = text_same(value, "7BIT") || text_same(value, "8BITMIME");
    return known ? NULL : "501 5.5.4 BODY=7BIT or BODY=8BITMIME wanted";
}

static const char *utf8_refusal(struct lmtp_session *session, const char *value,
                                char room[ANSWER_BYTES])
{
    (void)room;
    if (*value)
        return "501 5.5.4 SMTPUTF8 takes no value";
    session->utf8 = true;
    return NULL;
}

/* Those of RFC 3461 and RFC 4954 are taken though they were not offered: they change nothing here. */
/* clang-format off */
static const struct parameter {
    const char *name;
    unsigned of;
    const char *(*refusal)(struct lmtp_session *session, const char *value,
                           char room[ANSWER_BYTES]);
} parameters[] = {
    { "SIZE",     MAIL, size_refusal },
    { "BODY",     MAIL, body_refusal },
    { "SMTPUTF8", MAIL, utf8_refusal },
    { "RET",      MAIL, NULL         },
    { "ENVID",    MAIL, NULL         },
    { "AUTH",     MAIL, NULL         },
    { "NOTIFY",   RCPT, NULL         },
    { "ORCPT",    RCPT, NULL         },
};
/* clang-format on */

static const struct parameter *parameter_find(const char *name, size_t size, unsigned of)
{
    for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
        if ((parameters[i].of & of) && strlen(parameters[i].name) == size
            && text_begins(name, parameters[i].name))
            return &parameters[i];
    return NULL;
}

/* All of " NAME=value NAME …"; the refusal of the first bad one, or NULL. */
static const char *parameters_refusal(struct lmtp_session *session, const char *at, unsigned of,
                                      char room[ANSWER_BYTES])
{
    while (*at) {
        at += strspn(at, " ");
        size_t size = strcspn(at, " ");
        if (!size)
            break;
        size_t name_size = strcspn(at, "= ");
        const struct parameter *parameter = parameter_find(at, name_size, of);
        if (!parameter)
            return "555 5.5.4 parameter not known";
        char value[LINE_BYTES] = "";
        if (name_size < size)
            snprintf(value, sizeof value, "%.*s", (int)(size - name_size - 1), at + name_size + 1);
        const char *refusal = parameter->refusal ? parameter->refusal(session, value, room) : NULL;
        if (refusal)
            return refusal;
        at += size;
    }
    return NULL;
}

/* What differs between MAIL FROM:<path> and RCPT TO:<path>. */
struct path_kind {
    const char *keyword;
    unsigned of;
    const char *syntax;  /* the refusal of what has not this form */
    const char *address; /* the refusal of what stands between the brackets */
    bool may_be_empty;   /* the null sender, RFC 5321 section 4.5.5 */
};

/* The '>' of the path that begins behind '<', quoted strings skipped; NULL when there is none, or a
 * byte that no path holds. */
static const char *path_end(const char *at)
{
    bool quoted = false;
    for (; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return NULL;
        if (*at == '"')
            quoted = !quoted;
        else if (quoted && *at == '\\' && at[1])
            at++;
        else if (!quoted && *at == '>')
            return at;
        else if (!quoted && (*at == ' ' || *at == '<'))
            return NULL;
    }
    return NULL;
}

static bool has_8bit(const char *from, const char *to)
{
    while (from < to)
        if (*from++ & 0x80)
            return true;
    return false;
}

/* Reads "FROM:<path> parameters"; NULL, or why it is refused. */
static const char *path_refusal(struct lmtp_session *session, const char *argument,
                                const struct path_kind *kind, char room[ANSWER_BYTES])
{
    if (!text_begins(argument, kind->keyword))
        return kind->syntax;
    const char *from = argument + strlen(kind->keyword);
    from += strspn(from, " "); /* many clients put one there */
    if (*from++ != '<' || !strchr(from, '>'))
        return kind->syntax;
    const char *to = path_end(from);
    if (!to || (to == from && !kind->may_be_empty))
        return kind->address;
    if (to[1] && to[1] != ' ')
        return kind->syntax;
    const char *refusal = parameters_refusal(session, to + 1, kind->of, room);
    if (refusal || !has_8bit(from, to))
        return refusal;
    if (!session->utf8)
        return "553 5.6.7 address beyond ASCII needs SMTPUTF8";
    return text_is_utf8(from, (size_t)(to - from)) ? NULL : kind->address;
}

static void mail(struct lmtp_session *session, const char *argument)
{
    static const struct path_kind from = {
        .keyword = "FROM:",
        .of = MAIL,
        .syntax = "501 5.5.4 MAIL FROM:<address> wanted",
        .address = "501 5.1.7 bad sender address",
        .may_be_empty = true,
    };
    char room[ANSWER_BYTES];
    forget_mail(session, READY);
    const char *refusal = path_refusal(session, argument, &from, room);
    reply(session, refusal ? refusal : "250 2.1.0 OK");
    if (!refusal)
        session->state = MAIL;
}

static void rcpt(struct lmtp_session *session, const char *argument)
{
    static const struct path_kind to = {
        .keyword = "TO:",
        .of = RCPT,
        .syntax = "501 5.5.4 RCPT TO:<address> wanted",
        .address = "501 5.1.3 bad recipient address",
    };
    char room[ANSWER_BYTES];
    const char *refusal = path_refusal(session, argument, &to, room);
    if (!refusal && session->recipients >= session->rules->recipients)
        refusal = "452 4.5.3 too many recipients; send the rest in another transaction";
    reply(session, refusal ? refusal : "250 2.1.5 OK");
    if (!refusal) {
        session->recipients++;
        session->state = RCPT;
    }
}

static void data(struct lmtp_session *session, const char *argument)
{
    (void)argument;
    reply(session, "354 end with <CRLF>.<CRLF>");
    session->state = DATA;
    session->at = AT_LINE_START;
}

static void quit(struct lmtp_session *session, const char *argument)
{
    (void)argument;
    lmtp_session_end(session, LMTP_QUIT);
}

/* A web site can make a browser on this machine post to us, and what it posts may be commands. */
static void browser(struct lmtp_session *session, const char *argument)
{
    (void)argument;
    lmtp_session_end(session, LMTP_BROWSER);
}

enum argument { ARGUMENT_NONE, ARGUMENT_MAY, ARGUMENT_MUST };

/* clang-format off */
static const struct verb {
    const char *name;
    unsigned in; /* states */
    enum argument argument;
    void (*run)(struct lmtp_session *session, const char *argument);
    const char *reply; /* when nothing is to be run, or not in this state */
} verbs[] = {
    { "LHLO",    COMMANDS,    ARGUMENT_MUST, lhlo,    NULL },
    { "MAIL",    READY,       ARGUMENT_MUST, mail,    "503 5.5.1 MAIL was said; RSET begins anew" },
    { "RCPT",    MAIL | RCPT, ARGUMENT_MUST, rcpt,    "503 5.5.1 MAIL first" },
    { "DATA",    RCPT,        ARGUMENT_NONE, data,    "503 5.5.1 no recipient was accepted" },
    { "RSET",    COMMANDS,    ARGUMENT_NONE, rset,    NULL },
    { "NOOP",    COMMANDS,    ARGUMENT_MAY,  NULL,    "250 2.0.0 OK" },
    { "QUIT",    COMMANDS,    ARGUMENT_NONE, quit,    NULL },
    { "VRFY",    COMMANDS,    ARGUMENT_MUST, NULL,    "252 2.5.0 not verified; any recipient is taken" },
    { "EXPN",    COMMANDS,    ARGUMENT_MUST, NULL,    "502 5.5.1 there are no lists here" },
    { "HELP",    COMMANDS,    ARGUMENT_MAY,  NULL,    "214 2.0.0 LMTP of RFC 2033 for RFC 8460 reports" },
    { "HELO",    COMMANDS,    ARGUMENT_MAY,  NULL,    "500 5.5.1 this is LMTP: say LHLO" },
    { "EHLO",    COMMANDS,    ARGUMENT_MAY,  NULL,    "500 5.5.1 this is LMTP: say LHLO" },
    { "POST",    COMMANDS,    ARGUMENT_MAY,  browser, NULL },
    { "GET",     COMMANDS,    ARGUMENT_MAY,  browser, NULL },
    { "CONNECT", COMMANDS,    ARGUMENT_MAY,  browser, NULL },
};
/* clang-format on */

static const struct verb *verb_find(const char *line, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
        if (size == strlen(verbs[i].name) && text_begins(line, verbs[i].name))
            return &verbs[i];
    return NULL;
}

/* One command line without its line end. */
static void command(struct lmtp_session *session, char *line, size_t size)
{
    while (size && line[size - 1] == ' ')
        line[--size] = '\0';
    size_t verb_size = strcspn(line, " ");
    const struct verb *verb = verb_find(line, verb_size);
    const char *argument = line + verb_size + strspn(line + verb_size, " ");
    if (strlen(line) != size)
        reply(session, "501 5.5.2 NUL byte in command");
    else if (!verb)
        reply(session, "500 5.5.1 command not known");
    else if (session->state == GREETED && !(verb->in & GREETED))
        reply(session, "503 5.5.1 LHLO first");
    else if (!(verb->in & session->state))
        reply(session, verb->reply);
    else if (verb->argument == ARGUMENT_NONE && *argument)
        reply(session, "501 5.5.4 no argument is allowed here");
    else if (verb->argument == ARGUMENT_MUST && !*argument)
        reply(session, "501 5.5.4 argument missing");
    else if (verb->run)
        verb->run(session, argument);
    else
        reply(session, verb->reply);
}

static void consume(struct bytes *input, size_t size)
{
    input->data += size;
    input->size -= size;
}

/* Collects a command up to its LF and runs it. */
static enum lmtp_event feed_command(struct lmtp_session *session, struct bytes *input)
{
    struct buf *line = &session->line;
    const char *end = memchr(input->data, '\n', input->size);
    size_t size = end ? (size_t)(end - input->data) : input->size;
    buf_add(line, input->data, size);
    consume(input, end ? size + 1 : size);
    if (!end)
        return LMTP_MORE;

    if (line->failed) {
        reply(session, "500 5.5.6 line too long");
    } else {
        buf_add(line, "", 0); /* so that there is a NUL even in an empty line */
        if (line->size && line->data[line->size - 1] == '\r')
            line->data[--line->size] = '\0';
        command(session, line->data, line->size);
    }
    line->size = 0;
    line->failed = false;
    session->commands++;
    if (session->errors && session->errors >= session->rules->session_errors)
        lmtp_session_end(session, LMTP_ERRORS);
    else if (session->rules->session_commands
             && session->commands >= session->rules->session_commands)
        lmtp_session_end(session, LMTP_COMMANDS);
    return session->end ? LMTP_ENDED : LMTP_MORE;
}

static void answer_all(struct lmtp_session *session, const char *text)
{
    for (int64_t i = 0; i < session->recipients; i++)
        buf_printf(&session->out, "%s\r\n", text);
    forget_mail(session, READY);
}

/* The final dot: hands the bytes over to a delivery without copying them. */
static enum lmtp_event end_message(struct lmtp_session *session)
{
    char text[ANSWER_BYTES];
    session->commands = 0;
    switch (hold_state(&session->body)) {
    case HOLD_TOO_LARGE:
        answer_all(session, too_large(session, text));
        return LMTP_TOO_LARGE;
    case HOLD_DROPPED:
        answer_all(session, "451 4.3.1 too much is being received at once, try again later");
        return LMTP_NO_ROOM;
    case HOLD_WHOLE:
        break;
    }
    struct delivery *delivery = delivery_new(SOURCE_LMTP, session->origin);
    delivery->spoolable = true;
    struct bytes bytes = hold_take(&session->body, &delivery->charge);
    if (bytes.data) {
        delivery->bytes = bytes;
        arena_keep_bytes(&delivery->arena, bytes);
    }
    session->delivery = delivery;
    session->state = WAITING;
    return LMTP_MESSAGE;
}

static void keep(struct lmtp_session *session, const char *bytes, size_t size)
{
    hold_add(&session->body, bytes, size);
}

/* Text up to the next CR, and that. */
static size_t keep_text(struct lmtp_session *session, const struct bytes *input)
{
    const char *cr = memchr(input->data, '\r', input->size);
    size_t size = cr ? (size_t)(cr - input->data) + 1 : input->size;
    keep(session, input->data, size);
    session->at = cr ? AT_CR : AT_TEXT;
    return size;
}

/* One step through a message: consumes INPUT's first byte if it means something after what came
 * last, else only notes that it does not. */
static enum lmtp_event feed_message(struct lmtp_session *session, struct bytes *input)
{
    char first = *input->data;
    size_t used = 1;
    if (session->at == AT_LINE_START && first == '.') {
        session->at = AT_DOT;
    } else if (session->at == AT_CR && first == '\n') {
        keep(session, "\n", 1);
        session->at = AT_LINE_START;
    } else if (session->at == AT_DOT && first == '\r') {
        session->at = AT_DOT_CR;
    } else if (session->at == AT_DOT_CR && first == '\n') {
        consume(input, 1);
        return end_message(session);
    } else if (session->at == AT_DOT_CR) { /* the dot was stuffing, the CR is data */
        keep(session, "\r", 1);
        session->at = AT_CR;
        used = 0;
    } else {
        used = keep_text(session, input);
    }
    consume(input, used);
    return LMTP_MORE;
}

/* clang-format off */
static const struct {
    const char *word, *reply;
} ends[] = {
    [LMTP_OPEN]     = { "open",     "" },
    [LMTP_QUIT]     = { "quit",     "221 2.0.0 bye" },
    [LMTP_ERRORS]   = { "errors",   "421 4.7.0 too many errors, closing" },
    [LMTP_COMMANDS] = { "commands", "421 4.7.0 too many commands without a message, closing" },
    [LMTP_BROWSER]  = { "browser",  "421 4.7.0 this is LMTP, not HTTP, closing" },
    [LMTP_IDLE]     = { "idle",     "421 4.4.2 idle for too long, closing" },
    [LMTP_SLOW]     = { "slow",     "421 4.4.2 too slow, closing" },
    [LMTP_CROWDED]  = { "crowded",  "421 4.3.2 too many connections, try again later" },
    [LMTP_SHUTDOWN] = { "shutdown", "421 4.3.2 shutting down, try again later" },
};
/* clang-format on */

/* The answer as one line of printable ASCII: it may quote what a stranger has written. */
static void answer_text(const struct answer *answer, char out[ANSWER_BYTES])
{
    const struct outcome_row *row = outcome_row(answer->outcome);
    char why[ERR_TEXT_BYTES];
    struct buf text = BUF(ANSWER_BYTES * 4);
    buf_printf(&text, "%s %s", row->lmtp_reply, row->word);
    if (answer->id && answer->id[0])
        buf_printf(&text, " %.100s", answer->id);
    if (answer->reports > 1)
        buf_printf(&text, " and %zu more", answer->reports - 1);
    if (answer->outcome != OUTCOME_STORED && answer->err.kind != ERR_NONE)
        buf_printf(&text, ": %s", err_to_text(&answer->err, why, sizeof why));

    size_t size = 0;
    for (const char *c = buf_get(&text); *c && size < ANSWER_BYTES - 1; c++) {
        if ((*c & 0xc0) == 0x80)
            continue; /* one mark for one character beyond ASCII */
        out[size++] = *c >= ' ' && *c < 0x7f ? *c : '?';
    }
    out[size] = '\0';
    buf_done(&text);
}

void lmtp_session_init(struct lmtp_session *session, const struct lmtp_rules *rules,
                       const char *origin)
{
    size_t answers = (size_t)rules->recipients * (ANSWER_BYTES + 2);
    *session = (struct lmtp_session){
        .out = BUF(2 * LMTP_OUT_BYTES + answers),
        .line = BUF(LINE_BYTES - 1),
        .rules = rules,
        .origin = origin,
        .state = GREETED,
    };
    hold_init(&session->body, rules->budget, (size_t)rules->message_bytes);
    buf_printf(&session->out, "220 %s LMTP tlsrptd\r\n", rules->hostname);
}

enum lmtp_event lmtp_session_feed(struct lmtp_session *session, struct bytes *input)
{
    enum lmtp_event event = session->end ? LMTP_ENDED : LMTP_MORE;
    while (event == LMTP_MORE && input->size && session->out.size <= LMTP_OUT_BYTES
           && session->state != WAITING)
        event =
            session->state == DATA ? feed_message(session, input) : feed_command(session, input);
    return event;
}

struct delivery *lmtp_session_message(struct lmtp_session *session)
{
    struct delivery *delivery = session->delivery;
    session->delivery = NULL;
    return delivery;
}

bool lmtp_session_waits(const struct lmtp_session *session)
{
    return session->state == WAITING;
}

bool lmtp_session_receives(const struct lmtp_session *session)
{
    return session->state == DATA;
}

void lmtp_session_answer(struct lmtp_session *session, const struct answer *answer)
{
    char text[ANSWER_BYTES];
    if (session->state != WAITING)
        return;
    answer_text(answer, text);
    answer_all(session, text);
}

void lmtp_session_end(struct lmtp_session *session, enum lmtp_end end)
{
    if (session->end)
        return;
    reply(session, ends[end].reply);
    forget_mail(session, OVER);
    session->end = end;
}

const char *lmtp_end_to_text(enum lmtp_end end)
{
    return ends[end].word;
}

void lmtp_session_done(struct lmtp_session *session)
{
    buf_done(&session->out);
    buf_done(&session->line);
    hold_done(&session->body);
    delivery_free(&session->delivery);
}
