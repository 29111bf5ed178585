#include "common/expr/vm.h"

#include "common/clock.h"
#include "common/expr/hooks.h"
#include "common/expr/number.h"
#include "common/expr/ops.h"
#include "common/expr/reduce.h"
#include "common/expr/task_part.h"
#include "common/limits.h"

// A string of so many bytes costs a step more to be read as a number.
#define DIGITS_PER_STEP 8

// --- the budget --------------------------------------------------------------------------------

dc_err_t dc_vm_check(dc_vm_t *self)
{
    dc_budget_t *budget = self->budget;
    if (self->steps > budget->steps_max) return DC_ERR_STEPS;
    if (budget->cancel && atomic_load_explicit(budget->cancel, memory_order_relaxed)) {
        return DC_ERR_CANCELLED;
    }
    dc_us_t now_us = budget->deadline_us || self->task ? dc_clock_awake_us() : 0;
    if (budget->deadline_us && now_us >= budget->deadline_us) return DC_ERR_TIME;
    if (self->task && dc_task_is_due(self->task, now_us)) return dc_task_split(self->task);
    // The limit is met to the step; the rest in time.
    self->checkpoint = dc_min_u64(self->steps + DC_VM_CHECK_STEPS, budget->steps_max);
    return DC_OK;
}

// --- calls -------------------------------------------------------------------------------------

static double call_many(dc_vm_t *self, const dc_math_function_t *function, const dc_ins_t *list,
                        uint32_t count, dc_err_t *err)
{
    for (uint32_t i = 0; i < count; i++) {
        self->args[i] = self->regs[dc_list_reg(list, i)].number;
    }
    return function->call(self->args, count, err);
}

// Copy the arguments to the parameters.
static void pass_args(dc_vm_t *self, const dc_function_t *function, const dc_ins_t *list)
{
    uint16_t param = self->code->variables[function->param_first].reg;
    for (uint32_t i = 0; i < function->param_count; i++, param++) {
        uint16_t from = dc_list_reg(list, i);
        self->regs[param] = self->regs[from];
        if (self->origins) self->origins[param] = self->origins[from];
    }
}

// --- where a number left the finite ones -------------------------------------------------------

// What an instruction is about to read, before it may overwrite it.
static dc_vm_origin_t before(const dc_vm_t *self, dc_ins_t ins)
{
    dc_vm_origin_t origin = { 0 };
    uint8_t reads = dc_op_infos[ins.op].reads;
    if (reads >= 1) {
        if (self->origins[ins.a].is_set) return self->origins[ins.a];
        origin.args[0] = self->regs[ins.a].number;
    }
    if (reads == 2) {
        if (self->origins[ins.b].is_set) return self->origins[ins.b];
        origin.args[1] = self->regs[ins.b].number;
    }
    return origin;
}

// The same for a function of many arguments.
static dc_vm_origin_t before_many(const dc_vm_t *self, const dc_ins_t *list, uint32_t count)
{
    dc_vm_origin_t origin = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        uint16_t reg = dc_list_reg(list, i);
        if (self->origins[reg].is_set) return self->origins[reg];
        if (i < DC_ARRAY_LEN(origin.args)) origin.args[i] = self->regs[reg].number;
    }
    return origin;
}

// Register `reg` was written at `at`, from what `origin` says.
static void note(dc_vm_t *self, uint16_t reg, uint32_t at, dc_vm_origin_t origin)
{
    double result = self->regs[reg].number;
    if (isfinite(result) || dc_reg_is_null(self->regs[reg])) {
        self->origins[reg].is_set = false;
        return;
    }
    if (!origin.is_set) {
        origin.is_set = true;
        origin.at = at;
        origin.result = result;
    }
    self->origins[reg] = origin;
}

// --- reductions --------------------------------------------------------------------------------

static dc_err_t run_traced(dc_vm_t *self, uint32_t entry);

