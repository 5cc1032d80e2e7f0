/* LMTP dialogues as tables: each is fed whole, byte by byte, and cut in two at every offset, and
 * must give the same replies and the same messages each time.
 * SPDX-License-Identifier: MIT */
#include "ingest/lmtp_session.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define GREETING "220 mx.example LMTP tlsrptd\r\n"
#define LHLO_REPLY                                                        \
    "250-mx.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 60\r\n" \
    "250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n"
#define OK       "250 2.0.0 OK\r\n"
#define FROM_OK  "250 2.1.0 OK\r\n"
#define TO_OK    "250 2.1.5 OK\r\n"
#define GO_ON    "354 end with <CRLF>.<CRLF>\r\n"
#define STORED   "250 2.0.0 stored r7\r\n"
#define BIG      "552 5.3.4 message exceeds the limit of 60 bytes\r\n"
#define BYE      "221 2.0.0 bye\r\n"
#define TOO_MANY "421 4.7.0 too many errors, closing\r\n"

/* A session that is ready for data, and what it has said by then. */
#define OPENING       "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n"
#define OPENING_REPLY LHLO_REPLY FROM_OK TO_OK GO_ON

static const struct lmtp_rules rules = {
    .hostname = "mx.example",
    .message_bytes = 60,
    .recipients = 3,
    .session_errors = 4,
};

/* A dialogue; what is said to a message is always "stored". */
struct dialogue {
    const char *name;
    const char *input;
    size_t size;              /* 0: as long as the text */
    const char *want;         /* replies after the greeting */
    const char *want_message; /* all messages, each with "|" behind it */
    enum lmtp_end want_end;
};

#define LONG_64  "0123456789012345678901234567890123456789012345678901234567890123"
#define LONG_512 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64

