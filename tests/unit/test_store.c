// The store: what it says is committed is there again, whatever happened, and nothing is twice.
#include "broker/store/store.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/rng.h"
#include "tests/lib/disk.h"
#include "tests/lib/main.h"
#include "tests/lib/store_fixture.h"

#define PATIENCE_MS DC_STORE_RESULT_PATIENCE_MS
#define PATIENCE_US (UINT64_C(1000) * PATIENCE_MS)

// --- what was put is found ---------------------------------------------------------------------

START_TEST(what_was_put_is_found_again_with_inputs_of_what_has_no_results)
{
    put(batch_op(3));
    put(chunk_op(3, 0, DC_STR("1+1\n2+2\n")));
    put(chunk_op(3, 1, DC_STR("3+3\n4/0\n")));
    dc_store_op_t *op = make(DC_STORE_CLOSE, 3);
    op->close.jobs = 4;
    put(op);
    put(result_op(3, 0, DC_STR("2\n4\n")));
    op = make(DC_STORE_TERMS, 3);
    op->terms.level = 12;
    op->terms.is_held = true;
    put(op);
    op = make(DC_STORE_TERMS, 3);
    op->terms.number = 1;
    op->terms.level = 13;
    put(op);
    put(batch_op(4));
    op = make(DC_STORE_END, 4);
    op->end.error = DC_ERR_CANCELLED;
    op->end.date = 77;
    put(op);
    for (int i = 0; i < 9; i++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
    reopen();
    ck_assert_str_eq(found_text(),
                     "batch b3 key=03 name=name program={} level=10 keep=5; close b3 jobs=4; "
                     "terms b3 1 level=13 held=0; chunk b3 0 [0,2) bytes=8 data=; "
                     "result b3 0 answered=2 failed=1 bytes=4; "
                     "chunk b3 1 [2,4) bytes=8 data=3+3\n4/0\n; "
                     "batch b4 key=04 name=name program={} level=10 keep=5; "
                     "end b4 cancelled date=77");
    ck_assert_uint_eq(dc_store_epoch(store), 2);
}
END_TEST

// What a batch comes after and which results its jobs need; those that are there come with it,
// until the batch has ended.
START_TEST(what_is_waited_for_is_found_again)
{
    dc_store_op_t *op = batch_op(3);
    op->awaited = keep(DC_STR("afters"));
    put(op);
    put(needed_op(3, 0, DC_STR("")));
    put(needed_op(3, 1, DC_STR("pairs")));
    put(met_op(3, 1));
    put(met_op(3, 1));
    put(result_op(3, 0, DC_STR("=1=2")));
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
    reopen();
    ck_assert_str_eq(
        found_text(),
        "batch b3 key=03 name=name program={} level=10 keep=5 awaited=afters; met b3 1; "
        "chunk b3 0 [0,2) bytes=4 data=; "
        "result b3 0 answered=2 failed=1 bytes=4 data==1=2; "
        "chunk b3 1 [2,4) bytes=4 data=1\n2\n awaited=pairs");
    put(result_op(3, 1, DC_STR("=3")));
    put(make(DC_STORE_END, 3));
    ck_assert_int_eq(wait_for_error(), DC_OK);
    ck_assert_int_eq(wait_for_error(), DC_OK);
    reopen();
    ck_assert_ptr_null(strstr(found_text(), "data=="));
    ck_assert_int_eq(do_now(make(DC_STORE_DELETE, 3)), DC_OK);
    reopen();
    ck_assert_str_eq(found_text(), "");
    // Nothing of it is taken for another's.
    ck_assert_int_eq(do_now(met_op(3, 0)), DC_OK);
    ck_assert_int_eq(do_now(batch_op(3)), DC_OK);
    reopen();
    ck_assert_ptr_null(strstr(found_text(), "met"));
}
END_TEST

START_TEST(the_same_again_changes_nothing)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(1, 0, DC_STR("1\n2\n"))), DC_OK);
    ck_assert_int_eq(do_now(result_op(1, 0, DC_STR("1\n2\n"))), DC_OK);
    ck_assert_int_eq(do_now(result_op(1, 0, DC_STR("something else"))), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(1, 0, DC_STR("other\n"))), DC_OK);
    reopen();
    ck_assert_str_eq(found_text(), "batch b1 key=01 name=name program={} level=10 keep=5; "
                                   "chunk b1 0 [0,2) bytes=4 data=; "
                                   "result b1 0 answered=2 failed=1 bytes=4");
}
END_TEST

