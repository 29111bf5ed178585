// The runner: leases in, pieces out, while another thread trims, cancels and takes what is
// finished. With the quick way beside it, which must give the same.
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "common/clock.h"
#include "common/fault.h"
#include "common/program.h"
#include "tests/lib/main.h"
#include "worker/quick.h"
#include "worker/runner.h"

// Each function calls the one before twice: 2^40 steps, hours of work.
#define LONG_JOB                                                           \
    "f0(x)=x+x;f1(x)=f0(f0(x));f2(x)=f1(f1(x));f3(x)=f2(f2(x));"           \
    "f4(x)=f3(f3(x));f5(x)=f4(f4(x));f6(x)=f5(f5(x));f7(x)=f6(f6(x));"     \
    "f8(x)=f7(f7(x));f9(x)=f8(f8(x));f10(x)=f9(f9(x));f11(x)=f10(f10(x));" \
    "f12(x)=f11(f11(x));f13(x)=f12(f12(x));f14(x)=f13(f13(x));"            \
    "f15(x)=f14(f14(x));f16(x)=f15(f15(x));f17(x)=f16(f16(x));"            \
    "f18(x)=f17(f17(x));f19(x)=f18(f18(x));f20(x)=f19(f19(x));"            \
    "f21(x)=f20(f20(x));f22(x)=f21(f21(x));f23(x)=f22(f22(x));"            \
    "f24(x)=f23(f23(x));f25(x)=f24(f24(x));f26(x)=f25(f25(x));"            \
    "f27(x)=f26(f26(x));f28(x)=f27(f27(x));f29(x)=f28(f28(x));"            \
    "f30(x)=f29(f29(x));f31(x)=f30(f30(x));f32(x)=f31(f31(x));"            \
    "f33(x)=f32(f32(x));f34(x)=f33(f33(x));f35(x)=f34(f34(x));"            \
    "f36(x)=f35(f35(x));f37(x)=f36(f36(x));f38(x)=f37(f37(x));"            \
    "f39(x)=f38(f38(x));f40(x)=f39(f39(x));f40(1)"

static dc_spot_t spot;
static dc_runner_t *runner;
static dc_pieces_t pieces;

// What came out of one lease.
static dc_buf_t results, faults;
static uint64_t next_index, steps, piece_count;
static bool has_last;

static void forget_results(void)
{
    results.len = faults.len = 0;
    next_index = steps = piece_count = 0;
    has_last = false;
}

static void set_up(void)
{
    runner = dc_runner_new(&spot);
    ck_assert_ptr_nonnull(runner);
    forget_results();
}

static void tear_down(void)
{
    dc_pieces_fini(&pieces);
    dc_runner_destroy(&runner);
    dc_buf_fini(&results);
    dc_buf_fini(&faults);
}

// Look at the pieces, which must be of lease `id` and follow each other.
static void collect(uint64_t id)
{
    for (size_t i = 0; i < pieces.len; i++) {
        const dc_cmd_t *piece = &pieces.list[i];
        ck_assert_int_eq(piece->type, DC_CMD_RESULT);
        ck_assert_uint_eq(piece->result.id, id);
        ck_assert_uint_eq(piece->result.first, next_index);
        ck_assert(!has_last);
        dc_str_t data = piece->data.bytes;
        size_t faults_bytes = piece->result.faults_bytes;
        ck_assert_uint_le(faults_bytes, data.len);
        dc_buf_append(&faults, data.data, faults_bytes);
        dc_buf_append(&results, data.data + faults_bytes, data.len - faults_bytes);
        next_index += piece->result.count;
        steps += piece->result.steps;
        has_last = piece->result.flags & DC_RESULT_LAST;
        piece_count++;
    }
    dc_pieces_clear(&pieces);
}

static bool wait_for_pieces(int timeout_ms)
{
    struct pollfd item = { .fd = dc_runner_fd(runner), .events = POLLIN };
    return poll(&item, 1, timeout_ms) == 1;
}

