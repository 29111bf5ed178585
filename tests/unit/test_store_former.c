// Stores that former versions have made, and later ones.
#include "broker/store/store.h"

#include <stdio.h>

#include "tests/lib/main.h"
#include "tests/lib/store_fixture.h"

// The database as the version before this made it, with a batch whose first chunk is computed.
static void make_second(sqlite3 *database)
{
    run_text(
        database,
        "DROP TABLE meta; DROP TABLE batch; DROP TABLE closed; DROP TABLE input;"
        "DROP TABLE result; DROP TABLE ended; DROP TABLE terms; DROP TABLE met; DROP TABLE doomed;"
        "PRAGMA user_version = 2;"
        "CREATE TABLE meta(id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL,"
        " highest INTEGER NOT NULL); INSERT INTO meta VALUES(1, 4, 3);"
        "CREATE TABLE ended(number INTEGER PRIMARY KEY, error INTEGER NOT NULL,"
        " date INTEGER NOT NULL);"
        "CREATE TABLE terms(id INTEGER PRIMARY KEY, level INTEGER NOT NULL, held INTEGER NOT NULL,"
        " deadline_date INTEGER NOT NULL);"
        "CREATE TABLE met(id INTEGER PRIMARY KEY);"
        "CREATE TABLE doomed(number INTEGER PRIMARY KEY);"
        "CREATE TABLE batch(number INTEGER PRIMARY KEY, key BLOB NOT NULL,"
        " flags INTEGER NOT NULL, retries INTEGER NOT NULL, level INTEGER NOT NULL,"
        " held INTEGER NOT NULL, timeout_ms INTEGER NOT NULL, steps_max INTEGER NOT NULL,"
        " keep_ms INTEGER NOT NULL, opened_date INTEGER NOT NULL,"
        " deadline_date INTEGER NOT NULL, tag BLOB NOT NULL, name BLOB NOT NULL,"
        " program BLOB NOT NULL, awaited BLOB NOT NULL);"
        "CREATE TABLE closed(number INTEGER PRIMARY KEY, jobs INTEGER NOT NULL);"
        "CREATE TABLE input(id INTEGER PRIMARY KEY, first INTEGER NOT NULL,"
        " count INTEGER NOT NULL, width INTEGER NOT NULL, flags INTEGER NOT NULL,"
        " data BLOB NOT NULL, awaited BLOB NOT NULL);"
        "CREATE TABLE result(id INTEGER PRIMARY KEY, answered INTEGER NOT NULL,"
        " failed INTEGER NOT NULL, data BLOB NOT NULL);"
        "INSERT INTO batch VALUES(3, x'03000000000000000000000000000000', 1, 3, 10, 0, 0, 0, 5,"
        " 0, 0, x'', CAST('name' AS BLOB), CAST('{}' AS BLOB), x'');"
        "INSERT INTO closed VALUES(3, 4);"
        "INSERT INTO terms VALUES(3 << 24, 11, 0, 0);"
        "INSERT INTO input VALUES(3 << 24, 0, 2, 0, 0, CAST('1+1\n2+2\n' AS BLOB), x'');"
        "INSERT INTO input VALUES(3 << 24 | 1, 2, 2, 0, 0, CAST('3+3\n4+4\n' AS BLOB), x'');"
        "INSERT INTO result VALUES(3 << 24, 2, 1, CAST('abcd' AS BLOB))");
}

// ... and as the first did that had one.
static void make_first(sqlite3 *database)
{
    make_second(database);
    run_text(database,
             "ALTER TABLE batch DROP COLUMN awaited; ALTER TABLE input DROP COLUMN awaited;"
             "DROP TABLE met; PRAGMA user_version = 1");
}

// ... and as the third did, the first one with sums.
static void make_third(sqlite3 *database)
{
    make_second(database);
    run_text(database, "ALTER TABLE meta ADD COLUMN unsummed INTEGER NOT NULL DEFAULT 0;"
                       "ALTER TABLE batch ADD COLUMN sums BLOB;"
                       "ALTER TABLE closed ADD COLUMN sums BLOB;"
                       "ALTER TABLE input ADD COLUMN sums BLOB;"
                       "ALTER TABLE result ADD COLUMN sums BLOB;"
                       "UPDATE meta SET unsummed = 3; PRAGMA user_version = 3");
}

static void (*const former[])(sqlite3 *database) = { make_first, make_second, make_third };

START_TEST(what_a_former_version_has_stored_is_found)
{
    dc_store_close(&store);
    with_database(former[_i]);
    ck_assert_int_eq(open_store(0), DC_OK);
    ck_assert_str_eq(found_text(), "batch b3 key=03 name=name program={} level=10 keep=5; "
                                   "close b3 jobs=4; terms b3 0 level=11 held=0; "
                                   "chunk b3 0 [0,2) bytes=8 data= old; "
                                   "result b3 0 answered=2 failed=1 bytes=4; "
                                   "chunk b3 1 [2,4) bytes=8 data=3+3\n4+4\n old");
    dc_store_op_t *op = read_now(3, 0, true, 1, 2);
    ck_assert_int_eq(op->error, DC_OK);
    ck_assert(dc_str_eq(op->data.bytes, DC_STR("bc")));
    dc_store_op_destroy(&op);
    // What is put from now on has sums, and all that a batch may have.
    ck_assert_int_eq(do_now(needed_op(3, 2, DC_STR("pairs"))), DC_OK);
    ck_assert_int_eq(do_now(batch_op(5000)), DC_OK);
    reopen();
    ck_assert_ptr_nonnull(strstr(found_text(), "awaited=pairs"));
    ck_assert_ptr_null(strstr(found_text(), "store-damaged"));
    ck_assert_ptr_nonnull(strstr(found_text(), "batch b5000"));
}
END_TEST

static void make_needed(sqlite3 *database)
{
    make_second(database);
    char text[64];
    snprintf(text, sizeof text, "UPDATE input SET flags = %d", DC_CHUNK_NEEDED);
    run_text(database, text);
}

// What has no sum and is no results costs the rest of its batch nothing.
START_TEST(results_of_a_former_version_that_are_none_are_computed_again)
{
    dc_store_close(&store);
    with_database(make_needed);
    ck_assert_int_eq(open_store(0), DC_OK);
    ck_assert_ptr_nonnull(
        strstr(found_text(), "chunk b3 0 [0,2) bytes=8 data=1+1\n2+2\n old again"));
    ck_assert_ptr_null(strstr(found_text(), "result b3"));
}
END_TEST

static void make_later(sqlite3 *database)
{
    run_text(database, "PRAGMA user_version = 1000");
}

START_TEST(what_a_later_version_has_stored_is_left_alone)
{
    dc_diag_t diag = { 0 };
    dc_store_close(&store);
    with_database(make_later);
    store = dc_store_open(folder, 0, &diag);
    ck_assert_ptr_null(store);
    ck_assert_int_eq(diag.code, DC_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(diag.message, "a later version of dcalc made it"));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("store_former");
    TCase *tcase = tcase_create("store_former");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, store_set_up, store_tear_down);
    tcase_add_loop_test(tcase, what_a_former_version_has_stored_is_found, 0,
                        (int)DC_ARRAY_LEN(former));
    tcase_add_test(tcase, results_of_a_former_version_that_are_none_are_computed_again);
    tcase_add_test(tcase, what_a_later_version_has_stored_is_left_alone);
    suite_add_tcase(all, tcase);
    return all;
}
