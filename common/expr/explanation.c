#include "common/expr/explanation.h"

#include "common/expr/bodies.h"
#include "common/expr/columns.h"
#include "common/expr/known.h"
#include "common/expr/reduce.h"
#include "common/expr/task.h"
#include "common/limits.h"

// A tree takes some hundred bytes for each token of a text.
#define ARENA_BYTES_MAX (32u << 20)

// --- cost --------------------------------------------------------------------------------------

// Is it the jump over the code of a function, or of a reduction's f?
static bool is_around(const dc_code_t *code, dc_ins_t ins)
{
    uint8_t last = code->ins[dc_ins_target(ins) - 1].op;
    return ins.op == DC_OP_JUMP && (last == DC_OP_RETURN || last == DC_OP_YIELD);
}

// What costs more for a longer string.
static bool reads_strings(dc_ins_t ins)
{
    return ins.op >= DC_OP_EQ_STRING && ins.op <= DC_OP_NUMBER_OF_STRING;
}

// Are the steps of a reduction known before it runs?
static bool is_cost_known(const dc_reduction_t *reduction)
{
    bool looks_at_all = !dc_reduce_may_stop(reduction->kind);
    return dc_reduce_is_range(reduction->kind) && looks_at_all && reduction->terms > 0;
}

// Whether the code of functions and terms takes the same steps whichever way it goes, and all of it
// whatever the values are.
static bool is_even(const dc_code_t *code)
{
    uint32_t apart_end = 0;
    for (uint32_t i = 0; i < code->ins_count; i++) {
        dc_ins_t ins = code->ins[i];
        if (reads_strings(ins)) return false;
        if (ins.op == DC_OP_REDUCE && !is_cost_known(&code->reductions[ins.a])) return false;
        if (!dc_ins_is_jump(ins)) continue;
        bool is_outer = is_around(code, ins);
        if (is_outer && dc_ins_target(ins) > apart_end) apart_end = dc_ins_target(ins);
        if (!is_outer && i < apart_end) return false;
    }
    return true;
}

static double steps_of(const dc_code_t *code, dc_ins_t ins)
{
    if (ins.op == DC_OP_CALL) return code->functions[ins.a].cost;
    if (ins.op != DC_OP_REDUCE) return 0;
    return code->reductions[ins.a].terms * code->reductions[ins.a].cost;
}

// The code's own steps are charged whole, whichever way it goes. What it calls adds to them, if it
// comes to that.
static void count_steps(dc_explanation_t *self)
{
    const dc_code_t *code = &self->code;
    uint32_t certain = 0; // what stands before may be jumped over
    self->steps_min = (double)code->folded_steps + code->main_steps;
    self->is_exact = is_even(code);
    for (uint32_t i = 0; i < code->ins_count; i++) {
        dc_ins_t ins = code->ins[i];
        if (dc_ins_is_jump(ins)) {
            uint32_t target = dc_ins_target(ins);
            if (target > certain) certain = target;
            if (is_around(code, ins)) i = target - 1;
        } else if (i >= certain) {
            self->steps_min += steps_of(code, ins);
        } else if (ins.op == DC_OP_CALL || ins.op == DC_OP_REDUCE) {
            self->is_exact = false;
        }
    }
}

// --- blocks ------------------------------------------------------------------------------------

static void count_block_ops(dc_explanation_t *self, const bool *varies)
{
    dc_columns_t *columns = varies ? dc_columns_new(&self->code, varies) : NULL;
    self->has_blocks = columns != NULL;
    if (columns) self->block_ops = dc_columns_length(columns);
    dc_columns_destroy(&columns);
}

// --- life cycle --------------------------------------------------------------------------------

