// Recall: which rows of an input are found in what was recorded, wherever they stand now.
#include "client/cli/journal/recall.h"

#include <stdlib.h>

#include "tests/lib/main.h"

// Rows are numbers here: what is in a row is what it is called.
static const dc_siphash_key_t key = { 5, 6 };

typedef struct recorded {
    uint64_t first;
    uint32_t rows;
    const uint64_t *contents; // of its rows
    dc_err_t code;            // its last row has failed with this; DC_OK: it has not
} recorded_t;

static dc_recall_t *recall;
static recorded_t blocks[4096];
static size_t block_count;
static uint64_t *contents; // owned: of many rows

static dc_siphash_t hash_of(uint64_t content)
{
    return dc_siphash(&key, dc_str((const char *)&content, sizeof content));
}

static void begin(size_t rows_max)
{
    recall = dc_recall_new(rows_max);
    ck_assert_ptr_nonnull(recall);
    block_count = 0;
}

static void tear_down(void)
{
    free(contents);
    contents = NULL;
    dc_recall_destroy(&recall);
    ck_assert_ptr_null(recall);
}

// Its offset is its number.
static void record(uint64_t first, uint32_t rows, const uint64_t *content, dc_err_t code)
{
    dc_journal_head_t head = { .first = first, .rows = rows };
    ck_assert(dc_recall_add(recall, &head, block_count));
    blocks[block_count++] = (recorded_t){ first, rows, content, code };
}

// Rows [0, count) with contents of their own, in blocks of `size`.
static void record_many(size_t count, uint32_t size)
{
    contents = malloc(count * sizeof *contents);
    for (size_t i = 0; i < count; i++) {
        contents[i] = i;
    }
    for (size_t i = 0; i < count; i += size) {
        record(i, (uint32_t)dc_min_size(size, count - i), contents + i, DC_OK);
    }
}

static void load(uint64_t offset)
{
    const recorded_t *block = &blocks[offset];
    dc_buf_t hashes = { 0 };
    dc_buf_t faults = { 0 };
    for (uint32_t i = 0; i < block->rows; i++) {
        dc_journal_put_hash(&hashes, hash_of(block->contents[i]));
    }
    if (block->code) {
        dc_diag_t diag;
        dc_diag_set(&diag, block->code, 0, 0, "x");
        dc_fault_put(&faults, block->rows - 1, &diag);
    }
    dc_journal_body_t body = { .hashes = dc_buf_str(&hashes), .faults = dc_buf_str(&faults) };
    ck_assert(dc_recall_load(recall, &body));
    dc_buf_fini(&hashes);
    dc_buf_fini(&faults);
}

// Look for a row; if it is found it must be what was recorded there.
static bool find(uint64_t row, uint64_t content, dc_recalled_t *found)
{
    uint64_t offset;
    while (dc_recall_wants(recall, row, &offset)) {
        load(offset);
    }
    if (!dc_recall_find(recall, row, hash_of(content), found)) return false;
    ck_assert_uint_lt(found->offset, block_count);
    ck_assert_uint_lt(found->index, blocks[found->offset].rows);
    ck_assert_uint_eq(blocks[found->offset].contents[found->index], content);
    return true;
}

static bool has(uint64_t row, uint64_t content)
{
    dc_recalled_t found;
    return find(row, content, &found) && found.is_final;
}

// Rows [0, count) have not changed.
static void assert_has_all(uint64_t count)
{
    for (uint64_t row = 0; row < count; row++) {
        ck_assert(has(row, row));
    }
}

START_TEST(of_nothing_nothing_is_found)
{
    begin(1000);
    ck_assert(!has(0, 0));
    ck_assert(dc_recall_is_past(recall, 0));
}
END_TEST

START_TEST(what_has_not_changed_is_found)
{
    begin(1 << 20);
    record_many(10000, 300);
    for (uint64_t row = 0; row < 10000; row++) {
        ck_assert(!dc_recall_is_past(recall, row));
        ck_assert(has(row, row));
    }
    ck_assert(dc_recall_is_past(recall, 10000));
    ck_assert(!has(10000, 10000));
}
END_TEST

START_TEST(a_journal_that_is_longer_than_what_is_held_passes_by)
{
    begin(8192);
    record_many(400000, 1000);
    assert_has_all(400000);
    ck_assert(!has(400000, 17)); // long gone
}
END_TEST

// Rows before which others came in or went, again and again, by more than is held in all.
START_TEST(rows_that_move_along_are_found)
{
    begin(16384);
    record_many(200000, 512);
    uint64_t row = 0;
    size_t missed = 0;
    for (uint64_t content = 0; content < 200000; content++) {
        if (content % 5000 == 1000) row += 2000;    // inserted
        if (content % 7000 == 3000) content += 500; // deleted
        missed += !has(row++, content);
    }
    ck_assert_uint_eq(missed, 0);
}
END_TEST