static dc_cmd_t make_lease(uint64_t id, uint64_t first, uint32_t count, dc_str_t data)
{
    return (dc_cmd_t){ .type = DC_CMD_LEASE,
                       .lease = { .id = id, .first = first, .count = count },
                       .data.bytes = data };
}

static void start(const dc_cmd_t *lease)
{
    next_index = lease->lease.first;
    ck_assert(dc_runner_run(runner, lease));
}

static void collect_all(uint64_t id)
{
    while (!has_last) {
        ck_assert(wait_for_pieces(20000));
        dc_runner_take(runner, false, &pieces);
        collect(id);
    }
}

static void run_all(const dc_cmd_t *lease)
{
    start(lease);
    collect_all(lease->lease.id);
}

static void expect_results(const char *expected)
{
    dc_buf_append_char(&results, '\0');
    ck_assert_str_eq(results.data, expected);
}

// The text of a program.
static dc_buf_t encode(const dc_program_t *program)
{
    dc_buf_t frame = { 0 };
    dc_program_encode(program, &frame);
    return frame;
}

// --- what comes out ----------------------------------------------------------------------------

START_TEST(lines_become_lines)
{
    dc_cmd_t lease = make_lease(7, 100, 4, DC_STR("1 + 2\n'a'\n1 < 2\nnull\n"));
    run_all(&lease);
    expect_results("3\n\"a\"\ntrue\nnull\n");
    ck_assert_uint_eq(next_index, 104);
    ck_assert_uint_eq(piece_count, 1);
    ck_assert_uint_eq(faults.len, 0);
}
END_TEST

START_TEST(a_failed_job_is_a_line_and_a_fault)
{
    dc_cmd_t lease = make_lease(7, 100, 3, DC_STR("1/0\n2\n1 + * 2"));
    run_all(&lease);
    expect_results("error: divide-by-zero\n2\nerror: syntax\n");
    dc_str_t rest = dc_buf_str(&faults);
    dc_fault_t fault;
    ck_assert(dc_fault_take(&rest, &fault));
    ck_assert_uint_eq(fault.index, 100);
    ck_assert_int_eq(fault.code, DC_ERR_DIVIDE_BY_ZERO);
    ck_assert(dc_fault_take(&rest, &fault));
    ck_assert_uint_eq(fault.index, 102);
    ck_assert_int_eq(fault.code, DC_ERR_SYNTAX);
    ck_assert_uint_eq(fault.column, 4);
    ck_assert(!dc_fault_take(&rest, &fault));
}
END_TEST

START_TEST(with_text_the_line_says_all)
{
    dc_cmd_t lease = make_lease(7, 0, 2, DC_STR("1 + * 2\n2"));
    lease.lease.flags = DC_LEASE_TEXT;
    run_all(&lease);
    ck_assert_uint_eq(faults.len, 0);
    dc_buf_append_char(&results, '\0');
    ck_assert_ptr_eq(strstr(results.data, "error: syntax at 5: "), results.data);
    ck_assert_ptr_nonnull(strstr(results.data, "\n2\n"));
}
END_TEST

START_TEST(with_columns_results_are_doubles)
{
    dc_cmd_t lease = make_lease(7, 0, 4, DC_STR("1.5\n1/0\ntrue\n'a'\n"));
    lease.lease.flags = DC_LEASE_COLUMNS;
    run_all(&lease);
    ck_assert_uint_eq(results.len, 32);
    double numbers[4];
    memcpy(numbers, results.data, sizeof numbers);
    ck_assert(numbers[0] == 1.5 && isnan(numbers[1]) && numbers[2] == 1 && isnan(numbers[3]));
    dc_str_t rest = dc_buf_str(&faults);
    dc_fault_t fault;
    ck_assert(dc_fault_take(&rest, &fault) && fault.code == DC_ERR_DIVIDE_BY_ZERO);
    ck_assert(dc_fault_take(&rest, &fault) && fault.code == DC_ERR_TYPE);
}
END_TEST