dc_err_t dc_explanation_init(dc_explanation_t *self, const dc_expr_source_t *source,
                             const bool *varies, dc_diag_t *diag)
{
    dc_scope_t scope = { 0 };
    *self = (dc_explanation_t){ 0 };
    dc_arena_init(&self->parsing, DC_EXPR_ARENA_BYTES_MAX);
    dc_arena_init(&self->lasting, DC_EXPR_ARENA_BYTES_MAX);
    dc_arena_init(&self->arena, ARENA_BYTES_MAX);
    dc_err_t err = dc_translate_check(source->text, diag);
    if (err) return err;
    err = dc_translate(source, &scope, &self->parsing, &self->lasting, &self->code, diag);
    if (err) return err;
    self->fixed = dc_code_fixed(&self->code, &self->arena);
    if (!self->fixed) return dc_diag_set_no_memory(diag);
    if (!dc_syntax_read(&self->syntax, source->text, &self->arena))
        return dc_diag_set_no_memory(diag);
    if (!dc_known_mark(&self->syntax, source, &self->arena)) return dc_diag_set_no_memory(diag);
    count_steps(self);
    // Longer numbers take more.
    if (self->code.literals) self->is_exact = false;
    if (!self->code.literals) count_block_ops(self, varies);
    return DC_OK;
}

void dc_explanation_fini(dc_explanation_t *self)
{
    dc_arena_fini(&self->parsing);
    dc_arena_fini(&self->lasting);
    dc_arena_fini(&self->arena);
}

// --- split -------------------------------------------------------------------------------------

// Is it computed with the terms of another, whole? Where the other cannot be split it may be.
static bool is_inside_another(const dc_code_t *code, const dc_reduction_t *reduction)
{
    for (uint32_t i = 0; i < code->reduction_count; i++) {
        const dc_reduction_t *other = &code->reductions[i];
        if (!dc_code_has_reduction(code, i) || !dc_reduce_can_split(other->kind, UINT64_MAX))
            continue;
        if (reduction->at >= other->entry && reduction->at < other->end) return true;
    }
    return false;
}

// The range, or why there is none, if the bounds are constants.
static void find_range(const dc_explanation_t *self, const dc_reduction_t *reduction,
                       dc_split_t *split)
{
    double numbers[DC_REDUCE_ARGS_MAX] = { 0 };
    for (size_t i = 0; i < reduction->arg_count; i++) {
        uint16_t reg = reduction->args[i];
        if (!dc_code_is_fixed(self->fixed, reg)) return;
        numbers[i] = self->code.regs[reg].number;
    }
    dc_range_args_t args = dc_range_args(numbers, reduction->arg_count);
    double terms;
    split->refusal = dc_range_init(&split->range, args.a, args.b, args.step, &terms);
    split->is_known = !split->refusal;
}

static void count_term_ops(dc_split_t *split, const dc_code_t *code, uint32_t index)
{
    dc_arena_t scratch, arena;
    dc_arena_init(&scratch, ARENA_BYTES_MAX);
    dc_arena_init(&arena, ARENA_BYTES_MAX);
    const dc_vector_t *vector = dc_bodies_make(code, index, &scratch, &arena);
    split->has_blocks = vector != NULL;
    if (vector) split->block_ops = dc_vector_length(vector);
    dc_arena_fini(&scratch);
    dc_arena_fini(&arena);
}

static void find_parts(dc_split_t *split)
{
    dc_task_plan_t plan = dc_task_plan(split->kind, split->range.count, split->term_steps);
    split->is_at_once = plan.part_count > 1 && plan.steps >= DC_SPLIT_STEPS;
    split->part_terms = plan.part_terms;
    split->part_count = plan.part_count;
}

bool dc_explanation_split(const dc_explanation_t *self, uint32_t index, dc_split_t *split)
{
    const dc_code_t *code = &self->code;
    const dc_reduction_t *reduction = &code->reductions[index];
    if (code->literals) return false;
    if (!dc_code_has_reduction(code, index) || is_inside_another(code, reduction)) return false;
    *split = (dc_split_t){ .kind = reduction->kind,
                           .text = dc_syntax_text_at(&self->syntax, code->spans[reduction->at]),
                           .term_steps = reduction->cost,
                           .is_range = dc_reduce_is_range(reduction->kind) };
    count_term_ops(split, code, index);
    if (split->is_range) find_range(self, reduction, split);
    if (split->is_known) find_parts(split);
    return true;
}
