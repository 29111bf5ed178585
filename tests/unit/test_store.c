// The store: what it says is committed is there again, whatever happened, and nothing is twice.
#include "broker/store/store.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/rng.h"
#include "tests/lib/disk.h"
#include "tests/lib/main.h"

static char folder[] = "/tmp/dcalc-test-store-XXXXXX";
static dc_store_t *store;
static dc_buf_t found; // what was found, a word each

// --- helpers -----------------------------------------------------------------------------------

static bool note_found(void *context, const dc_store_op_t *op)
{
    (void)context;
    dc_buf_printf(&found, "%s%s b%llu", found.len ? "; " : "", dc_store_op_name(op->what),
                  (unsigned long long)op->batch);
    if (op->what == DC_STORE_BATCH) {
        dc_buf_printf(&found, " key=%02x name=%.*s program=%.*s level=%u keep=%llu",
                      op->opened.key.bytes[0], (int)op->data.bytes.len, op->data.bytes.data,
                      (int)op->program.bytes.len, op->program.bytes.data, op->opened.level,
                      (unsigned long long)op->opened.keep_ms);
    } else if (op->what == DC_STORE_CHUNK) {
        dc_buf_printf(&found, " %u [%llu,%llu) bytes=%llu data=%.*s", op->chunk.number,
                      (unsigned long long)op->chunk.first,
                      (unsigned long long)op->chunk.first + op->chunk.count,
                      (unsigned long long)op->chunk.bytes, (int)op->data.bytes.len,
                      op->data.bytes.data ? op->data.bytes.data : "");
    } else if (op->what == DC_STORE_CLOSE) {
        dc_buf_printf(&found, " jobs=%llu", (unsigned long long)op->close.jobs);
    } else if (op->what == DC_STORE_TERMS) {
        dc_buf_printf(&found, " %u level=%u held=%d", op->terms.number, op->terms.level,
                      op->terms.is_held);
    } else if (op->what == DC_STORE_RESULT) {
        dc_buf_printf(&found, " %u answered=%llu failed=%llu bytes=%llu", op->result.chunk,
                      (unsigned long long)op->result.answered,
                      (unsigned long long)op->result.failed, (unsigned long long)op->result.bytes);
        if (op->data.bytes.len) {
            dc_buf_printf(&found, " data=%.*s", (int)op->data.bytes.len, op->data.bytes.data);
        }
    } else if (op->what == DC_STORE_MET) {
        dc_buf_printf(&found, " %u", op->met.index);
    } else if (op->what == DC_STORE_END) {
        dc_buf_printf(&found, " %s date=%llu", dc_err_name(op->end.error),
                      (unsigned long long)op->end.date);
    }
    if (op->what == DC_STORE_CHUNK && !op->chunk.has_digest) dc_buf_append_text(&found, " old");
    if (op->what == DC_STORE_CHUNK && op->chunk.is_lost) dc_buf_append_text(&found, " lost");
    if (op->what == DC_STORE_CHUNK && op->chunk.is_spoiled) dc_buf_append_text(&found, " again");
    if (op->error) dc_buf_printf(&found, " %s", dc_err_name(op->error));
    if (op->awaited.bytes.len) {
        dc_buf_printf(&found, " awaited=%.*s", (int)op->awaited.bytes.len, op->awaited.bytes.data);
    }
    return true;
}

static dc_err_t open_store(uint64_t bytes_max)
{
    dc_diag_t diag = { 0 };
    dc_buf_fini(&found);
    store = dc_store_open(folder, bytes_max, &diag);
    if (!store) return diag.code;
    dc_err_t err = dc_store_start(store, note_found, NULL);
    ck_assert_int_eq(err, DC_OK);
    return DC_OK;
}

static void reopen(void)
{
    dc_store_close(&store);
    ck_assert_int_eq(open_store(0), DC_OK);
}

static const char *found_text(void)
{
    dc_buf_append_char(&found, '\0');
    ck_assert(!found.failed);
    found.len--;
    return found.data;
}

