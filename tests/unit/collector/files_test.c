/* What paths hold and how it is read: files, directories, maildirs, mboxes, links, faults, limits.
 * SPDX-License-Identifier: MIT */
#include "collector/files.h"
#include "base/macros.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define MAX    1000
#define NOBODY 65534

static char root[] = "/tmp/files_test.XXXXXX";

static const char *below(const char *name)
{
    static char paths[4][200];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *out = fopen(below(name), "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
    assert_int_equal(fclose(out), 0);
}

static void make(const char *name)
{
    assert_int_equal(mkdir(below(name), 0755), 0);
}

static void begin(struct files *files, const char *name)
{
    struct err err = { 0 };
    const char *path = below(name);
    if (!files_open(files, &path, 1, MAX, &err))
        fail_msg("%s", err.text);
}

/* All messages as "name(text)" with their paths below the root; "!" for one that cannot be read. */
static const char *read_all(struct files *files)
{
    static struct buf all = { .max = 1 << 20 };
    struct buf bytes = BUF(MAX + 65536);
    bool more = true;
    all.size = 0;
    buf_text(&all, "");
    while (more) {
        const char *path = "";
        struct err err = { 0 };
        bool good = files_next(files, &bytes, &path, &more, &err);
        if (good && !more)
            break;
        const char *name = strncmp(path, root, strlen(root)) == 0 ? path + strlen(root) + 1 : path;
        if (good)
            buf_printf(&all, "%s(%s)", name, buf_get(&bytes));
        else
            buf_printf(&all, "%s!", name);
        if (!good)
            assert_int_equal(err.kind, ERR_AGAIN);
    }
    buf_done(&bytes);
    return buf_get(&all);
}

static void assert_found(const char *name, const char *want)
{
    struct files files;
    begin(&files, name);
    assert_string_equal(read_all(&files), want);
    files_close(&files);
}

static void test_one_file(void **state)
{
    (void)state;
    put("one", "text");
    struct files files;
    begin(&files, "one");
    assert_int_equal(files.count, 1);
    assert_int_equal(files.total_bytes, 4);
    assert_int_equal(files.done_bytes, 0);
    assert_string_equal(read_all(&files), "one(text)");
    assert_int_equal(files.done_bytes, 4);
    files_close(&files);
    put("empty", "");
    assert_found("empty", "empty()");
}

/* By name, those below too; hidden names, links to directories and what is no file are left out. */
static void test_directories(void **state)
{
    (void)state;
    make("tree");
    make("tree/b");
    make("tree/b/deep");
    make("tree/.hidden");
    put("tree/c", "3");
    put("tree/a", "1");
    put("tree/b/deep/x", "2");
    put("tree/.hidden/y", "no");
    put("tree/.z", "no");
    assert_int_equal(symlink(root, below("tree/loop")), 0);
    assert_int_equal(symlink("/nonexistent", below("tree/nothing")), 0);
    assert_int_equal(symlink("c", below("tree/d")), 0);
    assert_int_equal(mkfifo(below("tree/pipe"), 0600), 0);
    assert_found("tree", "tree/a(1)tree/b/deep/x(2)tree/c(3)tree/d(3)");
    make("nothing");
    assert_found("nothing", "");
}

static void test_several_paths(void **state)
{
    (void)state;
    make("several");
    put("several/a", "1");
    const char *paths[] = { below("several"), below("several/a"), below("several/") };
    struct files files;
    struct err err = { 0 };
    assert_true(files_open(&files, paths, 3, MAX, &err));
    assert_int_equal(files.count, 3);
    files_close(&files);
}

static void test_maildir(void **state)
{
    (void)state;
    make("maildir");
    make("maildir/cur");
    make("maildir/new");
    make("maildir/tmp");
    put("maildir/cur/1:2,S", "seen");
    put("maildir/new/2", "new");
    put("maildir/tmp/3", "half");
    assert_found("maildir", "maildir/cur/1:2,S(seen)maildir/new/2(new)");
    make("notmaildir");
    make("notmaildir/tmp");
    put("notmaildir/tmp/3", "whole");
    assert_found("notmaildir", "notmaildir/tmp/3(whole)");
}

/* clang-format off */
static const struct {
    const char *name, *text, *want;
} mboxes[] = {
    { "one message", "From a@b Wed\nSubject: x\n\nbody\n", "m:1(Subject: x\n\nbody\n)" },
    { "two", "From a\nx\n\nFrom b\ny\n", "m:1(x\n\n)m:2(y\n)" },
    { "CRLF", "From a\r\nx\r\n\r\nFrom b\r\ny\r\n", "m:1(x\r\n\r\n)m:2(y\r\n)" },
    { "without a last newline", "From a\nx\n\nFrom b\ny", "m:1(x\n\n)m:2(y)" },
    { "quoted lines", "From a\nx\n\n>From b\n>>From c\n> From d\n>Fromage\n", "m:1(x\n\nFrom b\n>From c\n> From d\n>Fromage\n)" },
    { "no blank line before", "From a\nx\nFrom here on\ny\n", "m:1(x\nFrom here on\ny\n)" },
    { "a header of that name", "From a\nFrom: b\n\nFrom: c\n", "m:1(From: b\n\nFrom: c\n)" },
    { "an empty message", "From a\n\nFrom b\ny\n", "m:1(\n)m:2(y\n)" },
    { "nothing behind the line", "From a\n", "m:1()" },
    { "nothing behind it at all", "From a", "m:1()" },
    { "no mbox", "from a\nx\n\nFrom b\n", "m(from a\nx\n\nFrom b\n)" },
    { "a mail", "From: a\n\nFrom b\n", "m(From: a\n\nFrom b\n)" },
    { "shorter than the mark", "From", "m(From)" },
};
/* clang-format on */

static void test_mboxes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(mboxes); i++) {
        print_message("%s\n", mboxes[i].name);
        put("m", mboxes[i].text);
        struct files files;
        begin(&files, "m");
        assert_string_equal(read_all(&files), mboxes[i].want);
        assert_int_equal(files.done_bytes, files.total_bytes);
        files_close(&files);
    }
}