START_TEST(operations_come_back_in_the_order_in_which_they_were_put)
{
    unsigned before = dc_disk_syncs();
    dc_disk_hold_syncs();
    for (uint64_t number = 1; number <= 2000; number++) {
        put(batch_op(number));
    }
    dc_disk_release_syncs();
    for (uint64_t number = 1; number <= 2000; number++) {
        dc_store_op_t *op = wait_for_one();
        ck_assert_uint_eq(op->batch, number);
        ck_assert_int_eq(op->error, DC_OK);
        dc_store_op_destroy(&op);
    }
    ck_assert_ptr_null(dc_store_poll(store));
    // Whatever had queued was committed at once, save what the first commit had taken.
    ck_assert_uint_le(dc_disk_syncs() - before, 20);
}
END_TEST

START_TEST(what_is_patient_goes_along_with_others)
{
    unsigned before = dc_disk_syncs();
    dc_us_t since_us = dc_clock_us();
    for (uint64_t number = 1; number <= 20; number++) {
        dc_store_op_t *op = batch_op(number);
        op->patience_ms = number < 20 ? PATIENCE_MS : 0;
        put(op);
        usleep(1000);
    }
    for (uint64_t number = 1; number <= 20; number++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
    // One for each time that their patience was over, and two around the last.
    dc_us_t spent_us = dc_clock_us() - since_us;
    ck_assert_uint_le(dc_disk_syncs() - before, spent_us / PATIENCE_US + 2);
}
END_TEST

START_TEST(what_is_patient_is_done_in_the_end)
{
    for (uint64_t number = 1; number <= 3 * DC_STORE_PATIENT_MAX + 1; number++) {
        dc_store_op_t *op = batch_op(number);
        op->patience_ms = PATIENCE_MS;
        put(op);
    }
    for (uint64_t number = 1; number <= 3 * DC_STORE_PATIENT_MAX + 1; number++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
    dc_store_op_t *op = batch_op(DC_STORE_NUMBERS_STEP);
    op->patience_ms = PATIENCE_MS;
    put(op);
    dc_store_close(&store); // commits it too
    ck_assert_int_eq(open_store(0), DC_OK);
    ck_assert_ptr_nonnull(strstr(found_text(), "batch b4096"));
}
END_TEST

// Whether the last commit was of the thread that gives way to others.
static bool was_mild(void)
{
    return dc_disk_sync_nice() == 19;
}

START_TEST(little_is_done_by_whom_gives_way_and_much_is_not)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK); // after it the store is tidy
    ck_assert_int_eq(do_now(batch_op(2)), DC_OK);
    ck_assert(was_mild());
    dc_store_queue_t much;
    dc_store_queue_init(&much);
    for (uint64_t number = 3; number <= DC_STORE_MILD_ROWS_MAX + 3; number++) {
        dc_store_queue_push(&much, batch_op(number));
    }
    dc_store_put(store, &much);
    for (uint64_t number = 3; number <= DC_STORE_MILD_ROWS_MAX + 3; number++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
    ck_assert(!was_mild());
}
END_TEST

START_TEST(while_that_is_slow_the_other_does_all)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    dc_disk_hold_syncs();
    put(batch_op(2));
    usleep(10 * DC_STORE_MILD_SLOW_MS * 1000);
    dc_disk_release_syncs();
    ck_assert_int_eq(wait_for_error(), DC_OK);
    ck_assert(was_mild());
    ck_assert_int_eq(do_now(batch_op(3)), DC_OK);
    ck_assert(!was_mild());
}
END_TEST