static const struct dialogue dialogues[] = {
    { .name = "a message for two, in one go",
      .input = "LHLO client\r\nMAIL FROM:<s@example.net> SIZE=20 BODY=8BITMIME\r\n"
               "RCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org> NOTIFY=NEVER\r\nDATA\r\n"
               "Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n",
      .want = LHLO_REPLY FROM_OK TO_OK TO_OK GO_ON STORED STORED BYE,
      .want_message = "Subject: x\r\n\r\nhello\r\n|",
      .want_end = LMTP_QUIT },
    { .name = "two messages in one session",
      .input = OPENING "1\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nDATA\r\n2\r\n.\r\n",
      .want = OPENING_REPLY STORED FROM_OK TO_OK GO_ON STORED,
      .want_message = "1\r\n|2\r\n|" },
    { .name = "an empty message",
      .input = OPENING ".\r\n",
      .want = OPENING_REPLY STORED,
      .want_message = "|" },
    { .name = "dots are unstuffed at the start of lines only",
      .input = OPENING "..a\r\n.b\r\nc.\r\n...\r\n..\r\n.\r\n",
      .want = OPENING_REPLY STORED,
      .want_message = ".a\r\nb\r\nc.\r\n..\r\n.\r\n|" },
    { .name = "only CRLF.CRLF ends a message",
      .input = OPENING "a\n.\nb\n.\r\nc\r\n.\nd\r.\r\ne\r\n.\rf\r\n.\r\r\ng\r\n.\r\n",
      .want = OPENING_REPLY STORED,
      .want_message = "a\n.\nb\n.\r\nc\r\n\nd\r.\r\ne\r\n\rf\r\n\r\r\ng\r\n|" },
    { .name = "commands inside a message are text",
      .input = OPENING "QUIT\r\nMAIL FROM:<x>\n.\nRSET\r\n.\r\nNOOP\r\n",
      .want = OPENING_REPLY STORED OK,
      .want_message = "QUIT\r\nMAIL FROM:<x>\n.\nRSET\r\n|" },
    { .name = "a message that just fits",
      .input = OPENING "12345678901234567890123456789012345678901234567890123456\r\n\r\n.\r\n",
      .want = OPENING_REPLY STORED,
      .want_message = "12345678901234567890123456789012345678901234567890123456\r\n\r\n|" },
    { .name = "a message over the limit is refused for each recipient, and the next one taken",
      .input = "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nDATA\r\n" LONG_512
               "\r\n.QUIT\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nDATA\r\nx\r\n.\r\n",
      .want = LHLO_REPLY FROM_OK TO_OK TO_OK GO_ON BIG BIG FROM_OK TO_OK GO_ON STORED,
      .want_message = "x\r\n|" },
    { .name = "SIZE over the limit is refused at once",
      .input = "LHLO c\r\nMAIL FROM:<> SIZE=61\r\nMAIL FROM:<> SIZE=99999999999999999999\r\n"
               "MAIL FROM:<> SIZE=60\r\n",
      .want = LHLO_REPLY BIG BIG FROM_OK },
    { .name = "parameters",
      .input = "LHLO c\r\nMAIL FROM:<> size=1 body=7bit RET=HDRS ENVID=x AUTH=<>\r\nRSET\r\n"
               "MAIL FROM:<> SIZE=\r\nMAIL FROM:<> BODY=BINARYMIME\r\nMAIL FROM:<> X=1\r\n",
      .want = LHLO_REPLY FROM_OK OK "501 5.5.4 SIZE=number wanted\r\n"
                                    "501 5.5.4 BODY=7BIT or BODY=8BITMIME wanted\r\n"
                                    "555 5.5.4 parameter not known\r\n" },
    { .name = "parameters of the other command are not known",
      .input = "LHLO c\r\nMAIL FROM:<> NOTIFY=NEVER\r\nMAIL FROM:<>\r\nRCPT TO:<a> SIZE=1\r\n"
               "RCPT TO:<a> ORCPT=rfc822;a NOTIFY=SUCCESS,FAILURE\r\n",
      .want = LHLO_REPLY "555 5.5.4 parameter not known\r\n" FROM_OK
                         "555 5.5.4 parameter not known\r\n" TO_OK },
    { .name = "paths",
      .input = "LHLO c\r\nmail from: <a@b>\r\nRSET\r\n"
               "MAIL FROM:<@x,@y:\"q>\\\" u\"@b>\r\nrcpt to:<postmaster>\r\nRSET\r\n"
               "MAIL FROM:a@b\r\nMAIL TO:<a@b>\r\nMAIL FROM:<a b>\r\n",
      .want = LHLO_REPLY FROM_OK OK FROM_OK TO_OK OK "501 5.5.4 MAIL FROM:<address> wanted\r\n"
                                                     "501 5.5.4 MAIL FROM:<address> wanted\r\n"
                                                     "501 5.1.7 bad sender address\r\n" },
    { .name = "more paths",
      .input = "LHLO c\r\nMAIL FROM:<a@b\r\nMAIL FROM:<a>b\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\n"
               "RCPT TO:<a\rb>\r\n",
      .want = LHLO_REPLY "501 5.5.4 MAIL FROM:<address> wanted\r\n"
                         "501 5.5.4 MAIL FROM:<address> wanted\r\n" FROM_OK
                         "501 5.1.3 bad recipient address\r\n"
                         "501 5.1.3 bad recipient address\r\n" TOO_MANY,
      .want_end = LMTP_ERRORS },
    { .name = "addresses beyond ASCII need SMTPUTF8",
      .input = "LHLO c\r\nMAIL FROM:<\xc3\xa9@b>\r\nMAIL FROM:<\xc3\xa9@b> SMTPUTF8\r\n"
               "RCPT TO:<\xc3\xa9@b>\r\nRCPT TO:<\xc3@b>\r\nRSET\r\nMAIL FROM:<>\r\n"
               "RCPT TO:<\xc3\xa9@b>\r\n",
      .want = LHLO_REPLY "553 5.6.7 address beyond ASCII needs SMTPUTF8\r\n" FROM_OK TO_OK
                         "501 5.1.3 bad recipient address\r\n" OK FROM_OK
                         "553 5.6.7 address beyond ASCII needs SMTPUTF8\r\n" },
    { .name = "recipients beyond the limit, which is no error",
      .input = "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<1>\r\nRCPT TO:<2>\r\nRCPT TO:<3>\r\n"
               "RCPT TO:<4>\r\nRCPT TO:<5>\r\nRCPT TO:<6>\r\nRCPT TO:<7>\r\nDATA\r\nx\r\n.\r\n",
#define TOO_MANY_TO "452 4.5.3 too many recipients; send the rest in another transaction\r\n"
      .want = LHLO_REPLY FROM_OK TO_OK TO_OK TO_OK TOO_MANY_TO TOO_MANY_TO TOO_MANY_TO TOO_MANY_TO
          GO_ON STORED STORED STORED,
      .want_message = "x\r\n|" },
    { .name = "a browser that was made to post",
      .input = "POST / HTTP/1.1\r\nHost: 127.0.0.1:2424\r\n\r\n" OPENING "x\r\n.\r\n",
      .want = "421 4.7.0 this is LMTP, not HTTP, closing\r\n",
      .want_end = LMTP_BROWSER },
    { .name = "order of commands",
      .input = "MAIL FROM:<>\r\nLHLO c\r\nRCPT TO:<a>\r\nMAIL FROM:<>\r\nDATA\r\nMAIL FROM:<>\r\n",
      .want = "503 5.5.1 LHLO first\r\n" LHLO_REPLY "503 5.5.1 MAIL first\r\n" FROM_OK
              "503 5.5.1 no recipient was accepted\r\n"
              "503 5.5.1 MAIL was said; RSET begins anew\r\n" TOO_MANY,
      .want_end = LMTP_ERRORS },
    { .name = "RSET and LHLO forget the mail",
      .input = "RSET\r\nLHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nRSET\r\nDATA\r\n"
               "MAIL FROM:<>\r\nLHLO d\r\nRCPT TO:<a>\r\nMAIL FROM:<>\r\n",
      .want = OK LHLO_REPLY FROM_OK TO_OK OK
      "503 5.5.1 no recipient was accepted\r\n" FROM_OK LHLO_REPLY
      "503 5.5.1 MAIL first\r\n" FROM_OK },
    { .name = "RSET before LHLO does not stand for it",
      .input = "RSET\r\nMAIL FROM:<>\r\n",
      .want = OK "503 5.5.1 LHLO first\r\n" },
    { .name = "HELO and EHLO are told what this is",
      .input = "HELO c\r\nEHLO c\r\nLHLO\r\nLHLO c\r\n",
      .want = "500 5.5.1 this is LMTP: say LHLO\r\n500 5.5.1 this is LMTP: say LHLO\r\n"
              "501 5.5.4 argument missing\r\n" LHLO_REPLY },
    { .name = "the small commands",
      .input =
          "noop\r\nNOOP x y\r\nVRFY a\r\nHELP\r\nHelp me\r\nEXPN x\r\nVRFY\r\nRSET x\r\nquit  \r\n",
      .want = OK OK "252 2.5.0 not verified; any recipient is taken\r\n"
                    "214 2.0.0 LMTP of RFC 2033 for RFC 8460 reports\r\n"
                    "214 2.0.0 LMTP of RFC 2033 for RFC 8460 reports\r\n"
                    "502 5.5.1 there are no lists here\r\n501 5.5.4 argument missing\r\n"
                    "501 5.5.4 no argument is allowed here\r\n" BYE,
      .want_end = LMTP_QUIT },
    { .name = "what follows QUIT is not read",
      .input = "QUIT\r\nNOOP\r\n",
      .want = BYE,
      .want_end = LMTP_QUIT },
    { .name = "commands may end with a bare LF",
      .input = "NOOP\nLHLO c\nNOOP\n",
      .want = OK LHLO_REPLY OK },
    { .name = "unknown commands, until it is enough",
      .input = "FOO\r\n\r\nMAILFROM:<>\r\nFETCH 1\r\nHost: x\r\n",
      .want = "500 5.5.1 command not known\r\n500 5.5.1 command not known\r\n"
              "500 5.5.1 command not known\r\n500 5.5.1 command not known\r\n" TOO_MANY,
      .want_end = LMTP_ERRORS },
    { .name = "a NUL in a command",
      .input = "NOOP\0x\r\nLHLO c\r\n",
      .size = 16,
      .want = "501 5.5.2 NUL byte in command\r\n" LHLO_REPLY },
    { .name = "a NUL in a message is data", /* shown as "0" by the test */
      .input = OPENING "a\0b\r\n.\r\n",
      .size = sizeof OPENING - 1 + 8,
      .want = OPENING_REPLY STORED,
      .want_message = "a0b\r\n|" },
    { .name = "the longest command line",
      .input =
          "NOOP " LONG_512 LONG_512 LONG_512 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64
          "012345678901234567890123456789012345678901234567890123456\r\n",
      .want = OK },
    { .name = "a command line one byte longer",
      .input =
          "NOOP " LONG_512 LONG_512 LONG_512 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64
          "0123456789012345678901234567890123456789012345678901234567\r\nNOOP\r\n",
      .want = "500 5.5.6 line too long\r\n" OK },
    { .name = "a line cut short is not acted upon", .input = "LHLO c\r\nQUIT", .want = LHLO_REPLY },
};