static void set_up(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    dc_disk_install();
    ck_assert_int_eq(open_store(0), DC_OK);
}

static void tear_down(void)
{
    dc_store_close(&store);
    dc_buf_fini(&found);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static dc_slice_t keep(dc_str_t bytes)
{
    dc_slice_t borrowed = { NULL, bytes };
    dc_slice_t kept;
    ck_assert(dc_slice_keep(&borrowed, &kept));
    return kept;
}

static dc_store_op_t *make(dc_store_what_t what, uint64_t batch)
{
    dc_store_op_t *op = dc_store_op_new(what, batch);
    ck_assert_ptr_nonnull(op);
    return op;
}

static dc_store_op_t *batch_op(uint64_t number)
{
    dc_store_op_t *op = make(DC_STORE_BATCH, number);
    op->opened.key.bytes[0] = (uint8_t)number;
    op->opened.level = 10;
    op->opened.keep_ms = 5;
    op->data = keep(DC_STR("name"));
    op->program = keep(DC_STR("{}"));
    return op;
}

// Two jobs a chunk.
static dc_store_op_t *chunk_op(uint64_t batch, uint32_t number, dc_str_t data)
{
    dc_store_op_t *op = make(DC_STORE_CHUNK, batch);
    op->chunk.number = number;
    op->chunk.first = 2 * number;
    op->chunk.count = 2;
    op->data = keep(data);
    return op;
}

static dc_store_op_t *result_op(uint64_t batch, uint32_t chunk, dc_str_t data)
{
    dc_store_op_t *op = make(DC_STORE_RESULT, batch);
    op->result.chunk = chunk;
    op->result.answered = 2;
    op->result.failed = 1;
    op->data = keep(data);
    return op;
}

static void put(dc_store_op_t *op)
{
    dc_store_put(store, &op);
    ck_assert_ptr_null(op);
}

// The next group that is done.
static dc_store_op_t *wait_for_one(void)
{
    dc_store_op_t *op;
    while (!(op = dc_store_poll(store))) {
        struct pollfd item = { .fd = dc_store_fd(store), .events = POLLIN };
        ck_assert_int_gt(poll(&item, 1, 60000), 0);
    }
    return op;
}

static dc_err_t wait_for_error(void)
{
    dc_store_op_t *op = wait_for_one();
    dc_err_t err = op->error;
    dc_store_op_destroy(&op);
    return err;
}

static dc_err_t do_now(dc_store_op_t *op)
{
    put(op);
    return wait_for_error();
}

// Some 8 KiB that belong to nothing else.
static dc_str_t large_data(void)
{
    static char data[8000];
    memset(data, '7', sizeof data);
    return dc_str(data, sizeof data);
}

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

// A chunk of which others need results.
static dc_store_op_t *read_now(uint64_t batch, uint32_t chunk, bool is_of_result, uint64_t offset,
                               uint64_t bytes_max)
{
    dc_store_op_t *op = make(DC_STORE_READ, batch);
    op->read.chunk = chunk;
    op->read.is_of_result = is_of_result;
    op->read.offset = offset;
    op->read.bytes_max = bytes_max;
    put(op);
    return wait_for_one();
}

static dc_store_op_t *needed_op(uint64_t batch, uint32_t number, dc_str_t awaited)
{
    dc_store_op_t *op = chunk_op(batch, number, DC_STR("1\n2\n"));
    op->chunk.flags = DC_CHUNK_NEEDED;
    if (awaited.len) op->awaited = keep(awaited);
    return op;
}

static dc_store_op_t *met_op(uint64_t batch, uint32_t index)
{
    dc_store_op_t *op = make(DC_STORE_MET, batch);
    op->met.index = index;
    return op;
}

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

static void with_database(void (*change)(sqlite3 *database))
{
    sqlite3 *database;
    char path[128];
    snprintf(path, sizeof path, "%s/store.db", folder);
    ck_assert_int_eq(sqlite3_open(path, &database), SQLITE_OK);
    change(database);
    ck_assert_int_eq(sqlite3_close(database), SQLITE_OK);
}

static void run_text(sqlite3 *database, const char *text)
{
    ck_assert_int_eq(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
}

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
    for (uint64_t number = 1; number <= 2000; number++) {
        put(batch_op(number));
    }
    for (uint64_t number = 1; number <= 2000; number++) {
        dc_store_op_t *op = wait_for_one();
        ck_assert_uint_eq(op->batch, number);
        ck_assert_int_eq(op->error, DC_OK);
        dc_store_op_destroy(&op);
    }
    ck_assert_ptr_null(dc_store_poll(store));
    // Whatever had queued was committed at once: no more than 256 rows, but many.
    ck_assert_uint_lt(dc_disk_syncs(), 500);
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

// Let each row that has more bytes than a page go on at a page that is not there.
static void damage_rows(void)
{
    char path[128];
    char page[DC_STORE_PAGE_BYTES];
    snprintf(path, sizeof path, "%s/store.db", folder);
    FILE *file = fopen(path, "r+");
    ck_assert_ptr_nonnull(file);
    unsigned count = 0;
    for (long at = 0; fread(page, sizeof page, 1, file) == 1; at += DC_STORE_PAGE_BYTES) {
        bool is_followed = page[0] == 0 && (page[2] || page[3]);
        if (!is_followed || memcmp(page + sizeof page - 8, "xxxxxxxx", 8) != 0) continue;
        ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
        ck_assert_uint_eq(fwrite("\x7f\xff\xff\xff", 4, 1, file), 1);
        ck_assert_int_eq(fseek(file, at + DC_STORE_PAGE_BYTES, SEEK_SET), 0);
        count++;
    }
    ck_assert_uint_gt(count, 0);
    fclose(file);
}

START_TEST(who_reads_a_damaged_row_has_an_error_and_nobody_else)
{
    static char data[10 * DC_STORE_PAGE_BYTES];
    memset(data, 'x', sizeof data);
    ck_assert_int_eq(do_now(batch_op(1)), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(1, 5, DC_STR("1234"))), DC_OK);
    ck_assert_int_eq(do_now(result_op(1, 5, dc_str(data, sizeof data))), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(1, 6, DC_STR("1234"))), DC_OK);
    dc_store_close(&store);
    damage_rows();
    ck_assert_int_eq(open_store(0), DC_OK);
    dc_store_op_t *op = read_now(1, 5, true, 0, sizeof data);
    ck_assert_int_eq(op->error, DC_ERR_IO);
    dc_store_op_destroy(&op);
    ck_assert_ptr_nonnull(strstr(dc_store_trouble(store), "malformed"));
    op = read_now(1, 6, false, 0, 4);
    ck_assert_int_eq(op->error, DC_OK);
    dc_store_op_destroy(&op);
    ck_assert_int_eq(do_now(batch_op(2)), DC_OK);
}
END_TEST

