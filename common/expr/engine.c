#include "common/expr/expr.h"

#include <math.h>
#include <stdlib.h>

#include "common/expr/bodies.h"
#include "common/expr/faults.h"
#include "common/expr/math.h"
#include "common/expr/ops.h"
#include "common/expr/parser.h"
#include "common/expr/plain.h"
#include "common/expr/reduce.h"
#include "common/expr/scope.h"
#include "common/expr/task_part.h"
#include "common/expr/translate.h"
#include "common/limits.h"
#include "common/quote.h"

struct dc_engine {
    dc_arena_t parsing; // of an expression that is evaluated once: all of its code
    dc_arena_t lasting; // what outlives a pass of the parser
    dc_arena_t strings; // made by a run, and what else it needs
    dc_scope_t scope;
    char sentence[DC_DIAG_MESSAGE_MAX]; // what a reduction says of its fault
    dc_replays_t replays;               // what reductions of the evaluation have given
    dc_bodies_t bodies;                 // and what they evaluate, in blocks
    dc_code_t once;                     // code of the expression that is evaluated
    dc_reg_t *regs;                     // owned: registers of compiled code that runs
    uint32_t reg_capacity;
    uint64_t loaded; // serial of the code whose constants are in `regs`
};

const char *dc_engine_version(void)
{
    return "1";
}

const char *dc_engine_function(size_t index)
{
    return dc_function_name(index);
}

const char *dc_engine_constant(size_t index)
{
    return dc_constant_name(index);
}

bool dc_engine_is_supported(const char **reason)
{
    if (dc_math_is_supported()) return true;
    *reason = "the processor lacks AVX2 and FMA, which results that are equal everywhere need";
    return false;
}

dc_engine_t *dc_engine_new(void)
{
    dc_engine_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_arena_init(&self->parsing, DC_EXPR_ARENA_BYTES_MAX);
    dc_arena_init(&self->lasting, DC_EXPR_ARENA_BYTES_MAX);
    dc_arena_init(&self->strings, DC_EXPR_STRINGS_BYTES_MAX);
    dc_bodies_init(&self->bodies);
    return self;
}

void dc_engine_destroy(dc_engine_t **self_p)
{
    dc_engine_t *self = *self_p;
    if (!self) return;
    dc_arena_fini(&self->parsing);
    dc_arena_fini(&self->lasting);
    dc_arena_fini(&self->strings);
    dc_replays_fini(&self->replays);
    dc_bodies_fini(&self->bodies);
    free(self->regs);
    free(self);
    *self_p = NULL;
}

// --- running -----------------------------------------------------------------------------------

// May `variable`, which is used, have this value?
static dc_err_t check_input(const dc_variable_t *variable, const dc_value_t *value, dc_diag_t *diag)
{
    dc_span_t span = variable->span;
    if (value->type == DC_TYPE_NULL) {
        if (variable->nullable) return DC_OK;
        return dc_diag_set(diag, DC_ERR_NULL, span.column, span.width, "'%s' is null",
                           dc_quote(variable->name).text);
    }
    if (value->type != variable->type) {
        return dc_diag_set(diag, DC_ERR_TYPE, span.column, span.width,
                           "'%s' must be a %s, not a %s", dc_quote(variable->name).text,
                           dc_type_name(variable->type), dc_type_name(value->type));
    }
    if (!variable->is_int) return DC_OK;
    if (isfinite(value->number) && value->number == trunc(value->number)) return DC_OK;
    return dc_diag_set(diag, DC_ERR_INTEGER, span.column, span.width, "'%s' must be an integer",
                       dc_quote(variable->name).text);
}

static dc_err_t check_inputs(const dc_code_t *code, const dc_value_t *inputs, dc_diag_t *diag)
{
    for (uint32_t i = 0; i < code->declared_count; i++) {
        if (!code->variables[i].is_used) continue;
        dc_err_t err = check_input(&code->variables[i], &inputs[i], diag);
        if (err) return err;
    }
    return DC_OK;
}

// The value in `reg`. A string is copied, so that it lives as long as the engine's own.
static dc_err_t take_value(dc_engine_t *self, dc_type_t type, dc_reg_t reg, dc_value_t *value,
                           dc_diag_t *diag)
{
    if (type == DC_TYPE_NULL || dc_reg_is_null(reg)) {
        *value = (dc_value_t){ .type = DC_TYPE_NULL };
    } else if (type == DC_TYPE_NUMBER) {
        *value = (dc_value_t){ .type = type, .number = reg.number };
    } else if (type == DC_TYPE_BOOL) {
        *value = (dc_value_t){ .type = type, .boolean = reg.number != 0 };
    } else {
        const dc_str_t *string = dc_op_copy(&self->strings, *reg.string);
        if (!string) {
            return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "the strings take more than %u MiB",
                               DC_EXPR_STRINGS_BYTES_MAX >> 20);
        }
        *value = (dc_value_t){ .type = type, .string = *string };
    }
    return DC_OK;
}