START_TEST(rows_that_changed_are_not_found_and_hide_no_others)
{
    begin(4096);
    record_many(50000, 1000);
    for (uint64_t row = 0; row < 50000; row++) {
        bool is_changed = row % 10 == 3 || (row > 20000 && row < 30000);
        ck_assert_int_eq(has(row, is_changed ? row + 1000000 : row), !is_changed);
    }
}
END_TEST

// What stands everywhere is found anywhere, and must not lead away from what stands nearby.
START_TEST(equal_rows_do_not_mislead)
{
    enum {
        COUNT = 100000
    };
    begin(8192);
    contents = malloc(COUNT * sizeof *contents);
    for (uint64_t i = 0; i < COUNT; i++) {
        contents[i] = i % 2 ? i : i % 10;
    }
    for (size_t i = 0; i < COUNT; i += 1000) {
        record(i, 1000, contents + i, DC_OK);
    }
    for (uint64_t row = 0; row < COUNT; row++) {
        ck_assert(has(row + row / 20000, contents[row])); // one is inserted now and then
    }
}
END_TEST

// The second run has what the first one lacked.
START_TEST(runs_are_gone_through_side_by_side)
{
    begin(16384);
    record_many(60000, 1000);
    uint64_t *changed = malloc(60 * sizeof *changed);
    for (uint32_t i = 0; i < 60; i++) {
        changed[i] = 1000000 + i;
        record(i * UINT64_C(1000) + 7, 1, changed + i, DC_OK);
    }
    for (uint64_t row = 0; row < 60000; row++) {
        ck_assert(has(row, row % 1000 == 7 ? 1000000 + row / 1000 : row));
    }
    free(changed);
}
END_TEST

START_TEST(a_run_that_goes_on_is_one)
{
    // As many as would be too many if each of them were a run.
    begin(1000000);
    record_many(3000, 1);
    assert_has_all(3000);
}
END_TEST

START_TEST(what_may_not_fail_again_is_told_apart)
{
    static const uint64_t rows[] = { 10, 11, 12 };
    dc_recalled_t found;
    begin(1000);
    record(0, 3, rows, DC_ERR_LOST);
    ck_assert(has(0, 10));
    ck_assert(find(2, 12, &found));
    ck_assert(!found.is_final);
}
END_TEST

START_TEST(the_attempt_that_counts_is_found_whichever_came_first)
{
    static const uint64_t rows[] = { 10, 11, 12 };
    begin(1000);
    // Both orders: the run with the fault before the one without, and behind it.
    record(0, 3, rows, _i ? DC_OK : DC_ERR_LOST);
    record(0, 3, rows, _i ? DC_ERR_LOST : DC_OK);
    ck_assert(has(2, 12));
    ck_assert(has(7, 12));
}
END_TEST

START_TEST(a_damaged_block_is_passed_over)
{
    uint64_t offset;
    begin(1000000);
    record_many(3000, 1000);
    ck_assert(dc_recall_wants(recall, 0, &offset));
    load(offset);
    ck_assert(dc_recall_wants(recall, 0, &offset));
    ck_assert(dc_recall_load(recall, NULL));
    for (uint64_t row = 0; row < 3000; row++) {
        ck_assert_int_eq(has(row, row), row < 1000 || row >= 2000);
    }
}
END_TEST

// More runs than are looked at: the first ones are, and nothing breaks.
START_TEST(too_many_runs_are_left_out)
{
    static const uint64_t rows[] = { 1, 2, 3, 4 };
    begin(100000);
    for (size_t i = 0; i < 1000; i++) {
        record(0, 4, rows, DC_OK);
    }
    for (uint64_t row = 0; row < 4; row++) {
        ck_assert(has(row, row + 1));
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("recall");
    TCase *tests = tcase_create("recall");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, of_nothing_nothing_is_found);
    tcase_add_test(tests, what_has_not_changed_is_found);
    tcase_add_test(tests, a_journal_that_is_longer_than_what_is_held_passes_by);
    tcase_add_test(tests, rows_that_move_along_are_found);
    tcase_add_test(tests, rows_that_changed_are_not_found_and_hide_no_others);
    tcase_add_test(tests, equal_rows_do_not_mislead);
    tcase_add_test(tests, runs_are_gone_through_side_by_side);
    tcase_add_test(tests, a_run_that_goes_on_is_one);
    tcase_add_test(tests, what_may_not_fail_again_is_told_apart);
    tcase_add_loop_test(tests, the_attempt_that_counts_is_found_whichever_came_first, 0, 2);
    tcase_add_test(tests, a_damaged_block_is_passed_over);
    tcase_add_test(tests, too_many_runs_are_left_out);
    suite_add_tcase(all, tests);
    return all;
}