// Whether a slot takes them or not: the operator of the broker does not.
START_TEST(expressions_longer_than_the_broker_allows_fail)
{
    dc_cmd_t lease = make_lease(7, 0, 3, DC_STR("1+2+3\n1+2+34\n1+2\n"));
    lease.lease.expr_bytes_max = 5;
    run_all(&lease);
    expect_results("6\nerror: too-long\n3\n");
    dc_str_t rest = dc_buf_str(&faults);
    dc_fault_t fault;
    ck_assert(dc_fault_take(&rest, &fault));
    ck_assert_uint_eq(fault.index, 1);
    ck_assert(dc_str_eq(fault.message, DC_STR("the expression has 6 bytes, and the broker takes 5 "
                                              "at most (--max-expr)")));
    ck_assert(!dc_fault_take(&rest, &fault));
}
END_TEST

// Of a table the expression is a field, and of a batch with a template the rows may be as long as
// they are.
START_TEST(what_stands_beside_an_expression_may_be_long)
{
    dc_program_t program;
    dc_program_init(&program);
    program.format = DC_FORMAT_CSV;
    program.field_count = 2;
    program.expr_field = 1;
    dc_buf_t frame = encode(&program);
    dc_cmd_t lease = make_lease(7, 0, 2, DC_STR("a long field,1+2+3\n,1+2+34\n"));
    lease.program.bytes = dc_buf_str(&frame);
    lease.lease.expr_bytes_max = 5;
    run_all(&lease);
    expect_results("6\nerror: too-long\n");
    dc_buf_fini(&frame);
}
END_TEST

// Rows that are evaluated in blocks, too.
START_TEST(a_template_longer_than_the_broker_allows_fails_each_row)
{
    dc_program_t program;
    dc_program_var_t var = { { .name = DC_STR("x"), .type = DC_VAR_NUMBER }, 0 };
    dc_program_init(&program);
    program.template = DC_STR("x*x+1");
    program.vars = &var;
    program.var_count = 1;
    dc_buf_t frame = encode(&program);
    for (uint32_t allowed = 4; allowed <= 5; allowed++) {
        dc_cmd_t lease = make_lease(7, 0, 5, DC_STR("100000\n2\n3\n4\n5\n"));
        lease.program.bytes = dc_buf_str(&frame);
        lease.lease.expr_bytes_max = allowed;
        run_all(&lease);
        expect_results(allowed == 5 ? "10000000001\n5\n10\n17\n26\n"
                                    : "error: too-long\nerror: too-long\nerror: too-long\n"
                                      "error: too-long\nerror: too-long\n");
        forget_results();
    }
    dc_buf_fini(&frame);
}
END_TEST

// One after the other: there are no blocks of them.
START_TEST(wide_numbers_come_as_their_digits)
{
    dc_program_t program;
    dc_program_var_t var = { { .name = DC_STR("x"), .type = DC_VAR_NUMBER }, 0 };
    dc_program_init(&program);
    program.numbers.kind = DC_NUMBERS_EXACT;
    dc_buf_t frame = encode(&program);
    dc_cmd_t lease = make_lease(7, 0, 5, DC_STR("0.1+0.2\n1/3\n1/0\n'a'\n2^70\n"));
    lease.program.bytes = dc_buf_str(&frame);
    run_all(&lease);
    expect_results("0.3\n1/3\nerror: divide-by-zero\n\"a\"\n1180591620717411303424\n");
    dc_buf_fini(&frame);
    forget_results();

    program.template = DC_STR("x/3");
    program.vars = &var;
    program.var_count = 1;
    frame = encode(&program);
    lease = make_lease(8, 0, 5, DC_STR("0.3\n1\n2/7\nn/a\n1e30\n"));
    lease.program.bytes = dc_buf_str(&frame);
    run_all(&lease);
    expect_results("0.1\n1/3\n2/21\nerror: not-a-number\n1000000000000000000000000000000/3\n");
    dc_buf_fini(&frame);
}
END_TEST