// --- damaged bits ------------------------------------------------------------------------------

// What the disk does to batch 3, and what is found then: chunk 0 has results, chunk 1 has none,
// chunk 2 has some that others need.
typedef struct damage {
    const char *change, *found;
} damage_t;

static const damage_t damages[] = {
    // Results of a chunk that nobody reads yet are read later.
    { "UPDATE result SET data = CAST('ab#d' AS BLOB) WHERE id = 3 << 24", "result b3 0 answered" },
    { "UPDATE result SET failed = 0 WHERE id = 3 << 24", "chunk b3 0 [0,2) bytes=8 data=1+1" },
    { "UPDATE result SET failed = 0 WHERE id = 3 << 24", "again" },
    { "UPDATE result SET data = CAST('ab' AS BLOB) WHERE id = 3 << 24", "chunk b3 0 [0,2) bytes=8 "
                                                                        "data=1+1" },
    { "UPDATE result SET sums = NULL WHERE id = 3 << 24", "again" },
    { "UPDATE result SET sums = x'00' WHERE id = 3 << 24", "again" },
    // ... and here, where others need them.
    { "UPDATE result SET data = CAST('wx#z' AS BLOB) WHERE id = 3 << 24 | 2",
      "chunk b3 2 [4,6) bytes=8 data=5+5\n6+6\n again" },
    { "UPDATE input SET data = CAST('3+3\n4+5\n' AS BLOB) WHERE id = 3 << 24 | 1",
      "chunk b3 1 [2,4) bytes=8 data= lost" },
    { "UPDATE input SET awaited = x'00' WHERE id = 3 << 24 | 1", "chunk b3 1 [2,4) bytes=8 "
                                                                 "data=3+3\n4+4\n store-damaged" },
    { "UPDATE input SET first = 3 WHERE id = 3 << 24 | 1", "[3,5) bytes=8 data=3+3\n4+4\n "
                                                           "store-damaged" },
    { "UPDATE input SET id = 3 << 24 | 7 WHERE id = 3 << 24 | 1", "data=3+3\n4+4\n store-damaged" },
    { "UPDATE batch SET program = CAST('[]' AS BLOB)", "program=[] level=10 keep=5 store-damaged" },
    { "UPDATE batch SET retries = 4", "program={} level=10 keep=5 store-damaged" },
    { "UPDATE closed SET jobs = 7", "close b3 jobs=7 store-damaged" },
    { "UPDATE closed SET sums = NULL", "close b3 jobs=6 store-damaged" },
    // Small rows: of terms those before the last count, and nobody gets the number of that.
    { "UPDATE terms SET level = 13 WHERE id = 3 << 24 | 1",
      "terms b3 1 level=11 held=0 store-damaged" },
    { "UPDATE terms SET deadline_date = 1", "terms b3 1 level=0 held=0 store-damaged" },
    { "UPDATE terms SET id = 3 << 24 | 9 WHERE id = 3 << 24 | 1",
      "terms b3 9 level=11 held=0 store-damaged" },
    { "UPDATE terms SET sums = NULL", "terms b3 1 level=0 held=0 store-damaged" },
    { "UPDATE met SET id = 3 << 24 | 5", "met b3 5 store-damaged" },
    { "UPDATE met SET id = 7 << 24", "end b7 ok date=0 store-damaged; batch b3" },
    { "INSERT INTO ended VALUES(3, 0, 77, x'0011223344556677')",
      "end b3 ok date=77 store-damaged; chunk b3 0 [0,2) bytes=8 data=;" },
    { "INSERT INTO ended VALUES(4, 0, 77, x'')", "end b4 ok date=0 store-damaged; batch b3" },
    { "INSERT INTO doomed VALUES(5, NULL)", "delete b5 store-damaged; batch b3" },
    { "UPDATE meta SET highest = 1 << 20 WHERE id = 2", "numbers b8192 store-damaged" },
    { "DELETE FROM meta WHERE id = 1", "numbers b8192 store-damaged" },
    { "UPDATE meta SET highest = 1 << 20", "numbers b1052672 store-damaged" },
    { "UPDATE meta SET highest = 1 << 50", "numbers b4099 store-damaged; batch b3" },
};

