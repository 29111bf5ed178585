// Reductions in whole expressions: what they may cost, how they end early, what is kept of them.
#include <math.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/expr/reduce.h"
#include "common/limits.h"
#include "tests/lib/evaluation.h"
#include "tests/lib/main.h"

static dc_err_t eval(const char *expression)
{
    return eval_str(dc_str_from(expression));
}

static dc_err_t eval_text(void)
{
    dc_buf_append_char(&text, '\0');
    dc_err_t err = eval(text.data);
    text.len = 0;
    return err;
}

// --- steps -------------------------------------------------------------------------------------

START_TEST(terms_cost_their_steps)
{
    check_number(eval("sum(k,k,1,1000)"), 500500);
    uint64_t plain = budget.steps_used;
    ck_assert_uint_ge(plain, 1000);
    ck_assert_uint_le(plain, 1010);
    check_number(eval("sum(k+1,k,1,1000)"), 501500);
    ck_assert_uint_eq(budget.steps_used, plain + 1000);
    check_number(eval("f(x)=x+1; sum(f(k),k,1,1000)"), 501500);
    ck_assert_uint_ge(budget.steps_used, plain + 2000);
}
END_TEST

// Each f has its own steps, and not those of the f inside of it: a jump over that, a reduction, and
// the yield of 100 terms; the yield of 5050.
START_TEST(nested_terms_cost_their_steps_once)
{
    check_number(eval("sum(sum(j,j,1,k),k,1,100)"), 171700);
    ck_assert_uint_eq(budget.steps_used, 2 + 3 * 100 + 5050);
}
END_TEST

START_TEST(limit_is_met_to_the_step)
{
    check_number(eval("sum(sum(j,j,1,k),k,1,100)"), 171700);
    budget.steps_max = budget.steps_used;
    check_number(eval("sum(sum(j,j,1,k),k,1,100)"), 171700);
    budget.steps_max--;
    ck_assert_int_eq(eval("sum(sum(j,j,1,k),k,1,100)"), DC_ERR_STEPS);
    // Where all is known beforehand, no more is asked for than is used.
    budget.steps_max = DC_STEPS_MAX;
    check_number(eval("sum(sum(sum(i,i,1,2),j,1,3),k,1,100)"), 900);
    budget.steps_max = budget.steps_used;
    check_number(eval("sum(sum(sum(i,i,1,2),j,1,3),k,1,100)"), 900);
}
END_TEST

// What certainly costs too much is refused before the first term.
static const char *const dear[] = {
    "sum(1,k,1,1e18)",
    "sum(1,k,1,1e12)",
    "sum(sum(1,j,1,1e9),k,1,1e9)",
    "f(x)=sum(x*j,j,1,1e9); sum(f(k),k,1,1e9)",
    "n=1e9; sum(sum(sum(1,i,1,n),j,1,n),k,1,n)",
    "any(sum(1,j,1,1e12)<0,k,1,10)",
    "sum(integrate(sum(1,j,1,1e6),x,0,1),k,1,1e6)",
    "sum(k>0 && true ? sum(1,j,1,1e6) : 1,k,1,1e12)",
};

START_TEST(dear_sums_do_not_begin)
{
    ck_assert_int_eq(eval(dear[_i]), DC_ERR_STEPS);
    ck_assert_uint_lt(budget.steps_used, 100);
    ck_assert_uint_gt(diag.width, 0);
    ck_assert_msg(strstr(diag.message, "here"), "%s", diag.message);
}
END_TEST

// What may not be run counts for nothing.
START_TEST(dear_sides_that_are_not_chosen_are_free)
{
    check_number(eval("sum(k<0 ? sum(1,j,1,1e9) : 1,k,1,1000)"), 1000);
    check_number(eval("sum(k>0 || sum(1,j,1,1e9)>0 ? 1 : 0,k,1,1000)"), 1000);
    check_number(eval("sum(if(k<0, sum(1,j,1,1e9), 1),k,1,1000)"), 1000);
    ck_assert_int_eq(eval("any(k==3,k,1,1e15)"), DC_OK);
    ck_assert(value.boolean);
}
END_TEST

START_TEST(dear_sums_that_depend_on_a_variable_end_in_time)
{
    budget.steps_max = 100000;
    ck_assert_int_eq(eval("sum(sum(1,j,1,k),k,1,20000)"), DC_ERR_STEPS);
    ck_assert_uint_lt(budget.steps_used, 150000);
}
END_TEST

START_TEST(cancel_ends_a_sum)
{
    atomic_bool cancel;
    atomic_init(&cancel, true);
    budget.cancel = &cancel;
    ck_assert_int_eq(eval("sum(1/k,k,1,1e9)"), DC_ERR_CANCELLED);
    atomic_store(&cancel, false);
    check_number(eval("sum(k,k,1,10)"), 55);
}
END_TEST