// Room for what a run needs beside its registers.
static bool prepare(dc_engine_t *self, const dc_code_t *code, dc_vm_t *vm)
{
    dc_arena_reset(&self->strings);
    vm->steps = 0;
    vm->args = NULL;
    if (code->args_max == 0) return true;
    vm->args = dc_arena_alloc(&self->strings, code->args_max, sizeof *vm->args);
    return vm->args != NULL;
}

// The value is not finite: run again, and find out where that began.
static dc_err_t find_fault(dc_engine_t *self, const dc_vm_t *ended, dc_diag_t *diag)
{
    const dc_code_t *code = ended->code;
    double number = ended->regs[ended->result].number;
    // What it takes to look for the origin was not asked for, and is bounded by what was done.
    dc_budget_t budget = *ended->budget;
    budget.steps_max = UINT64_MAX;
    dc_vm_t vm = *ended;
    vm.budget = &budget;
    vm.task = NULL;
    dc_replays_rewind(vm.replays);
    bool has_room = prepare(self, code, &vm);
    vm.origins = dc_arena_alloc(&self->strings, code->reg_count, sizeof *vm.origins);
    if (!has_room || !vm.origins) return dc_diag_set_no_memory(diag);
    memset(vm.origins, 0, code->reg_count * sizeof *vm.origins);
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (!variable->is_used || variable->has_value) continue;
        double input = vm.regs[variable->reg].number;
        if (variable->type != DC_TYPE_NUMBER || isfinite(input)) continue;
        vm.origins[variable->reg] =
            (dc_vm_origin_t){ .is_set = true, .is_input = true, .at = i, .result = input };
    }
    dc_err_t err = dc_vm_trace(&vm);
    if (!err) return dc_fault_of_value(&vm, diag);
    // There was no time left to find out where; but what the value is was known before.
    return err == DC_ERR_TIME ? dc_fault_of_number(number, diag) : dc_fault_of_run(&vm, err, diag);
}

// Say what dc_vm_run has returned, unless it is no fault.
static dc_err_t end_run(const dc_vm_t *vm, dc_err_t err, dc_diag_t *diag)
{
    return vm->task && vm->task->end_is ? err : dc_fault_of_run(vm, err, diag);
}

// Run `code` on registers that hold its constants and inputs.
static dc_err_t run(dc_engine_t *self, const dc_code_t *code, dc_reg_t *regs,
                    dc_eval_options_t options, dc_budget_t *budget, dc_value_t *value,
                    dc_diag_t *diag)
{
    dc_vm_t vm = { .code = code,
                   .regs = regs,
                   .strings = &self->strings,
                   .budget = budget,
                   .replays = &self->replays,
                   .task = code->reduction_count ? budget->task : NULL,
                   .bodies = &self->bodies,
                   .sentence = self->sentence };
    if (code->reduction_count) dc_bodies_begin(&self->bodies, code);
    dc_replays_clear(&self->replays);
    if (vm.task) {
        dc_task_begin(vm.task);
        vm.replays = &vm.task->levels[0].replays;
    }
    if (!prepare(self, code, &vm)) return dc_diag_set_no_memory(diag);
    vm.steps = code->folded_steps;
    dc_err_t err = dc_vm_run(&vm);
    budget->steps_used = vm.task ? dc_task_steps(vm.task, vm.steps) : vm.steps;
    if (err) return end_run(&vm, err, diag);
    dc_reg_t reg = regs[vm.result];
    bool is_number = code->type == DC_TYPE_NUMBER && !dc_reg_is_null(reg);
    if (is_number && !options.ieee && !isfinite(reg.number)) return find_fault(self, &vm, diag);
    return take_value(self, code->type, reg, value, diag);
}

// The value was known when parsing ended.
static dc_err_t take_constant(dc_engine_t *self, const dc_code_t *code, dc_budget_t *budget,
                              dc_value_t *value, dc_diag_t *diag)
{
    budget->steps_used = code->folded_steps;
    if (code->folded_steps > budget->steps_max) {
        return dc_diag_set(diag, DC_ERR_STEPS, 0, 0, "more than %llu steps are needed",
                           (unsigned long long)budget->steps_max);
    }
    if (code->type == DC_TYPE_STRING) dc_arena_reset(&self->strings);
    return take_value(self, code->type, code->value, value, diag);
}

