#include "common/expr/parser.h"

#include <math.h>

#include "common/expr/unescape.h"
#include "common/limits.h"

// Operators that wait for their right side stand inside each other as well: a sum, a product and a
// power in each pair of parentheses. So many levels take less than 1 MiB of stack.
#define RECURSION_MAX (4 * DC_EXPR_DEPTH_MAX)

// --- constants ---------------------------------------------------------------------------------

typedef struct constant {
    const char *name;
    bool is_word;
    dc_operand_t operand;
} constant_t;

#define NUMBER(x)                                                                 \
    {                                                                             \
        .type = DC_TYPE_NUMBER, .variable = DC_VARIABLE_NONE, .value.number = (x) \
    }
#define BOOL(x)                                                                 \
    {                                                                           \
        .type = DC_TYPE_BOOL, .variable = DC_VARIABLE_NONE, .value.number = (x) \
    }
#define NULL_OPERAND                                                          \
    {                                                                         \
        .type = DC_TYPE_NULL, .nullable = true, .variable = DC_VARIABLE_NONE, \
        .value.bits = DC_NULL_BITS                                            \
    }
static const constant_t constants[] = {
    { "pi", false, NUMBER(3.141592653589793) },  // nearest doubles
    { "e", false, NUMBER(2.718281828459045) },   //
    { "tau", false, NUMBER(6.283185307179586) }, // 2 pi
    { "phi", false, NUMBER(1.618033988749895) }, // (1 + sqrt 5) / 2
    { "inf", false, NUMBER((double)INFINITY) },
    { "nan", false, NUMBER((double)NAN) },
    { "true", true, BOOL(1) },
    { "false", true, BOOL(0) },
    { "null", true, NULL_OPERAND },
};

const dc_operand_t *dc_constant_find(dc_str_t name, bool *is_word)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(constants); i++) {
        if (constants[i].name[0] == name.data[0] &&
            dc_str_eq(dc_str_from(constants[i].name), name)) {
            *is_word = constants[i].is_word;
            return &constants[i].operand;
        }
    }
    *is_word = false;
    return NULL;
}

const char *dc_constant_name(size_t index)
{
    return index < DC_ARRAY_LEN(constants) ? constants[index].name : NULL;
}

// --- operands ----------------------------------------------------------------------------------

bool dc_parser_expect(dc_parser_t *self, dc_token_kind_t kind, const char *expected)
{
    if (self->token.kind != kind) return dc_complain_expected(self, expected);
    dc_parser_advance(self);
    return true;
}

static void set_span(dc_operand_t *operand, const dc_token_t *token)
{
    operand->column = token->column;
    operand->end = token->end;
}

static bool push_literal(dc_parser_t *self, const dc_literal_t *literal)
{
    dc_literals_t *list = self->literals;
    if (list->count == list->capacity) {
        dc_literal_t *items =
            dc_builder_grow(&self->build, list->items, list->count, &list->capacity, sizeof *items);
        if (!items) return dc_complain_memory(self);
        list->items = items;
    }
    list->items[list->count++] = *literal;
    return true;
}

// A number that no double is to stand for: `token` is its digits or its name.
static bool load_literal(dc_parser_t *self, const dc_token_t *token, dc_operand_t *result)
{
    uint16_t reg = dc_builder_constant(&self->build, (dc_reg_t){ 0 });
    dc_operand_set_temporary(result, DC_TYPE_NUMBER, reg);
    result->kind = DC_OPERAND_VARIABLE;
    set_span(result, token);
    if (self->build.dead) return true;
    dc_literal_t literal = { dc_parser_text(self, token), dc_token_span(token), reg };
    return push_literal(self, &literal);
}

static bool parse_literal(dc_parser_t *self, dc_operand_t *result)
{
    if (!load_literal(self, &self->token, result)) return false;
    dc_parser_advance(self);
    return true;
}

static bool parse_number(dc_parser_t *self, dc_operand_t *result)
{
    set_span(result, &self->token);
    dc_operand_set_constant(result, DC_TYPE_NUMBER, (dc_reg_t){ .number = self->token.number });
    dc_parser_advance(self);
    return true;
}

