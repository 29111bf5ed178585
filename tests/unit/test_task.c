// Jobs that are computed in parts: whatever is split, and wherever, gives what one worker gives:
// value, steps, fault and its place.
#include <math.h>

#include "common/expr/double_bits.h"
#include "common/expr/expr.h"
#include "common/expr/task.h"
#include "tests/lib/main.h"

#define LEVELS_MAX 60

static dc_engine_t *engine;
static double split_steps; // what costs more is split
static uint32_t splits;    // how often it was
static uint32_t deepest;   // forks inside each other
static dc_eval_options_t options;

typedef struct outcome {
    dc_err_t err;
    bool is_part; // `text`, for a join, and no value
    dc_value_t value;
    dc_diag_t diag;
    uint64_t steps;
    dc_buf_t text;
} outcome_t;

static void set_up(void)
{
    engine = dc_engine_new();
    splits = deepest = 0;
    options = (dc_eval_options_t){ 0 };
}

static void tear_down(void)
{
    dc_engine_destroy(&engine);
}

// --- a cluster of one --------------------------------------------------------------------------

static outcome_t run_task(dc_task_t *task, dc_str_t job, uint32_t depth);

// What a worker does that gets `text` from another, and with a join what its parts gave.
static outcome_t run_text(dc_str_t text, const dc_str_t *given, uint32_t count, uint32_t depth)
{
    dc_task_t task;
    dc_str_t job;
    ck_assert_msg(dc_task_read(&task, text, &job), "%.*s", (int)text.len, text.data);
    ck_assert_int_eq(task.is_join || task.is_merge, given != NULL);
    task.given = given;
    task.given_count = count;
    task.split_steps = split_steps;
    outcome_t outcome = run_task(&task, job, depth);
    dc_task_fini(&task);
    return outcome;
}

static outcome_t run_parts(const dc_task_t *task, dc_str_t job, uint32_t depth)
{
    dc_buf_t texts[DC_FORK_CHILDREN_MAX] = { 0 };
    dc_str_t given[DC_FORK_CHILDREN_MAX];
    dc_buf_t join = { 0 };
    outcome_t outcome = { 0 };
    uint64_t steps = 0, terms = 0;
    splits++;
    if (depth > deepest) deepest = depth;
    ck_assert_uint_le(depth, LEVELS_MAX);
    ck_assert_uint_ge(task->plan.part_count, 2);
    ck_assert_uint_le(task->plan.part_count, DC_FORK_CHILDREN_MAX);
    dc_task_put_join(task, job, &join);
    for (uint32_t i = 0; i < task->plan.part_count && !outcome.err; i++) {
        dc_buf_t child = { 0 };
        dc_task_put_child(task, i, job, &child);
        terms += dc_task_child_terms(task, i);
        outcome = run_text(dc_buf_str(&child), NULL, 0, depth + 1);
        ck_assert(outcome.err || outcome.is_part);
        dc_buf_fini(&child);
        texts[i] = outcome.text;
        given[i] = dc_buf_str(&texts[i]);
        steps += outcome.steps;
    }
    if (!outcome.err) {
        ck_assert_uint_eq(terms, task->end - task->first);
        outcome = run_text(dc_buf_str(&join), given, task->plan.part_count, depth);
        outcome.steps += steps;
    }
    for (size_t i = 0; i < DC_FORK_CHILDREN_MAX; i++)
        dc_buf_fini(&texts[i]);
    dc_buf_fini(&join);
    return outcome;
}

static outcome_t run_task(dc_task_t *task, dc_str_t job, uint32_t depth)
{
    outcome_t outcome = { 0 };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX, .task = task };
    if (task->is_merge) {
        ck_assert(dc_task_merge(task));
    } else {
        outcome.err = dc_engine_eval(engine, job, NULL, NULL, 0, options, &budget, &outcome.value,
                                     &outcome.diag);
    }
    outcome.steps = budget.steps_used;
    if (task->end_is == DC_TASK_SPLIT) return run_parts(task, job, depth);
    if (task->end_is == DC_TASK_NOT_ENDED) return outcome;
    outcome.err = DC_OK;
    outcome.is_part = true;
    dc_buf_append_str(&outcome.text, dc_buf_str(&task->result));
    return outcome;
}

