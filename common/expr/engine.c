#include "common/expr/expr.h"

#include <math.h>
#include <stdlib.h>

#include "common/expr/faults.h"
#include "common/expr/math.h"
#include "common/expr/ops.h"
#include "common/expr/parser.h"
#include "common/expr/quote.h"
#include "common/limits.h"

// A pass settles the types that the pass before has learned; variables that get theirs from one
// another in a long row need as many passes, and must be declared.
#define PASSES_MAX 32

struct dc_engine {
    dc_arena_t parsing; // of an expression that is evaluated once: all of its code
    dc_arena_t lasting; // what outlives a pass of the parser
    dc_arena_t strings; // made by a run, and what else it needs
    dc_scope_t scope;
    dc_code_t once; // code of the expression that is evaluated
    dc_reg_t *regs; // owned: registers of compiled code that runs
    uint32_t reg_capacity;
    uint64_t loaded; // serial of the code whose constants are in `regs`
};

const char *dc_engine_version(void)
{
    return "1";
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
    return self;
}

void dc_engine_destroy(dc_engine_t **self_p)
{
    dc_engine_t *self = *self_p;
    if (!self) return;
    dc_arena_fini(&self->parsing);
    dc_arena_fini(&self->lasting);
    dc_arena_fini(&self->strings);
    free(self->regs);
    free(self);
    *self_p = NULL;
}

// --- parsing -----------------------------------------------------------------------------------

static dc_err_t no_memory(dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_NOMEM, 0, 0, "%s", dc_err_text(DC_ERR_NOMEM));
}

static dc_err_t check_text(dc_str_t text, dc_diag_t *diag)
{
    if (text.len > DC_EXPR_BYTES_MAX) {
        return dc_diag_set(diag, DC_ERR_TOO_LONG, 0, 0,
                           "the expression has %zu bytes, more than the limit of %d", text.len,
                           DC_EXPR_BYTES_MAX);
    }
    return DC_OK;
}

static dc_type_t type_of_variable(dc_var_type_t type)
{
    switch (type) {
    case DC_VAR_ANY:
    case DC_VAR_NUMBER:
    case DC_VAR_INT: return DC_TYPE_NUMBER;
    case DC_VAR_BOOL: return DC_TYPE_BOOL;
    case DC_VAR_STRING: return DC_TYPE_STRING;
    }
    return DC_TYPE_NUMBER;
}

static dc_reg_t reg_of_value(const dc_value_t *value)
{
    switch (value->type) {
    case DC_TYPE_NULL: break;
    case DC_TYPE_NUMBER:
        // Any NaN becomes the plain one, so that none is taken for null.
        if (isnan(value->number)) return (dc_reg_t){ .number = (double)NAN };
        return (dc_reg_t){ .number = value->number };
    case DC_TYPE_BOOL: return (dc_reg_t){ .number = value->boolean };
    case DC_TYPE_STRING: return (dc_reg_t){ .string = &value->string };
    }
    return (dc_reg_t){ .bits = DC_NULL_BITS };
}

// Tell the parser what is declared.
static dc_err_t declare(dc_parser_t *parser, const dc_var_t *vars, const dc_value_t *values,
                        size_t count, dc_diag_t *diag)
{
    parser->variables = NULL;
    parser->declared_count = parser->variable_known = parser->variable_capacity = (uint32_t)count;
    if (count == 0) return DC_OK;
    parser->variables = dc_arena_alloc(parser->lasting, count, sizeof *parser->variables);
    if (!parser->variables) return no_memory(diag);
    for (size_t i = 0; i < count; i++) {
        bool is_null = values && values[i].type == DC_TYPE_NULL;
        bool is_any = vars[i].type == DC_VAR_ANY;
        bool is_known = is_any && values && !is_null; // by its value
        parser->variables[i] = (dc_variable_t){
            .name = vars[i].name,
            .type = is_known ? values[i].type : type_of_variable(vars[i].type),
            .by_use = is_any && !is_known,
            .is_int = vars[i].type == DC_VAR_INT,
            .nullable = vars[i].nullable,
            .has_value = values != NULL,
        };
        if (!values) continue;
        // A value of another type is told when the text is known to use it; until then it is null.
        bool fits = values[i].type == parser->variables[i].type;
        parser->variables[i].value =
            fits ? reg_of_value(&values[i]) : (dc_reg_t){ .bits = DC_NULL_BITS };
    }
    return DC_OK;
}