START_TEST(missing_lines_fail_alone)
{
    dc_cmd_t lease = make_lease(7, 0, 3, DC_STR("1\n"));
    run_all(&lease);
    expect_results("1\nerror: protocol\nerror: protocol\n");
}
END_TEST

START_TEST(lines_beyond_the_count_are_left_alone)
{
    dc_cmd_t lease = make_lease(7, 0, 1, DC_STR("1\n2\n3\n"));
    run_all(&lease);
    expect_results("1\n");
}
END_TEST

START_TEST(a_record_is_one_job_whatever_breaks_it_has)
{
    dc_program_var_t var = { { .name = DC_STR("s"), .type = DC_VAR_STRING }, 0 };
    dc_program_t program;
    dc_program_init(&program);
    program.format = DC_FORMAT_CSV;
    program.field_count = 2;
    program.template = DC_STR("s");
    program.vars = &var;
    program.var_count = 1;
    dc_buf_t frame = encode(&program);
    dc_cmd_t lease = make_lease(7, 5, 1, DC_STR("\"a\nb\",1\n"));
    lease.lease.flags = DC_LEASE_RECORD;
    lease.program.bytes = dc_buf_str(&frame);
    run_all(&lease);
    expect_results("\"a\\nb\"\n");
    dc_buf_fini(&frame);
}
END_TEST

// What other slots have split: their bytes are no expressions.
START_TEST(a_part_of_a_job_fails_as_a_part)
{
    static const uint8_t kinds[] = { DC_LEASE_CHILD, DC_LEASE_JOIN };
    for (size_t i = 0; i < DC_ARRAY_LEN(kinds); i++) {
        dc_cmd_t lease = make_lease(1 + i, 0, 1, DC_STR("1+1"));
        lease.lease.flags = kinds[i];
        start(&lease);
        ck_assert(wait_for_pieces(20000));
        dc_runner_take(runner, false, &pieces);
        ck_assert_uint_eq(pieces.len, 1);
        ck_assert(pieces.list[0].result.flags & DC_RESULT_FAILED);
        collect(1 + i);
        expect_results("error: protocol\n");
        forget_results();
    }
}
END_TEST

START_TEST(a_template_runs_over_rows_with_constants)
{
    dc_program_var_t vars[] = { { { .name = DC_STR("qty"), .type = DC_VAR_NUMBER }, 1 },
                                { { .name = DC_STR("price") }, 0 } };
    dc_var_t let = { .name = DC_STR("k") };
    dc_value_t value = { .type = DC_TYPE_NUMBER, .number = 0.5 };
    dc_program_t program;
    dc_program_init(&program);
    program.format = DC_FORMAT_CSV;
    program.field_count = 2;
    program.template = DC_STR("qty * price + k");
    program.vars = vars;
    program.var_count = 2;
    program.lets = &let;
    program.let_values = &value;
    program.let_count = 1;
    dc_buf_t frame = encode(&program);
    dc_cmd_t lease = make_lease(7, 0, 3, DC_STR("2,3\nx,1\n,1\n"));
    lease.program.bytes = dc_buf_str(&frame);
    run_all(&lease);
    expect_results("6.5\nerror: not-a-number\nerror: null\n");
    dc_str_t rest = dc_buf_str(&faults);
    dc_fault_t fault;
    ck_assert(dc_fault_take(&rest, &fault));
    ck_assert(dc_str_eq(fault.message, DC_STR("column 'price': 'x' is not a number")));
    dc_buf_fini(&frame);
}
END_TEST

START_TEST(a_program_that_is_none_fails_every_job)
{
    dc_cmd_t lease = make_lease(7, 0, 2, DC_STR("1\n2\n"));
    lease.program.bytes = DC_STR("{\"v\":99}");
    run_all(&lease);
    expect_results("error: protocol\nerror: protocol\n");
}
END_TEST

