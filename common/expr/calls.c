#include "common/expr/parser.h"

#include <math.h>

#include "common/expr/hooks.h"
#include "common/expr/math.h"
#include "common/quote.h"

// What is folded without a detour; min and max of more are computed when the expression runs.
#define FOLDED_ARGS_MAX 8

// --- arguments ---------------------------------------------------------------------------------

static bool push_arg(dc_parser_t *self, const dc_operand_t *arg)
{
    if (self->arg_count == self->arg_capacity) {
        dc_operand_t *args = dc_builder_grow(&self->build, self->args, self->arg_count,
                                             &self->arg_capacity, sizeof *args);
        if (!args) return dc_complain_memory(self);
        self->args = args;
    }
    self->args[self->arg_count++] = *arg;
    return true;
}

bool dc_parse_args(dc_parser_t *self)
{
    if (self->token.kind == DC_TOKEN_RPAREN) {
        dc_parser_advance(self);
        return true;
    }
    for (;;) {
        dc_operand_t arg;
        if (!dc_parse_nested(self, DC_POWER_ANY, &arg)) return false;
        if (!push_arg(self, &arg)) return false;
        if (self->token.kind != DC_TOKEN_COMMA) break;
        dc_parser_advance(self);
    }
    return dc_parser_expect(self, DC_TOKEN_RPAREN, "',' or ')'");
}

// Append the registers of the arguments, three to an instruction.
static void emit_args(dc_parser_t *self, const dc_operand_t *args, uint32_t count, dc_span_t span)
{
    for (uint32_t i = 0; i < count; i += 3) {
        uint16_t b = i + 1 < count ? args[i + 1].reg : 0;
        uint16_t c = i + 2 < count ? args[i + 2].reg : 0;
        dc_ins_t ins = { .op = DC_OP_ARGS, .d = args[i].reg, .a = b, .b = c };
        dc_builder_emit(&self->build, ins, span);
    }
}

// Put all arguments into registers, and give these free: what is emitted next reads them.
static void load_args(dc_parser_t *self, dc_operand_t *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        dc_operand_load(self, &args[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        dc_operand_release(self, &args[i]);
    }
}

// --- functions of numbers ----------------------------------------------------------------------

static bool fold_math(const dc_math_function_t *function, const dc_operand_t *args, uint32_t count,
                      double *result)
{
    double values[FOLDED_ARGS_MAX];
    if (count > FOLDED_ARGS_MAX) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!dc_operand_is_constant(&args[i]) || !isfinite(args[i].value.number)) return false;
        values[i] = args[i].value.number;
    }
    dc_err_t err = DC_OK;
    *result = function->call(values, count, &err);
    return !err && isfinite(*result);
}

static uint16_t emit_math(dc_parser_t *self, uint8_t index, dc_operand_t *args, uint32_t count,
                          dc_span_t span)
{
    load_args(self, args, count);
    dc_ins_t ins = { .op = DC_OP_MATH1, .x = index, .d = dc_builder_reg(&self->build) };
    if (count > 2 || count == 0) {
        ins.op = DC_OP_MATHN;
        ins.a = (uint16_t)count;
        if (self->args_max < count) self->args_max = count;
        dc_builder_emit(&self->build, ins, span);
        emit_args(self, args, count, span);
        return ins.d;
    }
    ins.a = args[0].reg;
    if (count == 2) {
        ins.op = DC_OP_MATH2;
        ins.b = args[1].reg;
    }
    dc_builder_emit(&self->build, ins, span);
    return ins.d;
}

static bool call_math(dc_parser_t *self, const dc_math_function_t *function, const dc_token_t *name,
                      dc_operand_t *args, uint32_t count, dc_operand_t *result)
{
    bool is_many = function->args_max != UINT8_MAX && count > function->args_max;
    if (count < function->args_min || is_many) {
        return dc_complain_count(self, name, function->args_min, function->args_max, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!dc_want_number(self, &args[i], function->name)) return false;
    }
    double number;
    if (fold_math(function, args, count, &number)) {
        self->folded_steps++;
        dc_operand_set_constant(result, DC_TYPE_NUMBER, (dc_reg_t){ .number = number });
        return true;
    }
    size_t index = dc_math_index(function);
    assert(index <= UINT8_MAX);
    uint16_t reg = emit_math(self, (uint8_t)index, args, count, dc_token_span(name));
    dc_operand_set_temporary(result, DC_TYPE_NUMBER, reg);
    return true;
}

// --- functions of any type ---------------------------------------------------------------------