/* What a run of a dialogue gave. */
struct heard {
    struct buf replies, messages;
};

static void take_message(struct lmtp_session *session, struct heard *heard)
{
    static const struct answer stored = { .outcome = OUTCOME_STORED, .reports = 1, .id = "r7" };
    struct delivery *delivery = lmtp_session_message(session);
    assert_non_null(delivery);
    assert_int_equal(delivery->source, SOURCE_LMTP);
    assert_string_equal(delivery->origin, "192.0.2.1");
    assert_int_equal(delivery->bytes.data[delivery->bytes.size], '\0');
    for (size_t i = 0; i < delivery->bytes.size; i++)
        buf_add(&heard->messages, delivery->bytes.data[i] ? &delivery->bytes.data[i] : "0", 1);
    buf_text(&heard->messages, "|");
    delivery_free(&delivery);

    struct bytes more = { "NOOP\r\n", 6 };
    assert_true(lmtp_session_waits(session));
    assert_int_equal(lmtp_session_feed(session, &more), LMTP_MORE);
    assert_int_equal(more.size, 6); /* nothing is taken before the answer */
    lmtp_session_answer(session, &stored);
    assert_false(lmtp_session_waits(session));
}

/* Feeds one piece as the door does. */
static void feed(struct lmtp_session *session, struct bytes piece, struct heard *heard)
{
    enum lmtp_event event = LMTP_MORE;
    while (event != LMTP_ENDED && (piece.size || event != LMTP_MORE)) {
        event = lmtp_session_feed(session, &piece);
        if (event == LMTP_MESSAGE)
            take_message(session, heard);
        buf_add(&heard->replies, buf_get(&session->out), session->out.size);
        buf_drop(&session->out, session->out.size);
    }
}

