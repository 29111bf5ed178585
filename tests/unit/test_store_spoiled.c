// What a disk has spoiled of a store: it is seen, told, and nobody else's trouble.
#include "broker/store/store.h"

#include <stdio.h>

#include "tests/lib/main.h"
#include "tests/lib/store_fixture.h"

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
    op = make(DC_STORE_SPOILED, 1);
    op->spoiled.chunk = 5;
    ck_assert_int_eq(do_now(op), DC_ERR_DAMAGED);
    ck_assert_str_eq(dc_store_trouble(store),
                     "a page of its file is lost (dcalc-broker(8), FILES): "
                     "database disk image is malformed");
    ck_assert_int_eq(do_now(batch_op(3)), DC_OK);
}
END_TEST

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
                                                                 "data= store-damaged" },
    { "UPDATE input SET first = 3 WHERE id = 3 << 24 | 1", "[3,5) bytes=8 data= store-damaged" },
    { "UPDATE input SET id = 3 << 24 | 7 WHERE id = 3 << 24 | 1",
      "[2,4) bytes=8 data= store-damaged" },
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

Suite *suite(void)
{
    Suite *all = suite_create("store_spoiled");
    TCase *tcase = tcase_create("store_spoiled");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, store_set_up, store_tear_down);
    tcase_add_loop_test(tcase, what_the_disk_has_spoiled_is_told, 0, (int)DC_ARRAY_LEN(damages));
    tcase_add_test(tcase, spoiled_rows_are_not_read_and_make_way);
    tcase_add_test(tcase, of_a_long_row_the_rest_is_read);
    tcase_add_test(tcase, who_reads_a_damaged_row_has_an_error_and_nobody_else);
    suite_add_tcase(all, tcase);
    return all;
}