static bool call_isnan(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    if (!dc_want_number(self, args, "isnan")) return false;
    dc_operate_unary(self, DC_OP_IS_NAN, DC_TYPE_BOOL, args, span);
    return true;
}

static bool call_isinf(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    if (!dc_want_number(self, args, "isinf")) return false;
    dc_operate_unary(self, DC_OP_IS_INF, DC_TYPE_BOOL, args, span);
    return true;
}

static bool call_isnull(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    dc_operate_is_null(self, true, args, span);
    return true;
}

static bool call_number(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    dc_want_value(self, args);
    // What is in a register is not folded, and numbers that are wide must not be.
    if (self->literals) dc_operand_load(self, args);
    if (args->type == DC_TYPE_STRING) {
        dc_operate_unary(self, DC_OP_NUMBER_OF_STRING, DC_TYPE_NUMBER, args, span);
    }
    args->type = DC_TYPE_NUMBER; // a bool is 1 or 0 already
    return true;
}

static bool call_bool(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    dc_want_value(self, args);
    if (args->type == DC_TYPE_STRING) {
        dc_operate_unary(self, DC_OP_BOOL_OF_STRING, DC_TYPE_BOOL, args, span);
    } else if (args->type == DC_TYPE_NUMBER) {
        dc_operate_unary(self, DC_OP_BOOL_OF_NUMBER, DC_TYPE_BOOL, args, span);
    }
    args->type = DC_TYPE_BOOL;
    return true;
}

static bool call_string(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    dc_want_value(self, args);
    if (args->type == DC_TYPE_NUMBER) {
        dc_operate_unary(self, DC_OP_STRING_OF_NUMBER, DC_TYPE_STRING, args, span);
    } else if (args->type == DC_TYPE_BOOL) {
        dc_operate_unary(self, DC_OP_STRING_OF_BOOL, DC_TYPE_STRING, args, span);
    }
    args->type = DC_TYPE_STRING;
    return true;
}

static bool call_xor(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    return dc_operate_numbers(self, DC_OP_BITXOR, &args[0], &args[1], span);
}

#ifdef DC_TEST_HOOKS
static bool call_crash(dc_parser_t *self, dc_operand_t *args, dc_span_t span)
{
    uint16_t reg = dc_builder_result(&self->build, DC_OP_CRASH, 0, 0, span);
    dc_operand_set_temporary(args, DC_TYPE_NUMBER, reg);
    return true;
}
#endif

// The functions that are not in math.h. They turn args[0] into their result.
typedef struct special {
    const char *name;
    uint8_t arg_count;
    bool (*call)(dc_parser_t *self, dc_operand_t *args, dc_span_t span);
} special_t;

static const special_t specials[] = {
    { "bool", 1, call_bool },
    { "isinf", 1, call_isinf },
    { "isnan", 1, call_isnan },
    { "isnull", 1, call_isnull },
    { "number", 1, call_number },
    { "string", 1, call_string },
    { "xor", 2, call_xor },
#ifdef DC_TEST_HOOKS
    { DC_HOOK_CRASH_NAME, 0, call_crash },
#endif
};

static const special_t *find_special(dc_str_t name)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(specials); i++) {
        if (dc_str_eq(dc_str_from(specials[i].name), name)) return &specials[i];
    }
    return NULL;
}

static bool call_special(dc_parser_t *self, const special_t *special, const dc_token_t *name,
                         dc_operand_t *args, uint32_t count, dc_operand_t *result)
{
    if (count != special->arg_count) {
        return dc_complain_count(self, name, special->arg_count, special->arg_count, count);
    }
    dc_operand_t none;
    dc_operand_t *first = count ? args : &none;
    if (!special->call(self, first, dc_token_span(name))) return false;
    *result = *first;
    result->variable = DC_VARIABLE_NONE;
    return true;
}

// --- local functions ---------------------------------------------------------------------------

// Make the argument fit its parameter, or the parameter the argument if no use has decided.
static bool fit_arg(dc_parser_t *self, const dc_function_t *function, uint32_t index,
                    dc_operand_t *arg)
{
    uint32_t variable = function->param_first + index;
    const dc_variable_t *param = &self->variables[variable];
    dc_operand_t operand = { .kind = DC_OPERAND_VARIABLE,
                             .type = (uint8_t)param->type,
                             .nullable = param->nullable,
                             .variable = variable };
    if (!param->nullable) dc_want_value(self, arg);
    bool is_number = arg->type == DC_TYPE_BOOL && operand.type == DC_TYPE_NUMBER &&
                     !dc_operand_is_open(self, &operand); // a bool counts as one
    if (is_number || dc_unify(self, &operand, arg)) return true;
    return dc_complain(self, DC_ERR_TYPE, dc_operand_span(arg),
                       "'%s' takes a %s for '%s', not a %s", dc_quote(function->name).text,
                       dc_type_name(param->type), dc_quote(param->name).text,
                       dc_type_name((dc_type_t)arg->type));
}