static int damage_at;

static void damage(sqlite3 *database)
{
    run_text(database, damages[damage_at].change);
}

static void put_some(void)
{
    ck_assert_int_eq(do_now(batch_op(3)), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(3, 0, DC_STR("1+1\n2+2\n"))), DC_OK);
    ck_assert_int_eq(do_now(result_op(3, 0, DC_STR("abcd"))), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(3, 1, DC_STR("3+3\n4+4\n"))), DC_OK);
    dc_store_op_t *needed = chunk_op(3, 2, DC_STR("5+5\n6+6\n"));
    needed->chunk.flags = DC_CHUNK_NEEDED;
    ck_assert_int_eq(do_now(needed), DC_OK);
    ck_assert_int_eq(do_now(result_op(3, 2, DC_STR("wxyz"))), DC_OK);
    dc_store_op_t *close = make(DC_STORE_CLOSE, 3);
    close->close.jobs = 6;
    ck_assert_int_eq(do_now(close), DC_OK);
    for (uint32_t number = 0; number < 2; number++) {
        dc_store_op_t *terms = make(DC_STORE_TERMS, 3);
        terms->terms.number = number;
        terms->terms.level = (uint8_t)(11 + number);
        ck_assert_int_eq(do_now(terms), DC_OK);
    }
    ck_assert_int_eq(do_now(met_op(3, 0)), DC_OK);
}