static const char *const endless[] = {
    "sum(1/k,k,1,1e10)",
    "prod(sum(1/(j+k),j,1,k),k,1,1e6)",
    "sum(solve(x-k,x,0,2*k),k,1,1e8)",
    "integrate(integrate(integrate(sin(1/x)*y*z,x,0,1),y,0,1),z,0,1,1e-300)",
};

START_TEST(deadline_ends_it)
{
    budget.deadline_us = dc_clock_awake_us() + 20000;
    ck_assert_int_eq(eval(endless[_i]), DC_ERR_TIME);
}
END_TEST

// --- hostile texts -----------------------------------------------------------------------------

static void append_nest(size_t levels)
{
    for (size_t i = 0; i < levels; i++) {
        append("sum(", 1);
    }
    append("1", 1);
    for (size_t i = 0; i < levels; i++) {
        append(",k,1,1)", 1);
    }
}

START_TEST(deepest_nest_is_summed)
{
    append_nest(DC_EXPR_REDUCTIONS_MAX);
    check_number(eval_text(), 1);
    append_nest(DC_EXPR_REDUCTIONS_MAX + 1);
    ck_assert_int_eq(eval_text(), DC_ERR_TOO_DEEP);
    ck_assert_uint_eq(diag.column, (size_t)4 * DC_EXPR_REDUCTIONS_MAX);
}
END_TEST

// Also where local functions hide it.
START_TEST(deepest_nest_of_functions_is_summed)
{
    append("f0(x)=x;", 1);
    for (int i = 1; i <= DC_EXPR_REDUCTIONS_MAX; i++) {
        dc_buf_printf(&text, "f%d(x)=sum(f%d(x),k,1,1);", i, i - 1);
    }
    size_t len = text.len;
    dc_buf_printf(&text, "f%d(1)", DC_EXPR_REDUCTIONS_MAX);
    check_number(eval_text(), 1);

    append("f0(x)=x;", 1);
    for (int i = 1; i <= DC_EXPR_REDUCTIONS_MAX; i++) {
        dc_buf_printf(&text, "f%d(x)=sum(f%d(x),k,1,1);", i, i - 1);
    }
    ck_assert_uint_eq(text.len, len);
    dc_buf_printf(&text, "sum(f%d(1),k,1,1)", DC_EXPR_REDUCTIONS_MAX);
    ck_assert_int_eq(eval_text(), DC_ERR_TOO_DEEP);
    ck_assert_uint_eq(diag.column, len + 4);
}
END_TEST

static const struct {
    const char *part;
    dc_err_t err;
} floods[] = {
    { "sum(", DC_ERR_SYNTAX },          { "sum(k,", DC_ERR_SYNTAX },
    { "sum(k,k,1,", DC_ERR_TOO_DEEP },  { "sum(sum(k,k,", DC_ERR_SYNTAX },
    { "sum(k+", DC_ERR_SYNTAX },        { "integrate((", DC_ERR_SYNTAX },
    { "sum(k,k,1,2)+", DC_ERR_SYNTAX },
};

START_TEST(floods_are_told)
{
    append(floods[_i].part, DC_EXPR_BYTES_MAX / strlen(floods[_i].part));
    ck_assert_int_eq(eval_text(), floods[_i].err);
}
END_TEST

START_TEST(thousands_of_reductions_side_by_side)
{
    append("0", 1);
    append("+sum(k,k,1,2)", 5000);
    check_number(eval_text(), 15000);
}
END_TEST

// A term's strings are gone with it.
START_TEST(strings_of_terms_do_not_add_up)
{
    append("sum(string(k)+'", 1);
    append("0123456789", 100);
    append("' == 'x',k,1,50000)", 1);
    check_number(eval_text(), 0);
}
END_TEST

// --- what is kept ------------------------------------------------------------------------------

typedef struct run {
    dc_code_t *code;
    dc_reg_t *regs;
    dc_arena_t strings;
    dc_replays_t replays;
    char sentence[DC_DIAG_MESSAGE_MAX];
    dc_vm_t vm;
} run_t;

static void begin(run_t *self, const char *expression)
{
    *self = (run_t){ 0 };
    dc_err_t err = dc_engine_compile(engine, dc_str_from(expression), NULL, 0, &self->code, &diag);
    ck_assert_msg(!err, "%s", diag.message);
    self->regs = calloc(self->code->reg_count, sizeof *self->regs);
    ck_assert_ptr_nonnull(self->regs);
    memcpy(self->regs, self->code->regs, self->code->reg_count * sizeof *self->regs);
    dc_arena_init(&self->strings, DC_EXPR_STRINGS_BYTES_MAX);
}

