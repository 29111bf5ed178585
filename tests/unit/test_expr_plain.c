// Plain arithmetic is evaluated without code. Whatever the text: the value, the steps and the fault
// are those that code gives.
#include <stdlib.h>

#include "common/expr/double_bits.h"
#include "common/expr/plain.h"
#include "common/limits.h"
#include "common/rng.h"
#include "tests/lib/both_ways.h"
#include "tests/lib/main.h"

#define LOOPS          50
#define TEXTS_PER_LOOP 2000

static dc_engine_t *engine;
static dc_buf_t text, words;

static void setup(void)
{
    engine = dc_engine_new();
}

static void teardown(void)
{
    dc_buf_fini(&text);
    dc_buf_fini(&words);
    dc_engine_destroy(&engine);
}

static void check_both(dc_str_t expression, uint64_t steps_max)
{
    bool is_same = dc_both_ways_agree(engine, expression, steps_max, &words);
    ck_assert_msg(is_same, "%.*s: %.*s", (int)expression.len, expression.data, (int)words.len,
                  words.data);
}

// --- texts by hand -----------------------------------------------------------------------------

typedef struct plain {
    const char *text;
    double value;
    uint32_t steps;
} plain_t;

static const plain_t plains[] = {
    { "7", 7, 0 },
    { "12.5*(3.75+8123)-77/3.2", 101560.3125, 4 },
    { "1-2-3", -4, 2 },      // left-associative
    { "8/4*2", 4, 2 },       //
    { "1+2*3-4/8", 6.5, 4 }, // products bind tighter than sums
    { "2^3^2", 512, 2 },     // right-associative
    { "-2^2", -4, 2 },       // tighter than the sign before it
    { "2^-1", 0.5, 2 },      //
    { "2*-3", -6, 2 },       //
    { "(1+2)^2", 9, 2 },     //
    { "- -+3", 3, 2 },       //
    { "-0", -0.0, 1 },       //
    { "7.5%2", 1.5, 1 },     //
    { "1.", 1, 0 },          //
    { "007", 7, 0 },         //
    { " 1 + 2\t* 3 ^ 2\r", 19, 3 },
    { "0.1+0.2", 0.1 + 0.2, 1 },
    { "99999999+0", 99999999, 1 }, // eight digits, and nine
    { "123456789+0", 123456789, 1 },
    { "3.14159265358979", 3.14159265358979, 0 },
    { "0.12345678901234567890123456789", 0.12345678901234567890123456789, 0 },
    { "1e3", 1000, 0 },
    { "12.5e-3*2e+00", 0.025, 1 },
    { "123456789e9", 123456789e9, 0 },
    { "2*pi", 6.283185307179586, 1 },
    { "e^2+tau - phi",
      2.718281828459045 * 2.718281828459045 + 6.283185307179586 - 1.618033988749895, 3 },
    { "max(1,2,3,4)*sqrt(16)", 16, 3 },
    { "log2( 8 )^2", 9, 2 },
    { "((((((((((((((((((((((((((((((7))))))))))))))))))))))))))))))", 7, 0 },
    { "1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1", 32, 31 }, // 63 bytes
};

START_TEST(plain_text_is_evaluated)
{
    const plain_t *plain = &plains[_i];
    double value = 1e99;
    uint32_t steps = 99;
    ck_assert(dc_plain_eval(dc_str_from(plain->text), &value, &steps));
    ck_assert_uint_eq(dc_double_bits(value), dc_double_bits(plain->value));
    ck_assert_uint_eq(steps, plain->steps);
    check_both(dc_str_from(plain->text), DC_STEPS_MAX);
}
END_TEST