static bool parse_string(dc_parser_t *self, dc_operand_t *result)
{
    dc_str_t quoted = dc_parser_text(self, &self->token);
    dc_str_t *string = dc_builder_alloc(&self->build, 1, sizeof *string);
    char *room = NULL;
    if (string && memchr(quoted.data, '\\', quoted.len)) {
        room = dc_builder_alloc(&self->build, quoted.len, 1);
    }
    if (!string || self->build.err) return dc_complain_memory(self);
    *string = dc_str(quoted.data + 1, quoted.len - 2);
    if (room && !dc_unescape(string, room, self->token.column + 1, self->diag)) return false;
    set_span(result, &self->token);
    dc_operand_set_constant(result, DC_TYPE_STRING, (dc_reg_t){ .string = string });
    dc_parser_advance(self);
    return true;
}

static void use_variable(dc_parser_t *self, uint32_t index, const dc_token_t *token,
                         dc_operand_t *result)
{
    dc_variable_t *variable = &self->variables[index];
    if (!variable->is_used) {
        variable->is_used = true;
        variable->span = dc_token_span(token);
        variable->reg = variable->has_value ? 0 : dc_builder_named(&self->build);
    }
    *result = (dc_operand_t){ .kind = DC_OPERAND_VARIABLE,
                              .type = (uint8_t)variable->type,
                              .nullable = variable->nullable,
                              .reg = variable->reg,
                              .variable = index };
    if (!variable->has_value) return;
    result->kind = DC_OPERAND_CONSTANT;
    result->value = variable->value;
    result->nullable = dc_reg_is_null(variable->value);
}

static bool use_symbol(dc_parser_t *self, const dc_symbol_t *symbol, const dc_token_t *token,
                       dc_operand_t *result)
{
    if (symbol->kind == DC_SYMBOL_LOCAL) {
        *result = symbol->operand;
    } else {
        use_variable(self, symbol->index, token, result);
    }
    set_span(result, token);
    return true;
}

static __attribute__((noinline)) bool use_constant(dc_parser_t *self, const dc_operand_t *constant,
                                                   bool is_word, const dc_token_t *token,
                                                   dc_operand_t *result)
{
    if (self->literals && !is_word) return load_literal(self, token, result);
    *result = *constant;
    set_span(result, token);
    return true;
}

static bool parse_name(dc_parser_t *self, dc_operand_t *result)
{
    dc_token_t token = self->token;
    dc_str_t name = dc_parser_text(self, &token);
    dc_parser_advance(self);
    if (self->token.kind == DC_TOKEN_LPAREN) return dc_parse_call(self, &token, result);
    bool is_word;
    const dc_operand_t *constant = dc_constant_find(name, &is_word);
    const dc_symbol_t *symbol = is_word ? NULL : dc_scope_find(self->scope, name, false);
    if (symbol) return use_symbol(self, symbol, &token, result);
    if (!constant) return dc_complain_name(self, &token, name);
    return use_constant(self, constant, is_word, &token, result);
}

static bool parse_braced(dc_parser_t *self, dc_operand_t *result)
{
    dc_token_t token = self->token;
    dc_str_t text = dc_parser_text(self, &token);
    dc_str_t name = dc_str(text.data + 1, text.len - 2);
    dc_parser_advance(self);
    const dc_symbol_t *symbol = dc_scope_find(self->scope, name, false);
    if (!symbol) return dc_complain_name(self, &token, name);
    return use_symbol(self, symbol, &token, result);
}

static bool parse_parentheses(dc_parser_t *self, dc_operand_t *result)
{
    uint32_t column = self->token.column;
    dc_parser_advance(self);
    if (!dc_parse_nested(self, DC_POWER_ANY, result)) return false;
    if (!dc_parser_expect(self, DC_TOKEN_RPAREN, "')'")) return false;
    result->column = column;
    result->end = self->before_end;
    return true;
}

static bool parse_prefix(dc_parser_t *self, dc_operand_t *result)
{
    dc_token_t token = self->token;
    bool is_not = token.kind == DC_TOKEN_NOT;
    dc_parser_advance(self);
    // A power binds tighter than the sign before it, and everything up to comparisons than `not`.
    dc_power_t power = is_not ? DC_POWER_NOT : DC_POWER_PREFIX;
    if (!dc_parse_nested(self, power, result)) return false;
    dc_span_t span = dc_token_span(&token);
    if (is_not) {
        bool is_word = self->lexer.text[token.column] == 'n';
        if (!dc_want_bool(self, result, is_word ? "'not'" : "'!'")) return false;
        dc_operate_unary(self, DC_OP_NOT, DC_TYPE_BOOL, result, span);
    } else if (token.kind == DC_TOKEN_TILDE) {
        if (!dc_want_number(self, result, "'~'")) return false;
        dc_operate_unary(self, DC_OP_INVERT, DC_TYPE_NUMBER, result, span);
    } else {
        bool is_minus = token.kind == DC_TOKEN_MINUS;
        if (!dc_want_number(self, result, is_minus ? "'-'" : "'+'")) return false;
        if (is_minus) dc_operate_unary(self, DC_OP_NEG, DC_TYPE_NUMBER, result, span);
        result->type = DC_TYPE_NUMBER;
        result->variable = DC_VARIABLE_NONE;
    }
    result->column = token.column;
    return true;
}

