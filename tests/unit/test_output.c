// The output of a slot: values that are put together, jobs that are split, and parts of jobs. What
// becomes of single results in lines is seen with the runner.
#include "tests/lib/main.h"
#include "worker/output.h"

static dc_output_t *output;
static dc_pieces_t pieces;
static dc_diag_t diag;

static void set_up(void)
{
    output = dc_output_new(-1);
    ck_assert_ptr_nonnull(output);
}

static void tear_down(void)
{
    dc_pieces_fini(&pieces);
    dc_output_destroy(&output);
}

static void begin(uint32_t count, uint8_t flags)
{
    dc_cmd_t lease = { .type = DC_CMD_LEASE,
                       .lease = { .id = 7, .first = 10, .count = count, .flags = flags } };
    dc_output_begin(output, &lease, 0);
}

static void put_number(double number)
{
    dc_value_t value = { .type = DC_TYPE_NUMBER, .number = number };
    ck_assert_int_eq(dc_output_put(output, &value, 1, &diag), DC_OK);
}

static void put_fault(void)
{
    dc_diag_set(&diag, DC_ERR_DOMAIN, 0, 0, "no");
    dc_output_put_fault(output, &diag, 1);
}

static void finish(void)
{
    dc_output_finish(output, true);
    dc_output_take(output, false, &pieces);
}

static void assert_piece(size_t at, uint64_t first, uint32_t count, uint8_t flags, dc_str_t data)
{
    ck_assert_uint_lt(at, pieces.len);
    const dc_cmd_t *piece = &pieces.list[at];
    dc_str_t behind_faults = dc_str_behind(piece->data.bytes, piece->result.faults_bytes);
    ck_assert_uint_eq(piece->result.first, first);
    ck_assert_uint_eq(piece->result.count, count);
    ck_assert_uint_eq(piece->result.flags, flags);
    ck_assert_msg(dc_str_eq(behind_faults, data), "'%.*s'", (int)behind_faults.len,
                  behind_faults.data);
}

// All that came out of the lease, pieces behind each other; `steps` is what they say of these.
static void collect(dc_buf_t *out, uint32_t *count, uint64_t *steps)
{
    *count = 0;
    *steps = 0;
    for (size_t i = 0; i < pieces.len; i++) {
        ck_assert_uint_eq(pieces.list[i].result.first, 10 + *count);
        dc_buf_append_str(out, pieces.list[i].data.bytes);
        *count += pieces.list[i].result.count;
        *steps += pieces.list[i].result.steps;
    }
}

#define MANY 20000 // several pieces

static void put_all(const double *values, bool are_together)
{
    if (are_together) {
        dc_output_put_many(output, values, 7, false, 7);
        dc_output_put_many(output, values + 7, MANY - 7, false, MANY - 7);
        return;
    }
    for (size_t i = 0; i < MANY; i++)
        put_number(values[i]);
}

static const uint8_t many_flags[] = { 0, DC_LEASE_COLUMNS };

START_TEST(values_together_come_out_as_one_by_one)
{
    static double values[MANY];
    dc_buf_t texts[2] = { 0 };
    for (size_t i = 0; i < MANY; i++)
        values[i] = (double)i / 7;
    for (size_t way = 0; way < 2; way++) {
        uint32_t count;
        uint64_t steps;
        begin(MANY, many_flags[_i]);
        put_all(values, way == 1);
        finish();
        ck_assert_uint_gt(pieces.len, 1);
        collect(&texts[way], &count, &steps);
        ck_assert_uint_eq(count, MANY);
        ck_assert_uint_eq(steps, MANY);
        dc_pieces_clear(&pieces);
    }
    ck_assert(dc_str_eq(dc_buf_str(&texts[0]), dc_buf_str(&texts[1])));
    dc_buf_fini(&texts[0]);
    dc_buf_fini(&texts[1]);
}
END_TEST

START_TEST(bools_together_are_words)
{
    const double values[] = { 1, 0, 1 };
    begin(3, 0);
    dc_output_put_many(output, values, 3, true, 3);
    finish();
    ck_assert_uint_eq(pieces.len, 1);
    assert_piece(0, 10, 3, DC_RESULT_LAST, DC_STR("true\nfalse\ntrue\n"));
}
END_TEST

START_TEST(a_job_that_is_split_is_a_piece_of_its_own)
{
    begin(3, 0);
    put_number(1);
    ck_assert_int_eq(dc_output_put_fork(output, DC_STR("parts"), 5, &diag), DC_OK);
    put_number(3);
    finish();

    ck_assert_uint_eq(pieces.len, 3);
    assert_piece(0, 10, 1, 0, DC_STR("1\n"));
    assert_piece(1, 11, 1, DC_RESULT_FORK, DC_STR("parts"));
    ck_assert_uint_eq(pieces.list[1].result.steps, 5);
    assert_piece(2, 12, 1, DC_RESULT_LAST, DC_STR("3\n"));
}
END_TEST