// More programs than are kept compiled, in turn.
START_TEST(many_programs_take_turns)
{
    char text[64];
    for (int i = 0; i < 100; i++) {
        int number = i % 20;
        snprintf(text, sizeof text, "{\"v\":1,\"template\":\"x + %d\"}", number);
        dc_cmd_t lease = make_lease(7, 0, 1, DC_STR("1000\n"));
        lease.program.bytes = dc_str_from(text);
        forget_results();
        run_all(&lease);
        snprintf(text, sizeof text, "%d\n", 1000 + number);
        expect_results(text);
    }
}
END_TEST

START_TEST(leases_are_taken_in_their_order)
{
    for (uint64_t id = 1; id <= 200; id++) {
        dc_cmd_t lease = make_lease(id, id, 1, DC_STR("6*7\n"));
        ck_assert(dc_runner_run(runner, &lease));
    }
    uint64_t next = 1;
    while (next <= 200) {
        ck_assert(wait_for_pieces(20000));
        dc_runner_take(runner, false, &pieces);
        for (size_t i = 0; i < pieces.len; i++, next++) {
            ck_assert_uint_eq(pieces.list[i].result.id, next);
            ck_assert(dc_str_eq(pieces.list[i].data.bytes, DC_STR("42\n")));
        }
        dc_pieces_clear(&pieces);
    }
    while (!dc_runner_is_idle(runner))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    ck_assert_uint_eq(atomic_load(&spot.lease_id), 0);
}
END_TEST

// More results than a block holds: several pieces, none longer than it may be.
START_TEST(big_results_come_in_several_pieces)
{
    enum {
        COUNT = 4096
    };
    dc_buf_t data = { 0 };
    dc_buf_t expected = { 0 };
    for (int i = 0; i < COUNT; i++) {
        dc_buf_printf(&data, "'%0100d'\n", i);
        dc_buf_printf(&expected, "\"%0100d\"\n", i);
    }
    dc_cmd_t lease = make_lease(7, 0, COUNT, dc_buf_str(&data));
    run_all(&lease);
    ck_assert_uint_eq(next_index, COUNT);
    ck_assert_uint_gt(piece_count, 5);
    ck_assert(dc_str_eq(dc_buf_str(&results), dc_buf_str(&expected)));
    dc_buf_fini(&data);
    dc_buf_fini(&expected);
}
END_TEST

START_TEST(many_faults_come_in_pieces_that_fit_a_frame)
{
    enum {
        COUNT = 4096
    };
    dc_buf_t data = { 0 };
    for (int i = 0; i < COUNT; i++)
        dc_buf_append_text(&data, "1 + * 2\n");
    dc_cmd_t lease = make_lease(7, 0, COUNT, dc_buf_str(&data));
    start(&lease);
    while (!has_last) {
        ck_assert(wait_for_pieces(20000));
        dc_runner_take(runner, false, &pieces);
        for (size_t i = 0; i < pieces.len; i++) {
            ck_assert_uint_le(pieces.list[i].data.bytes.len, (size_t)3 * DC_PIECE_BYTES_MAX);
        }
        collect(7);
    }
    ck_assert_uint_eq(next_index, COUNT);
    dc_str_t rest = dc_buf_str(&faults);
    dc_fault_t fault;
    uint64_t index = 0;
    for (; dc_fault_take(&rest, &fault); index++)
        ck_assert_uint_eq(fault.index, index);
    ck_assert_uint_eq(index, COUNT);
    dc_buf_fini(&data);
}
END_TEST

START_TEST(a_result_too_long_to_be_sent_is_a_fault)
{
    dc_buf_t data = { 0 };
    dc_buf_append_text(&data, "s='");
    for (int i = 0; i < 30000; i++)
        dc_buf_append_char(&data, 'x');
    dc_buf_append_text(&data, "';t=s+s+s;t+t+t+t\n'b'\n");
    dc_cmd_t lease = make_lease(7, 0, 2, dc_buf_str(&data));
    run_all(&lease);
    expect_results("error: too-large\n\"b\"\n");
    dc_buf_fini(&data);
}
END_TEST

// --- time --------------------------------------------------------------------------------------

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

