// Where results go: nothing waits for a slow reader, and a file has its name only when complete.
#include "client/cli/print/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/main.h"

static char folder[] = "/tmp/dcalc-test-sink-XXXXXX";
static char path[64], part_path[80];
static dc_sink_t sink;

static void set_up(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out", folder);
    snprintf(part_path, sizeof part_path, "%s.part", path);
}

static void tear_down(void)
{
    dc_sink_fini(&sink);
    unlink(path);
    unlink(part_path);
    rmdir(folder);
}

static void assert_content(const char *name, const char *expected)
{
    char text[64] = { 0 };
    int fd = open(name, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(read(fd, text, sizeof text - 1), 0);
    close(fd);
    ck_assert_str_eq(text, expected);
}

START_TEST(a_file_gets_its_name_at_the_end)
{
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_buf_append_text(&sink.buf, "1\n");
    dc_sink_flush(&sink);
    ck_assert(dc_sink_is_empty(&sink));
    assert_content(part_path, "1\n");
    ck_assert_int_eq(access(path, F_OK), -1);
    dc_buf_append_text(&sink.buf, "2\n");
    ck_assert_int_eq(dc_sink_finish(&sink), 0);
    assert_content(path, "1\n2\n");
    ck_assert_int_eq(access(part_path, F_OK), -1);
}
END_TEST

START_TEST(a_file_that_is_not_finished_keeps_its_other_name)
{
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_buf_append_text(&sink.buf, "1\n");
    dc_sink_flush(&sink);
    dc_sink_fini(&sink);
    assert_content(part_path, "1\n");
    ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(a_file_of_which_nothing_is_wanted_is_removed)
{
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_sink_discard(&sink);
    ck_assert_int_eq(access(part_path, F_OK), -1);
}
END_TEST

// Two that write to one file would mix their rows, and both would say that all is well.
START_TEST(a_file_that_another_run_writes_is_left_to_it)
{
    dc_sink_t second;
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_buf_append_text(&sink.buf, "1\n");
    dc_sink_flush(&sink);
    ck_assert_int_eq(dc_sink_open(&second, path), EBUSY);
    dc_sink_discard(&second);
    dc_sink_fini(&second);
    assert_content(part_path, "1\n");
    ck_assert_int_eq(dc_sink_finish(&sink), 0);
    assert_content(path, "1\n");
    dc_sink_fini(&sink);
    ck_assert_int_eq(dc_sink_open(&second, path), 0);
    dc_sink_discard(&second);
    dc_sink_fini(&second);
}
END_TEST

START_TEST(what_a_run_that_has_died_left_is_taken_over)
{
    char journal_path[80]; // where files cannot be marked it is known by this
    snprintf(journal_path, sizeof journal_path, "%s.journal", path);
    close(open(journal_path, O_WRONLY | O_CREAT, 0600));
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_buf_append_text(&sink.buf, "much from before\n");
    dc_sink_flush(&sink);
    dc_sink_fini(&sink);
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_buf_append_text(&sink.buf, "1\n");
    ck_assert_int_eq(dc_sink_finish(&sink), 0);
    assert_content(path, "1\n");
    unlink(journal_path);
}
END_TEST

// It may be the only copy of something that is nothing of ours.
START_TEST(a_file_of_somebody_else_keeps_what_it_has)
{
    int fd = open(part_path, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_eq(write(fd, "theirs\n", 7), 7);
    close(fd);
    ck_assert_int_eq(dc_sink_open(&sink, path), EEXIST);
    dc_sink_discard(&sink);
    assert_content(part_path, "theirs\n");
    ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

// It looks like any other when it is complete: as a .part by chance it would be taken for ours.
START_TEST(a_complete_file_is_not_marked)
{
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_buf_append_text(&sink.buf, "1\n");
    ck_assert_int_eq(dc_sink_finish(&sink), 0);
    dc_sink_fini(&sink);
    ck_assert_int_eq(rename(path, part_path), 0);
    ck_assert_int_eq(dc_sink_open(&sink, path), EEXIST);
    assert_content(part_path, "1\n");
}
END_TEST

static mode_t mode_of(const char *name)
{
    struct stat info;
    ck_assert_int_eq(stat(name, &info), 0);
    return info.st_mode & 0777;
}

static void make_file(const char *name, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

START_TEST(a_file_that_is_replaced_keeps_its_mode)
{
    static const mode_t modes[] = { 0600, 0666, 0440 };
    make_file(part_path, 0644); // nobody may read there meanwhile who may not read the file
    for (size_t i = 0; i < DC_ARRAY_LEN(modes); i++) {
        make_file(path, modes[i]);
        ck_assert_int_eq(dc_sink_open(&sink, path), 0);
        ck_assert_uint_eq(mode_of(part_path) & ~0200u & ~modes[i], 0);
        ck_assert_int_eq(dc_sink_finish(&sink), 0);
        ck_assert_uint_eq(mode_of(path), modes[i]);
        dc_sink_fini(&sink);
        unlink(path);
    }
}
END_TEST

START_TEST(a_file_that_cannot_be_made_is_told)
{
    ck_assert_int_eq(dc_sink_open(&sink, "/no/such/folder/out"), ENOENT);
}
END_TEST

// A link is written through: neither it nor what it names is replaced by another file.
START_TEST(what_is_no_plain_file_stays_what_it_is)
{
    struct stat info;
    ck_assert_int_eq(symlink("/dev/null", path), 0);
    ck_assert_int_eq(dc_sink_open(&sink, path), 0);
    dc_buf_append_text(&sink.buf, "1\n");
    ck_assert_int_eq(dc_sink_finish(&sink), 0);
    ck_assert_int_eq(lstat(path, &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_int_eq(stat("/dev/null", &info), 0);
    ck_assert(S_ISCHR(info.st_mode));
}
END_TEST

// What it had before must not show behind what is new.
START_TEST(a_link_is_followed_to_a_file_that_begins_anew)
{
    dc_sink_t second;
    make_file(part_path, 0600);
    ck_assert_int_eq(symlink(part_path, path), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(dc_sink_open(&sink, path), 0);
        ck_assert_int_eq(dc_sink_open(&second, path), EBUSY);
        dc_sink_fini(&second);
        dc_buf_append_text(&sink.buf, i ? "1\n" : "longer\n");
        ck_assert_int_eq(dc_sink_finish(&sink), 0);
        dc_sink_fini(&sink);
    }
    assert_content(part_path, "1\n");
}
END_TEST

START_TEST(stdout_by_another_name_is_appended_to)
{
    int fd = open(part_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    ck_assert_int_eq(write(fd, "before\n", 7), 7);
    ck_assert_int_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    close(fd);
    ck_assert_int_eq(dc_sink_open(&sink, "/dev/stdout"), 0);
    dc_buf_append_text(&sink.buf, "1\n");
    ck_assert_int_eq(dc_sink_finish(&sink), 0);
    assert_content(part_path, "before\n1\n");
}
END_TEST

START_TEST(a_folder_is_no_file)
{
    ck_assert_int_eq(dc_sink_open(&sink, folder), EISDIR);
}
END_TEST

// Put the writing end of a pipe in place of stdout.
static int open_pipe(void)
{
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    ck_assert_int_eq(dc_sink_open(&sink, NULL), 0);
    return ends[0];
}

static void fill(char c)
{
    while (dc_sink_has_room(&sink)) {
        dc_buf_append_char(&sink.buf, c);
    }
}

START_TEST(a_reader_that_does_not_read_is_not_waited_for)
{
    static char text[1 << 20];
    int reader = open_pipe();
    for (int i = 0; i < 8; i++) {
        fill('x');
        dc_sink_flush(&sink);
    }
    ck_assert(!dc_sink_is_empty(&sink));
    ck_assert(!dc_sink_has_room(&sink));
    ck_assert_int_eq(sink.error, 0);
    // The pipe that others share with us waits as before.
    ck_assert_int_eq(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
    size_t waiting = sink.buf.len - sink.written;
    ck_assert_int_gt(read(reader, text, sizeof text), 0);
    dc_sink_flush(&sink);
    ck_assert_uint_lt(sink.buf.len - sink.written, waiting);
    close(reader);
}
END_TEST

START_TEST(a_reader_that_has_gone_is_an_error)
{
    int reader = open_pipe();
    close(reader);
    dc_buf_append_text(&sink.buf, "1\n");
    ck_assert_int_eq(dc_sink_finish(&sink), EPIPE);
    ck_assert(dc_sink_is_empty(&sink));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("sink");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_file_gets_its_name_at_the_end);
    tcase_add_test(tests, a_file_that_is_not_finished_keeps_its_other_name);
    tcase_add_test(tests, a_file_of_which_nothing_is_wanted_is_removed);
    tcase_add_test(tests, a_file_that_another_run_writes_is_left_to_it);
    tcase_add_test(tests, what_a_run_that_has_died_left_is_taken_over);
    tcase_add_test(tests, a_file_of_somebody_else_keeps_what_it_has);
    tcase_add_test(tests, a_complete_file_is_not_marked);
    tcase_add_test(tests, a_file_that_is_replaced_keeps_its_mode);
    tcase_add_test(tests, a_file_that_cannot_be_made_is_told);
    tcase_add_test(tests, what_is_no_plain_file_stays_what_it_is);
    tcase_add_test(tests, a_link_is_followed_to_a_file_that_begins_anew);
    tcase_add_test(tests, stdout_by_another_name_is_appended_to);
    tcase_add_test(tests, a_folder_is_no_file);
    tcase_add_test(tests, a_reader_that_does_not_read_is_not_waited_for);
    tcase_add_test(tests, a_reader_that_has_gone_is_an_error);
    Suite *all = suite_create("sink");
    suite_add_tcase(all, tests);
    return all;
}
