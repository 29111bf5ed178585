// What help and the manual tell of the language is what the parser knows.
#include "common/expr/reference.h"

#include <math.h>
#include <string.h>

#include "common/expr/expr.h"
#include "common/expr/lexer.h"
#include "common/expr/math.h"
#include "common/expr/parser.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

static dc_token_kind_t kind_of(const char *text, size_t len)
{
    dc_lexer_t lexer;
    dc_token_t token;
    dc_diag_t diag;
    dc_lexer_init(&lexer, dc_str(text, len), &diag);
    dc_lexer_next(&lexer, &token);
    return token.kind;
}

// How tightly the operators of a level bind, which all of them do alike; the colon behind a
// question mark is none.
static dc_power_t power_of(const dc_reference_level_t *level, dc_power_t *right)
{
    dc_power_t power = DC_POWER_NONE;
    for (const char *text = level->tokens; *text;) {
        size_t len = strcspn(text, " ");
        if (*text != ':') {
            dc_power_t own = dc_operator_power(kind_of(text, len), right);
            if (power == DC_POWER_NONE) power = own;
            ck_assert_msg(own == power, "%s are of one level", level->tokens);
        }
        text += len + (text[len] == ' ');
    }
    return power;
}

START_TEST(operators_are_in_the_parsers_order)
{
    const dc_reference_level_t *level;
    dc_power_t last = DC_POWER_NONE;
    for (size_t at = 0; (level = dc_reference_next_level(&at));) {
        if (strcmp(level->groups, "prefix") == 0) {
            last++; // the parser's own list of powers has a place for it
            ck_assert_msg(last == DC_POWER_NOT || last == DC_POWER_PREFIX, "%s", level->tokens);
            continue;
        }
        dc_power_t right;
        dc_power_t power = power_of(level, &right);
        ck_assert_msg(power == last + 1, "%s bind as tightly as is said", level->tokens);
        bool is_right = strcmp(level->groups, "right") == 0;
        ck_assert_msg(is_right == (right <= power), "%s", level->tokens);
        ck_assert_msg((strcmp(level->groups, "no") == 0) == (power == DC_POWER_COMPARE), "%s",
                      level->tokens);
        last = power;
    }
    ck_assert_int_eq(last, DC_POWER_POWER);
}
END_TEST

static bool is_told(const char *name)
{
    for (size_t family = 0; dc_reference_family(family); family++) {
        dc_reference_function_t function;
        for (size_t at = 0; dc_reference_next_function(family, &at, &function);) {
            if (strcmp(function.name, name) == 0) return true;
        }
    }
    return false;
}

START_TEST(each_function_is_told_once)
{
    size_t known = 0;
    for (const char *name; (name = dc_engine_function(known)); known++) {
        ck_assert_msg(is_told(name), "%s is not told", name);
    }
    size_t told = 0;
    for (size_t family = 0; dc_reference_family(family); family++) {
        dc_reference_function_t function;
        for (size_t at = 0; dc_reference_next_function(family, &at, &function); told++) {
            ck_assert_uint_gt(function.args.len, 0);
            ck_assert_uint_gt(strlen(function.help), 0);
        }
    }
    ck_assert_uint_eq(told, known);
}
END_TEST

// Arguments of all sizes, some of them integers, none so large that all that can be known is that
// they are.
static double draw(uint64_t *state)
{
    double number = (double)(int64_t)dc_xorshift(state) * 0x1p-63;
    number *= exp2((double)(dc_xorshift(state) % 12) - 2);
    return dc_xorshift(state) % 3 ? number : trunc(number);
}

// How many of some thousand calls give no number: of a function without a domain none, else some.
static unsigned failures_of(const dc_math_function_t *function)
{
    uint64_t state = 1;
    unsigned failures = 0;
    for (unsigned i = 0; i < 5000; i++) {
        double args[3] = { draw(&state), draw(&state), draw(&state) };
        dc_err_t error = DC_OK;
        size_t count = function->args_max > 3 ? 3 : function->args_max;
        double result = function->call(args, count, &error);
        if (error != DC_OK || isnan(result)) failures++;
    }
    return failures;
}

START_TEST(who_has_no_domain_is_defined_everywhere)
{
    size_t count;
    const dc_math_function_t *functions = dc_math_functions(&count);
    for (size_t i = 0; i < count; i++) {
        unsigned failures = failures_of(&functions[i]);
        ck_assert_msg((failures > 0) == (functions[i].domain != NULL), "%s fails %u times",
                      functions[i].name, failures);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("reference");
    TCase *tests = tcase_create("reference");
    tcase_add_test(tests, operators_are_in_the_parsers_order);
    tcase_add_test(tests, each_function_is_told_once);
    tcase_add_test(tests, who_has_no_domain_is_defined_everywhere);
    suite_add_tcase(all, tests);
    return all;
}