/* Runs a dialogue with pieces of FIRST bytes and then of EACH bytes. */
static void run(const struct dialogue *row, size_t first, size_t each)
{
    size_t size = row->size ? row->size : strlen(row->input);
    struct heard heard = { BUF(1 << 20), BUF(1 << 20) };
    struct lmtp_session session;
    lmtp_session_init(&session, &rules, "192.0.2.1");
    for (size_t at = 0, piece = first; at < size; at += piece, piece = each) {
        if (piece > size - at)
            piece = size - at;
        char *copy = memory_new(piece); /* of exactly this size: an overrun is seen */
        memcpy(copy, row->input + at, piece);
        feed(&session, (struct bytes){ copy, piece }, &heard);
        free(copy);
    }
    const char *greeting = GREETING;
    assert_memory_equal(buf_get(&heard.replies), greeting, strlen(greeting));
    assert_string_equal(buf_get(&heard.replies) + strlen(greeting), row->want);
    assert_string_equal(buf_get(&heard.messages), row->want_message ? row->want_message : "");
    assert_int_equal(session.end, row->want_end);
    buf_done(&heard.replies);
    buf_done(&heard.messages);
    lmtp_session_done(&session);
}

static void test_dialogues(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(dialogues); i++) {
        const struct dialogue *row = &dialogues[i];
        size_t size = row->size ? row->size : strlen(row->input);
        print_message("  %s\n", row->name);
        run(row, size, size);
        run(row, 1, 1);
        for (size_t cut = 1; cut < size; cut++)
            run(row, cut, size);
    }
}

