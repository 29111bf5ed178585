#include "common/wide/wide.h"

#include <mpfr.h>
#include <stdlib.h>

#include "common/expr/faults.h"
#include "common/expr/ops.h"
#include "common/expr/translate.h"
#include "common/limits.h"
#include "common/quote.h"
#include "common/wide/wide_text.h"
#include "common/wide/wide_vm.h"

// What the registers may hold between two evaluations.
#define BYTES_KEPT_MAX (1u << 20)

struct dc_wide_code {
    dc_code_t code;
    dc_literals_t literals;   // of its text
    dc_wide_number_t *values; // owned: what they are worth
    uint32_t value_count;
};

struct dc_wide {
    dc_arithmetic_t arithmetic;
    dc_arena_t lasting; // what outlives a pass of the parser
    dc_arena_t strings; // made by a run
    dc_scope_t scope;
    dc_buf_t text; // of numbers
    dc_buf_t value;
    dc_wide_vm_t vm;       // with the registers
    uint32_t reg_count;    // that are there
    uint32_t arg_capacity; // of vm.arg_list
};

// --- life cycle --------------------------------------------------------------------------------

dc_wide_t *dc_wide_new(dc_numbers_t numbers)
{
    dc_wide_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_arithmetic_init(&self->arithmetic, numbers);
    dc_arena_init(&self->lasting, DC_EXPR_ARENA_BYTES_MAX);
    dc_arena_init(&self->strings, DC_EXPR_STRINGS_BYTES_MAX);
    dc_wide_vm_t *vm = &self->vm;
    vm->arithmetic = &self->arithmetic;
    vm->meter = &self->arithmetic.meter;
    vm->strings = &self->strings;
    vm->text = &self->text;
    dc_wide_number_init(&vm->result);
    for (unsigned i = 0; i < DC_ARRAY_LEN(vm->small); i++) {
        dc_wide_number_init(&vm->small[i]);
        dc_wide_number_set_integer(&vm->small[i], i);
    }
    return self;
}

static void free_registers(dc_wide_t *self)
{
    for (uint32_t i = 0; i < self->reg_count; i++) {
        dc_wide_number_fini(&self->vm.regs[i].own);
    }
    free(self->vm.regs);
    self->vm.regs = NULL;
    self->reg_count = 0;
    self->vm.bytes = 0;
}

void dc_wide_destroy(dc_wide_t **self_p)
{
    dc_wide_t *self = *self_p;
    if (!self) return;
    free_registers(self);
    free(self->vm.arg_list);
    dc_wide_number_fini(&self->vm.result);
    for (unsigned i = 0; i < DC_ARRAY_LEN(self->vm.small); i++) {
        dc_wide_number_fini(&self->vm.small[i]);
    }
    dc_arithmetic_fini(&self->arithmetic);
    mpfr_free_cache(); // the thread's
    dc_arena_fini(&self->lasting);
    dc_arena_fini(&self->strings);
    dc_buf_fini(&self->text);
    dc_buf_fini(&self->value);
    free(self);
    *self_p = NULL;
}

// --- compiling ---------------------------------------------------------------------------------

// What is said of a number that is not one of these.
static const char *too_large(const dc_wide_t *self)
{
    bool is_exact = dc_arithmetic_is_exact(&self->arithmetic);
    return is_exact ? "has more than some 315,000 digits" : "is too large";
}

static dc_err_t bad_literal(const dc_wide_t *self, const dc_literal_t *literal, dc_err_t err,
                            dc_diag_t *diag)
{
    dc_quote_t quote = dc_quote(literal->text);
    dc_span_t span = literal->span;
    if (err == DC_ERR_TIME) return dc_fault_of_time(0, (dc_span_t){ 0, 0 }, diag);
    if (err == DC_ERR_CANCELLED) return dc_diag_set(diag, err, 0, 0, "%s", dc_err_text(err));
    if (err == DC_ERR_INEXACT) {
        return dc_diag_set(diag, err, span.column, span.width,
                           "'%s' is not rational; --numbers decimal=50 gives its digits",
                           quote.text);
    }
    if (err == DC_ERR_DOMAIN) {
        return dc_diag_set(diag, err, span.column, span.width,
                           "there is no '%s' among exact and decimal numbers", quote.text);
    }
    return dc_diag_set(diag, err, span.column, span.width, "%s %s", quote.text, too_large(self));
}

// The value of a constant that is known by its name.
static dc_err_t read_constant(dc_arithmetic_t *arithmetic, dc_str_t name, dc_wide_number_t *number)
{
    static const struct {
        const char *name;
        dc_series_t series;
    } constants[] = {
        { "pi", DC_SERIES_PI },
        { "e", DC_SERIES_E },
        { "tau", DC_SERIES_TAU },
        { "phi", DC_SERIES_PHI },
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(constants); i++) {
        if (dc_str_eq(dc_str_from(constants[i].name), name))
            return dc_series_compute(arithmetic, constants[i].series, number, NULL);
    }
    return DC_ERR_DOMAIN; // infinity, and what is no number
}

