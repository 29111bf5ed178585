// Collecting: rows whose results are known wait for their turn, in bounded memory.
#include "client/cli/run/collect.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/limits.h"
#include "tests/lib/main.h"

#define ROW_BYTES  99 // with its newline
#define CHUNK_ROWS 600

static dc_column_t column = { .name = { "x", 1 } };
static const dc_layout_t layout = {
    .format = DC_FORMAT_LINES, .template = { "x", 1 }, .columns = &column, .column_count = 1
};
static dc_printer_t printer;
static dc_messages_t messages;
static dc_buf_t said;
static dc_sink_t sink;
static dc_emit_t emit;
static dc_collect_t *collect;
static dc_buf_t inputs, results;
static uint64_t row;

static void set_up(void)
{
    said = inputs = results = (dc_buf_t){ 0 };
    sink = (dc_sink_t){ .fd = -1 };
    row = 0;
    dc_messages_init(&messages, &said);
    dc_printer_init(&printer, &layout, DC_PRINT_TEXT);
    emit = (dc_emit_t){ .printer = &printer, .messages = &messages, .out = &sink.buf };
    collect = malloc(sizeof *collect);
    ck_assert_ptr_nonnull(collect);
    dc_collect_init(collect, NULL, &emit, &sink);
}

static void tear_down(void)
{
    dc_collect_fini(collect);
    free(collect);
    dc_printer_fini(&printer);
    dc_sink_fini(&sink);
    dc_buf_fini(&inputs);
    dc_buf_fini(&results);
    dc_buf_fini(&said);
}

// Hand in a chunk of rows that are kept, whose results are their numbers, before job `job`.
static void keep_chunk(uint64_t job)
{
    inputs.len = results.len = 0;
    for (size_t i = 0; i < CHUNK_ROWS; i++) {
        dc_buf_printf(&inputs, "%0*d\n", ROW_BYTES - 1, 0);
        dc_buf_printf(&results, "%llu\n", (unsigned long long)row + i);
    }
    dc_kept_t kept = { .chunk = { .bytes = inputs.data, .size = inputs.len, .first = row } };
    kept.piece = (dcalc_piece_t){ .first = row,
                                  .count = CHUNK_ROWS,
                                  .results = results.data,
                                  .results_bytes = results.len,
                                  .chunk = &kept.chunk };
    dc_collect_kept(collect, job, &kept);
    row += CHUNK_ROWS;
}

// All rows are written, in their order.
static void assert_written(void)
{
    dc_str_t rest = dc_buf_str(&sink.buf);
    dc_str_t line;
    for (uint64_t i = 0; i < row; i++) {
        char text[24];
        snprintf(text, sizeof text, "%llu", (unsigned long long)i);
        ck_assert(dc_str_take_line(&rest, &line));
        ck_assert(dc_str_eq(line, dc_str_from(text)));
    }
    ck_assert_uint_eq(rest.len, 0);
    ck_assert_uint_eq(emit.row_count, row);
    ck_assert(dc_collect_is_empty(collect));
}

START_TEST(rows_that_are_due_are_written_at_once)
{
    keep_chunk(0);
    assert_written();
}
END_TEST

// A job before them has no result yet: some megabytes wait, and no more is read meanwhile.
START_TEST(rows_behind_a_job_wait_in_bounded_memory)
{
    size_t bytes = 0;
    while (dc_collect_has_room(collect)) {
        keep_chunk(1);
        bytes += inputs.len + results.len;
        ck_assert_uint_eq(sink.buf.len, 0);
    }
    ck_assert_uint_ge(bytes, DC_KEPT_BYTES_MAX);
    ck_assert_uint_lt(bytes, DC_KEPT_BYTES_MAX + inputs.len + results.len + 1);
    dc_order_pass(&collect->order, 1);
    while (!dc_collect_is_empty(collect)) {
        sink.written = sink.buf.len; // as if it were all on its way
        dc_collect_drain(collect);
    }
    ck_assert(dc_collect_has_room(collect));
    assert_written();
}
END_TEST

START_TEST(what_waits_is_freed_when_nobody_wants_it)
{
    keep_chunk(1);
    keep_chunk(1);
    ck_assert(!dc_collect_is_empty(collect));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("collect");
    TCase *tests = tcase_create("collect");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, rows_that_are_due_are_written_at_once);
    tcase_add_test(tests, rows_behind_a_job_wait_in_bounded_memory);
    tcase_add_test(tests, what_waits_is_freed_when_nobody_wants_it);
    suite_add_tcase(all, tests);
    return all;
}