static bool push_declared(dc_parser_t *self)
{
    if (self->declared_count == 0) return true;
    dc_symbol_t *symbols = dc_builder_alloc(&self->build, self->declared_count, sizeof *symbols);
    if (!symbols) return dc_complain_memory(self);
    for (uint32_t i = 0; i < self->declared_count; i++) {
        self->variables[i].is_used = false;
        self->variables[i].is_numeric = false;
        symbols[i].name = self->variables[i].name;
        symbols[i].kind = DC_SYMBOL_VARIABLE;
        symbols[i].index = i;
        dc_scope_push(self->scope, &symbols[i]);
    }
    return true;
}

// Read the text once, from the beginning.
static bool parse_pass(dc_parser_t *self, dc_str_t text, dc_arena_t *arena, dc_operand_t *value)
{
    dc_builder_init(&self->build, arena);
    dc_scope_clear(self->scope);
    self->nesting = self->recursion = 0;
    self->again = false;
    self->variable_count = self->declared_count;
    self->functions = NULL;
    self->function_count = self->function_capacity = self->function_steps = 0;
    self->defining = dc_str(NULL, 0);
    self->args = NULL;
    self->arg_count = self->arg_capacity = self->args_max = 0;
    self->folded_steps = 0;
    dc_lexer_init(&self->lexer, text, self->diag);
    if (!push_declared(self)) return false;
    self->token.column = self->token.end = 0;
    dc_parser_advance(self);
    if (self->token.kind == DC_TOKEN_END) {
        return dc_complain(self, DC_ERR_EMPTY, (dc_span_t){ 0 }, "%s", dc_err_text(DC_ERR_EMPTY));
    }
    return dc_parse_text(self, value) && (!self->build.err || dc_complain_memory(self));
}

// A copy of `text` as the lexer wants it. Names and strings of the code point into it.
static bool pad_text(dc_arena_t *arena, dc_str_t *text)
{
    char *room = dc_arena_alloc(arena, text->len + DC_LEXER_PADDING, 1);
    if (!room) return false;
    if (text->len) memcpy(room, text->data, text->len);
    memset(room + text->len, 0, DC_LEXER_PADDING);
    text->data = room;
    return true;
}

// Parse as often as it takes until nothing new is learned. What is made lives in `arena`.
static dc_err_t parse(dc_parser_t *parser, dc_str_t text, dc_arena_t *arena, dc_operand_t *value)
{
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        dc_arena_reset(arena);
        dc_str_t padded = text;
        if (!pad_text(arena, &padded)) return no_memory(parser->diag);
        bool is_read = parse_pass(parser, padded, arena, value);
        if (!parser->again) return is_read ? DC_OK : parser->diag->code;
    }
    return dc_diag_set(parser->diag, DC_ERR_TYPE, 0, 0,
                       "the types of the variables depend on one another too much; declare them");
}

// Complete the code of what was parsed. Its arrays stay where the parser has made them.
static dc_err_t finish(dc_parser_t *parser, dc_operand_t *value, dc_code_t *code)
{
    dc_builder_t *build = &parser->build;
    bool is_constant = build->ins_count == 0 && dc_operand_is_constant(value);
    bool is_number = value->type == DC_TYPE_NUMBER && !value->nullable;
    if (is_number && is_constant && !isfinite(value->value.number)) is_constant = false;
    code->type = (dc_type_t)value->type;
    code->value = value->value;
    if (!is_constant) {
        uint16_t reg = dc_operand_load(parser, value);
        dc_ins_t end = { .op = DC_OP_END, .a = reg };
        dc_builder_emit(build, end, dc_operand_span(value));
        if (build->err) return dc_complain_memory(parser), build->err;
    }
    code->ins = build->ins;
    code->spans = build->spans;
    code->ins_count = build->ins_count;
    code->main_steps = is_constant ? 0 : build->ins_count - 1 - parser->function_steps;
    code->regs = build->regs;
    code->reg_count = build->reg_count;
    code->args_max = parser->args_max;
    code->functions = parser->functions;
    code->variables = parser->variables;
    code->declared_count = parser->declared_count;
    code->variable_count = parser->variable_count;
    code->folded_steps = parser->folded_steps;
    return DC_OK;
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
static dc_err_t find_fault(dc_engine_t *self, dc_vm_t *vm, dc_diag_t *diag)
{
    const dc_code_t *code = vm->code;
    bool has_room = prepare(self, code, vm);
    vm->origins = dc_arena_alloc(&self->strings, code->reg_count, sizeof *vm->origins);
    if (!has_room || !vm->origins) return no_memory(diag);
    memset(vm->origins, 0, code->reg_count * sizeof *vm->origins);
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (!variable->is_used || variable->has_value) continue;
        double number = vm->regs[variable->reg].number;
        if (variable->type != DC_TYPE_NUMBER || isfinite(number)) continue;
        vm->origins[variable->reg] =
            (dc_origin_t){ .is_set = true, .is_input = true, .at = i, .result = number };
    }
    dc_err_t err = dc_vm_trace(vm);
    return err ? dc_fault_of_run(vm, err, diag) : dc_fault_of_value(vm, diag);
}