static bool call_local(dc_parser_t *self, uint32_t index, const dc_token_t *name,
                       dc_operand_t *args, uint32_t count, dc_operand_t *result)
{
    const dc_function_t *function = &self->functions[index];
    if (count != function->param_count) {
        return dc_complain_count(self, name, function->param_count, function->param_count, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!fit_arg(self, function, i, &args[i])) return false;
    }
    if (self->calls < function->calls) self->calls = function->calls;
    if (!dc_reductions_fit(self, name, function->reductions)) return false;
    dc_span_t span = dc_token_span(name);
    load_args(self, args, count);
    uint16_t reg = dc_builder_reg(&self->build);
    dc_ins_t ins = { .op = DC_OP_CALL, .d = reg, .a = (uint16_t)index, .b = (uint16_t)count };
    dc_builder_emit(&self->build, ins, span);
    emit_args(self, args, count, span);
    dc_operand_set_temporary(result, function->type, reg);
    result->nullable = function->nullable;
    return true;
}

// --- all of them -------------------------------------------------------------------------------

static bool call_named(dc_parser_t *self, const dc_token_t *name, dc_operand_t *args,
                       uint32_t count, dc_operand_t *result)
{
    dc_str_t text = dc_parser_text(self, name);
    const dc_symbol_t *symbol = dc_scope_find(self->scope, text, true);
    if (symbol) return call_local(self, symbol->index, name, args, count, result);
    const dc_math_function_t *function = dc_math_find(text);
    if (function) return call_math(self, function, name, args, count, result);
    const special_t *special = find_special(text);
    assert(special);
    return call_special(self, special, name, args, count, result);
}

bool dc_parse_call(dc_parser_t *self, const dc_token_t *name, dc_operand_t *result)
{
    dc_str_t text = dc_parser_text(self, name);
    bool is_local = dc_scope_find(self->scope, text, true) != NULL;
    if (!is_local && !dc_function_is_known(text)) return dc_complain_function(self, name);
    dc_parser_advance(self);
    if (!is_local && dc_str_eq(text, DC_STR("if"))) {
        return dc_parse_if(self, dc_token_span(name), result);
    }
    dc_reduce_t kind;
    if (!is_local && dc_reduce_find(text, &kind)) {
        return dc_parse_reduction(self, kind, name, result);
    }
    uint32_t first = self->arg_count;
    if (!dc_parse_args(self)) return false;
    uint32_t count = self->arg_count - first;
    self->arg_count = first;
    uint32_t end = self->before_end;
    dc_operand_t *args = self->args ? self->args + first : NULL;
    assert(args || count == 0);
    if (!call_named(self, name, args, count, result)) return false;
    result->column = name->column;
    result->end = end;
    return true;
}

bool dc_function_is_known(dc_str_t name)
{
    dc_reduce_t kind;
    return dc_math_find(name) || find_special(name) || dc_reduce_find(name, &kind) ||
           dc_str_eq(name, DC_STR("if"));
}

const char *dc_function_name(size_t index)
{
    size_t count;
    const dc_math_function_t *functions = dc_math_functions(&count);
    if (index < count) return functions[index].name;
    index -= count;
    for (size_t i = 0; i < DC_ARRAY_LEN(specials); i++) {
        if (specials[i].name[0] != '_' && index-- == 0) return specials[i].name;
    }
    if (index < DC_ARRAY_LEN(dc_reduce_infos)) return dc_reduce_infos[index].name;
    return index == DC_ARRAY_LEN(dc_reduce_infos) ? "if" : NULL;
}

// Of equally near names the first one counts, and people get the first letter right.
static void offer(dc_suggest_t *suggest, const char *name, bool same_letter)
{
    if ((name[0] == suggest->word.data[0]) == same_letter) {
        dc_suggest_offer(suggest, dc_str_from(name));
    }
}

static void offer_all(dc_suggest_t *suggest, bool same_letter)
{
    const char *name;
    for (size_t i = 0; (name = dc_function_name(i)); i++) {
        offer(suggest, name, same_letter);
    }
}

void dc_function_suggest(dc_suggest_t *suggest)
{
    offer_all(suggest, true);
    offer_all(suggest, false);
}