START_TEST(what_is_finished_gets_out_while_a_long_job_runs)
{
    dc_cmd_t lease = make_lease(7, 0, 4, DC_STR("1\n1/0\n" LONG_JOB "\n4\n"));
    start(&lease);
    sleep_ms(20);
    dc_runner_take(runner, true, &pieces);
    collect(7);
    ck_assert_uint_eq(next_index, 2);
    ck_assert(!has_last);
    ck_assert_uint_eq(atomic_load(&spot.lease_id), 7);
    ck_assert_uint_eq(atomic_load(&spot.first), 2);
    dc_runner_take(runner, true, &pieces); // nothing has come since
    ck_assert_uint_eq(pieces.len, 0);
    dc_runner_trim(runner, 7, 2);
    collect_all(7);
    ck_assert_uint_eq(next_index, 2);
    expect_results("1\nerror: divide-by-zero\n");
}
END_TEST

START_TEST(a_trim_breaks_off_the_job_behind_the_end)
{
    dc_cmd_t lease = make_lease(7, 10, 3, DC_STR("1\n" LONG_JOB "\n3\n"));
    start(&lease);
    sleep_ms(10);
    dc_us_t before = dc_clock_us();
    dc_runner_trim(runner, 7, 11);
    collect_all(7);
    ck_assert_uint_lt(dc_clock_us() - before, 5000000);
    ck_assert_uint_eq(next_index, 11);
    expect_results("1\n");
}
END_TEST

START_TEST(a_trim_behind_the_running_job_lets_it_go_on)
{
    dc_cmd_t lease = make_lease(7, 0, 4, DC_STR("1\n2\n3\n4\n"));
    dc_cmd_t blocker = make_lease(6, 0, 1, DC_STR(LONG_JOB "\n"));
    ck_assert(dc_runner_run(runner, &blocker));
    start(&lease);
    dc_runner_trim(runner, 7, 2);
    dc_runner_cancel(runner, 6);
    collect_all(7);
    expect_results("1\n2\n");
}
END_TEST

START_TEST(a_cancelled_lease_leaves_no_trace)
{
    dc_cmd_t lease = make_lease(7, 0, 2, DC_STR("1\n" LONG_JOB "\n"));
    dc_cmd_t waiting = make_lease(8, 0, 1, DC_STR("2\n"));
    dc_cmd_t after = make_lease(9, 0, 1, DC_STR("3\n"));
    ck_assert(dc_runner_run(runner, &lease));
    ck_assert(dc_runner_run(runner, &waiting));
    ck_assert(dc_runner_run(runner, &after));
    sleep_ms(10);
    dc_runner_cancel(runner, 7);
    dc_runner_cancel(runner, 8);
    collect_all(9);
    expect_results("3\n");
}
END_TEST

START_TEST(stopping_forgets_all)
{
    for (uint64_t id = 1; id <= 5; id++) {
        dc_cmd_t lease = make_lease(id, 0, 1, DC_STR(LONG_JOB "\n"));
        ck_assert(dc_runner_run(runner, &lease));
    }
    dc_runner_stop(runner);
    dc_cmd_t after = make_lease(9, 0, 1, DC_STR("3\n"));
    run_all(&after);
    expect_results("3\n");
}
END_TEST

START_TEST(a_runner_can_go_in_the_middle_of_a_job)
{
    dc_cmd_t lease = make_lease(7, 0, 1, DC_STR(LONG_JOB "\n"));
    ck_assert(dc_runner_run(runner, &lease));
    sleep_ms(5);
}
END_TEST

// The job that takes too long fails, and those around it have all of their own time.
START_TEST(a_job_has_its_time_and_no_more)
{
    dc_cmd_t lease = make_lease(7, 0, 3, DC_STR("1\n" LONG_JOB "\n3\n"));
    lease.program.bytes = DC_STR("{\"v\":1,\"timeout_ms\":100}");
    run_all(&lease);
    expect_results("1\nerror: time-limit\n3\n");
    ck_assert_uint_eq(dc_runner_timeout_ms(runner), 100);
}
END_TEST