static outcome_t run_split(dc_str_t job)
{
    dc_task_t task;
    ck_assert(dc_task_init(&task));
    task.split_steps = split_steps;
    outcome_t outcome = run_task(&task, job, 1);
    dc_task_fini(&task);
    return outcome;
}

static outcome_t run_whole(dc_str_t job)
{
    outcome_t outcome = { 0 };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    outcome.err =
        dc_engine_eval(engine, job, NULL, NULL, 0, options, &budget, &outcome.value, &outcome.diag);
    outcome.steps = budget.steps_used;
    return outcome;
}

// --- jobs --------------------------------------------------------------------------------------

static void compare(const char *text)
{
    outcome_t whole = run_whole(dc_str_from(text));
    outcome_t split = run_split(dc_str_from(text));
    ck_assert_msg(!split.is_part, "%s", text);
    ck_assert_msg(split.err == whole.err, "%s: %s, whole %s (%s)", text, dc_err_name(split.err),
                  dc_err_name(whole.err), whole.err ? whole.diag.message : split.diag.message);
    if (whole.err) {
        ck_assert_str_eq(split.diag.message, whole.diag.message);
        ck_assert_uint_eq(split.diag.column, whole.diag.column);
        ck_assert_uint_eq(split.diag.width, whole.diag.width);
        return;
    }
    ck_assert_int_eq(split.value.type, whole.value.type);
    bool is_same = whole.value.type == DC_TYPE_BOOL
                       ? split.value.boolean == whole.value.boolean
                       : dc_double_bits(split.value.number) == dc_double_bits(whole.value.number);
    ck_assert_msg(is_same, "%s: %.17g, whole %.17g", text, split.value.number, whole.value.number);
    // Behind the term that decides `any` goes on to the end of its block, unless there is a split.
    bool may_stop = strstr(text, "any(") != NULL;
    ck_assert_msg(may_stop || split.steps == whole.steps, "%s: %llu steps, whole %llu", text,
                  (unsigned long long)split.steps, (unsigned long long)whole.steps);
}

typedef struct row {
    const char *text;
    bool is_split; // at one step
} row_t;

static const row_t rows[] = {
    { "1 + 1", false },
    { "sum(1/k^2, k, 1, 100000)", true },
    { "1 + 2*sum(1/k, k, 1, 5000) - mean(k, k, 1, 777)/3", true },
    { "prod(1 + 1/k^2, k, 1, 100000)", true },
    { "prod(k, k, 1, 20)", false }, // too few terms for a product
    { "greatest(sin(k), k, 0, 1000, 0.5) + least(cos(k), k, 1, 999)", true },
    { "argmax(sin(k), k, 0, 1000, 0.25) * argmin(cos(k), k, 1, 999)", true },
    { "count(k % 3 == 0, k, 1, 10000)", true },
    { "any(k == 7777, k, 1, 10000)", false }, // most may not be wanted,
    { "all(k < 10000, k, 1, 9999) ? 1 : 2", false },
    { "sum(sum(j*k, j, 1, k), k, 1, 70)", true },
    { "sum(sum(sum(i+j+k, i, 1, 9), j, 1, 8), k, 1, 3)", true },
    { "sum(prod(1 + j/k, j, 1, 600), k, 1, 9)", true },
    { "prod(sum(j/k, j, 1, 300), k, 1, 9)", true }, // the sums inside are split
    { "integrate(sum(x^k, k, 0, 50), x, 0, 0.5)", true },
    { "solve(sum(x^k, k, 1, 40) - 1, x, 0, 1)", true },
    { "f(n) = sum(1/k, k, 1, n); f(100) + f(200) * f(300)", true },
    { "sum(k, k, 1, 0) + sum(k, k, 5, 5)", false }, // no term, and one
    { "sum(gcd(k, 6), k, 1, 3000)", true },
    // Faults.
    { "sum(gcd(k/2, 6), k, 2, 3000)", true }, // a term fails
    { "sum(k == 2500 ? gcd(0.5, 1) : k == 2700 ? fact(0.5) : k, k, 1, 3000)", true },
    { "any(k == 100 or gcd(k/1000, 1) == 1, k, 0, 900)", false },
    { "any(k == 100 or (k > 200 and gcd(k/1000, 1) == 1), k, 0, 900)", false },
    { "any(sum(k < 5 ? j : gcd(j/2, 3), j, 1, 200) > 3, k, 1, 9)", true },
    { "any(sum(k < 5 ? j : gcd(j/2, 3), j, 1, 200) > 1e9, k, 1, 9)", true },
    { "1/sum(1/(k-700), k, 1, 1000)", true }, // a term is infinite, the value is 0
    { "sum(1/(k-700), k, 1, 1000)", true },   // where it left the finite numbers
    { "2*sum(sum(1/(j-k), j, 1, 40), k, 30, 60)", true },
    { "sum(sum(1/(j-5), j, 1, 300), k, 1, 1)", true },
    { "sum(1e308, k, 1, 3000)", true }, // the sum itself is too large
    { "mean(k, k, 1, 0)", false },
    { "sum(k, k, 1, 1e17)", false },
    { "sum(k, k, 0, 1, 0)", false },
};