START_TEST(what_the_disk_has_spoiled_is_told)
{
    put_some();
    reopen();
    ck_assert_ptr_null(strstr(found_text(), "store-damaged"));
    ck_assert_ptr_null(strstr(found_text(), "again"));
    ck_assert_ptr_null(strstr(found_text(), "lost"));
    dc_store_close(&store);
    damage_at = _i;
    with_database(damage);
    ck_assert_int_eq(open_store(0), DC_OK);
    ck_assert_msg(strstr(found_text(), damages[_i].found), "%s: %s", damages[_i].change,
                  found_text());
}
END_TEST

static void spoil_both(sqlite3 *database)
{
    run_text(database, "UPDATE result SET data = CAST('abcx' AS BLOB) WHERE id = 3 << 24;"
                       "UPDATE input SET data = CAST('1+1\n2+3\n' AS BLOB) WHERE id = 3 << 24");
}

START_TEST(spoiled_rows_are_not_read_and_make_way)
{
    put_some();
    ck_assert_int_eq(do_now(make(DC_STORE_END, 3)), DC_OK);
    dc_store_close(&store);
    with_database(spoil_both);
    ck_assert_int_eq(open_store(0), DC_OK);
    for (int is_of_result = 0; is_of_result < 2; is_of_result++) {
        dc_store_op_t *op = read_now(3, 0, is_of_result, 0, 2);
        ck_assert_int_eq(op->error, DC_ERR_DAMAGED);
        ck_assert_uint_eq(op->data.bytes.len, 0);
        dc_store_op_destroy(&op);
    }
    dc_store_op_t *spoiled = make(DC_STORE_SPOILED, 3);
    ck_assert_int_eq(do_now(spoiled), DC_OK);
    ck_assert_int_eq(do_now(result_op(3, 0, DC_STR("abcd"))), DC_OK);
    dc_store_op_t *op = read_now(3, 0, true, 0, 4);
    ck_assert(dc_str_eq(op->data.bytes, DC_STR("abcd")));
    dc_store_op_destroy(&op);
    reopen();
    ck_assert_ptr_null(strstr(found_text(), "end b3"));
}
END_TEST

static char long_row[5 * DC_STORE_SUM_BYTES / 2];

static void spoil_the_middle(sqlite3 *database)
{
    sqlite3_blob *blob;
    ck_assert_int_eq(sqlite3_blob_open(database, "main", "result", "data", 3 << 24, 1, &blob),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_blob_write(blob, "#", 1, DC_STORE_SUM_BYTES + 9), SQLITE_OK);
    sqlite3_blob_close(blob);
}