static const char *const others[] = {
    "",
    " ",
    "+",
    "1+",
    "1 2",
    "1..2",
    "1.2.3",
    "(1",
    "1)",
    "()",
    ".5", // and other ways to write a number
    "1_000",
    "1E3",
    "1e",
    "2e400",
    " +2e400",
    "1e2.5",
    "1.5.2e3",
    "0x1F",
    "0b101",
    "1/0", // not finite
    "1/(1/0)",
    "10^999",
    "10^999/10^998",
    "1-10^308*10^308",
    "0%0",
    "sqrt(-1)",
    "fact(1.5)",
    "2**3", // other operators
    "7//2",
    "1<2",
    "6&3",
    "1+~2",
    "5!",
    "1;2",
    "pie", // names
    "inf",
    "nan",
    "-inf*0",
    "pi pi",
    "x = 1; x",
    "sqrt = 4; sqrt",
    "sqrt(x) = x; sqrt(9)",
    "sqrt",
    "SQRT(4)",
    "nosuch(1)",
    "number(1)",
    "if(1, 2, 3)",
    "sqrt()", // calls
    "sqrt(1,2)",
    "sqrt(4",
    "max(1,2,3,4,5)",
    "max(1,,2)",
    "'1'", // other values
    "true",
    "1+null",
    "1\xC2\xA0+2",
    "1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1 ", // 64 bytes
};

START_TEST(other_text_is_declined)
{
    double value = 1e99;
    uint32_t steps = 99;
    ck_assert(!dc_plain_eval(dc_str_from(others[_i]), &value, &steps));
    ck_assert_double_eq(value, 1e99);
    ck_assert_uint_eq(steps, 99);
    check_both(dc_str_from(others[_i]), DC_STEPS_MAX);
}
END_TEST

// Its last bytes are read first, and none outside of it: sanitizers see that of memory that is just
// as long.
START_TEST(text_of_any_length_is_read_where_it_is)
{
    static const char whole[] = "1.25*(3.5+81)-7/2+(9-4.5)*3^2-12.5*2+(7-(6-5.25))*1.5+8.75-0.25";
    for (size_t len = 1; len < sizeof whole; len++) {
        char *bytes = malloc(len);
        ck_assert_ptr_nonnull(bytes);
        memcpy(bytes, whole + sizeof whole - 1 - len, len);
        check_both(dc_str(bytes, len), DC_STEPS_MAX);
        free(bytes);
    }
}
END_TEST

START_TEST(steps_beyond_the_budget_are_a_fault)
{
    dc_both_ways_t result = dc_both_ways_eval(engine, DC_STR("1+2+3"), 1);
    ck_assert_int_eq(result.err, DC_ERR_STEPS);
    check_both(DC_STR("1+2+3"), 1);
    check_both(DC_STR("1+2+3"), 2);
}
END_TEST

START_TEST(declared_variable_hides_a_constant)
{
    const dc_var_t var = { .name = DC_STR("pi"), .type = DC_VAR_NUMBER };
    const dc_value_t three = { .type = DC_TYPE_NUMBER, .number = 3 };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    ck_assert_int_eq(dc_engine_eval(engine, DC_STR("2*pi"), &var, &three, 1,
                                    (dc_eval_options_t){ 0 }, &budget, &value, &diag),
                     DC_OK);
    ck_assert_double_eq(value.number, 6);
}
END_TEST

// --- texts at random ---------------------------------------------------------------------------

static void append_number(dc_rng_t *rng)
{
    static const char *const odd[] = { "1e400", ".5",     "0x1F", "1_000", "1.",  "0",
                                       "1e-3",  "0.0",    "007",  "1e308", "1e9", "99999999",
                                       "0b11",  "2",      "0.5",  "3",     "-1",  "123456789.25",
                                       "x",     "true",   "'a'",  "pi",    "",    "1.2.3",
                                       "2e3",   "1.5e-2", "e",    "inf" };
    static const unsigned scales[] = { 10, 100, 10000, 1000000 };
    unsigned scale = scales[dc_rng_below(rng, DC_ARRAY_LEN(scales))];
    unsigned number = (unsigned)dc_rng_below(rng, scale);
    switch (dc_rng_below(rng, 32)) {
    case 0: dc_buf_append_text(&text, odd[dc_rng_below(rng, DC_ARRAY_LEN(odd))]); break;
    case 1: dc_buf_printf(&text, "%.15g", (double)dc_rng_u64(rng) / 1e13); break;
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7: dc_buf_printf(&text, "%u.%u", number, (unsigned)dc_rng_below(rng, scale)); break;
    default: dc_buf_printf(&text, "%u", number); break;
    }
}

