#include "common/expr/translate.h"

#include <math.h>

#include "common/expr/ops.h"
#include "common/expr/parser.h"
#include "common/limits.h"

// A pass settles the types that the pass before has learned; variables that get theirs from one
// another in a long row need as many passes, and must be declared.
#define PASSES_MAX 32

dc_err_t dc_translate_check(dc_str_t text, dc_diag_t *diag)
{
    if (text.len <= DC_EXPR_BYTES_MAX) return DC_OK;
    return dc_diag_set(diag, DC_ERR_TOO_LONG, 0, 0,
                       "the expression has %zu bytes, more than the limit of %d", text.len,
                       DC_EXPR_BYTES_MAX);
}

// --- declared variables --------------------------------------------------------------------------

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

// The variable has this value wherever it stands. Its type is the value's, if no other is declared.
//
// A value of another type is told when the text is known to use it; until then it is null.
static void set_value(dc_variable_t *self, const dc_value_t *value)
{
    bool is_null = value->type == DC_TYPE_NULL;
    if (self->by_use && !is_null) {
        self->type = value->type;
        self->by_use = false;
    }
    bool fits = !is_null && value->type == self->type;
    self->has_value = true;
    self->value = fits ? dc_reg_of_value(value) : (dc_reg_t){ .bits = DC_NULL_BITS };
}

// Tell the parser what is declared.
static dc_err_t declare(dc_parser_t *parser, const dc_expr_source_t *source, dc_diag_t *diag)
{
    const dc_var_t *vars = source->vars;
    size_t count = source->var_count;
    parser->variables = NULL;
    parser->declared_count = parser->variable_known = parser->variable_capacity = (uint32_t)count;
    if (count == 0) return DC_OK;
    parser->variables = dc_arena_alloc(parser->lasting, count, sizeof *parser->variables);
    if (!parser->variables) return dc_diag_set_no_memory(diag);
    for (size_t i = 0; i < count; i++) {
        parser->variables[i] = (dc_variable_t){
            .name = vars[i].name,
            .type = type_of_variable(vars[i].type),
            .by_use = vars[i].type == DC_VAR_ANY,
            .is_int = vars[i].type == DC_VAR_INT,
            .nullable = vars[i].nullable,
        };
        if (source->values) set_value(&parser->variables[i], &source->values[i]);
    }
    return DC_OK;
}

// Give them their names, for one pass.
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

// --- passes ------------------------------------------------------------------------------------

// Read the text once, from the beginning.
static bool parse_pass(dc_parser_t *self, dc_str_t text, dc_arena_t *arena, dc_operand_t *value)
{
    dc_builder_init(&self->build, arena);
    dc_scope_clear(self->scope);
    self->nesting = self->recursion = 0;
    self->again = false;
    self->variable_count = self->declared_count;
    self->functions = NULL;
    self->function_count = self->function_capacity = self->apart_steps = 0;
    self->reduction_list = NULL;
    self->reduction_count = self->reduction_capacity = 0;
    self->reductions = self->reductions_most = 0;
    self->defining = dc_str(NULL, 0);
    self->args = NULL;
    self->arg_count = self->arg_capacity = self->args_max = 0;
    self->folded_steps = 0;
    dc_lexer_init(&self->lexer, text, self->diag);
    if (self->literals) self->lexer.number_kind = DC_TOKEN_LITERAL;
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
        if (!pad_text(arena, &padded)) return dc_diag_set_no_memory(parser->diag), DC_ERR_NOMEM;
        bool is_read = parse_pass(parser, padded, arena, value);
        if (!parser->again) return is_read ? DC_OK : parser->diag->code;
        if (parser->literals) *parser->literals = (dc_literals_t){ 0 };
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
    code->main_steps = is_constant ? 0 : build->ins_count - 1 - parser->apart_steps;
    code->regs = build->regs;
    code->reg_count = build->reg_count;
    code->args_max = parser->args_max;
    code->functions = parser->functions;
    code->reductions = parser->reduction_list;
    code->literals = parser->literals;
    code->function_count = parser->function_count;
    code->reduction_count = parser->reduction_count;
    code->variables = parser->variables;
    code->declared_count = parser->declared_count;
    code->variable_count = parser->variable_count;
    code->folded_steps = parser->folded_steps;
    return DC_OK;
}

dc_err_t dc_translate(const dc_expr_source_t *source, dc_scope_t *scope, dc_arena_t *arena,
                      dc_arena_t *lasting, dc_code_t *code, dc_diag_t *diag)
{
    dc_parser_t parser;
    parser.scope = scope;
    parser.lasting = lasting;
    parser.diag = diag;
    parser.literals = source->literals;
    dc_arena_reset(lasting);
    dc_err_t err = declare(&parser, source, diag);
    if (err) return err;
    dc_operand_t result = { 0 };
    err = parse(&parser, source->text, arena, &result);
    return err ? err : finish(&parser, &result, code);
}

// --- code that lasts -----------------------------------------------------------------------------

bool dc_translate_keep(dc_code_t *code, dc_var_t *vars)
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