static double run(run_t *self)
{
    self->vm = (dc_vm_t){ .code = self->code,
                          .regs = self->regs,
                          .strings = &self->strings,
                          .budget = &budget,
                          .replays = &self->replays,
                          .sentence = self->sentence };
    ck_assert_int_eq(dc_vm_run(&self->vm), DC_OK);
    return self->regs[self->vm.result].number;
}

static void end(run_t *self)
{
    dc_replays_fini(&self->replays);
    dc_arena_fini(&self->strings);
    free(self->regs);
    dc_code_destroy(&self->code);
}

// Only what took long is kept, and only what is not inside of another reduction.
START_TEST(long_reductions_are_not_computed_again)
{
    run_t it;
    begin(&it, "sum(k,k,1,3) + sum(sum(k,k,1,1000),j,1,1000) + prod(1,k,1,1e6)*sum(k,k,1,4)");
    double first = run(&it);
    uint64_t steps = it.vm.steps;
    ck_assert_uint_gt(steps, 2000000);
    ck_assert_uint_eq(it.replays.count, 2);
    ck_assert_uint_eq(it.replays.items[0].number, 1);
    ck_assert_uint_eq(it.replays.items[1].number, 2);

    dc_replays_rewind(&it.replays);
    ck_assert_double_eq(run(&it), first);
    ck_assert_uint_lt(it.vm.steps, 100);
    ck_assert_uint_eq(it.replays.count, 2);

    dc_replays_clear(&it.replays);
    ck_assert_double_eq(run(&it), first);
    ck_assert_uint_eq(it.vm.steps, steps);
    end(&it);
}
END_TEST

// The reductions inside of the term that explains the value do not count among those that are kept.
START_TEST(trace_finds_what_was_kept)
{
    run_t it;
    begin(&it, "sum(sum(1/(k-2),j,1,2),k,1,3) + sum(1,k,1,2e6)");
    ck_assert(isinf(run(&it)));
    ck_assert_uint_eq(it.replays.count, 1);
    dc_replays_rewind(&it.replays);
    it.vm.steps = 0;
    it.vm.origins = calloc(it.code->reg_count, sizeof *it.vm.origins);
    ck_assert_ptr_nonnull(it.vm.origins);
    ck_assert_int_eq(dc_vm_trace(&it.vm), DC_OK);
    const dc_vm_origin_t *origin = &it.vm.origins[it.vm.result];
    ck_assert(origin->is_set);
    ck_assert_int_eq(it.code->ins[origin->at].op, DC_OP_DIV);
    ck_assert_uint_lt(it.vm.steps, 1000);
    free(it.vm.origins);
    end(&it);
}
END_TEST

// Nothing outside of f writes what f writes, so an executor may run it when it likes.
START_TEST(f_has_registers_of_its_own)
{
    run_t it;
    begin(&it, "a=prod(k,k,1,2);"
               "(a*2+a*3)*sum((k+a)*(k-a),k,a*2+a*3,(a+3)*(a+4))*((a+5)*(a+6))");
    const dc_reduction_t *reduction = &it.code->reductions[1];
    for (uint32_t i = 0; i < it.code->ins_count; i++) {
        dc_ins_t outside = it.code->ins[i];
        if (i >= reduction->entry && i < reduction->end) continue;
        if (!dc_op_infos[outside.op].writes) continue;
        ck_assert_uint_ne(outside.d, reduction->variable);
        for (uint32_t j = reduction->entry; j < reduction->end; j++) {
            dc_ins_t inside = it.code->ins[j];
            if (dc_op_infos[inside.op].writes) ck_assert_uint_ne(outside.d, inside.d);
        }
    }
    end(&it);
}
END_TEST

// Whoever had a reduction computed elsewhere puts its result there.
START_TEST(results_may_come_from_elsewhere)
{
    run_t it;
    begin(&it, "sum(k,k,1,3) + sum(k,k,1,1e15)");
    dc_replay_t items[] = { { .number = 1, .outcome = { .value = 1000 } } };
    it.replays.items = malloc(sizeof items);
    ck_assert_ptr_nonnull(it.replays.items);
    memcpy(it.replays.items, items, sizeof items);
    it.replays.count = it.replays.capacity = 1;
    ck_assert_double_eq(run(&it), 1006);
    end(&it);
}
END_TEST