// Where the result of `reduction` left the finite numbers: in f, at the first term that did. Where
// it is the only one, long reductions inside of it are kept: `place` is where they begin.
static dc_err_t trace_term(dc_vm_t *self, const dc_reduction_t *reduction, double x,
                           dc_replays_place_t place, dc_vm_origin_t *origin)
{
    dc_replays_place_t behind = dc_replays_place(self->replays);
    bool is_only = dc_reduce_has_one_term(self, reduction);
    self->regs[reduction->variable].number = x;
    self->origins[reduction->variable].is_set = false;
    if (is_only) dc_replays_go(self->replays, place);
    self->inside_split += !is_only;
    dc_err_t err = run_traced(self, reduction->entry);
    self->inside_split -= !is_only;
    dc_replays_go(self->replays, behind);
    *origin = self->origins[reduction->value];
    return err;
}

// Run a reduction. Its terms are not traced, which would take as long again, but for the one that
// explains the result; that is put into `origin` (NULL: no trace).
static dc_err_t reduce(dc_vm_t *self, dc_ins_t ins, dc_vm_origin_t *origin)
{
    const dc_reduction_t *reduction = &self->code->reductions[ins.a];
    dc_vm_origin_t *origins = self->origins;
    dc_reduce_outcome_t outcome;
    dc_replays_place_t place = dc_replays_place(self->replays);
    place.number++; // its own
    self->origins = NULL;
    dc_err_t err = dc_reduce(self, reduction, &outcome);
    self->origins = origins;
    if (err) return err;
    bool is_traced = origin && !isfinite(outcome.value) && outcome.is_strange;
    if (is_traced) err = trace_term(self, reduction, outcome.strange, place, origin);
    self->regs[ins.d].number = outcome.value;
    return err;
}

// --- the loop ----------------------------------------------------------------------------------

typedef struct frame {
    const dc_ins_t *back; // where the caller goes on
    uint16_t reg;         // where it wants the result
} frame_t;