// Everything is split that can be.
START_TEST(parts_give_what_the_whole_gives)
{
    const row_t *row = &rows[_i];
    split_steps = 1;
    compare(row->text);
    ck_assert_msg((splits > 0) == row->is_split, "%s is split %u times", row->text, splits);
}
END_TEST

// ... and only what is dear, so that levels and whole reductions alternate.
START_TEST(some_parts_give_what_the_whole_gives)
{
    static const double limits[] = { 100, 1000, 20000 };
    for (size_t i = 0; i < DC_ARRAY_LEN(limits); i++) {
        split_steps = limits[i];
        compare(rows[_i].text);
    }
}
END_TEST

START_TEST(ieee_values_come_through)
{
    options.ieee = true;
    split_steps = 1;
    compare("sum(1/(k-700), k, 1, 1000)");
    ck_assert_uint_gt(splits, 0);
}
END_TEST

START_TEST(large_ranges_are_split_again)
{
    split_steps = 50000;
    compare("sum(1/k, k, 1, 3e6)");
    ck_assert_uint_gt(splits, 40);
    ck_assert_uint_ge(deepest, 2);
}
END_TEST

// --- time --------------------------------------------------------------------------------------

// What would be split behind the term that decides is not wanted, nor is that it would have been.
START_TEST(a_split_that_is_not_wanted_leaves_nothing)
{
    split_steps = 1000;
    compare("x = 0.5; any(k == 2 or sum(1/(j + k), j, 1, 3000) < 0, k, 1, 10) ? fact(x) : 1");
    ck_assert_uint_gt(splits, 0);
}
END_TEST

START_TEST(what_takes_long_is_split)
{
    dc_task_t task;
    dc_value_t value;
    dc_diag_t diag;
    ck_assert(dc_task_init(&task));
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX, .task = &task };
    task.slice_us = 0; // it has taken too long from the first look at the clock on
    dc_str_t job = DC_STR("1 + sum(sum(1/j, j, 1, k), k, 1, 5000)");
    ck_assert_int_eq(dc_engine_eval(engine, job, NULL, NULL, 0, options, &budget, &value, &diag),
                     DC_ERR_CANCELLED);
    ck_assert_int_eq(task.end_is, DC_TASK_SPLIT);
    ck_assert_uint_eq(task.end - task.first, 5000);
    ck_assert_uint_eq(task.plan.part_terms, 128);
    ck_assert_uint_eq(task.plan.part_count, 40);
    ck_assert_uint_eq(budget.steps_used, 0);
    dc_task_fini(&task);
}
END_TEST

// --- texts -------------------------------------------------------------------------------------