START_TEST(a_group_is_done_as_a_whole)
{
    dc_store_op_t *group = batch_op(9);
    group->also = chunk_op(9, 0, DC_STR("1\n2\n"));
    group->also->also = make(DC_STORE_CLOSE, 9);
    group->also->also->close.jobs = 2;
    ck_assert_int_eq(do_now(group), DC_OK);
    reopen();
    ck_assert_str_eq(found_text(), "batch b9 key=09 name=name program={} level=10 keep=5; "
                                   "close b9 jobs=2; chunk b9 0 [0,2) bytes=4 data=1\n2\n");
}
END_TEST

// --- reading -----------------------------------------------------------------------------------

START_TEST(rows_are_read_in_parts)
{
    put(batch_op(1));
    put(chunk_op(1, 5, DC_STR("0123456789")));
    put(result_op(1, 5, DC_STR("abcdef")));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
    dc_store_op_t *op = read_now(1, 5, false, 4, 3);
    ck_assert_int_eq(op->error, DC_OK);
    ck_assert(dc_str_eq(op->data.bytes, DC_STR("456")));
    ck_assert_uint_eq(op->read.bytes, 10);
    dc_store_op_destroy(&op);
    op = read_now(1, 5, true, 4, 100);
    ck_assert(dc_str_eq(op->data.bytes, DC_STR("ef")));
    dc_store_op_destroy(&op);
    op = read_now(1, 5, true, 6, 100);
    ck_assert_int_eq(op->error, DC_OK);
    ck_assert_uint_eq(op->data.bytes.len, 0);
    dc_store_op_destroy(&op);
    op = read_now(1, 6, true, 0, 100);
    ck_assert_int_eq(op->error, DC_ERR_UNKNOWN_BATCH);
    dc_store_op_destroy(&op);
    // That was no trouble.
    ck_assert_int_eq(do_now(batch_op(2)), DC_OK);
    ck_assert_str_eq(dc_store_trouble(store), "");
}
END_TEST

// --- deleting ----------------------------------------------------------------------------------

// A broker that was killed may have given any number that was reserved for it.
START_TEST(numbers_are_reserved_until_they_are_given_back)
{
    ck_assert_uint_eq(dc_store_highest(store), 0);
    reopen();
    ck_assert_uint_eq(dc_store_highest(store), DC_STORE_NUMBERS_STEP);
    put(make(DC_STORE_NUMBERS, 9000));
    ck_assert_int_eq(wait_for_error(), DC_OK);
    reopen();
    ck_assert_uint_eq(dc_store_highest(store), 9000);
    put(batch_op(10));
    put(make(DC_STORE_NUMBERS, 12));
    dc_store_close(&store);
    ck_assert_int_eq(open_store(0), DC_OK);
    ck_assert_uint_eq(dc_store_highest(store), 12);
}
END_TEST

START_TEST(what_is_deleted_is_gone_and_its_number_is_not_given_again)
{
    put(batch_op(7));
    for (uint32_t i = 0; i < 1000; i++) {
        put(chunk_op(7, i, DC_STR("1\n2\n")));
        put(result_op(7, i, DC_STR("1\n2\n")));
    }
    put(batch_op(6));
    put(chunk_op(6, 0, DC_STR("1\n2\n")));
    put(make(DC_STORE_NUMBERS, 6));
    put(make(DC_STORE_DELETE, 7));
    for (int i = 0; i < 2004; i++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
    reopen();
    ck_assert_str_eq(found_text(), "batch b6 key=06 name=name program={} level=10 keep=5; "
                                   "chunk b6 0 [0,2) bytes=4 data=1\n2\n");
    ck_assert_uint_eq(dc_store_highest(store), 7);
    // Its rows go in time.
    bool is_there = true;
    while (is_there) {
        dc_store_op_t *op = read_now(7, 999, true, 0, 1);
        is_there = op->error == DC_OK;
        dc_store_op_destroy(&op);
    }
}
END_TEST

// --- its size ----------------------------------------------------------------------------------

static uint64_t size_of(const char *name)
{
    char path[128];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_int_eq(stat(path, &info), 0);
    return (uint64_t)info.st_size;
}

static void put_many(uint64_t batch, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        put(chunk_op(batch, i, large_data()));
    }
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
    }
}