static dc_err_t read_literal(dc_wide_t *self, const dc_literal_t *literal, dc_wide_number_t *number)
{
    char first = literal->text.data[0];
    bool is_number = first == '.' || (first >= '0' && first <= '9');
    if (!is_number) return read_constant(&self->arithmetic, literal->text, number);
    return dc_wide_text_read_literal(&self->arithmetic, literal->text, &self->text, number);
}

static dc_err_t read_literals(dc_wide_t *self, dc_wide_code_t *code, dc_diag_t *diag)
{
    uint32_t count = code->literals.count;
    if (count == 0) return DC_OK;
    code->values = malloc(count * sizeof *code->values);
    if (!code->values) return dc_diag_set_no_memory(diag);
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        const dc_literal_t *literal = &code->literals.items[i];
        dc_wide_number_t *value = &code->values[i];
        dc_wide_number_init(value);
        code->value_count++;
        dc_err_t err = dc_meter_look(self->vm.meter);
        if (!err) err = read_literal(self, literal, value);
        if (err) return bad_literal(self, literal, err, diag);
        dc_wide_number_trim(value);
        bytes += dc_wide_number_bytes(value);
        if (bytes <= DC_WIDE_LITERAL_BYTES_MAX) continue;
        return dc_diag_set(diag, DC_ERR_TOO_LARGE, literal->span.column, literal->span.width,
                           "the numbers up to here take more than %u MiB",
                           DC_WIDE_LITERAL_BYTES_MAX >> 20);
    }
    return DC_OK;
}

// Is there anything that these numbers don't have?
static dc_err_t check_functions(const dc_code_t *code, dc_diag_t *diag)
{
    for (uint32_t at = 0; at < code->ins_count; at += dc_ins_length(code->ins[at])) {
        dc_ins_t ins = code->ins[at];
        const char *name = NULL;
        if (dc_ins_is_math(ins) && !dc_wide_math_is_there(dc_wide_math_at(ins.x)))
            name = dc_wide_math_at(ins.x)->name;
        if (ins.op == DC_OP_REDUCE && !dc_reduce_is_range((dc_reduce_t)ins.x))
            name = dc_reduce_infos[ins.x].name;
        if (!name) continue;
        dc_span_t span = code->spans[at];
        return dc_diag_set(diag, DC_ERR_INEXACT, span.column, span.width,
                           "'%s' is for doubles only (--numbers double)", name);
    }
    return DC_OK;
}

static dc_err_t compile(dc_wide_t *self, dc_str_t text, const dc_var_t *vars, size_t var_count,
                        dc_wide_code_t *wide, dc_diag_t *diag)
{
    const dc_expr_source_t source = {
        .text = text, .vars = vars, .var_count = var_count, .literals = &wide->literals
    };
    dc_code_t *code = &wide->code;
    dc_err_t err = dc_translate(&source, &self->scope, &code->arena, &self->lasting, code, diag);
    if (!err) err = read_literals(self, wide, diag);
    return err ? err : check_functions(code, diag);
}

static dc_wide_code_t *new_code(void)
{
    dc_wide_code_t *code = calloc(1, sizeof *code);
    if (code) dc_arena_init(&code->code.arena, DC_EXPR_ARENA_BYTES_MAX);
    return code;
}

dc_err_t dc_wide_compile(dc_wide_t *self, dc_str_t text, dc_var_t *vars, size_t var_count,
                         dc_wide_code_t **code_p, dc_diag_t *diag)
{
    dc_err_t err = dc_translate_check(text, diag);
    if (err) return err;
    dc_wide_code_t *code = new_code();
    if (!code) return dc_diag_set_no_memory(diag);
    err = compile(self, text, vars, var_count, code, diag);
    if (!err && code->code.variable_count && !dc_translate_keep(&code->code, vars))
        err = dc_diag_set_no_memory(diag);
    if (err) {
        dc_wide_code_destroy(&code);
        return err;
    }
    *code_p = code;
    return DC_OK;
}

void dc_wide_code_destroy(dc_wide_code_t **code_p)
{
    dc_wide_code_t *code = *code_p;
    if (!code) return;
    for (uint32_t i = 0; i < code->value_count; i++) {
        dc_wide_number_fini(&code->values[i]);
    }
    free(code->values);
    dc_arena_fini(&code->code.arena);
    free(code);
    *code_p = NULL;
}

dc_type_t dc_wide_code_type(const dc_wide_code_t *code)
{
    return code->code.type;
}