// A long sum left the finite numbers at its first term that did; where all are finite, by itself.
START_TEST(origin_is_found_in_a_long_sum)
{
    ck_assert_int_eq(eval("3+sum(1/(k-900000),k,1,1e6)"), DC_ERR_DIVIDE_BY_ZERO);
    ck_assert_uint_eq(diag.column, 7);
    ck_assert_int_eq(eval("sum(sum(k==900?1/(j-2):1,j,1,3),k,1,1000)"), DC_ERR_DIVIDE_BY_ZERO);
    ck_assert_uint_eq(diag.column, 16);
    ck_assert_int_eq(eval("1+sum(1e303,k,1,1e6)"), DC_ERR_OVERFLOW);
    ck_assert_uint_eq(diag.column, 2);
    ck_assert_msg(strstr(diag.message, "'sum' is too large"), "%s", diag.message);
}
END_TEST

START_TEST(search_for_a_fault_in_a_sum_is_free)
{
    ck_assert_int_eq(eval("sum(sum(1/(j-k),j,1,2),k,5,1,-1)"), DC_ERR_DIVIDE_BY_ZERO);
    budget.steps_max = budget.steps_used;
    ck_assert_int_eq(eval("sum(sum(1/(j-k),j,1,2),k,5,1,-1)"), DC_ERR_DIVIDE_BY_ZERO);
}
END_TEST

// What is said of a fault that does not count is not said of the next one.
START_TEST(faults_that_do_not_count_are_forgotten)
{
    ck_assert_int_eq(eval("any(k==1 || least(j,j,k,1)>0,k,1,3) && fact(0.5)>0"), DC_ERR_INTEGER);
    ck_assert_msg(strstr(diag.message, "'fact' takes an integer"), "%s", diag.message);
}
END_TEST

// --- variables ---------------------------------------------------------------------------------

START_TEST(rows_have_bounds_of_their_own)
{
    dc_var_t vars[] = { { .name = DC_STR("n"), .type = DC_VAR_ANY },
                        { .name = DC_STR("is_on"), .type = DC_VAR_ANY } };
    dc_code_t *code = NULL;
    dc_err_t err =
        dc_engine_compile(engine, DC_STR("sum(is_on ? k : 0,k,1,n)"), vars, 2, &code, &diag);
    ck_assert_msg(!err, "%s", diag.message);
    ck_assert_int_eq(vars[1].type, DC_VAR_BOOL);
    for (int n = 0; n <= 20; n++) {
        const dc_value_t inputs[] = { { .type = DC_TYPE_NUMBER, .number = n },
                                      { .type = DC_TYPE_BOOL, .boolean = n % 2 } };
        err = dc_engine_run(engine, code, inputs, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
        check_number(err, n % 2 ? n * (n + 1) / 2.0 : 0);
    }
    dc_code_destroy(&code);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("reduce");
    TCase *steps = tcase_create("steps");
    tcase_add_checked_fixture(steps, evaluation_set_up, evaluation_tear_down);
    tcase_add_test(steps, terms_cost_their_steps);
    tcase_add_test(steps, nested_terms_cost_their_steps_once);
    tcase_add_test(steps, limit_is_met_to_the_step);
    tcase_add_loop_test(steps, dear_sums_do_not_begin, 0, (int)DC_ARRAY_LEN(dear));
    tcase_add_test(steps, dear_sides_that_are_not_chosen_are_free);
    tcase_add_test(steps, dear_sums_that_depend_on_a_variable_end_in_time);
    tcase_add_test(steps, cancel_ends_a_sum);
    tcase_add_loop_test(steps, deadline_ends_it, 0, (int)DC_ARRAY_LEN(endless));
    suite_add_tcase(all, steps);
    TCase *hostile = tcase_create("hostile");
    tcase_add_checked_fixture(hostile, evaluation_set_up, evaluation_tear_down);
    tcase_add_test(hostile, deepest_nest_is_summed);
    tcase_add_test(hostile, deepest_nest_of_functions_is_summed);
    tcase_add_loop_test(hostile, floods_are_told, 0, (int)DC_ARRAY_LEN(floods));
    tcase_add_test(hostile, thousands_of_reductions_side_by_side);
    tcase_add_test(hostile, strings_of_terms_do_not_add_up);
    suite_add_tcase(all, hostile);
    TCase *kept = tcase_create("kept");
    tcase_add_checked_fixture(kept, evaluation_set_up, evaluation_tear_down);
    tcase_add_test(kept, long_reductions_are_not_computed_again);
    tcase_add_test(kept, trace_finds_what_was_kept);
    tcase_add_test(kept, f_has_registers_of_its_own);
    tcase_add_test(kept, results_may_come_from_elsewhere);
    tcase_add_test(kept, origin_is_found_in_a_long_sum);
    tcase_add_test(kept, search_for_a_fault_in_a_sum_is_free);
    tcase_add_test(kept, faults_that_do_not_count_are_forgotten);
    tcase_add_test(kept, rows_have_bounds_of_their_own);
    suite_add_tcase(all, kept);
    return all;
}