/* An mbox among other files, and another behind it: numbers begin anew. */
static void test_mboxes_in_a_directory(void **state)
{
    (void)state;
    make("mixed");
    put("mixed/a", "{}");
    put("mixed/b", "From a\nx\n\nFrom b\ny\n");
    put("mixed/c", "From a\nz\n");
    put("mixed/d", "{}");
    assert_found("mixed", "mixed/a({})mixed/b:1(x\n\n)mixed/b:2(y\n)mixed/c:1(z\n)mixed/d({})");
}

/* One byte beyond the limit is read, so that it is seen, and no more; what follows is whole. */
static void test_limit(void **state)
{
    (void)state;
    char text[3 * MAX];
    static const size_t sizes[] = { MAX - 1, MAX, MAX + 1, MAX + 2, 2 * MAX };
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        size_t want = sizes[i] < MAX + 1 ? sizes[i] : MAX + 1;
        for (int mbox = 0; mbox < 2; mbox++) {
            struct files files;
            struct buf bytes = BUF(MAX + 65536);
            const char *path;
            bool more;
            struct err err = { 0 };
            char *at = text + snprintf(text, 20, "%s", mbox ? "From a\n" : "");
            memset(at, 'x', sizes[i]);
            for (size_t k = 79; mbox && k < sizes[i]; k += 80)
                at[k] = '\n';
            snprintf(at + sizes[i], 20, "%s", mbox ? "\n\nFrom b\ny\n" : "");
            put("large", text);
            begin(&files, "large");
            assert_true(files_next(&files, &bytes, &path, &more, &err));
            if (!mbox || sizes[i] > MAX)
                assert_int_equal(bytes.size, want);
            assert_true(bytes.size <= MAX + 1);
            assert_true(files_next(&files, &bytes, &path, &more, &err));
            assert_int_equal(more, mbox);
            if (mbox)
                assert_string_equal(buf_get(&bytes), "y\n");
            files_close(&files);
            buf_done(&bytes);
        }
    }
}

static void test_missing_path(void **state)
{
    (void)state;
    struct files files;
    struct err err = { 0 };
    const char *path = below("no-such-thing");
    assert_false(files_open(&files, &path, 1, MAX, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_non_null(strstr(err.text, "no-such-thing: No such file or directory"));
    files_close(&files);
}

/* One that is gone when its turn comes does not stop the others. */
static void test_vanished_file(void **state)
{
    (void)state;
    make("vanish");
    put("vanish/a", "1");
    put("vanish/b", "2");
    put("vanish/c", "3");
    struct files files;
    begin(&files, "vanish");
    assert_int_equal(unlink(below("vanish/b")), 0);
    assert_string_equal(read_all(&files), "vanish/a(1)vanish/b!vanish/c(3)");
    files_close(&files);
}

/* Ditto one that may not be read; root may read all, and becomes somebody else for it. */
static void test_unreadable_file(void **state)
{
    (void)state;
    bool is_root = geteuid() == 0;
    make("forbidden");
    put("forbidden/a", "1");
    put("forbidden/b", "2");
    assert_int_equal(chmod(below("forbidden/a"), 0), 0);
    assert_int_equal(chmod(root, 0755), 0);
    if (is_root)
        assert_int_equal(seteuid(NOBODY), 0);
    struct files files;
    begin(&files, "forbidden");
    const char *found = read_all(&files);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    files_close(&files);
    assert_string_equal(found, "forbidden/a!forbidden/b(2)");
}

static void test_standard_input(void **state)
{
    (void)state;
    static const char *const dash = "-";
    int ends[2], before = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "From a\nx\n", 9),
                     9); /* one message, whatever it begins with */
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    struct files files;
    struct err err = { 0 };
    assert_true(files_open(&files, &dash, 1, MAX, &err));
    assert_string_equal(read_all(&files), "-(From a\nx\n)");
    files_close(&files);
    dup2(before, STDIN_FILENO);
    close(before);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_file),       cmocka_unit_test(test_directories),
        cmocka_unit_test(test_several_paths),  cmocka_unit_test(test_maildir),
        cmocka_unit_test(test_mboxes),         cmocka_unit_test(test_mboxes_in_a_directory),
        cmocka_unit_test(test_limit),          cmocka_unit_test(test_missing_path),
        cmocka_unit_test(test_vanished_file),  cmocka_unit_test(test_unreadable_file),
        cmocka_unit_test(test_standard_input),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
