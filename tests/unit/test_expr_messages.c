// What a person is told of an expression that is wrong: what is wrong, and what to write instead.
#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"

static const struct {
    const char *text;
    uint32_t column, width;
    const char *message;
} rows[] = {
    // Which number of several is no integer.
    { "fact(2.5)", 0, 4, "'fact' takes an integer, not 2.5" },
    { "choose(2^60, 0.5)", 0, 6, "'choose' takes integers, not 0.5" },
    { "choose(2.5, 0.5)", 0, 6, "'choose' takes integers, not 2.5" },
    { "gcd(12, 18, 2.5)", 0, 3, "'gcd' takes integers, not 2.5" },
    { "lcm(1, inf, 2.5, 3)", 0, 3, "'lcm' takes integers, not 2.5" },
    { "round(2.5, 0.5)", 0, 5, "'round' takes an integer behind its first number, not 0.5" },
    { "root(2.5, 1.5)", 0, 4, "'root' takes an integer behind its first number, not 1.5" },
    { "uniform(1, 0.5)", 0, 7, "'uniform' takes integers up to 2^53, not 0.5" },
    { "uniform(2^53, 1e16)", 0, 7, "'uniform' takes integers up to 2^53, not 10000000000000000" },
    { "3 | 1.5", 2, 1, "'|' takes integers below 2^53, not 1.5" },
    { "3 & 2^53", 2, 1, "'&' takes integers below 2^53, not 9007199254740992" },
    { "inf | 1.5", 4, 1, "'|' takes integers below 2^53, not inf" },
    // Operators as they are written here, and as they were written.
    { "1 && 2", 0, 1, "'&&' takes a bool, not a number" },
    { "true and 2", 9, 1, "'and' takes a bool, not a number" },
    { "true || 2", 8, 1, "'||' takes a bool, not a number" },
    { "1 or 2", 0, 1, "'or' takes a bool, not a number" },
    { "!1", 1, 1, "'!' takes a bool, not a number" },
    { "not 1", 4, 1, "'not' takes a bool, not a number" },
    { "1 = 2", 2, 1, "expected an operator but found '='; to compare, write '=='" },
    { "1 => 2", 2, 1, "expected an operator but found '='; to compare, write '>='" },
    { "1 =< 2", 2, 1, "expected an operator but found '='; to compare, write '<='" },
    { "1 <> 2", 3, 1, "expected a number, a name or '(' but found '>'; to compare, write '!='" },
    { "1 > > 2", 4, 1, "expected a number, a name or '(' but found '>'" },
    { ">", 0, 1, "expected a number, a name or '(' but found '>'" },
    { "(2)(3)", 3, 1, "expected an operator but found '('; a product is written (...)*(...)" },
    { "2pi", 1, 2, "expected an operator but found 'pi'; a product is written 2*pi" },
    { "5 mod 3", 2, 3,
      "expected an operator but found 'mod', which is a function; write mod(...)" },
    { "2 sin(1)", 2, 3, "expected an operator but found 'sin'; a product is written 2*sin" },
    { "true AND false", 5, 3, "expected an operator but found 'AND'; write 'and'" },
    { "|5-7|", 0, 1,
      "expected a number, a name or '(' but found '|'; an absolute value is written abs(x)" },
    { "50%", 3, 0,
      "expected a number, a name or '(' but the expression ends here; '%' is the remainder of a "
      "division, a percentage is written x/100" },
    { "(5 %) * 3", 4, 1,
      "expected a number, a name or '(' but found ')'; '%' is the remainder of a division, a "
      "percentage is written x/100" },
    { "'%' + *", 6, 1, "expected a number, a name or '(' but found '*'" },
    { "=1+1", 0, 1, "an expression begins without '='" },
    { "2*=1", 2, 1, "expected a number, a name or '(' but found '='; to compare, write '=='" },
    // What is too much is told in figures that can be read.
    { "sum(k, k, 1, 3e11)", 0, 3,
      "'sum' needs some 300,000,000,000 steps here, and the limit is 100,000,000,000" },
    // Comments stand elsewhere.
    { "1+2 # c", 4, 1,
      "an expression has no '#'; comments are for sheets (--from sheet) and the prompt" },
    // Names in capitals.
    { "Sin(1)", 0, 3, "unknown function 'Sin'; did you mean 'sin'?" },
    { "SQRT(4)", 0, 4, "unknown function 'SQRT'; did you mean 'sqrt'?" },
    { "2*PI", 2, 2, "unknown name 'PI'; did you mean 'pi'?" },
    { "TRUE", 0, 4, "unknown name 'TRUE'; did you mean 'true'?" },
    // Letters, and characters of several bytes.
    { "2*π", 2, 2, "unknown name 'π'; did you mean 'pi'?" },
    { "'\\é'", 1, 3, "'\\é' is not an escape that JSON knows" },
    { "'\\ud800'", 1, 2, "four hexadecimal digits must follow '\\u', or a pair of surrogates" },
};

START_TEST(says_what_is_wrong)
{
    dc_engine_t *engine = dc_engine_new();
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err = dc_engine_eval(engine, dc_str_from(rows[_i].text), NULL, NULL, 0,
                                  (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    ck_assert_int_ne(err, DC_OK);
    ck_assert_str_eq(diag.message, rows[_i].message);
    ck_assert_uint_eq(diag.column, rows[_i].column);
    ck_assert_uint_eq(diag.width, rows[_i].width);
    dc_engine_destroy(&engine);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("expr_messages");
    TCase *messages = tcase_create("messages");
    tcase_add_loop_test(messages, says_what_is_wrong, 0, (int)DC_ARRAY_LEN(rows));
    suite_add_tcase(all, messages);
    return all;
}