// Its data have no room for them.
START_TEST(faults_before_a_split_are_not_its_own)
{
    begin(2, 0);
    put_fault();
    ck_assert_int_eq(dc_output_put_fork(output, DC_STR("parts"), 0, &diag), DC_OK);
    finish();

    ck_assert_uint_eq(pieces.len, 3);
    assert_piece(0, 10, 1, 0, DC_STR("error: domain\n"));
    assert_piece(1, 11, 1, DC_RESULT_FORK, DC_STR("parts"));
    ck_assert_uint_eq(pieces.list[1].result.faults_bytes, 0);
    assert_piece(2, 12, 0, DC_RESULT_LAST, DC_STR(""));
}
END_TEST

START_TEST(the_result_of_a_child_is_any_bytes)
{
    begin(1, DC_LEASE_CHILD);
    ck_assert_int_eq(dc_output_put_part(output, DC_STR("a\0b"), 9, &diag), DC_OK);
    finish();

    ck_assert_uint_eq(pieces.len, 1);
    assert_piece(0, 10, 1, DC_RESULT_LAST, DC_STR("a\0b"));
}
END_TEST

START_TEST(a_part_that_fails_says_so)
{
    static const uint8_t kinds[] = { DC_LEASE_CHILD, DC_LEASE_JOIN };
    for (size_t i = 0; i < DC_ARRAY_LEN(kinds); i++) {
        begin(1, kinds[i]);
        put_fault();
        finish();
        ck_assert_uint_eq(pieces.len, 1);
        assert_piece(0, 10, 1, DC_RESULT_FAILED | DC_RESULT_LAST, DC_STR("error: domain\n"));
        dc_pieces_clear(&pieces);
    }
    begin(1, 0);
    put_fault();
    finish();
    assert_piece(0, 10, 1, DC_RESULT_LAST, DC_STR("error: domain\n"));
}
END_TEST

// The last piece is empty then, and has nothing that could have failed.
START_TEST(a_failure_is_said_once)
{
    begin(1, DC_LEASE_JOIN);
    put_fault();
    dc_output_take(output, true, &pieces);
    assert_piece(0, 10, 1, DC_RESULT_FAILED, DC_STR("error: domain\n"));
    dc_pieces_clear(&pieces);
    finish();
    assert_piece(0, 11, 0, DC_RESULT_LAST, DC_STR(""));
}
END_TEST

START_TEST(what_no_frame_holds_is_refused)
{
    static char bytes[DC_FRAME_BYTES_MAX + 1];
    begin(1, DC_LEASE_CHILD);
    ck_assert_int_eq(dc_output_put_part(output, dc_str(bytes, sizeof bytes), 0, &diag),
                     DC_ERR_TOO_LARGE);
    ck_assert_int_eq(dc_output_put_fork(output, dc_str(bytes, sizeof bytes), 0, &diag),
                     DC_ERR_TOO_LARGE);
    ck_assert_int_eq(dc_output_put_fork(output, dc_str(bytes, DC_FRAME_BYTES_MAX), 0, &diag),
                     DC_OK);
    finish();
    ck_assert_uint_eq(pieces.len, 2);
    ck_assert_uint_eq(pieces.list[0].data.bytes.len, DC_FRAME_BYTES_MAX);
}
END_TEST

START_TEST(a_lease_that_is_dropped_splits_nothing)
{
    begin(1, 0);
    dc_output_drop(output);
    ck_assert_int_eq(dc_output_put_fork(output, DC_STR("parts"), 0, &diag), DC_OK);
    finish();
    ck_assert_uint_eq(pieces.len, 0);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("output");
    TCase *parts = tcase_create("parts");
    tcase_add_checked_fixture(parts, set_up, tear_down);
    tcase_add_loop_test(parts, values_together_come_out_as_one_by_one, 0, 2);
    tcase_add_test(parts, bools_together_are_words);
    tcase_add_test(parts, a_job_that_is_split_is_a_piece_of_its_own);
    tcase_add_test(parts, faults_before_a_split_are_not_its_own);
    tcase_add_test(parts, the_result_of_a_child_is_any_bytes);
    tcase_add_test(parts, a_part_that_fails_says_so);
    tcase_add_test(parts, a_failure_is_said_once);
    tcase_add_test(parts, what_no_frame_holds_is_refused);
    tcase_add_test(parts, a_lease_that_is_dropped_splits_nothing);
    suite_add_tcase(all, parts);
    return all;
}