#define MANY (2 * (uint32_t)DC_STORE_SHRINK_BYTES / DC_STORE_PAGE_BYTES)

START_TEST(what_is_nearly_empty_is_small_when_it_is_opened_again)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    put_many(1, 0, MANY);
    ck_assert_int_eq(do_now(batch_op(2)), DC_OK);
    put_many(2, 0, 10);
    ck_assert_int_eq(do_now(make(DC_STORE_DELETE, 1)), DC_OK);
    for (bool is_there = true; is_there;) {
        dc_store_op_t *op = read_now(1, MANY - 1, false, 0, 1);
        is_there = op->error == DC_OK;
        dc_store_op_destroy(&op);
    }
    reopen(); // the log is written back
    dc_store_close(&store);
    ck_assert_uint_lt(size_of("store.db"), 1 << 20);
    ck_assert_int_eq(open_store(0), DC_OK);
    ck_assert_ptr_nonnull(strstr(found_text(), "chunk b2 9 "));
    ck_assert_ptr_null(strstr(found_text(), "store-damaged"));
    ck_assert_int_eq(do_now(batch_op(3)), DC_OK);
}
END_TEST

// Each page would be two writes. A log that grows has zeros written as well.
START_TEST(what_is_committed_is_written_at_once)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    unsigned writes = dc_disk_writes();
    for (uint32_t i = 0; i < 20; i++) {
        ck_assert_int_eq(do_now(chunk_op(1, i, large_data())), DC_OK);
    }
    ck_assert_uint_ge(dc_disk_writes() - writes, 20);
    ck_assert_uint_le(dc_disk_writes() - writes, 50);
}
END_TEST

// Somebody looks into the store for long, or copies it.
START_TEST(the_log_is_short_again_when_nobody_reads_it)
{
    sqlite3 *reader;
    char path[128];
    snprintf(path, sizeof path, "%s/store.db", folder);
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    ck_assert_int_eq(sqlite3_open(path, &reader), SQLITE_OK);
    run_text(reader, "BEGIN; SELECT * FROM meta");
    ck_assert_uint_eq(dc_store_stalled_bytes(store), 0);
    uint64_t log_bytes_max = (uint64_t)DC_STORE_LOG_PAGES_MAX * DC_STORE_PAGE_BYTES;
    uint32_t count = 0;
    while (dc_store_stalled_bytes(store) == 0) {
        ck_assert_uint_lt(count, (uint64_t)6 * DC_STORE_LOG_PAGES_MAX);
        put_many(1, count, 1000);
        count += 1000;
    }
    ck_assert_uint_gt(size_of("store.db-wal"), 4 * log_bytes_max);
    ck_assert_int_eq(sqlite3_close(reader), SQLITE_OK);
    put_many(1, count, 2000);
    ck_assert_uint_lt(size_of("store.db-wal"), 3 * log_bytes_max / 2);
    ck_assert_int_eq(do_now(batch_op(2)), DC_OK);
    ck_assert_uint_eq(dc_store_stalled_bytes(store), 0);
}
END_TEST

// --- processes ---------------------------------------------------------------------------------

