// The log of the store: how often it is written and how it grows, what others find in it, and what
// becomes of transactions that cannot be written.
#include "broker/store/store_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base.h"
#include "common/limits.h"
#include "tests/lib/disk.h"
#include "tests/lib/folder.h"
#include "tests/lib/main.h"

// "WAL-mode File Format": a header, and one before each page.
#define LOG_HEADER_BYTES   32
#define FRAME_HEADER_BYTES 24
#define FRAME_BYTES        ((sqlite3_int64)FRAME_HEADER_BYTES + DC_STORE_PAGE_BYTES)

static char folder[] = "/tmp/dcalc-test-log-XXXXXX";
static char file[64], log_file[80];
static sqlite3 *db;
static int log_pages; // of the log, as of the last commit of `db`

static int note_pages(void *context, sqlite3 *handle, const char *name, int pages)
{
    (void)context;
    (void)handle;
    (void)name;
    log_pages = pages;
    return SQLITE_OK;
}

static void run(sqlite3 *handle, const char *text)
{
    int status = sqlite3_exec(handle, text, NULL, NULL, NULL);
    ck_assert_msg(status == SQLITE_OK, "%s: %s", text, sqlite3_errmsg(handle));
}

static sqlite3_int64 number_of(sqlite3 *handle, const char *text)
{
    sqlite3_stmt *row = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(handle, text, -1, &row, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_step(row) == SQLITE_ROW, "%s: %s", text, sqlite3_errmsg(handle));
    sqlite3_int64 number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return number;
}

static sqlite3_int64 rows_in(sqlite3 *handle)
{
    // None is there in part, and no page is another's.
    ck_assert_int_eq(number_of(handle, "SELECT count(*) FROM pragma_integrity_check "
                                       "WHERE integrity_check <> 'ok'"),
                     0);
    ck_assert_int_eq(number_of(handle, "SELECT count(*) FROM t WHERE length(data) <> 20000"), 0);
    return number_of(handle, "SELECT count(*) FROM t");
}