static const struct answer_row {
    const char *name;
    struct answer answer;
    const char *want;
} answers[] = {
    { .name = "stored",
      .answer = { .outcome = OUTCOME_STORED, .reports = 1, .id = "r7" },
      .want = "250 2.0.0 stored r7\r\n" },
    { .name = "several",
      .answer = { .outcome = OUTCOME_STORED, .reports = 3, .id = "r7" },
      .want = "250 2.0.0 stored r7 and 2 more\r\n" },
    { .name = "duplicate",
      .answer = { .outcome = OUTCOME_DUPLICATE, .reports = 1, .id = "r7" },
      .want = "250 2.0.0 duplicate r7\r\n" },
    { .name = "rejected",
      .answer = { .outcome = OUTCOME_REJECTED,
                  .err = { ERR_INPUT, "policies[0].summary", "negative" },
                  .id = "" },
      .want = "250 2.0.0 rejected: policies[0].summary: negative\r\n" },
    { .name = "refused",
      .answer = { .outcome = OUTCOME_REFUSED, .err = { ERR_REFUSED, "", "not ours" }, .id = "" },
      .want = "550 5.7.1 refused: not ours\r\n" },
    { .name = "retry",
      .answer = { .outcome = OUTCOME_RETRY, .err = { ERR_AGAIN, "", "no database" }, .id = "" },
      .want = "451 4.3.0 retry: no database\r\n" },
    { .name = "what a stranger wrote cannot forge a reply",
      .answer = { .outcome = OUTCOME_REJECTED,
                  .err = { ERR_INPUT, "", "a\r\n250 \t\x7f \xc3\xa9\xe2\x82\xac \xff." },
                  .id = "" },
      .want = "250 2.0.0 rejected: a??250 ?? ?? ?.\r\n" },
};

/* A session that waits for the answer to a message for RECIPIENTS. */
static void until_waiting(struct lmtp_session *session, int recipients)
{
    struct bytes lhlo = { "LHLO c\r\nMAIL FROM:<>\r\n", 22 };
    lmtp_session_init(session, &rules, "");
    assert_int_equal(lmtp_session_feed(session, &lhlo), LMTP_MORE);
    for (int i = 0; i < recipients; i++) {
        struct bytes rcpt = { "RCPT TO:<a>\r\n", 13 };
        assert_int_equal(lmtp_session_feed(session, &rcpt), LMTP_MORE);
    }
    struct bytes data = { "DATA\r\nx\r\n.\r\n", 12 };
    assert_int_equal(lmtp_session_feed(session, &data), LMTP_MESSAGE);
    buf_drop(&session->out, session->out.size);
}

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        struct lmtp_session session;
        print_message("  %s\n", answers[i].name);
        until_waiting(&session, 1);
        lmtp_session_answer(&session, &answers[i].answer);
        assert_string_equal(buf_get(&session.out), answers[i].want);
        lmtp_session_done(&session); /* frees the message, which nobody took */
    }
}

static void test_answers_are_bounded(void **state)
{
    (void)state;
    struct answer answer = { .outcome = OUTCOME_REJECTED, .err = { .kind = ERR_INPUT }, .id = "" };
    memset(answer.err.field, 'f', sizeof answer.err.field - 1);
    memset(answer.err.text, 't', sizeof answer.err.text - 1);
    struct lmtp_session session;
    until_waiting(&session, 3);
    lmtp_session_answer(&session, &answer);
    const char *line = buf_get(&session.out);
    for (int i = 0; i < 3; i++) {
        size_t size = strcspn(line, "\r");
        assert_in_range(size, 300, 400);
        assert_memory_equal(line, "250 2.0.0 rejected: fff", 23);
        line += size + 2;
    }
    assert_string_equal(line, "");
    assert_false(session.out.failed);
    lmtp_session_done(&session);
}