// Not inlined, as parsing goes through its caller again and again.
static __attribute__((noinline)) bool parse_rare(dc_parser_t *self, dc_operand_t *result)
{
    if (self->token.kind == DC_TOKEN_LITERAL) return parse_literal(self, result);
    return dc_complain_expected(self, "a number, a name or '('");
}

static bool parse_operand(dc_parser_t *self, dc_operand_t *result)
{
    switch ((int)self->token.kind) {
    case DC_TOKEN_NUMBER: return parse_number(self, result);
    case DC_TOKEN_NAME: return parse_name(self, result);
    case DC_TOKEN_LPAREN: return parse_parentheses(self, result);
    case DC_TOKEN_STRING: return parse_string(self, result);
    case DC_TOKEN_BRACED: return parse_braced(self, result);
    case DC_TOKEN_PLUS:
    case DC_TOKEN_MINUS:
    case DC_TOKEN_TILDE:
    case DC_TOKEN_NOT: return parse_prefix(self, result);
    default: return parse_rare(self, result);
    }
}

// --- operators ---------------------------------------------------------------------------------

typedef struct rule {
    uint8_t power;       // how tightly it binds on its left side; NONE: not an operator
    uint8_t right_power; // and on its right side
    uint8_t op;          // of numbers
} rule_t;

#define LEFT(power, op)            \
    {                              \
        (power), (power) + 1, (op) \
    }
#define RIGHT(power, op)       \
    {                          \
        (power), (power), (op) \
    }
static const rule_t rules[DC_TOKEN_COUNT] = {
    [DC_TOKEN_QUESTION] = RIGHT(DC_POWER_CONDITIONAL, 0),
    [DC_TOKEN_COALESCE] = RIGHT(DC_POWER_COALESCE, 0),
    [DC_TOKEN_OR] = LEFT(DC_POWER_OR, 0),
    [DC_TOKEN_AND] = LEFT(DC_POWER_AND, 0),
    [DC_TOKEN_EQ] = LEFT(DC_POWER_COMPARE, DC_OP_EQ),
    [DC_TOKEN_NE] = LEFT(DC_POWER_COMPARE, DC_OP_NE),
    [DC_TOKEN_LT] = LEFT(DC_POWER_COMPARE, DC_OP_LT),
    [DC_TOKEN_LE] = LEFT(DC_POWER_COMPARE, DC_OP_LE),
    [DC_TOKEN_GT] = LEFT(DC_POWER_COMPARE, DC_OP_GT),
    [DC_TOKEN_GE] = LEFT(DC_POWER_COMPARE, DC_OP_GE),
    [DC_TOKEN_IN] = LEFT(DC_POWER_COMPARE, DC_OP_IN_STRING),
    [DC_TOKEN_BITOR] = LEFT(DC_POWER_BITOR, DC_OP_BITOR),
    [DC_TOKEN_BITAND] = LEFT(DC_POWER_BITAND, DC_OP_BITAND),
    [DC_TOKEN_SHL] = LEFT(DC_POWER_SHIFT, DC_OP_SHL),
    [DC_TOKEN_SHR] = LEFT(DC_POWER_SHIFT, DC_OP_SHR),
    [DC_TOKEN_PLUS] = LEFT(DC_POWER_SUM, DC_OP_ADD),
    [DC_TOKEN_MINUS] = LEFT(DC_POWER_SUM, DC_OP_SUB),
    [DC_TOKEN_STAR] = LEFT(DC_POWER_PRODUCT, DC_OP_MUL),
    [DC_TOKEN_SLASH] = LEFT(DC_POWER_PRODUCT, DC_OP_DIV),
    [DC_TOKEN_PERCENT] = LEFT(DC_POWER_PRODUCT, DC_OP_MOD),
    [DC_TOKEN_FLOORDIV] = LEFT(DC_POWER_PRODUCT, DC_OP_FLOORDIV),
    // The right side may have a sign: 2^-1.
    [DC_TOKEN_POWER] = { DC_POWER_POWER, DC_POWER_PREFIX, DC_OP_POW },
};

