#include "common/expr/cost.h"
#include "common/expr/parser.h"

#include <math.h>

#include "common/limits.h"
#include "common/quote.h"

// --- is it a definition? -----------------------------------------------------------------------

// Is what follows the name at the beginning of a statement `=`, or `(x, y) =`? Looks ahead with a
// lexer of its own, and no further than a list of names goes.
static bool is_definition(const dc_parser_t *self, bool *is_function)
{
    dc_diag_t ignored;
    dc_lexer_t ahead = self->lexer;
    ahead.diag = &ignored;
    dc_token_t token;
    dc_lexer_next(&ahead, &token);
    *is_function = token.kind == DC_TOKEN_LPAREN;
    if (*is_function) {
        do {
            dc_lexer_next(&ahead, &token);
            if (token.kind == DC_TOKEN_RPAREN) break; // which is told later
            if (token.kind != DC_TOKEN_NAME) return false;
            dc_lexer_next(&ahead, &token);
        } while (token.kind == DC_TOKEN_COMMA);
        if (token.kind != DC_TOKEN_RPAREN) return false;
        dc_lexer_next(&ahead, &token);
    }
    return token.kind == DC_TOKEN_ASSIGN;
}

// --- names -------------------------------------------------------------------------------------

static dc_str_t defined_name(const dc_parser_t *self, const dc_token_t *token)
{
    dc_str_t text = dc_parser_text(self, token);
    return token->kind == DC_TOKEN_BRACED ? dc_str(text.data + 1, text.len - 2) : text;
}

static bool is_free_name(dc_parser_t *self, const dc_token_t *token, bool is_function)
{
    bool is_word;
    dc_str_t name = defined_name(self, token);
    dc_quote_t quote = dc_quote(name);
    dc_span_t span = dc_token_span(token);
    dc_constant_find(name, &is_word);
    if (is_word && token->kind == DC_TOKEN_NAME) {
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "'%s' cannot be defined: it is a word of the "
                           "language",
                           quote.text);
    }
    if (is_function && dc_function_is_known(name)) {
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "'%s' cannot be defined: it is a built-in "
                           "function",
                           quote.text);
    }
    if (dc_scope_find(self->scope, name, is_function)) {
        return dc_complain(self, DC_ERR_SYNTAX, span, "'%s' is defined already", quote.text);
    }
    return true;
}

static dc_symbol_t *push_symbol(dc_parser_t *self, dc_str_t name, dc_symbol_kind_t kind)
{
    dc_symbol_t *symbol = dc_builder_alloc(&self->build, 1, sizeof *symbol);
    if (!symbol) {
        dc_complain_memory(self);
        return NULL;
    }
    symbol->name = name;
    symbol->kind = kind;
    dc_scope_push(self->scope, symbol);
    return symbol;
}

// --- name = ...; -------------------------------------------------------------------------------

static bool parse_body(dc_parser_t *self, dc_str_t name, dc_operand_t *body)
{
    self->defining = name;
    if (!dc_parse_expression(self, DC_POWER_ANY, body)) return false;
    self->defining = dc_str(NULL, 0);
    if (self->token.kind == DC_TOKEN_SEMICOLON) {
        dc_parser_advance(self);
        return true;
    }
    if (self->token.kind != DC_TOKEN_END) return dc_complain_operator(self);
    return dc_complain(self, DC_ERR_SYNTAX, dc_token_span(&self->token),
                       "a definition needs ';' and an expression behind it");
}

static bool parse_local(dc_parser_t *self)
{
    if (!is_free_name(self, &self->token, false)) return false;
    dc_str_t name = defined_name(self, &self->token);
    dc_parser_advance(self);
    dc_parser_advance(self);
    dc_operand_t value;
    if (!parse_body(self, name, &value)) return false;
    // From here on its register has a name; and what is not finite has its origin here.
    bool is_number = value.type == DC_TYPE_NUMBER && !value.nullable;
    bool is_constant = dc_operand_is_constant(&value);
    if (is_constant && is_number && !isfinite(value.value.number)) dc_operand_load(self, &value);
    if (value.kind == DC_OPERAND_TEMPORARY) value.kind = DC_OPERAND_VARIABLE;
    dc_symbol_t *symbol = push_symbol(self, name, DC_SYMBOL_LOCAL);
    if (symbol) symbol->operand = value;
    return symbol != NULL;
}

// --- name(x) = ...; ----------------------------------------------------------------------------

// The next parameter in the list of variables, with what earlier passes have learned of it.
static dc_variable_t *next_param(dc_parser_t *self)
{
    if (self->variable_count == self->variable_known) {
        if (self->variable_known == self->variable_capacity) {
            uint32_t capacity = self->variable_capacity ? self->variable_capacity * 2 : 16;
            dc_variable_t *variables = dc_arena_alloc(self->lasting, capacity, sizeof *variables);
            if (!variables) {
                self->build.err = DC_ERR_TOO_LARGE;
                dc_complain_memory(self);
                return NULL;
            }
            if (self->variable_known) {
                memcpy(variables, self->variables, self->variable_known * sizeof *variables);
            }
            self->variables = variables;
            self->variable_capacity = capacity;
        }
        self->variables[self->variable_known++] =
            (dc_variable_t){ .type = DC_TYPE_NUMBER, .by_use = true };
    }
    return &self->variables[self->variable_count++];
}