// Put one batch after the other, from `first`, and say which are done.
static void put_for_ever(uint64_t first, int out)
{
    if (open_store(0) != DC_OK) _exit(1);
    for (uint64_t number = first;; number++) {
        put(batch_op(number));
        dc_store_op_t *op;
        while ((op = dc_store_poll(store))) {
            if (op->error != DC_OK || write(out, &op->batch, sizeof op->batch) < 0) _exit(1);
            dc_store_op_destroy(&op);
        }
        if (number - first > 100) usleep(50);
    }
}

START_TEST(what_is_said_to_be_done_outlives_kill_9)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 1);
    uint64_t there = 0;
    for (int round = 0; round < 20; round++) {
        dc_store_close(&store);
        int ends[2];
        ck_assert_int_eq(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) put_for_ever(there + 1, ends[1]);
        close(ends[1]);
        uint64_t done = 0;
        for (uint64_t count = 1 + dc_rng_below(&rng, 300); count; count--) {
            ck_assert_int_eq(read(ends[0], &done, sizeof done), sizeof done);
        }
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(ends[0], &done, sizeof done) == sizeof done) {
        }
        close(ends[0]);
        ck_assert_int_eq(open_store(0), DC_OK);
        there = 0;
        // One is there after the other, without a gap.
        for (const char *at = found_text(); (at = strstr(at, "batch b")); at++) {
            ck_assert_uint_eq(strtoull(at + strlen("batch b"), NULL, 10), ++there);
        }
        ck_assert_uint_ge(there, done);
        ck_assert_uint_ge(dc_store_highest(store), there);
    }
}
END_TEST

START_TEST(one_process_has_it)
{
    pid_t child = fork();
    if (child == 0) {
        dc_diag_t diag = { 0 };
        dc_store_t *other = dc_store_open(folder, 0, &diag);
        _exit(!other && diag.code == DC_ERR_BUSY && strstr(diag.message, "--data") ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_file_that_is_no_store_is_left_alone)
{
    dc_store_close(&store);
    char path[128];
    snprintf(path, sizeof path, "%s/store.db", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 1000; i++) {
        fputs("This is somebody's letter.\n", file);
    }
    fclose(file);
    ck_assert_int_eq(open_store(0), DC_ERR_INVALID);
    file = fopen(path, "r");
    char line[64];
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    fclose(file);
    ck_assert_str_eq(line, "This is somebody's letter.\n");
    remove(path);
    ck_assert_int_eq(open_store(0), DC_OK);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("store");
    TCase *tcase = tcase_create("store");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, store_set_up, store_tear_down);
    tcase_add_test(tcase, what_was_put_is_found_again_with_inputs_of_what_has_no_results);
    tcase_add_test(tcase, what_is_waited_for_is_found_again);
    tcase_add_test(tcase, the_same_again_changes_nothing);
    tcase_add_test(tcase, operations_come_back_in_the_order_in_which_they_were_put);
    tcase_add_test(tcase, what_is_patient_goes_along_with_others);
    tcase_add_test(tcase, what_is_patient_is_done_in_the_end);
    tcase_add_test(tcase, little_is_done_by_whom_gives_way_and_much_is_not);
    tcase_add_test(tcase, while_that_is_slow_the_other_does_all);
    tcase_add_test(tcase, a_group_is_done_as_a_whole);
    tcase_add_test(tcase, rows_are_read_in_parts);
    tcase_add_test(tcase, numbers_are_reserved_until_they_are_given_back);
    tcase_add_test(tcase, what_is_deleted_is_gone_and_its_number_is_not_given_again);
    tcase_add_test(tcase, what_is_nearly_empty_is_small_when_it_is_opened_again);
    tcase_add_test(tcase, what_is_committed_is_written_at_once);
    tcase_add_test(tcase, the_log_is_short_again_when_nobody_reads_it);
    tcase_add_test(tcase, what_is_said_to_be_done_outlives_kill_9);
    tcase_add_test(tcase, one_process_has_it);
    tcase_add_test(tcase, a_file_that_is_no_store_is_left_alone);
    suite_add_tcase(all, tcase);
    return all;
}