dc_power_t dc_operator_power(dc_token_kind_t kind, dc_power_t *right)
{
    *right = (dc_power_t)rules[kind].right_power;
    return (dc_power_t)rules[kind].power;
}

static bool is_comparison(dc_token_kind_t kind)
{
    return rules[kind].power == DC_POWER_COMPARE;
}

// Behind `left` and a comparison: its right side, and no other comparison behind that.
static bool parse_comparison(dc_parser_t *self, const rule_t *rule, dc_span_t span,
                             dc_operand_t *left)
{
    dc_operand_t right;
    if (!dc_parse_expression(self, (dc_power_t)rule->right_power, &right)) return false;
    if (is_comparison(self->token.kind)) return dc_complain_chain(self, left, &right);
    bool fits = rule->op == DC_OP_IN_STRING
                    ? dc_operate_in(self, left, &right, span)
                    : dc_operate_compare(self, (dc_op_t)rule->op, left, &right, span);
    left->end = right.end;
    return fits;
}

static bool parse_power(dc_parser_t *self, dc_span_t span, dc_operand_t *left)
{
    dc_operand_t right;
    if (!dc_parse_nested(self, DC_POWER_PREFIX, &right)) return false;
    if (!dc_operate_numbers(self, DC_OP_POW, left, &right, span)) return false;
    left->end = right.end;
    return true;
}

static bool parse_arithmetic(dc_parser_t *self, const rule_t *rule, dc_span_t span,
                             dc_operand_t *left)
{
    dc_operand_t right;
    if (!dc_parse_expression(self, (dc_power_t)rule->right_power, &right)) return false;
    bool fits = rule->op == DC_OP_ADD
                    ? dc_operate_plus(self, left, &right, span)
                    : dc_operate_numbers(self, (dc_op_t)rule->op, left, &right, span);
    left->end = right.end;
    return fits;
}

// Read the operator that is next, and its right side; `left` becomes the result.
static bool parse_operator(dc_parser_t *self, const rule_t *rule, dc_operand_t *left)
{
    dc_token_kind_t kind = self->token.kind;
    dc_span_t span = dc_token_span(&self->token);
    dc_parser_advance(self);
    switch ((dc_power_t)rule->power) {
    case DC_POWER_CONDITIONAL: return dc_parse_conditional(self, left, span);
    case DC_POWER_COALESCE: return dc_parse_coalesce(self, left, span);
    case DC_POWER_OR:
    case DC_POWER_AND: return dc_parse_logic(self, kind == DC_TOKEN_OR, left, span);
    case DC_POWER_COMPARE: return parse_comparison(self, rule, span, left);
    case DC_POWER_POWER: return parse_power(self, span, left);
    case DC_POWER_NONE:
    case DC_POWER_NOT:
    case DC_POWER_PREFIX:
    case DC_POWER_BITOR:
    case DC_POWER_BITAND:
    case DC_POWER_SHIFT:
    case DC_POWER_SUM:
    case DC_POWER_PRODUCT: break;
    }
    return parse_arithmetic(self, rule, span, left);
}

static bool too_deep(dc_parser_t *self)
{
    return dc_complain(self, DC_ERR_TOO_DEEP, dc_token_span(&self->token),
                       "more than %d levels are nested here", DC_EXPR_DEPTH_MAX);
}

bool dc_parse_expression(dc_parser_t *self, dc_power_t power, dc_operand_t *result)
{
    if (self->recursion == RECURSION_MAX) return too_deep(self);
    self->recursion++;
    if (!parse_operand(self, result)) return false;
    for (;;) {
        const rule_t *rule = &rules[self->token.kind];
        if (rule->power < power || rule->power == DC_POWER_NONE) break;
        if (!parse_operator(self, rule, result)) return false;
    }
    self->recursion--;
    return true;
}

bool dc_parse_nested(dc_parser_t *self, dc_power_t power, dc_operand_t *result)
{
    if (self->nesting == DC_EXPR_DEPTH_MAX) return too_deep(self);
    self->nesting++;
    bool is_read = dc_parse_expression(self, power, result);
    self->nesting--;
    return is_read;
}