static bool parse_param(dc_parser_t *self)
{
    if (self->token.kind != DC_TOKEN_NAME) return dc_complain_expected(self, "a parameter's name");
    dc_str_t name = dc_parser_text(self, &self->token);
    dc_span_t span = dc_token_span(&self->token);
    bool is_word;
    dc_constant_find(name, &is_word);
    if (is_word) {
        return dc_complain(self, DC_ERR_SYNTAX, span,
                           "'%s' cannot be a parameter: it is a word of "
                           "the language",
                           dc_quote(name).text);
    }
    const dc_symbol_t *same = dc_scope_find(self->scope, name, false);
    if (same && same->kind == DC_SYMBOL_PARAMETER) {
        return dc_complain(self, DC_ERR_SYNTAX, span, "two parameters are called '%s'",
                           dc_quote(name).text);
    }
    uint32_t index = self->variable_count;
    dc_variable_t *param = next_param(self);
    if (!param) return false;
    param->name = name;
    param->span = span;
    param->is_used = true;
    param->is_numeric = false;
    // One after another, so that a call copies its arguments there.
    param->reg = dc_builder_named(&self->build);
    dc_symbol_t *symbol = push_symbol(self, name, DC_SYMBOL_PARAMETER);
    if (symbol) symbol->index = index;
    dc_parser_advance(self);
    return symbol != NULL;
}

static bool parse_params(dc_parser_t *self)
{
    do {
        dc_parser_advance(self); // the parenthesis or a comma
        if (!parse_param(self)) return false;
    } while (self->token.kind == DC_TOKEN_COMMA);
    dc_parser_advance(self); // )
    dc_parser_advance(self); // =
    return true;
}

static dc_function_t *push_function(dc_parser_t *self)
{
    if (self->function_count == self->function_capacity) {
        dc_function_t *functions =
            dc_builder_grow(&self->build, self->functions, self->function_count,
                            &self->function_capacity, sizeof *functions);
        if (!functions) {
            dc_complain_memory(self);
            return NULL;
        }
        self->functions = functions;
    }
    return &self->functions[self->function_count++];
}

// Read parameters and body; its code stands in the middle of that of the whole text, jumped over.
static bool parse_function_body(dc_parser_t *self, dc_function_t *function)
{
    dc_builder_t *build = &self->build;
    uint32_t jump = dc_builder_jump(build, DC_OP_JUMP, 0);
    build->label = build->ins_count;
    // A call must not disturb what its caller has in registers, so none is shared.
    uint32_t free_reg = build->free_reg;
    build->free_reg = DC_REG_NONE;
    self->calls = 0;
    self->reductions_most = 0;
    uint32_t apart_steps = self->apart_steps;
    function->entry = build->ins_count;
    function->param_first = self->variable_count;
    if (!parse_params(self)) return false;
    function->param_count = self->variable_count - function->param_first;
    dc_operand_t body;
    if (!parse_body(self, function->name, &body)) return false;
    uint16_t reg = dc_operand_load(self, &body);
    dc_builder_emit(build, (dc_ins_t){ .op = DC_OP_RETURN, .a = reg }, dc_operand_span(&body));
    function->type = (dc_type_t)body.type;
    function->nullable = body.nullable;
    uint32_t length = build->ins_count - function->entry;
    function->steps = length - (self->apart_steps - apart_steps);
    function->calls = self->calls + 1;
    function->reductions = self->reductions_most;
    function->cost = dc_cost_of(build->ins, function->entry, build->ins_count, self->functions,
                                self->reduction_list);
    self->apart_steps = apart_steps + length;
    build->free_reg = free_reg;
    dc_builder_land(build, jump);
    return true;
}

static bool parse_function(dc_parser_t *self)
{
    dc_token_t name = self->token;
    if (!is_free_name(self, &name, true)) return false;
    dc_parser_advance(self);
    dc_function_t function = { .name = dc_parser_text(self, &name) };
    size_t names = self->scope->count;
    if (!parse_function_body(self, &function)) return false;
    dc_scope_pop_to(self->scope, names);
    if (function.calls > DC_EXPR_CALLS_MAX) {
        return dc_complain(self, DC_ERR_TOO_DEEP, dc_token_span(&name),
                           "more than %d functions call one another here", DC_EXPR_CALLS_MAX);
    }
    uint32_t index = self->function_count;
    dc_function_t *slot = push_function(self);
    dc_symbol_t *symbol = slot ? push_symbol(self, function.name, DC_SYMBOL_FUNCTION) : NULL;
    if (!symbol) return false;
    *slot = function;
    symbol->index = index;
    return true;
}

// --- the whole text ----------------------------------------------------------------------------

bool dc_parse_text(dc_parser_t *self, dc_operand_t *value)
{
    bool is_function;
    while ((self->token.kind == DC_TOKEN_NAME || self->token.kind == DC_TOKEN_BRACED) &&
           is_definition(self, &is_function)) {
        bool is_read = is_function ? parse_function(self) : parse_local(self);
        if (!is_read) return false;
    }
    if (!dc_parse_expression(self, DC_POWER_ANY, value)) return false;
    return self->token.kind == DC_TOKEN_END || dc_complain_operator(self);
}