static const char *const bad_texts[] = {
    "",
    "part",
    "part 1 0",
    "part 1\n1",
    "part 10000 0 @0:0:5\n1",
    "part 1 0\n1",
    "part 1 0 @0:0:5",
    "part 1 0 @0:5:5\n1",
    "part 1 0 @0:6:5\n1",
    "part 1 0 @0:0\n1",
    "part 1 0  @0:0:5\n1",
    "part 1 0 @0:0:5 \n1",
    "part 1 0 @0:0:5 x\n1",
    "part 1 0 @00:0:5\n1",
    "part 1 0 @0:0:5 ?1\n1",
    "part 1 0 =0:0:0 @0:0:5\n1",
    "part 1 0 =1:2:0 =0:1:0 @3:0:5\n1",
    "part 1 0 =0:1:0:0 @3:0:5\n1",
    "part 1 0 !0:1:0 @3:0:5\n1",
    "join 1 0\n1",
    "join 1 0 ?\n1",
    "join 1 0 ?1 =0:1:0\n1",
    "merge 1 0\n1",
    "merge 1 0 ?1\n1",
    "whole @0:0:5\n1",
    ("part 1 0 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 "
     "@0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1 @0:0:1\n1"),
};

START_TEST(other_texts_are_refused)
{
    dc_task_t task;
    dc_str_t job;
    const char *text = bad_texts[_i];
    ck_assert_msg(!dc_task_read(&task, dc_str_from(text), &job), "%s", text);
}
END_TEST

// A part that the job does not have, from somebody who makes them up.
static const char *const wrong_parts[] = {
    "part 1 0 @0:0:5\nsum(gcd(k, 1), k, 1, 4)",
    "part 1 0 @0:1:2000\nprod(k, k, 1, 4000)",
    "part 1 0 @0:0:500 @0:0:1\nsum(sum(j, j, 1, k), k, 1, 500)",
    "part 1 0 @0:0:1 @7:0:1\nsum(sum(j, j, 1, k), k, 1, 500)",
    "part 1 0 @0:0:5\nintegrate(x, x, 0, 1)",
};

START_TEST(parts_that_are_none_fail)
{
    split_steps = INFINITY;
    outcome_t outcome = run_text(dc_str_from(wrong_parts[_i]), NULL, 0, 1);
    ck_assert_int_eq(outcome.err, DC_ERR_PROTOCOL);
}
END_TEST

static const char *const wrong_results[] = { "", "x", "sum:", "any:0:0", "!", "!1:2" };

START_TEST(results_that_are_none_fail)
{
    const dc_str_t given[] = { dc_str_from(wrong_results[_i]) };
    split_steps = INFINITY;
    outcome_t outcome = run_text(DC_STR("join 1 0 ?0\nsum(k, k, 1, 500)"), given, 1, 1);
    ck_assert_int_eq(outcome.err, DC_ERR_PROTOCOL);
    dc_task_t task;
    dc_str_t job;
    ck_assert(dc_task_read(&task, DC_STR("merge 1 0 @0:0:5\nsum(k, k, 1, 500)"), &job));
    task.given = given;
    task.given_count = 1;
    ck_assert(!dc_task_merge(&task));
    dc_task_fini(&task);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("task");
    TCase *cases = tcase_create("task");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, parts_give_what_the_whole_gives, 0, (int)DC_ARRAY_LEN(rows));
    tcase_add_loop_test(cases, some_parts_give_what_the_whole_gives, 0, (int)DC_ARRAY_LEN(rows));
    tcase_add_test(cases, ieee_values_come_through);
    tcase_add_test(cases, large_ranges_are_split_again);
    tcase_add_test(cases, a_split_that_is_not_wanted_leaves_nothing);
    tcase_add_test(cases, what_takes_long_is_split);
    tcase_add_loop_test(cases, other_texts_are_refused, 0, (int)DC_ARRAY_LEN(bad_texts));
    tcase_add_loop_test(cases, parts_that_are_none_fail, 0, (int)DC_ARRAY_LEN(wrong_parts));
    tcase_add_loop_test(cases, results_that_are_none_fail, 0, (int)DC_ARRAY_LEN(wrong_results));
    suite_add_tcase(all, cases);
    return all;
}