// Run `code` on registers that hold its constants and inputs.
static dc_err_t run(dc_engine_t *self, const dc_code_t *code, dc_reg_t *regs,
                    dc_eval_options_t options, dc_budget_t *budget, dc_value_t *value,
                    dc_diag_t *diag)
{
    dc_vm_t vm = { .code = code, .regs = regs, .strings = &self->strings, .budget = budget };
    if (!prepare(self, code, &vm)) return no_memory(diag);
    vm.steps = code->folded_steps;
    dc_err_t err = dc_vm_run(&vm);
    budget->steps_used = vm.steps;
    if (err) return dc_fault_of_run(&vm, err, diag);
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

dc_err_t dc_engine_eval(dc_engine_t *self, dc_str_t text, const dc_var_t *vars,
                        const dc_value_t *values, size_t var_count, dc_eval_options_t options,
                        dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag)
{
    budget->steps_used = 0;
    dc_err_t err = check_text(text, diag);
    if (err) return err;
    dc_parser_t parser;
    parser.scope = &self->scope;
    parser.lasting = &self->lasting;
    parser.diag = diag;
    dc_arena_reset(&self->lasting);
    err = declare(&parser, vars, values, var_count, diag);
    if (err) return err;
    dc_operand_t result;
    err = parse(&parser, text, &self->parsing, &result);
    if (err) return err;
    dc_code_t *code = &self->once;
    err = finish(&parser, &result, code);
    if (err) return err;
    if (var_count) {
        err = check_inputs(code, values, diag);
        if (err) return err;
    }
    if (code->ins_count == 0) return take_constant(self, code, budget, value, diag);
    return run(self, code, code->regs, options, budget, value, diag);
}

// --- compiled code -----------------------------------------------------------------------------

// Let `code` own its variables; tell the caller what is known of them.
static bool keep_variables(dc_code_t *code, dc_var_t *vars)
{
    dc_variable_t *variables =
        dc_arena_alloc(&code->arena, code->variable_count, sizeof *variables);
    if (!variables) return false;
    for (uint32_t i = 0; i < code->variable_count; i++) {
        dc_variable_t *variable = &variables[i];
        *variable = code->variables[i];
        const dc_str_t *name = dc_op_copy(&code->arena, variable->name);
        if (!name) return false;
        variable->name = *name;
        if (i >= code->declared_count) continue;
        vars[i].is_used = variable->is_used;
        vars[i].nullable = variable->nullable;
        if (!variable->is_used || vars[i].type != DC_VAR_ANY) continue;
        vars[i].type = variable->type == DC_TYPE_STRING ? DC_VAR_STRING
                       : variable->type == DC_TYPE_BOOL ? DC_VAR_BOOL
                                                        : DC_VAR_NUMBER;
    }
    code->variables = variables;
    return true;
}

static dc_err_t compile(dc_engine_t *self, dc_str_t text, dc_var_t *vars, size_t var_count,
                        dc_code_t *code, dc_diag_t *diag)
{
    static atomic_uint_fast64_t last_serial; // over all engines: code may go from one to another
    dc_parser_t parser;
    parser.scope = &self->scope;
    parser.lasting = &self->lasting;
    parser.diag = diag;
    dc_arena_reset(&self->lasting);
    dc_err_t err = declare(&parser, vars, NULL, var_count, diag);
    if (err) return err;
    dc_operand_t result;
    err = parse(&parser, text, &code->arena, &result);
    if (!err) err = finish(&parser, &result, code);
    code->serial = atomic_fetch_add_explicit(&last_serial, 1, memory_order_relaxed) + 1;
    if (!err && code->variable_count && !keep_variables(code, vars)) err = no_memory(diag);
    return err;
}

dc_err_t dc_engine_compile(dc_engine_t *self, dc_str_t text, dc_var_t *vars, size_t var_count,
                           dc_code_t **code_p, dc_diag_t *diag)
{
    dc_err_t err = check_text(text, diag);
    if (err) return err;
    dc_code_t *code = calloc(1, sizeof *code);
    if (!code) return no_memory(diag);
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
    if (!load_constants(self, code)) return no_memory(diag);
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (variable->is_used) self->regs[variable->reg] = reg_of_value(&inputs[i]);
    }
    return run(self, code, self->regs, options, budget, value, diag);
}
