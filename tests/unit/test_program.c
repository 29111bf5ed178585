// Programs: what the client writes is what the slot reads, and what is no program is refused.
#include <math.h>

#include "common/limits.h"
#include "common/program.h"
#include "tests/lib/main.h"

static dc_arena_t arena;
static dc_program_t program;
static dc_diag_t diag;

static void set_up(void)
{
    dc_arena_init(&arena, 1 << 20);
    dc_program_init(&program);
}

static void tear_down(void)
{
    dc_arena_fini(&arena);
}

// Send `sent` through a frame; the frame is leaked into the arena, since `program` borrows from it.
static void pass_on(const dc_program_t *sent)
{
    dc_buf_t frame = { 0 };
    dc_program_encode(sent, &frame);
    ck_assert(!frame.failed);
    char *copy = dc_arena_alloc(&arena, frame.len + 1, 1);
    if (frame.len) memcpy(copy, frame.data, frame.len);
    ck_assert_int_eq(dc_program_decode(&program, dc_str(copy, frame.len), &arena, &diag), DC_OK);
    dc_buf_fini(&frame);
}

START_TEST(the_default_program_is_the_empty_frame)
{
    dc_buf_t frame = { 0 };
    dc_program_encode(&program, &frame);
    ck_assert_uint_eq(frame.len, 0);

    pass_on(&program);
    ck_assert_int_eq(program.format, DC_FORMAT_LINES);
    ck_assert_uint_eq(program.template.len, 0);
    ck_assert_uint_eq(program.timeout_ms, DC_JOB_TIMEOUT_MS);
    ck_assert_uint_eq(program.steps_max, DC_STEPS_MAX);
    ck_assert(!program.ieee);
}
END_TEST

START_TEST(a_template_over_columns_arrives_whole)
{
    dc_program_var_t vars[] = {
        { { .name = DC_STR("unit \"price\""), .type = DC_VAR_NUMBER }, .field = 3 },
        { { .name = DC_STR("größe"), .type = DC_VAR_STRING, .nullable = true }, .field = 1 },
        { { .name = DC_STR("n"), .type = DC_VAR_INT }, .field = 0 },
    };
    dc_program_t sent = {
        .format = DC_FORMAT_CSV,
        .template = DC_STR("{unit \"price\"} * n\n + 'a\\b'"),
        .expr_field = 2,
        .field_count = 4,
        .ieee = true,
        .timeout_ms = 1500,
        .steps_max = 77,
        .vars = vars,
        .var_count = DC_ARRAY_LEN(vars),
    };
    pass_on(&sent);

    ck_assert_int_eq(program.format, DC_FORMAT_CSV);
    ck_assert(dc_str_eq(program.template, sent.template));
    ck_assert_uint_eq(program.field_count, 4);
    ck_assert_uint_eq(program.expr_field, 2);
    ck_assert(program.ieee);
    ck_assert_uint_eq(program.timeout_ms, 1500);
    ck_assert_uint_eq(program.steps_max, 77);
    ck_assert_uint_eq(program.var_count, 3);
    for (size_t i = 0; i < DC_ARRAY_LEN(vars); i++) {
        ck_assert(dc_str_eq(program.vars[i].var.name, vars[i].var.name));
        ck_assert_int_eq(program.vars[i].var.type, vars[i].var.type);
        ck_assert(program.vars[i].var.nullable == vars[i].var.nullable);
        ck_assert_uint_eq(program.vars[i].field, vars[i].field);
    }
}
END_TEST

START_TEST(no_limit_stays_no_limit)
{
    dc_program_t sent = program;
    sent.timeout_ms = UINT64_MAX;
    sent.steps_max = UINT64_MAX;
    pass_on(&sent);
    ck_assert_uint_ge(program.timeout_ms, UINT64_C(1000000000000000000));
    ck_assert_uint_ge(program.steps_max, UINT64_C(1000000000000000000));
}
END_TEST

static const double numbers[] = {
    0, -0.0, 0.1, -1.5, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, INFINITY, -INFINITY,
};

START_TEST(a_constant_keeps_its_bits)
{
    dc_var_t let = { .name = DC_STR("k"), .type = DC_VAR_NUMBER };
    dc_value_t value = { .type = DC_TYPE_NUMBER, .number = numbers[_i] };
    dc_program_t sent = program;
    sent.lets = &let;
    sent.let_values = &value;
    sent.let_count = 1;
    pass_on(&sent);

    ck_assert_uint_eq(program.let_count, 1);
    ck_assert(dc_str_eq(program.lets[0].name, DC_STR("k")));
    ck_assert_int_eq(program.lets[0].type, DC_VAR_NUMBER);
    ck_assert_int_eq(program.let_values[0].type, DC_TYPE_NUMBER);
    ck_assert_mem_eq(&program.let_values[0].number, &numbers[_i], sizeof(double));
}
END_TEST