static void test_end(void **state)
{
    (void)state;
    static const struct {
        enum lmtp_end end;
        const char *want;
    } rows[] = {
        { .end = LMTP_IDLE, .want = "421 4.4.2 idle for too long, closing\r\n" },
        { .end = LMTP_SHUTDOWN, .want = "421 4.3.2 shutting down, try again later\r\n" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct answer stored = { .outcome = OUTCOME_STORED, .id = "" };
        struct bytes more = { "NOOP\r\n", 6 };
        struct lmtp_session session;
        until_waiting(&session, 1);
        lmtp_session_end(&session, rows[i].end);
        lmtp_session_end(&session, LMTP_QUIT);
        lmtp_session_answer(&session, &stored); /* too late: nothing happens */
        assert_int_equal(lmtp_session_feed(&session, &more), LMTP_ENDED);
        assert_int_equal(more.size, 6);
        assert_string_equal(buf_get(&session.out), rows[i].want);
        assert_int_equal(session.end, rows[i].end);
        lmtp_session_done(&session);
    }
    assert_string_equal(lmtp_end_to_text(LMTP_IDLE), "idle");
}

/* Replies that nobody reads do not pile up: the session stops taking commands. */
static void test_unread_replies_hold_commands_back(void **state)
{
    (void)state;
    struct lmtp_session session;
    struct buf commands = BUF(1 << 20);
    for (int i = 0; i < 5000; i++)
        buf_text(&commands, "LHLO c\r\n");
    struct bytes input = { buf_get(&commands), commands.size };
    lmtp_session_init(&session, &rules, "");
    assert_int_equal(lmtp_session_feed(&session, &input), LMTP_MORE);
    assert_true(input.size > 0);
    assert_in_range(session.out.size, LMTP_OUT_BYTES, LMTP_OUT_BYTES + 200);

    size_t total = session.out.size;
    while (input.size) {
        buf_drop(&session.out, session.out.size);
        assert_int_equal(lmtp_session_feed(&session, &input), LMTP_MORE);
        total += session.out.size;
    }
    assert_int_equal(total, strlen(GREETING) + 5000 * strlen(LHLO_REPLY));
    buf_done(&commands);
    lmtp_session_done(&session);
}

/* Commands in a row without a message have an end; a message begins a new row. */
static void test_commands(void **state)
{
    (void)state;
    struct lmtp_rules own = rules;
    own.session_commands = 6;
    for (int messages = 0; messages < 2; messages++) {
        struct lmtp_session session;
        lmtp_session_init(&session, &own, "192.0.2.1");
        char text[] = OPENING "x\r\n.\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n";
        char idle[] = "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n";
        struct bytes input = { messages ? text : idle,
                               messages ? sizeof text - 1 : sizeof idle - 1 };
        enum lmtp_event event = lmtp_session_feed(&session, &input);
        if (messages) {
            assert_int_equal(event, LMTP_MESSAGE);
            struct delivery *delivery = lmtp_session_message(&session);
            lmtp_session_answer(&session, &(struct answer){ .outcome = OUTCOME_STORED });
            delivery_free(&delivery);
            event = lmtp_session_feed(&session, &input);
        }
        assert_int_equal(event, LMTP_ENDED);
        assert_int_equal(session.end, LMTP_COMMANDS);
        assert_non_null(strstr(session.out.data, "421 4.7.0 too many commands without a message"));
        assert_int_equal(input.size, messages ? 0 : 6); /* the seventh was not heard */
        lmtp_session_done(&session);
    }
}

/* A message for which there is no memory is swallowed and to be sent again. */
static void test_no_room(void **state)
{
    (void)state;
    struct budget *budget = budget_new(1 << 20);
    struct lmtp_rules own = rules;
    own.budget = budget;
    struct charge taken = { .budget = budget };
    assert_true(charge_set(&taken, BUDGET_SMALL));
    struct charge more[3] = { { budget, 0 }, { budget, 0 }, { budget, 0 } };
    for (size_t i = 0; i < 3; i++)
        assert_true(charge_set(&more[i], BUDGET_SMALL));
    struct lmtp_session session;
    lmtp_session_init(&session, &own, "192.0.2.1");
    char text[] = OPENING "x\r\n.\r\n";
    struct bytes input = { text, sizeof text - 1 };
    assert_int_equal(lmtp_session_feed(&session, &input), LMTP_NO_ROOM);
    assert_non_null(strstr(session.out.data, "451 4.3.1 too much"));
    lmtp_session_done(&session);
    charge_done(&taken);
    for (size_t i = 0; i < 3; i++)
        charge_done(&more[i]);
    budget_free(&budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_answers_are_bounded),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_unread_replies_hold_commands_back),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