// --- inputs ------------------------------------------------------------------------------------

static dc_err_t wrong_input(const dc_wide_t *self, const dc_variable_t *variable,
                            const dc_value_t *input, dc_err_t err, dc_diag_t *diag)
{
    dc_span_t span = variable->span;
    dc_quote_t name = dc_quote(variable->name);
    bool has_text = input->type == DC_TYPE_DIGITS;
    dc_quote_t text = dc_quote(has_text ? input->string : DC_STR(""));
    switch ((int)err) {
    case DC_ERR_NULL:
        return dc_diag_set(diag, err, span.column, span.width, "'%s' is null", name.text);
    case DC_ERR_TYPE:
        return dc_diag_set(diag, err, span.column, span.width, "'%s' must be a %s, not a %s",
                           name.text, dc_type_name(variable->type), dc_type_name(input->type));
    case DC_ERR_INTEGER:
        return dc_diag_set(diag, err, span.column, span.width, "'%s' must be an integer",
                           name.text);
    case DC_ERR_NUMBER:
        return dc_diag_set(diag, err, span.column, span.width, "'%s': '%s' is not a number",
                           name.text, text.text);
    case DC_ERR_OVERFLOW:
        return dc_diag_set(diag, err, span.column, span.width, "'%s': %s %s", name.text, text.text,
                           too_large(self));
    default: return dc_diag_set(diag, err, span.column, span.width, "%s", dc_err_text(err));
    }
}

static dc_err_t load_number(dc_wide_t *self, const dc_variable_t *variable, const dc_value_t *input)
{
    dc_wide_vm_t *vm = &self->vm;
    dc_err_t err = dc_wide_vm_charge(vm, 0, 8 * input->string.len);
    if (!err) err = dc_wide_text_read(&self->arithmetic, input->string, &self->text, &vm->result);
    if (err) return err;
    if (variable->is_int && !dc_arithmetic_is_integer(&self->arithmetic, &vm->result))
        return DC_ERR_INTEGER;
    return dc_wide_vm_put(vm, variable->reg);
}

static dc_err_t load_input(dc_wide_t *self, const dc_variable_t *variable, const dc_value_t *input)
{
    assert(self->vm.regs); // one at least is the variable's
    dc_wide_reg_t *reg = &self->vm.regs[variable->reg];
    bool is_number = variable->type == DC_TYPE_NUMBER;
    switch (input->type) {
    case DC_TYPE_NULL:
        reg->plain.bits = DC_NULL_BITS;
        return variable->nullable ? DC_OK : DC_ERR_NULL;
    case DC_TYPE_DIGITS: return is_number ? load_number(self, variable, input) : DC_ERR_TYPE;
    case DC_TYPE_BOOL:
        reg->plain.number = input->boolean;
        return is_number || variable->type == DC_TYPE_BOOL ? DC_OK : DC_ERR_TYPE;
    case DC_TYPE_STRING:
        reg->plain.string = &input->string;
        return variable->type == DC_TYPE_STRING ? DC_OK : DC_ERR_TYPE;
    case DC_TYPE_NUMBER: return DC_ERR_TYPE; // a double
    }
    return DC_ERR_TYPE;
}

static dc_err_t load_inputs(dc_wide_t *self, const dc_code_t *code, const dc_value_t *inputs,
                            dc_diag_t *diag)
{
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (!variable->is_used) continue;
        dc_err_t err = load_input(self, variable, &inputs[i]);
        if (err) return wrong_input(self, variable, &inputs[i], err, diag);
    }
    return DC_OK;
}

// --- running -----------------------------------------------------------------------------------

static bool grow_registers(dc_wide_t *self, uint32_t count)
{
    if (self->vm.bytes > BYTES_KEPT_MAX) free_registers(self);
    if (self->reg_count >= count) return true;
    dc_wide_reg_t *regs = realloc(self->vm.regs, count * sizeof *regs);
    if (!regs) return false;
    // They have moved, and none of them points to itself before a run has begun.
    self->vm.regs = regs;
    for (; self->reg_count < count; self->reg_count++) {
        dc_wide_number_init(&regs[self->reg_count].own);
        self->vm.bytes += dc_wide_number_bytes(&regs[self->reg_count].own);
    }
    return true;
}

static bool grow_args(dc_wide_t *self, uint32_t count)
{
    if (self->arg_capacity >= count) return true;
    const dc_wide_number_t **list = realloc(self->vm.arg_list, count * sizeof *list);
    if (!list) return false;
    self->vm.arg_list = list;
    self->arg_capacity = count;
    return true;
}