START_TEST(constants_have_every_type)
{
    dc_var_t lets[4] = {
        { .name = DC_STR("n"), .nullable = true },
        { .name = DC_STR("b") },
        { .name = DC_STR("s") },
        { .name = DC_STR("nan") },
    };
    dc_value_t values[4] = {
        { .type = DC_TYPE_NULL },
        { .type = DC_TYPE_BOOL, .boolean = true },
        { .type = DC_TYPE_STRING, .string = DC_STR("a\"\n") },
        { .type = DC_TYPE_NUMBER, .number = NAN },
    };
    dc_program_t sent = program;
    sent.lets = lets;
    sent.let_values = values;
    sent.let_count = 4;
    pass_on(&sent);

    ck_assert_uint_eq(program.let_count, 4);
    ck_assert_int_eq(program.let_values[0].type, DC_TYPE_NULL);
    ck_assert(program.lets[0].nullable);
    ck_assert_int_eq(program.let_values[1].type, DC_TYPE_BOOL);
    ck_assert(program.let_values[1].boolean);
    ck_assert(dc_str_eq(program.let_values[2].string, DC_STR("a\"\n")));
    ck_assert(isnan(program.let_values[3].number));
}
END_TEST

// Whoever knows the first version only must not compute it with doubles.
START_TEST(wide_numbers_have_a_version_of_their_own)
{
    dc_program_t sent = program;
    dc_buf_t frame = { 0 };
    sent.numbers = (dc_numbers_t){ DC_NUMBERS_DECIMAL, 34 };
    dc_program_encode(&sent, &frame);
    dc_buf_append_char(&frame, '\0');
    ck_assert_ptr_nonnull(strstr(frame.data, "{\"v\":2,"));
    ck_assert_ptr_nonnull(strstr(frame.data, "\"numbers\":\"decimal=34\""));
    dc_buf_fini(&frame);
    pass_on(&sent);
    ck_assert(dc_numbers_equal(program.numbers, sent.numbers));
}
END_TEST

START_TEST(a_wide_constant_keeps_its_digits)
{
    dc_var_t let = { .name = DC_STR("k"), .type = DC_VAR_NUMBER };
    dc_value_t value = { .type = DC_TYPE_DIGITS, .string = DC_STR("-1/3") };
    dc_program_t sent = program;
    sent.numbers.kind = DC_NUMBERS_EXACT;
    sent.lets = &let;
    sent.let_values = &value;
    sent.let_count = 1;
    pass_on(&sent);
    ck_assert_int_eq(program.numbers.kind, DC_NUMBERS_EXACT);
    ck_assert_uint_eq(program.let_count, 1);
    ck_assert_int_eq(program.lets[0].type, DC_VAR_NUMBER);
    ck_assert_int_eq(program.let_values[0].type, DC_TYPE_DIGITS);
    ck_assert(dc_str_eq(program.let_values[0].string, DC_STR("-1/3")));
}
END_TEST

START_TEST(a_template_over_lines_has_the_variable_x)
{
    dc_program_t sent = program;
    sent.template = DC_STR("x + 1");
    pass_on(&sent);
    ck_assert_uint_eq(program.var_count, 1);
    ck_assert(dc_str_eq(program.vars[0].var.name, DC_STR("x")));
    ck_assert_int_eq(program.vars[0].var.type, DC_VAR_ANY);
}
END_TEST