// Run from instruction `entry` to an END or YIELD. Compiled twice, with and without a trace.
static inline __attribute__((always_inline)) dc_err_t run_from(dc_vm_t *self, uint32_t entry,
                                                               bool is_traced)
{
    const dc_code_t *code = self->code;
    dc_reg_t *r = self->regs;
    const dc_math_function_t *functions = dc_math_at(0);
    frame_t frames[DC_EXPR_CALLS_MAX];
    uint32_t depth = 0;
    const dc_ins_t *pc = code->ins + entry;
    dc_ins_t ins;
    dc_err_t err = DC_OK;

#define CHARGE(count)                \
    err = dc_vm_charge(self, count); \
    if (err) goto fault;
#define ARITHMETIC(name)                                                                    \
    case DC_OP_##name:                                                                      \
        r[ins.d].number = dc_op_arithmetic(DC_OP_##name, r[ins.a].number, r[ins.b].number); \
        break;
#define BITWISE(name)                                                                          \
    case DC_OP_##name:                                                                         \
        err = dc_op_bitwise(DC_OP_##name, r[ins.a].number, r[ins.b].number, &r[ins.d].number); \
        if (err) goto fault;                                                                   \
        break;
#define COMPARE(name)                                                                    \
    case DC_OP_##name:                                                                   \
        r[ins.d].number = dc_op_compare(DC_OP_##name, r[ins.a].number, r[ins.b].number); \
        break;
#define COMPARE_STRINGS(name)                                                                      \
    case DC_OP_##name:                                                                             \
        CHARGE(dc_op_string_steps(*r[ins.a].string, *r[ins.b].string))                             \
        r[ins.d].number = dc_op_compare_strings(DC_OP_##name, *r[ins.a].string, *r[ins.b].string); \
        break;
#define PUT_STRING(text)                 \
    {                                    \
        const dc_str_t *string = (text); \
        if (!string) {                   \
            err = DC_ERR_TOO_LARGE;      \
            goto fault;                  \
        }                                \
        r[ins.d].string = string;        \
        break;                           \
    }

    for (;;) {
        ins = *pc++;
        dc_vm_origin_t origin;
        if (is_traced) origin = before(self, ins);
        uint32_t at = (uint32_t)(pc - code->ins) - 1;
        switch ((dc_op_t)ins.op) {
        case DC_OP_END: self->result = ins.a; return DC_OK;
        case DC_OP_YIELD: return DC_OK;
        case DC_OP_MOVE:
        case DC_OP_LITERAL:
            r[ins.d] = r[ins.a];
            break;
            ARITHMETIC(ADD)
            ARITHMETIC(SUB)
            ARITHMETIC(MUL)
            ARITHMETIC(DIV)
            ARITHMETIC(MOD)
            ARITHMETIC(FLOORDIV)
            ARITHMETIC(POW)
        case DC_OP_NEG:
            r[ins.d].number = -r[ins.a].number;
            break;
            BITWISE(BITOR)
            BITWISE(BITAND)
            BITWISE(BITXOR)
            BITWISE(SHL)
            BITWISE(SHR)
        case DC_OP_INVERT:
            err = dc_op_bitwise(DC_OP_INVERT, r[ins.a].number, 0, &r[ins.d].number);
            if (err) goto fault;
            break;
            COMPARE(EQ)
            COMPARE(NE)
            COMPARE(LT)
            COMPARE(LE)
            COMPARE(GT)
            COMPARE(GE)
        case DC_OP_NOT: r[ins.d].number = r[ins.a].number == 0; break;
        case DC_OP_IS_NAN: r[ins.d].number = isnan(r[ins.a].number) != 0; break;
        case DC_OP_IS_INF: r[ins.d].number = isinf(r[ins.a].number) != 0; break;
        case DC_OP_BOOL_OF_NUMBER:
            r[ins.d].number = r[ins.a].number != 0;
            break;
            COMPARE_STRINGS(EQ_STRING)
            COMPARE_STRINGS(NE_STRING)
            COMPARE_STRINGS(LT_STRING)
            COMPARE_STRINGS(LE_STRING)
            COMPARE_STRINGS(GT_STRING)
            COMPARE_STRINGS(GE_STRING)
        case DC_OP_IN_STRING:
            CHARGE(dc_op_string_steps(*r[ins.a].string, *r[ins.b].string))
            r[ins.d].number = dc_op_contains(*r[ins.b].string, *r[ins.a].string);
            break;
        case DC_OP_CONCAT:
            CHARGE(dc_op_string_steps(*r[ins.a].string, *r[ins.b].string))
            PUT_STRING(dc_op_concat(self->strings, *r[ins.a].string, *r[ins.b].string))
        case DC_OP_STRING_OF_NUMBER:
            PUT_STRING(dc_op_string_of_number(self->strings, r[ins.a].number))
        case DC_OP_STRING_OF_BOOL: PUT_STRING(dc_op_string_of_bool(r[ins.a].number != 0))
        case DC_OP_NUMBER_OF_STRING:
            CHARGE(r[ins.a].string->len / DIGITS_PER_STEP)
            if (!dc_number_from_text(*r[ins.a].string, &r[ins.d].number)) {
                err = DC_ERR_NUMBER;
                goto fault;
            }
            break;
        case DC_OP_BOOL_OF_STRING: {
            bool boolean;
            if (!dc_op_bool_of_string(*r[ins.a].string, &boolean)) {
                err = DC_ERR_TYPE;
                goto fault;
            }
            r[ins.d].number = boolean;
            break;
        }
        case DC_OP_IS_NULL: r[ins.d].number = dc_reg_is_null(r[ins.a]); break;
        case DC_OP_CHECK:
            if (!dc_reg_is_null(r[ins.a])) break;
            err = DC_ERR_NULL;
            goto fault;
        case DC_OP_FAULT_NULL: err = DC_ERR_NULL; goto fault;
        case DC_OP_MATH1: {
            double result = functions[ins.x].call(&r[ins.a].number, 1, &err);
            if (err) goto fault;
            r[ins.d].number = result;
            break;
        }
        case DC_OP_MATH2: {
            const double args[] = { r[ins.a].number, r[ins.b].number };
            double result = functions[ins.x].call(args, 2, &err);
            if (err) goto fault;
            r[ins.d].number = result;
            break;
        }
        case DC_OP_MATHN: {
            if (is_traced) origin = before_many(self, pc, ins.a);
            double result = call_many(self, &functions[ins.x], pc, ins.a, &err);
            if (err) goto fault;
            r[ins.d].number = result;
            pc += dc_list_length(ins.a);
            break;
        }
        case DC_OP_CALL: {
            const dc_function_t *function = &code->functions[ins.a];
            CHARGE(function->steps)
            pass_args(self, function, pc);
            frames[depth++] = (frame_t){ pc + dc_list_length(ins.b), ins.d };
            pc = code->ins + function->entry;
            continue;
        }
        case DC_OP_RETURN: {
            assert(depth > 0);
            depth--;
            uint16_t reg = frames[depth].reg;
            pc = frames[depth].back;
            r[reg] = r[ins.a];
            if (is_traced) note(self, reg, at, origin);
            continue;
        }
        case DC_OP_REDUCE:
            // What faults has told where.
            err = reduce(self, ins, is_traced ? &origin : NULL);
            if (err) return err;
            break;
        case DC_OP_JUMP: pc = code->ins + dc_ins_target(ins); break;
        case DC_OP_JUMP_FALSE:
            if (r[ins.d].number == 0) pc = code->ins + dc_ins_target(ins);
            break;
        case DC_OP_JUMP_TRUE:
            if (r[ins.d].number != 0) pc = code->ins + dc_ins_target(ins);
            break;
        case DC_OP_JUMP_VALUE:
            if (!dc_reg_is_null(r[ins.d])) pc = code->ins + dc_ins_target(ins);
            break;
        case DC_OP_CRASH:
            dc_hook_crash();
            r[ins.d].number = 0;
            break;
        case DC_OP_ARGS:
        case DC_OP_COUNT: err = DC_ERR_INTERNAL; goto fault; // no parser makes these
        }
        if (is_traced && dc_op_infos[ins.op].writes) note(self, ins.d, at, origin);
    }
#undef CHARGE
#undef ARITHMETIC
#undef BITWISE
#undef COMPARE
#undef COMPARE_STRINGS
#undef PUT_STRING

fault:
    // Behind the instruction, as no fault arm has moved on.
    self->fault_at = (uint32_t)(pc - code->ins) - 1;
    return err;
}

static __attribute__((noinline)) dc_err_t run_plain(dc_vm_t *self, uint32_t entry)
{
    return run_from(self, entry, false);
}

static __attribute__((noinline)) dc_err_t run_traced(dc_vm_t *self, uint32_t entry)
{
    return run_from(self, entry, true);
}

static dc_err_t begin(dc_vm_t *self)
{
    self->fault_at = DC_VM_NOWHERE;
    self->sentence[0] = '\0';
    self->inside_split = 0;
    self->steps += self->code->main_steps;
    return dc_vm_check(self);
}

dc_err_t dc_vm_run(dc_vm_t *self)
{
    dc_err_t err = begin(self);
    return err ? err : run_plain(self, 0);
}

dc_err_t dc_vm_trace(dc_vm_t *self)
{
    dc_err_t err = begin(self);
    return err ? err : run_traced(self, 0);
}

dc_err_t dc_vm_run_body(dc_vm_t *self, const dc_reduction_t *reduction)
{
    return run_plain(self, reduction->entry);
}