START_TEST(a_job_has_its_steps_and_no_more)
{
    dc_cmd_t lease = make_lease(7, 0, 3, DC_STR("1\n" LONG_JOB "\n3\n"));
    lease.program.bytes = DC_STR("{\"v\":1,\"steps_max\":100000}");
    run_all(&lease);
    expect_results("1\nerror: step-limit\n3\n");
    ck_assert_uint_ge(steps, 100000);
}
END_TEST

// Trims, takes and cancels as fast as they come, against a runner that is at work: for TSan, and
// for the order of what comes out.
START_TEST(nothing_is_lost_when_two_threads_hurry)
{
    enum {
        COUNT = 1000
    };
    dc_buf_t data = { 0 };
    for (int i = 0; i < COUNT; i++)
        dc_buf_printf(&data, i % 7 ? "%d+0\n" : "%d/0\n", i);
    for (uint64_t id = 1; id <= 50; id++) {
        dc_cmd_t lease = make_lease(id, 0, COUNT, dc_buf_str(&data));
        uint64_t end = id % 3 ? COUNT : id * 10;
        forget_results();
        start(&lease);
        for (int turn = 0; !has_last; turn++) {
            dc_runner_take(runner, true, &pieces);
            collect(id);
            if (turn == 3) dc_runner_trim(runner, id, end);
        }
        if (end == COUNT) {
            ck_assert_uint_eq(next_index, COUNT);
        } else {
            ck_assert_uint_ge(next_index, end);
        }
        ck_assert_uint_eq(dc_str_count_lines(dc_buf_str(&results)), next_index);
    }
    dc_buf_fini(&data);
}
END_TEST

// --- the quick way -----------------------------------------------------------------------------

static const char *const tiny[] = {
    "1 + 2\n",
    "'a'\n1 + * 2\n\n1/0",
    "sin(1)\ncos(1)\nx\n",
    "f(x)=x*x; f(f(2))\n",
};

START_TEST(a_tiny_lease_gives_the_same_at_once)
{
    dc_quick_t *quick = dc_quick_new(&spot);
    dc_us_t now_us = dc_clock_awake_us();
    dc_cmd_t rest;
    dc_str_t data = dc_str_from(tiny[_i]);
    dc_cmd_t lease = make_lease(7, 100, (uint32_t)dc_str_count_lines(data), data);
    run_all(&lease);
    dc_buf_t expected = results, expected_faults = faults;
    uint64_t expected_steps = steps;
    results = faults = (dc_buf_t){ 0 };
    forget_results();

    next_index = 100;
    ck_assert(dc_quick_try(quick, &lease, &now_us, &rest));
    dc_quick_take(quick, &pieces);
    collect(7);
    ck_assert(has_last);
    ck_assert(dc_str_eq(dc_buf_str(&results), dc_buf_str(&expected)));
    ck_assert(dc_str_eq(dc_buf_str(&faults), dc_buf_str(&expected_faults)));
    ck_assert_uint_eq(steps, expected_steps);
    dc_buf_fini(&expected);
    dc_buf_fini(&expected_faults);
    dc_quick_destroy(&quick);
}
END_TEST

START_TEST(what_is_not_tiny_is_left)
{
    dc_quick_t *quick = dc_quick_new(&spot);
    dc_us_t now_us = dc_clock_awake_us();
    dc_cmd_t rest;
    dc_cmd_t lease = make_lease(7, 40, 3, DC_STR("1\n" LONG_JOB "\n3\n"));
    ck_assert(!dc_quick_try(quick, &lease, &now_us, &rest));
    ck_assert_uint_eq(atomic_load(&spot.lease_id), 0);
    ck_assert_uint_eq(rest.lease.id, 7);
    ck_assert_uint_eq(rest.lease.first, 41);
    ck_assert_uint_eq(rest.lease.count, 2);
    ck_assert(dc_str_eq(rest.data.bytes, DC_STR(LONG_JOB "\n3\n")));
    next_index = 40;
    dc_quick_take(quick, &pieces);
    collect(7);
    ck_assert(!has_last);
    expect_results("1\n");

    forget_results();
    lease = make_lease(8, 0, 1, DC_STR(LONG_JOB "\n"));
    ck_assert(!dc_quick_try(quick, &lease, &now_us, &rest));
    ck_assert_uint_eq(rest.lease.count, 1);
    dc_quick_take(quick, &pieces);
    ck_assert_uint_eq(pieces.len, 0);

    dc_cmd_t next = make_lease(9, 0, 1, DC_STR("6*7\n"));
    ck_assert(dc_quick_try(quick, &next, &now_us, &rest));
    dc_quick_take(quick, &pieces);
    collect(9);
    expect_results("42\n");
    dc_quick_destroy(&quick);
}
END_TEST