static const char *const refused[] = {
    " ",
    "1+1",
    "[]",
    "{}",
    "{\"v\":2}",
    "{\"v\":1",
    "{\"v\":1}{",
    "{\"v\":1,}",
    "{\"v\":1,\"format\":\"xml\"}",
    "{\"v\":1,\"format\":7}",
    "{\"v\":1,\"timeout_ms\":-1}",
    "{\"v\":1,\"timeout_ms\":1.5}",
    "{\"v\":1,\"timeout_ms\":99999999999999999999}",
    "{\"v\":1,\"template\":\"a\\q\"}",
    "{\"v\":1,\"template\":\"a}",
    "{\"v\":1,\"template\":\"\xC3\"}", // not UTF-8
    "{\"v\":1,\"format\":\"csv\"}",    // where would the expression be?
    "{\"v\":1,\"format\":\"csv\",\"fields\":1,\"expr_field\":1}",
    "{\"v\":1,\"format\":\"csv\",\"fields\":4294967297}",
    "{\"v\":1,\"format\":\"tsv\",\"fields\":1,\"vars\":[{\"name\":\"a\",\"field\":1}]}",
    "{\"v\":1,\"format\":\"doubles\"}",
    "{\"v\":1,\"vars\":[{}]}",
    "{\"v\":1,\"vars\":[{\"name\":\"a\",\"type\":\"list\"}]}",
    "{\"v\":1,\"vars\":{}}",
    "{\"v\":1,\"vars\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", // a line is one value
    "{\"v\":1,\"lets\":[{\"number\":1}]}",
    "{\"v\":1,\"lets\":[{\"name\":\"k\",\"number\":\"abc\"}]}",
    "{\"v\":1,\"lets\":[{\"name\":\"k\",\"bool\":1}]}",
    "{\"v\":1,\"numbers\":\"exact\"}",
    "{\"v\":2,\"numbers\":\"double\"}",
    "{\"v\":3,\"numbers\":\"exact\"}",
    "{\"v\":2,\"numbers\":\"complex\"}",
    "{\"v\":2,\"numbers\":\"decimal=1001\"}",
    "{\"v\":2,\"numbers\":\"exact\",\"ieee\":true}",
    "{\"v\":2,\"numbers\":\"exact\",\"format\":\"doubles\",\"template\":\"x\"}",
    "{\"v\":2,\"numbers\":\"exact\",\"format\":\"points\",\"fields\":1}",
    "{\"v\":1,\"format\":\"points\",\"template\":\"1\",\"fields\":1}",
    "{\"v\":2,\"numbers\":\"exact\",\"lets\":[{\"name\":\"k\",\"number\":1}]}",
    "{\"v\":2,\"numbers\":\"exact\",\"lets\":[{\"name\":\"k\",\"digits\":\"1/0\"}]}",
    "{\"v\":1,\"lets\":[{\"name\":\"k\",\"digits\":\"1\"}]}",
};

START_TEST(what_is_no_program_is_refused)
{
    dc_program_t before = program;
    ck_assert_int_eq(dc_program_decode(&program, dc_str_from(refused[_i]), &arena, &diag),
                     DC_ERR_PROTOCOL);
    ck_assert_int_eq(diag.code, DC_ERR_PROTOCOL);
    ck_assert_int_gt((int)strlen(diag.message), 0);
    ck_assert_mem_eq(&program, &before, sizeof before);
}
END_TEST

START_TEST(members_of_later_versions_are_left_alone)
{
    dc_str_t frame = DC_STR("{ \"new\" : [{\"a\":[1,-2.5e3,null,true,\"x\\u0041\"]}], \"v\" : 1 }");
    ck_assert_int_eq(dc_program_decode(&program, frame, &arena, &diag), DC_OK);
}
END_TEST

// Nesting that would use up the stack of a reader that trusts its input.
START_TEST(deep_nesting_is_refused)
{
    static char frame[100000];
    memset(frame, '[', sizeof frame);
    dc_str_t start = DC_STR("{\"a\":");
    memcpy(frame, start.data, start.len);
    ck_assert_int_eq(dc_program_decode(&program, dc_str(frame, sizeof frame), &arena, &diag),
                     DC_ERR_PROTOCOL);
}
END_TEST

START_TEST(memory_that_is_short_is_an_error_of_its_own)
{
    dc_arena_t small;
    dc_arena_init(&small, 64);
    dc_str_t frame =
        DC_STR("{\"v\":1,\"lets\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}");
    ck_assert_int_eq(dc_program_decode(&program, frame, &small, &diag), DC_ERR_NOMEM);
    dc_arena_fini(&small);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("program");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_default_program_is_the_empty_frame);
    tcase_add_test(tests, a_template_over_columns_arrives_whole);
    tcase_add_test(tests, no_limit_stays_no_limit);
    tcase_add_loop_test(tests, a_constant_keeps_its_bits, 0, DC_ARRAY_LEN(numbers));
    tcase_add_test(tests, constants_have_every_type);
    tcase_add_test(tests, wide_numbers_have_a_version_of_their_own);
    tcase_add_test(tests, a_wide_constant_keeps_its_digits);
    tcase_add_test(tests, a_template_over_lines_has_the_variable_x);
    tcase_add_loop_test(tests, what_is_no_program_is_refused, 0, DC_ARRAY_LEN(refused));
    tcase_add_test(tests, members_of_later_versions_are_left_alone);
    tcase_add_test(tests, deep_nesting_is_refused);
    tcase_add_test(tests, memory_that_is_short_is_an_error_of_its_own);
    Suite *all = suite_create("program");
    suite_add_tcase(all, tests);
    return all;
}
