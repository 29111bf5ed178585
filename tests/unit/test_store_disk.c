// The store on a disk that is full, fails, or is taken away.
#include "broker/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/rng.h"
#include "tests/lib/disk.h"
#include "tests/lib/main.h"
#include "tests/lib/store_fixture.h"

// --- a disk that is full -----------------------------------------------------------------------

// Put chunks of `batch` until one does not fit; returns how many did.
static uint32_t fill(uint64_t batch, uint32_t most)
{
    for (uint32_t i = 0; i < most; i++) {
        dc_err_t err = do_now(chunk_op(batch, i, large_data()));
        if (err == DC_ERR_STORE_FULL) return i;
        ck_assert_int_eq(err, DC_OK);
    }
    return most;
}

START_TEST(at_its_limit_it_refuses_in_words_and_deleting_makes_room)
{
    dc_store_close(&store);
    ck_assert_int_eq(open_store(1 << 20), DC_OK);
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    uint32_t count = fill(1, 1000);
    ck_assert_uint_gt(count, 50);
    ck_assert_uint_lt(count, 200);
    ck_assert_str_eq(dc_store_trouble(store),
                     "the broker's store is full, try again later: database or disk is full");
    ck_assert_int_eq(do_now(make(DC_STORE_DELETE, 1)), DC_OK);
    uint32_t again = 0;
    ck_assert_int_eq(do_now(batch_op(2)), DC_OK);
    for (int tries = 0; tries < 1000 && again < count / 2; tries++) {
        again = fill(2, count / 2); // as soon as the rows have gone
    }
    ck_assert_uint_eq(again, count / 2);
}
END_TEST

START_TEST(on_a_full_disk_what_fits_is_done_and_freed_space_heals)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    dc_disk_set_room(40000);
    uint32_t count = fill(1, 100);
    ck_assert_uint_lt(count, 5);
    // Nothing of a group is done that fails.
    dc_store_op_t *group = batch_op(2);
    group->also = chunk_op(2, 0, large_data());
    group->also->also = chunk_op(2, 1, large_data());
    ck_assert_int_eq(do_now(group), DC_ERR_STORE_FULL);
    dc_disk_set_room(-1);
    ck_assert_int_eq(do_now(batch_op(3)), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(3, 0, large_data())), DC_OK);
    reopen();
    dc_buf_append_char(&found, '\0');
    ck_assert_ptr_null(strstr(found.data, "b2"));
    ck_assert_ptr_nonnull(strstr(found.data, "chunk b3"));
}
END_TEST

// --- a disk that fails -------------------------------------------------------------------------

START_TEST(after_a_failed_sync_nothing_is_said_to_be_done)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    dc_disk_fail_sync(1);
    ck_assert_int_eq(do_now(batch_op(2)), DC_ERR_STORE_FAILED);
    ck_assert_int_eq(do_now(batch_op(3)), DC_ERR_STORE_FAILED);
    dc_store_op_t *op = read_now(1, 0, false, 0, 10);
    ck_assert_int_eq(op->error, DC_ERR_STORE_FAILED);
    dc_store_op_destroy(&op);
    ck_assert_str_eq(dc_store_trouble(store), "the broker's store failed: disk I/O error");
    reopen();
    ck_assert_str_eq(found_text(), "batch b1 key=01 name=name program={} level=10 keep=5");
}
END_TEST

START_TEST(a_sync_that_fails_while_the_log_is_written_back_is_final_too)
{
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    // One sync a commit, until the log is long: then there are others, of which one fails.
    uint32_t count = 0;
    dc_err_t err = DC_OK;
    while (err == DC_OK && count < 3 * DC_STORE_LOG_PAGES_MAX) {
        unsigned before = dc_disk_syncs();
        dc_disk_fail_sync(2);
        err = do_now(chunk_op(1, count++, large_data()));
        ck_assert(err != DC_OK || dc_disk_syncs() > before);
    }
    ck_assert_int_eq(err, DC_ERR_STORE_FAILED);
    reopen();
    // What was said to be done is there.
    dc_buf_append_char(&found, '\0');
    char last[64];
    snprintf(last, sizeof last, "chunk b1 %u ", count - 2);
    ck_assert_ptr_nonnull(strstr(found.data, last));
}
END_TEST

START_TEST(what_is_said_to_be_done_outlives_the_power)
{
    dc_rng_t rng;
    dc_rng_init(&rng, (uint64_t)_i);
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    uint32_t last = (uint32_t)dc_rng_below(&rng, 600);
    for (uint32_t i = 0; i < 800; i++) {
        put(chunk_op(1, i, large_data()));
    }
    uint32_t done = 0;
    while (done <= last) {
        ck_assert_int_eq(wait_for_error(), DC_OK);
        done++;
    }
    dc_disk_cut_power();
    // Some came back before the power went.
    for (bool is_done = true; is_done && done < 800;) {
        is_done = wait_for_error() == DC_OK;
        done += is_done;
    }
    dc_store_close(&store);
    dc_disk_install();
    ck_assert_int_eq(open_store(0), DC_OK);
    dc_buf_append_char(&found, '\0');
    uint32_t there = 0;
    for (const char *at = found.data; (at = strstr(at, "chunk b1 ")); at++) {
        ck_assert_uint_eq(strtoul(at + 9, NULL, 10), there);
        there++;
    }
    ck_assert_uint_ge(there, done);
}
END_TEST

// What is written there nobody would find again. In the store's folder:
static const char *const moves[] = {
    "rm -r $PWD && mkdir $PWD",
    "rm store.db-wal",
    "mv $PWD $PWD-moved && cp -r $PWD-moved $PWD && rm -r $PWD-moved",
    "rm lock && touch lock",
};

START_TEST(who_takes_the_files_away_is_told)
{
    char command[256];
    snprintf(command, sizeof command, "cd %s && %s", folder, moves[_i]);
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): these are lines of a shell
    ck_assert_int_eq(do_now(batch_op(2)), DC_ERR_STORE_FAILED);
    ck_assert_str_eq(dc_store_trouble(store),
                     "the broker's store failed: its files were removed or "
                     "moved, or others are in their place");
    ck_assert_int_eq(do_now(batch_op(3)), DC_ERR_STORE_FAILED);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("store_disk");
    TCase *tcase = tcase_create("store_disk");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, store_set_up, store_tear_down);
    tcase_add_test(tcase, at_its_limit_it_refuses_in_words_and_deleting_makes_room);
    tcase_add_test(tcase, on_a_full_disk_what_fits_is_done_and_freed_space_heals);
    tcase_add_loop_test(tcase, who_takes_the_files_away_is_told, 0, (int)DC_ARRAY_LEN(moves));
    tcase_add_test(tcase, after_a_failed_sync_nothing_is_said_to_be_done);
    tcase_add_test(tcase, a_sync_that_fails_while_the_log_is_written_back_is_final_too);
    tcase_add_loop_test(tcase, what_is_said_to_be_done_outlives_the_power, 0, 10);
    suite_add_tcase(all, tcase);
    return all;
}