// A database of other processes: it is SQLite's own.
static sqlite3 *open_as_others(const char *path)
{
    sqlite3 *handle = NULL;
    ck_assert_int_eq(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
    return handle;
}

static sqlite3_int64 size_of_log(void)
{
    struct stat info;
    ck_assert_int_eq(stat(log_file, &info), 0);
    return info.st_size;
}

static sqlite3_int64 end_of_log(void)
{
    return LOG_HEADER_BYTES + FRAME_BYTES * log_pages;
}

// A row is some pages.
#define ROW  "INSERT INTO t(data) VALUES (randomblob(20000));"
#define ROWS "INSERT INTO t(data) SELECT randomblob(20000) FROM generated;"

static void set_up(void)
{
    dc_disk_install();
    snprintf(folder + strlen(folder) - 6, 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/store.db", folder);
    snprintf(log_file, sizeof log_file, "%s-wal", file);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    ck_assert_int_eq(dc_store_log_open(file, &db, flags), SQLITE_OK);
    char text[512];
    snprintf(
        text, sizeof text,
        "PRAGMA page_size = %d; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA temp_store = MEMORY;"
        "CREATE TABLE t(data NOT NULL); CREATE VIEW generated AS WITH RECURSIVE n(i) AS (SELECT 1 "
        "UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT i FROM n;" ROW,
        DC_STORE_PAGE_BYTES);
    run(db, text);
    sqlite3_wal_hook(db, note_pages, NULL); // instead of SQLite's own write-backs
}

static void tear_down(void)
{
    sqlite3_close(db);
    folder_remove(folder);
}

// --- how it is written -------------------------------------------------------------------------

START_TEST(a_commit_is_one_write_and_one_sync)
{
    run(db, "BEGIN;" ROWS "COMMIT");
    run(db, "PRAGMA wal_checkpoint;" ROW); // from its beginning again
    for (int i = 0; i < 20; i++) {
        unsigned writes = dc_disk_writes(), syncs = dc_disk_syncs();
        run(db, ROW);
        ck_assert_uint_eq(dc_disk_writes() - writes, 1);
        ck_assert_uint_eq(dc_disk_syncs() - syncs, 1);
    }
}
END_TEST

static sqlite3_int64 ahead_of(sqlite3_int64 end)
{
    sqlite3_int64 ahead = end / DC_STORE_LOG_AHEAD_PART;
    return ahead < DC_STORE_LOG_AHEAD_BYTES ? ahead : DC_STORE_LOG_AHEAD_BYTES;
}

START_TEST(it_grows_by_a_part_of_its_length_or_a_step)
{
    sqlite3_int64 size = size_of_log();
    for (int i = 0; i < 400; i++) {
        run(db, ROW);
        sqlite3_int64 end = end_of_log();
        if (end > size) size = end + ahead_of(end);
        ck_assert_int_eq(size_of_log(), size);
    }
    ck_assert_int_gt(size, (sqlite3_int64)DC_STORE_LOG_AHEAD_PART * DC_STORE_LOG_AHEAD_BYTES);
    run(db, "PRAGMA wal_checkpoint(TRUNCATE);" ROW);
    ck_assert_int_eq(size_of_log(), end_of_log() + ahead_of(end_of_log()));
}
END_TEST

// --- what others find --------------------------------------------------------------------------

START_TEST(others_see_a_commit_once_it_has_returned)
{
    sqlite3 *other = open_as_others(file);
    for (int i = 2; i < 100; i++) {
        run(db, ROW);
        ck_assert_int_eq(number_of(other, "SELECT count(*) FROM t"), i);
        if (i % 30 == 0) run(db, "PRAGMA wal_checkpoint");
        if (i % 40 == 0) run(other, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
    run(other, ROW);
    run(db, ROW);
    ck_assert_int_eq(rows_in(other), 101);
    ck_assert_int_eq(rows_in(db), 101);
    sqlite3_close(other);
}
END_TEST

// As after the process was killed.
START_TEST(zeros_behind_it_are_no_commits)
{
    for (int i = 0; i < 30; i++) {
        run(db, ROW);
    }
    ck_assert_int_gt(size_of_log(), end_of_log() + FRAME_BYTES);
    char text[512];
    snprintf(text, sizeof text, "cp %s %s.2 && cp %s-wal %s.2-wal", file, file, file, file);
    ck_assert_int_eq(system(text), 0); // NOLINT(cert-env33-c): these are lines of a shell
    snprintf(text, sizeof text, "%s.2", file);
    sqlite3 *other = open_as_others(text);
    ck_assert_int_eq(rows_in(other), 31);
    sqlite3_close(other);
}
END_TEST

// --- what cannot be written --------------------------------------------------------------------

START_TEST(zeros_that_do_not_fit_are_given_back)
{
    run(db, "BEGIN;" ROWS "COMMIT");
    // Up to a commit that needs some room beyond the zeros.
    while (end_of_log() + 10 * FRAME_BYTES < size_of_log()) {
        run(db, ROW);
    }
    dc_disk_set_room(end_of_log() / DC_STORE_LOG_AHEAD_PART);
    for (sqlite3_int64 size = size_of_log(); end_of_log() <= size;) {
        run(db, ROW);
    }
    ck_assert_int_eq(size_of_log(), end_of_log());
    dc_disk_set_room(-1);
    run(db, ROW);
    ck_assert_int_gt(size_of_log(), end_of_log());
}
END_TEST

START_TEST(a_commit_that_does_not_fit_is_gone_and_the_next_is_there)
{
    dc_disk_set_room(20000);
    ck_assert_int_eq(sqlite3_exec(db, ROW, NULL, NULL, NULL), SQLITE_FULL);
    ck_assert_int_eq(rows_in(db), 1);
    dc_disk_set_room(-1);
    run(db, ROW);
    sqlite3 *other = open_as_others(file);
    ck_assert_int_eq(rows_in(other), 2);
    sqlite3_close(other);
}
END_TEST

// Pages that the cache has no room for are in the log before the commit.
START_TEST(a_transaction_reads_what_it_has_put_into_the_log)
{
    run(db, "PRAGMA cache_size = 1; BEGIN;" ROW);
    for (int i = 3; i < 30; i++) {
        run(db, ROW);
        ck_assert_int_eq(rows_in(db), i);
    }
    run(db, "COMMIT");
    ck_assert_int_eq(rows_in(db), 29);
}
END_TEST

START_TEST(what_is_rolled_back_is_never_written_over_what_others_commit)
{
    sqlite3 *other = open_as_others(file);
    run(db, "PRAGMA cache_size = 1; BEGIN;" ROW ROW);
    unsigned writes = dc_disk_writes();
    run(db, "ROLLBACK");
    ck_assert_uint_eq(dc_disk_writes(), writes);
    run(other, ROW ROW ROW);
    ck_assert_int_eq(rows_in(db), 4);
    run(db, ROW);
    ck_assert_int_eq(rows_in(other), 5);
    sqlite3_close(other);
}
END_TEST

START_TEST(neither_is_a_vacuum_that_does_not_fit)
{
    sqlite3 *other = open_as_others(file);
    run(db, "BEGIN;" ROWS "COMMIT; DELETE FROM t WHERE rowid % 2");
    dc_disk_set_room(0);
    ck_assert_int_eq(dc_store_log_vacuum(db), SQLITE_FULL);
    dc_disk_set_room(-1);
    sqlite3_int64 count = rows_in(other);
    run(other, ROW ROW ROW);
    ck_assert_int_eq(rows_in(db), count + 3);
    run(db, ROW);
    ck_assert_int_eq(rows_in(other), count + 4);
    sqlite3_close(other);
}
END_TEST

START_TEST(a_statement_that_does_not_fit_takes_nothing_of_the_others_along)
{
    run(db, "PRAGMA cache_size = 1; BEGIN;" ROW ROW);
    dc_disk_set_room(1000);
    const char *copying = "INSERT INTO t SELECT data FROM t";
    ck_assert_int_eq(sqlite3_exec(db, copying, NULL, NULL, NULL), SQLITE_FULL);
    dc_disk_set_room(-1);
    bool goes_on = !sqlite3_get_autocommit(db); // SQLite may also take back all of it
    if (goes_on) run(db, "COMMIT");
    ck_assert_int_eq(rows_in(db), goes_on ? 3 : 1);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("store_log");
    TCase *tcase = tcase_create("store_log");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_commit_is_one_write_and_one_sync);
    tcase_add_test(tcase, it_grows_by_a_part_of_its_length_or_a_step);
    tcase_add_test(tcase, others_see_a_commit_once_it_has_returned);
    tcase_add_test(tcase, zeros_behind_it_are_no_commits);
    tcase_add_test(tcase, zeros_that_do_not_fit_are_given_back);
    tcase_add_test(tcase, a_commit_that_does_not_fit_is_gone_and_the_next_is_there);
    tcase_add_test(tcase, a_transaction_reads_what_it_has_put_into_the_log);
    tcase_add_test(tcase, what_is_rolled_back_is_never_written_over_what_others_commit);
    tcase_add_test(tcase, neither_is_a_vacuum_that_does_not_fit);
    tcase_add_test(tcase, a_statement_that_does_not_fit_takes_nothing_of_the_others_along);
    suite_add_tcase(all, tcase);
    return all;
}