START_TEST(of_a_long_row_the_rest_is_read)
{
    memset(long_row, 'x', sizeof long_row);
    ck_assert_int_eq(do_now(batch_op(3)), DC_OK);
    ck_assert_int_eq(do_now(chunk_op(3, 0, DC_STR("1\n2\n"))), DC_OK);
    ck_assert_int_eq(do_now(result_op(3, 0, dc_str(long_row, sizeof long_row))), DC_OK);
    dc_store_close(&store);
    with_database(spoil_the_middle);
    ck_assert_int_eq(open_store(0), DC_OK);
    static const struct {
        uint64_t offset, bytes;
        dc_err_t error;
    } parts[] = { { 0, 10, DC_OK },
                  { 10, DC_STORE_SUM_BYTES - 10, DC_OK },
                  { 10, DC_STORE_SUM_BYTES, DC_ERR_DAMAGED },
                  { 2 * DC_STORE_SUM_BYTES - 1, 1, DC_ERR_DAMAGED },
                  { 2 * DC_STORE_SUM_BYTES + 5, 1000000, DC_OK } };
    for (size_t i = 0; i < DC_ARRAY_LEN(parts); i++) {
        dc_store_op_t *op = read_now(3, 0, true, parts[i].offset, parts[i].bytes);
        ck_assert_int_eq(op->error, parts[i].error);
        size_t rest = sizeof long_row - (size_t)parts[i].offset;
        size_t expected = op->error ? 0 : dc_min_size(rest, (size_t)parts[i].bytes);
        ck_assert_uint_eq(op->data.bytes.len, expected);
        dc_store_op_destroy(&op);
    }
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
        ck_assert_uint_lt(count, 6 * DC_STORE_LOG_PAGES_MAX);
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
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(do_now(batch_op(2)), DC_ERR_STORE_FAILED);
    ck_assert_str_eq(dc_store_trouble(store),
                     "the broker's store failed: its files were removed or "
                     "moved, or others are in their place");
    ck_assert_int_eq(do_now(batch_op(3)), DC_ERR_STORE_FAILED);
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
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_was_put_is_found_again_with_inputs_of_what_has_no_results);
    tcase_add_test(tcase, what_is_waited_for_is_found_again);
    tcase_add_loop_test(tcase, what_a_former_version_has_stored_is_found, 0,
                        (int)DC_ARRAY_LEN(former));
    tcase_add_test(tcase, results_of_a_former_version_that_are_none_are_computed_again);
    tcase_add_loop_test(tcase, what_the_disk_has_spoiled_is_told, 0, (int)DC_ARRAY_LEN(damages));
    tcase_add_test(tcase, spoiled_rows_are_not_read_and_make_way);
    tcase_add_test(tcase, of_a_long_row_the_rest_is_read);
    tcase_add_test(tcase, what_a_later_version_has_stored_is_left_alone);
    tcase_add_test(tcase, the_same_again_changes_nothing);
    tcase_add_test(tcase, operations_come_back_in_the_order_in_which_they_were_put);
    tcase_add_test(tcase, a_group_is_done_as_a_whole);
    tcase_add_test(tcase, rows_are_read_in_parts);
    tcase_add_test(tcase, who_reads_a_damaged_row_has_an_error_and_nobody_else);
    tcase_add_test(tcase, numbers_are_reserved_until_they_are_given_back);
    tcase_add_test(tcase, what_is_deleted_is_gone_and_its_number_is_not_given_again);
    tcase_add_test(tcase, at_its_limit_it_refuses_in_words_and_deleting_makes_room);
    tcase_add_test(tcase, on_a_full_disk_what_fits_is_done_and_freed_space_heals);
    tcase_add_test(tcase, what_is_nearly_empty_is_small_when_it_is_opened_again);
    tcase_add_test(tcase, the_log_is_short_again_when_nobody_reads_it);
    tcase_add_loop_test(tcase, who_takes_the_files_away_is_told, 0, (int)DC_ARRAY_LEN(moves));
    tcase_add_test(tcase, after_a_failed_sync_nothing_is_said_to_be_done);
    tcase_add_test(tcase, a_sync_that_fails_while_the_log_is_written_back_is_final_too);
    tcase_add_loop_test(tcase, what_is_said_to_be_done_outlives_the_power, 0, 10);
    tcase_add_test(tcase, what_is_said_to_be_done_outlives_kill_9);
    tcase_add_test(tcase, one_process_has_it);
    tcase_add_test(tcase, a_file_that_is_no_store_is_left_alone);
    suite_add_tcase(all, tcase);
    return all;
}