static const char *pick(dc_rng_t *rng, const char *const *table, size_t count)
{
    return table[dc_rng_below(rng, count)];
}

static void append_expression(dc_rng_t *rng, int depth)
{
    static const char *const operators[] = { "+", "-",   "*",   "/", "+", "-", "*",  "/", "%",
                                             "^", " + ", " * ", "-", "*", "+", "//", "<" };
    static const char *const openings[] = { "(",      "(",     "(",     "-",    "+",
                                            " ( ",    "sqrt(", "sin(",  "abs(", "exp(",
                                            "max(2,", "(-",    "fact(", "min(" };
    size_t terms = 1 + dc_rng_below(rng, 3);
    for (size_t i = 0; i < terms; i++) {
        if (i) dc_buf_append_text(&text, pick(rng, operators, DC_ARRAY_LEN(operators)));
        if (depth == 0 || dc_rng_below(rng, 3)) {
            append_number(rng);
            continue;
        }
        const char *opening = pick(rng, openings, DC_ARRAY_LEN(openings));
        dc_buf_append_text(&text, opening);
        append_expression(rng, depth - 1);
        if (strchr(opening, '(')) dc_buf_append_char(&text, ')');
    }
}

// Change a byte in some texts, most of which are none then.
static void spoil(dc_rng_t *rng)
{
    static const char bytes[] = "0123456789.()+-*/%^ \t,_e;x=!<\x80\x01";
    if (text.len == 0 || dc_rng_below(rng, 4)) return;
    text.data[dc_rng_below(rng, text.len)] = bytes[dc_rng_below(rng, sizeof bytes)];
}

START_TEST(no_text_shows_which_way_it_went)
{
    dc_rng_t rng;
    dc_rng_init(&rng, (uint64_t)_i);
    size_t plain_count = 0;
    for (size_t i = 0; i < TEXTS_PER_LOOP; i++) {
        text.len = 0;
        append_expression(&rng, 2);
        spoil(&rng);
        double value;
        uint32_t steps;
        plain_count += dc_plain_eval(dc_buf_str(&text), &value, &steps);
        check_both(dc_buf_str(&text), dc_rng_below(&rng, 64) ? DC_STEPS_MAX : 2);
    }
    // Both ways were gone often.
    ck_assert_uint_gt(plain_count, TEXTS_PER_LOOP / 4);
    ck_assert_uint_lt(plain_count, TEXTS_PER_LOOP * 3 / 4);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("plain");
    TCase *hand = tcase_create("by hand");
    tcase_add_checked_fixture(hand, setup, teardown);
    tcase_add_loop_test(hand, plain_text_is_evaluated, 0, DC_ARRAY_LEN(plains));
    tcase_add_loop_test(hand, other_text_is_declined, 0, DC_ARRAY_LEN(others));
    tcase_add_test(hand, text_of_any_length_is_read_where_it_is);
    tcase_add_test(hand, steps_beyond_the_budget_are_a_fault);
    tcase_add_test(hand, declared_variable_hides_a_constant);
    suite_add_tcase(suite, hand);

    TCase *random = tcase_create("random");
    tcase_add_checked_fixture(random, setup, teardown);
    tcase_set_timeout(random, 60);
    tcase_add_loop_test(random, no_text_shows_which_way_it_went, 0, LOOPS);
    suite_add_tcase(suite, random);
    return suite;
}
