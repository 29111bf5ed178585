// Slopes of what swings: also where the first steps are longer than a swing.
#include <math.h>

#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

#define SAMPLES 3000

static dc_engine_t *engine;
static dc_code_t *code;

static void setup(void)
{
    dc_diag_t diag;
    dc_var_t vars[] = { { .name = DC_STR("swings"), .type = DC_VAR_NUMBER },
                        { .name = DC_STR("at"), .type = DC_VAR_NUMBER } };
    engine = dc_engine_new();
    code = NULL;
    dc_err_t err =
        dc_engine_compile(engine, DC_STR("diff(sin(swings*x), x, at)"), vars, 2, &code, &diag);
    ck_assert_msg(!err, "%s", diag.message);
}

static void teardown(void)
{
    dc_code_destroy(&code);
    dc_engine_destroy(&engine);
}

// False if it is said that there is none.
static bool find_slope(double swings, double at, double *slope)
{
    dc_diag_t diag;
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    const dc_value_t inputs[] = { { .type = DC_TYPE_NUMBER, .number = swings },
                                  { .type = DC_TYPE_NUMBER, .number = at } };
    dc_err_t err =
        dc_engine_run(engine, code, inputs, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    *slope = err ? 0 : value.number;
    return err == DC_OK;
}

static double random_between(uint64_t *random, double a, double b)
{
    return a + (b - a) * dc_xorshift_below(random, 1u << 30) / (1u << 30);
}

// Steps of 4 and 2 and 1 see sin(100 x) as a wave of -0.53: once one slope in fifteen was that of
// such a wave, to fourteen digits.
START_TEST(wave_is_not_taken_for_a_longer_one)
{
    uint64_t random = 1;
    int missing_count = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double swings = exp(random_between(&random, -2, 7));
        double at = random_between(&random, -100, 100);
        double slope;
        double error = 0;
        if (find_slope(swings, at, &slope)) {
            error = fabs(slope - swings * cos(swings * at)) / swings;
        } else {
            missing_count++;
        }
        ck_assert_msg(error < 1e-6, "sin(%.17g x) has a slope of %.17g at %.17g, not %.17g", swings,
                      slope, at, swings * cos(swings * at));
    }
    ck_assert_int_lt(missing_count, SAMPLES / 100);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("differentiate");
    TCase *waves = tcase_create("waves");
    tcase_add_checked_fixture(waves, setup, teardown);
    tcase_add_test(waves, wave_is_not_taken_for_a_longer_one);
    suite_add_tcase(all, waves);
    return all;
}