// The short way for most lines, which need no code. Whatever is wrong is told by the long one.
static bool eval_plain(dc_str_t text, dc_budget_t *budget, dc_value_t *value)
{
    double number;
    uint32_t steps;
    if (!dc_plain_eval(text, &number, &steps) || steps > budget->steps_max) return false;
    budget->steps_used = steps;
    *value = (dc_value_t){ .type = DC_TYPE_NUMBER, .number = number };
    return true;
}

dc_err_t dc_engine_eval(dc_engine_t *self, dc_str_t text, const dc_var_t *vars,
                        const dc_value_t *values, size_t var_count, dc_eval_options_t options,
                        dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag)
{
    budget->steps_used = 0;
    dc_err_t err = dc_translate_check(text, diag);
    if (err) return err;
    if (var_count == 0 && eval_plain(text, budget, value)) return DC_OK;
    const dc_expr_source_t source = {
        .text = text, .vars = vars, .values = values, .var_count = var_count
    };
    dc_code_t *code = &self->once;
    err = dc_translate(&source, &self->scope, &self->parsing, &self->lasting, code, diag);
    if (err) return err;
    if (var_count) {
        err = check_inputs(code, values, diag);
        if (err) return err;
    }
    if (code->ins_count == 0) return take_constant(self, code, budget, value, diag);
    return run(self, code, code->regs, options, budget, value, diag);
}

// --- compiled code -----------------------------------------------------------------------------

static dc_err_t compile(dc_engine_t *self, dc_str_t text, dc_var_t *vars, size_t var_count,
                        dc_code_t *code, dc_diag_t *diag)
{
    static atomic_uint_fast64_t last_serial; // over all engines: code may go from one to another
    const dc_expr_source_t source = { .text = text, .vars = vars, .var_count = var_count };
    dc_err_t err = dc_translate(&source, &self->scope, &code->arena, &self->lasting, code, diag);
    code->serial = atomic_fetch_add_explicit(&last_serial, 1, memory_order_relaxed) + 1;
    if (!err && code->variable_count && !dc_translate_keep(code, vars))
        err = dc_diag_set_no_memory(diag);
    return err;
}

dc_err_t dc_engine_compile(dc_engine_t *self, dc_str_t text, dc_var_t *vars, size_t var_count,
                           dc_code_t **code_p, dc_diag_t *diag)
{
    dc_err_t err = dc_translate_check(text, diag);
    if (err) return err;
    dc_code_t *code = calloc(1, sizeof *code);
    if (!code) return dc_diag_set_no_memory(diag);
    dc_arena_init(&code->arena, DC_EXPR_ARENA_BYTES_MAX);
    err = compile(self, text, vars, var_count, code, diag);
    if (err) {
        dc_code_destroy(&code);
        return err;
    }
    *code_p = code;
    return DC_OK;
}

void dc_code_destroy(dc_code_t **code_p)
{
    dc_code_t *code = *code_p;
    if (!code) return;
    dc_arena_fini(&code->arena);
    free(code);
    *code_p = NULL;
}

dc_type_t dc_code_type(const dc_code_t *code)
{
    return code->type;
}

// Put the constants of `code` into the engine's registers, unless they are there.
static bool load_constants(dc_engine_t *self, const dc_code_t *code)
{
    if (self->loaded == code->serial) return true;
    if (self->reg_capacity < code->reg_count) {
        dc_reg_t *regs = realloc(self->regs, code->reg_count * sizeof *regs);
        if (!regs) return false;
        self->regs = regs;
        self->reg_capacity = code->reg_count;
    }
    if (code->reg_count) memcpy(self->regs, code->regs, code->reg_count * sizeof *code->regs);
    self->loaded = code->serial;
    return true;
}

dc_err_t dc_engine_run(dc_engine_t *self, const dc_code_t *code, const dc_value_t *inputs,
                       dc_eval_options_t options, dc_budget_t *budget, dc_value_t *value,
                       dc_diag_t *diag)
{
    budget->steps_used = 0;
    dc_err_t err = check_inputs(code, inputs, diag);
    if (err) return err;
    if (code->ins_count == 0) return take_constant(self, code, budget, value, diag);
    if (!load_constants(self, code)) return dc_diag_set_no_memory(diag);
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (variable->is_used) self->regs[variable->reg] = dc_reg_of_value(&inputs[i]);
    }
    return run(self, code, self->regs, options, budget, value, diag);
}
