// Why jobs failed, beside their results and as lines.
#include "common/fault.h"
#include "tests/lib/main.h"

static dc_buf_t out;

static void set_up(void)
{
    out = (dc_buf_t){ 0 };
}

static void tear_down(void)
{
    dc_buf_fini(&out);
}

static dc_diag_t diag_of(dc_err_t code, size_t column, size_t width, const char *message)
{
    dc_diag_t diag;
    dc_diag_set(&diag, code, column, width, "%s", message);
    return diag;
}

START_TEST(faults_come_back_in_order)
{
    dc_diag_t first = diag_of(DC_ERR_DIVIDE_BY_ZERO, 2, 1, "division by zero");
    dc_diag_t second = diag_of(DC_ERR_EMPTY, 0, 0, "");
    dc_fault_put(&out, 7, &first);
    dc_fault_put(&out, UINT64_MAX, &second);
    dc_str_t rest = dc_buf_str(&out);
    dc_fault_t fault;

    ck_assert(dc_fault_take(&rest, &fault));
    ck_assert_uint_eq(fault.index, 7);
    ck_assert_int_eq(fault.code, DC_ERR_DIVIDE_BY_ZERO);
    ck_assert_uint_eq(fault.column, 2);
    ck_assert_uint_eq(fault.width, 1);
    ck_assert(dc_str_eq(fault.message, DC_STR("division by zero")));
    ck_assert(dc_fault_take(&rest, &fault));
    ck_assert_uint_eq(fault.index, UINT64_MAX);
    ck_assert_uint_eq(fault.message.len, 0);
    ck_assert_uint_eq(rest.len, 0);
    ck_assert(!dc_fault_take(&rest, &fault));
}
END_TEST

// Whoever looks at results one by one asks for the fault of each.
START_TEST(the_fault_of_a_job_is_found_behind_those_before_it)
{
    dc_diag_t diag = diag_of(DC_ERR_EMPTY, 0, 0, "");
    dc_fault_put(&out, 3, &diag);
    size_t fault_bytes = out.len;
    dc_fault_put(&out, 5, &diag);
    dc_fault_put(&out, 9, &diag);
    const char *fifth = out.data + fault_bytes;
    dc_str_t rest = dc_buf_str(&out);

    ck_assert_uint_eq(dc_fault_take_of(&rest, 2).len, 0);
    ck_assert_uint_eq(rest.len, 3 * fault_bytes);
    ck_assert(dc_str_eq(dc_fault_take_of(&rest, 5), dc_str(fifth, fault_bytes)));
    ck_assert_uint_eq(rest.len, fault_bytes);
    ck_assert_uint_eq(dc_fault_take_of(&rest, 8).len, 0);
    ck_assert_uint_eq(dc_fault_take_of(&rest, 9).len, fault_bytes);
    ck_assert_uint_eq(dc_fault_take_of(&rest, 10).len, 0);
}
END_TEST

START_TEST(a_fault_that_is_cut_short_ends_the_list)
{
    dc_diag_t diag = diag_of(DC_ERR_SYNTAX, 0, 1, "expected a value");
    dc_fault_put(&out, 1, &diag);

    for (size_t len = 0; len < out.len; len++) {
        dc_str_t rest = dc_str(out.data, len);
        dc_fault_t fault;
        ck_assert(!dc_fault_take(&rest, &fault));
        ck_assert_uint_eq(rest.len, 0);
    }
}
END_TEST

static const struct {
    size_t offset;
    unsigned char byte;
} broken[] = {
    { 8, 200 },  // no such code
    { 8, 0 },    // success is no fault
    { 20, 255 }, // a message longer than the bytes
    { 23, 255 }, // and by far
};

START_TEST(what_is_no_fault_ends_the_list)
{
    dc_diag_t diag = diag_of(DC_ERR_SYNTAX, 0, 1, "expected a value");
    dc_fault_put(&out, 1, &diag);
    out.data[broken[_i].offset] = (char)broken[_i].byte;
    dc_str_t rest = dc_buf_str(&out);
    dc_fault_t fault;

    ck_assert(!dc_fault_take(&rest, &fault));
    ck_assert_uint_eq(rest.len, 0);
}
END_TEST

START_TEST(a_line_is_short_or_in_full)
{
    dc_diag_t diag = diag_of(DC_ERR_DIVIDE_BY_ZERO, 1, 1, "division by zero");

    dc_fault_put_line(&out, &diag, false);
    ck_assert(dc_str_eq(dc_buf_str(&out), DC_STR("error: divide-by-zero")));
    out.len = 0;
    dc_fault_put_line(&out, &diag, true);
    ck_assert(dc_str_eq(dc_buf_str(&out), DC_STR("error: divide-by-zero at 2: division by zero")));
}
END_TEST

// A message quotes what was typed, but one job is one line.
START_TEST(a_line_has_no_line_break)
{
    dc_diag_t diag = diag_of(DC_ERR_NAME, 0, 3, "unknown name 'a\nb\r\x7F'");

    dc_fault_put_line(&out, &diag, true);
    ck_assert(
        dc_str_eq(dc_buf_str(&out), DC_STR("error: unknown-name at 1: unknown name 'a b  '")));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("fault");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, faults_come_back_in_order);
    tcase_add_test(tests, the_fault_of_a_job_is_found_behind_those_before_it);
    tcase_add_test(tests, a_fault_that_is_cut_short_ends_the_list);
    tcase_add_loop_test(tests, what_is_no_fault_ends_the_list, 0, DC_ARRAY_LEN(broken));
    tcase_add_test(tests, a_line_is_short_or_in_full);
    tcase_add_test(tests, a_line_has_no_line_break);
    Suite *all = suite_create("fault");
    suite_add_tcase(all, tests);
    return all;
}