// The program's own limit is the job's fault, here as in the runner.
START_TEST(a_low_step_limit_is_the_job_s)
{
    dc_quick_t *quick = dc_quick_new(&spot);
    dc_us_t now_us = dc_clock_awake_us();
    dc_cmd_t rest;
    dc_cmd_t lease = make_lease(7, 0, 2, DC_STR(LONG_JOB "\n2\n"));
    lease.program.bytes = DC_STR("{\"v\":1,\"steps_max\":100}");
    ck_assert(dc_quick_try(quick, &lease, &now_us, &rest));
    dc_quick_take(quick, &pieces);
    collect(7);
    expect_results("error: step-limit\n2\n");
    dc_quick_destroy(&quick);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("runner");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, lines_become_lines);
    tcase_add_test(tests, a_failed_job_is_a_line_and_a_fault);
    tcase_add_test(tests, with_text_the_line_says_all);
    tcase_add_test(tests, with_columns_results_are_doubles);
    tcase_add_test(tests, expressions_longer_than_the_broker_allows_fail);
    tcase_add_test(tests, what_stands_beside_an_expression_may_be_long);
    tcase_add_test(tests, a_template_longer_than_the_broker_allows_fails_each_row);
    tcase_add_test(tests, wide_numbers_come_as_their_digits);
    tcase_add_test(tests, missing_lines_fail_alone);
    tcase_add_test(tests, lines_beyond_the_count_are_left_alone);
    tcase_add_test(tests, a_record_is_one_job_whatever_breaks_it_has);
    tcase_add_test(tests, a_part_of_a_job_fails_as_a_part);
    tcase_add_test(tests, a_template_runs_over_rows_with_constants);
    tcase_add_test(tests, a_program_that_is_none_fails_every_job);
    tcase_add_test(tests, many_programs_take_turns);
    tcase_add_test(tests, leases_are_taken_in_their_order);
    tcase_add_test(tests, big_results_come_in_several_pieces);
    tcase_add_test(tests, many_faults_come_in_pieces_that_fit_a_frame);
    tcase_add_test(tests, a_result_too_long_to_be_sent_is_a_fault);
    tcase_add_test(tests, what_is_finished_gets_out_while_a_long_job_runs);
    tcase_add_test(tests, a_trim_breaks_off_the_job_behind_the_end);
    tcase_add_test(tests, a_trim_behind_the_running_job_lets_it_go_on);
    tcase_add_test(tests, a_cancelled_lease_leaves_no_trace);
    tcase_add_test(tests, stopping_forgets_all);
    tcase_add_test(tests, a_runner_can_go_in_the_middle_of_a_job);
    tcase_add_test(tests, a_job_has_its_time_and_no_more);
    tcase_add_test(tests, a_job_has_its_steps_and_no_more);
    tcase_add_test(tests, nothing_is_lost_when_two_threads_hurry);
    tcase_add_loop_test(tests, a_tiny_lease_gives_the_same_at_once, 0, DC_ARRAY_LEN(tiny));
    tcase_add_test(tests, what_is_not_tiny_is_left);
    tcase_add_test(tests, a_low_step_limit_is_the_job_s);
    Suite *all = suite_create("runner");
    suite_add_tcase(all, tests);
    return all;
}
