// Integrals of what is not smooth: wherever f jumps or bends, the tolerance is met.
#include <math.h>

#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

#define TOLERANCE 1e-10

// So many places to jump at: a rule that misses one in a hundred is found out.
#define PLACES 2000

static dc_engine_t *engine;
static dc_code_t *code;
static uint64_t steps;

static void setup(void)
{
    engine = dc_engine_new();
    code = NULL;
}

static void teardown(void)
{
    dc_code_destroy(&code);
    dc_engine_destroy(&engine);
}

static void compile(const char *text)
{
    dc_diag_t diag;
    dc_var_t vars[] = { { .name = DC_STR("c"), .type = DC_VAR_NUMBER } };
    dc_err_t err = dc_engine_compile(engine, dc_str_from(text), vars, 1, &code, &diag);
    ck_assert_msg(!err, "%s: %s", text, diag.message);
}

static double integral_at(double c)
{
    dc_diag_t diag;
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    const dc_value_t input = { .type = DC_TYPE_NUMBER, .number = c };
    dc_err_t err =
        dc_engine_run(engine, code, &input, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    ck_assert_msg(!err, "c = %.17g: %s", c, diag.message);
    steps = budget.steps_used;
    return value.number;
}

// --- jumps and kinks ---------------------------------------------------------------------------

static double step(double c)
{
    return 1 - c;
}

static double long_step(double c)
{
    return 1000 * (1 - c);
}

static double turn(double c)
{
    return exp(1) - 2 * exp(c) + 1;
}

static double kink(double c)
{
    return (c * c + (1 - c) * (1 - c)) / 2;
}

static double backwards(double c)
{
    return -(1 + c * c) / 2;
}

static double window(double c)
{
    (void)c;
    return 0.25;
}

// What is integrated, and what comes out for 0 < c < 1.
static const struct {
    const char *text;
    double (*exact)(double c);
} broken[] = {
    { "integrate(x > c, x, 0, 1)", step },
    { "integrate(x > 1000*c, x, 0, 1000)", long_step },
    { "integrate(x > c ? exp(x) : -exp(x), x, 0, 1)", turn },
    { "integrate(abs(x - c), x, 0, 1)", kink },
    { "integrate(max(x, c), x, 1, 0)", backwards },
    { "integrate(c < 2*x and 2*x < c + 0.5, x, 0, 1)", window },
};

// Between the outermost place of a rule and the end of its range nobody looks: a jump there was
// once taken for none, one time in ten.
START_TEST(no_jump_is_missed)
{
    uint64_t random = 1;
    compile(broken[_i].text);
    for (int i = 0; i < PLACES; i++) {
        double c = (double)dc_xorshift_below(&random, 1u << 30) / (1u << 30);
        double error = fabs(integral_at(c) - broken[_i].exact(c));
        ck_assert_msg(error <= TOLERANCE, "%s is wrong by %g for c = %.17g", broken[_i].text, error,
                      c);
    }
}
END_TEST

// A jump where two ranges meet belongs to both of them, however narrow they become.
START_TEST(jump_between_ranges_is_none_of_either)
{
    compile("integrate(x > c, x, 0, 1)");
    ck_assert_double_eq_tol(integral_at(0.5), 0.5, 1e-15);
    ck_assert_uint_lt(steps, 10000);
}
END_TEST

// --- what is smooth ----------------------------------------------------------------------------

// Nothing is looked at twice, or more closely than it takes.
START_TEST(smooth_ones_take_the_first_ranges)
{
    compile("integrate(exp(c*x), x, 0, 1)");
    ck_assert_double_eq_tol(integral_at(1), exp(1) - 1, 1e-15);
    ck_assert_uint_lt(steps, 400); // three a term
}
END_TEST

// --- what has no bound -------------------------------------------------------------------------

// Where f has no bound at an end, or between two ranges, nothing is asked of it there.
START_TEST(ends_without_a_bound_are_left_out)
{
    compile("integrate(ln(abs(x - c)), x, 0, 1)");
    ck_assert_double_eq_tol(integral_at(0), -1, TOLERANCE);
    ck_assert_double_eq_tol(integral_at(1), -1, TOLERANCE);
    ck_assert_double_eq_tol(integral_at(0.5), -1 - log(2), TOLERANCE);
}
END_TEST

// Beside an end that is not 0 no double is left between it and the nearest places.
START_TEST(any_end_may_have_no_bound)
{
    static const double ends[] = { -50, -3, -1, -0.5, 0.1, 1, 2, 3, 50 };
    for (size_t i = 0; i < DC_ARRAY_LEN(ends); i++) {
        static const struct {
            const char *text;
            double value;
        } rows[] = {
            { "integrate(ln(x - c), x, c, c + 1)", -1 },
            { "integrate(ln(c - x), x, c - 1, c)", -1 },
            { "integrate((x - c)*ln(x - c), x, c, c + 1)", -0.25 },
            { "integrate(1/sqrt(c - x), x, c - 1, c)", 2 },
        };
        for (size_t k = 0; k < DC_ARRAY_LEN(rows); k++) {
            compile(rows[k].text);
            double error = fabs(integral_at(ends[i]) - rows[k].value);
            ck_assert_msg(error <= TOLERANCE, "%s is wrong by %g for c = %g", rows[k].text, error,
                          ends[i]);
            dc_code_destroy(&code);
        }
    }
}
END_TEST

// What lies in there counts too much for a guess: 8e-7 of 2.5.
START_TEST(pole_without_digits_is_not_guessed)
{
    dc_diag_t diag;
    dc_budget_t budget = { .steps_max = 2000000 };
    dc_value_t value;
    dc_err_t err = dc_engine_eval(engine, DC_STR("integrate((x - 1)^-0.6, x, 1, 2)"), NULL, NULL, 0,
                                  (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    ck_assert_int_ne(err, DC_OK);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("integrate");
    TCase *jumps = tcase_create("jumps");
    tcase_add_checked_fixture(jumps, setup, teardown);
    tcase_add_loop_test(jumps, no_jump_is_missed, 0, (int)DC_ARRAY_LEN(broken));
    tcase_add_test(jumps, jump_between_ranges_is_none_of_either);
    suite_add_tcase(all, jumps);
    TCase *smooth = tcase_create("smooth");
    tcase_add_checked_fixture(smooth, setup, teardown);
    tcase_add_test(smooth, smooth_ones_take_the_first_ranges);
    suite_add_tcase(all, smooth);
    TCase *unbound = tcase_create("unbound");
    tcase_add_checked_fixture(unbound, setup, teardown);
    tcase_add_test(unbound, ends_without_a_bound_are_left_out);
    tcase_add_test(unbound, any_end_may_have_no_bound);
    tcase_add_test(unbound, pole_without_digits_is_not_guessed);
    suite_add_tcase(all, unbound);
    return all;
}