// Put constants into the registers.
static void load_constants(dc_wide_t *self, const dc_wide_code_t *wide)
{
    const dc_code_t *code = &wide->code;
    dc_wide_reg_t *regs = self->vm.regs;
    for (uint32_t i = 0; i < code->reg_count; i++) {
        regs[i].plain = code->regs[i];
        regs[i].number = NULL;
    }
    for (uint32_t i = 0; i < wide->value_count; i++) {
        regs[wide->literals.items[i].reg].number = &wide->values[i];
    }
}

static dc_err_t strings_too_large(dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "the strings take more than %u MiB",
                       DC_EXPR_STRINGS_BYTES_MAX >> 20);
}

// The value of a register, whose text is then the evaluator's.
static dc_err_t take_value(dc_wide_t *self, dc_type_t type, const dc_wide_reg_t *reg,
                           dc_value_t *value, dc_diag_t *diag)
{
    *value = (dc_value_t){ .type = type == DC_TYPE_NUMBER ? DC_TYPE_DIGITS : type };
    bool is_null = !reg->number && dc_reg_is_null(reg->plain);
    if (type == DC_TYPE_NULL || is_null) {
        value->type = DC_TYPE_NULL;
    } else if (type == DC_TYPE_BOOL) {
        value->boolean = reg->plain.number != 0;
    } else if (type == DC_TYPE_STRING) {
        const dc_str_t *string = dc_op_copy(&self->strings, *reg->plain.string);
        if (!string) return strings_too_large(diag);
        value->string = *string;
    } else {
        const dc_wide_number_t *number =
            reg->number ? reg->number : &self->vm.small[reg->plain.number != 0];
        self->value.len = 0;
        dc_err_t err = dc_wide_text_print(&self->arithmetic, self->vm.meter, number, &self->value);
        if (err) return dc_wide_vm_fail(&self->vm, DC_WIDE_NOWHERE, err);
        if (self->value.failed) return dc_diag_set_no_memory(diag);
        value->string = dc_buf_str(&self->value);
    }
    return DC_OK;
}

static dc_err_t run(dc_wide_t *self, const dc_wide_code_t *wide, const dc_value_t *inputs,
                    dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag)
{
    const dc_code_t *code = &wide->code;
    dc_wide_vm_t *vm = &self->vm;
    vm->code = code;
    vm->diag = diag;
    dc_meter_start(vm->meter, budget, code->folded_steps);
    dc_arena_reset(&self->strings);
    uint32_t args = code->args_max > 2 ? code->args_max : 2;
    if (!grow_registers(self, code->reg_count) || !grow_args(self, args))
        return dc_diag_set_no_memory(diag);
    if (code->reg_count) load_constants(self, wide);
    dc_err_t err = load_inputs(self, code, inputs, diag);
    if (err) return err;
    if (code->ins_count == 0) {
        dc_wide_reg_t constant = { .plain = code->value };
        return take_value(self, code->type, &constant, value, diag);
    }
    err = dc_wide_vm_run(vm);
    return err ? err : take_value(self, code->type, &vm->regs[vm->value], value, diag);
}

dc_err_t dc_wide_run(dc_wide_t *self, const dc_wide_code_t *code, const dc_value_t *inputs,
                     dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag)
{
    dc_err_t err = run(self, code, inputs, budget, value, diag);
    budget->steps_used = self->vm.meter->steps;
    self->vm.meter->budget = NULL;
    return err;
}

// What `vars` are declared as, with types by their values.
static dc_var_t *type_by_values(const dc_var_t *vars, const dc_value_t *values, size_t count)
{
    dc_var_t *typed = malloc((count ? count : 1) * sizeof *typed);
    for (size_t i = 0; typed && i < count; i++) {
        typed[i] = vars[i];
        if (vars[i].type == DC_VAR_ANY) typed[i].type = dc_var_type_of(values[i].type);
    }
    return typed;
}

dc_err_t dc_wide_eval(dc_wide_t *self, dc_str_t text, const dc_var_t *vars,
                      const dc_value_t *values, size_t var_count, dc_budget_t *budget,
                      dc_value_t *value, dc_diag_t *diag)
{
    budget->steps_used = 0;
    dc_err_t err = dc_translate_check(text, diag);
    if (err) return err;
    dc_var_t *typed = type_by_values(vars, values, var_count);
    dc_wide_code_t *code = new_code();
    // Reading long literals takes time, too, but no steps.
    dc_budget_t reading = *budget;
    reading.steps_max = UINT64_MAX;
    dc_meter_start(self->vm.meter, &reading, 0);
    err = typed && code ? compile(self, text, typed, var_count, code, diag)
                        : dc_diag_set_no_memory(diag);
    self->vm.meter->budget = NULL;
    if (!err) err = dc_wide_run(self, code, values, budget, value, diag);
    free(typed);
    dc_wide_code_destroy(&code);
    return err;
}
