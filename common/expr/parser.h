// parser — from text to code, in one pass.
//
// A Pratt parser: a table tells for each token how tightly it binds and what reads on behind it.
// What is read becomes an operand; operators turn operands into constants where all is known, and
// into code where it is not. There is no tree.
//
// The type of a variable may follow from a use that stands behind others. Then the pass goes on
// with what it knows now, `again` is set, and the whole text is read once more. Each further pass
// knows one more type or null at least.
//
// The parser is one struct and several files, because it is several ideas: parser.c (the loop and
// operands), operate.c (operators), types.c (types by use, null), branches.c (sides that may not be
// chosen), calls.c (functions), reductions.c (those that bind a name), definitions.c (the whole
// text), complain.c (what a person is told). Functions that return bool are false after a fault,
// which is in `diag` then.
#ifndef DC_COMMON_EXPR_PARSER_H
#define DC_COMMON_EXPR_PARSER_H

#include "common/expr/builder.h"
#include "common/expr/lexer.h"
#include "common/expr/operand.h"
#include "common/expr/scope.h"
#include "common/expr/translate.h"

typedef struct dc_parser {
    dc_lexer_t lexer;
    dc_token_t token;    // the one that is to be looked at next
    uint32_t before_end; // of the token before it
    dc_diag_t *diag;
    dc_builder_t build;
    dc_scope_t *scope;
    uint32_t nesting;   // parentheses, calls, prefixes around this place
    uint32_t recursion; // of dc_parse_expression

    bool again;               // something was learned that code before it should have known
    dc_arena_t *lasting;      // for what outlives a pass
    dc_variable_t *variables; // the declared ones, then the parameters that any pass has met
    uint32_t declared_count;
    uint32_t variable_count; // with the parameters met in this pass
    uint32_t variable_known; // with those of earlier passes
    uint32_t variable_capacity;

    dc_function_t *functions;
    uint32_t function_count, function_capacity;
    // Instructions in bodies of functions and reductions' f, which stand apart.
    uint32_t apart_steps;
    uint32_t calls;    // of local functions inside each other, in the body that is read
    dc_str_t defining; // the name whose definition is read; else empty

    dc_reduction_t *reduction_list;
    uint32_t reduction_count, reduction_capacity;
    uint32_t reductions;      // whose f is read, in the body that is read
    uint32_t reductions_most; // inside each other, in that body, with those of functions

    dc_operand_t *args; // a stack: the arguments of the calls that are read
    uint32_t arg_count, arg_capacity;
    uint32_t args_max;     // of one MATHN
    uint32_t folded_steps; // operators whose result was known at once

    dc_literals_t *literals; // no number is a constant, and those of the text stand here; or NULL
} dc_parser_t;

// --- definitions.c: the whole text -------------------------------------------------------------

// Read definitions and the expression whose value is the value of all.
bool dc_parse_text(dc_parser_t *self, dc_operand_t *value);

// --- parser.c: expressions ---------------------------------------------------------------------

// How tightly operators bind; what is read stops at an operator that binds less than asked for.
typedef enum dc_power {
    DC_POWER_NONE,
    DC_POWER_CONDITIONAL,
    DC_POWER_COALESCE,
    DC_POWER_OR,
    DC_POWER_AND,
    DC_POWER_NOT,
    DC_POWER_COMPARE,
    DC_POWER_BITOR,
    DC_POWER_BITAND,
    DC_POWER_SHIFT,
    DC_POWER_SUM,
    DC_POWER_PRODUCT,
    DC_POWER_PREFIX,
    DC_POWER_POWER,
} dc_power_t;

#define DC_POWER_ANY DC_POWER_CONDITIONAL

// Read on to the next token.
static inline void dc_parser_advance(dc_parser_t *self)
{
    self->before_end = self->token.end;
    dc_lexer_next(&self->lexer, &self->token);
}

// Read an expression of operators that bind at least as tightly as `power`.
bool dc_parse_expression(dc_parser_t *self, dc_power_t power, dc_operand_t *result);

// The same inside of something that may stand inside of itself: limited by DC_EXPR_DEPTH_MAX.
bool dc_parse_nested(dc_parser_t *self, dc_power_t power, dc_operand_t *result);

// How tightly an operator binds on its left side, and in `*right` on its right side; DC_POWER_NONE
// of what is no operator.
dc_power_t dc_operator_power(dc_token_kind_t kind, dc_power_t *right);

// Read a token of this kind, or complain that `expected` is missing.
bool dc_parser_expect(dc_parser_t *self, dc_token_kind_t kind, const char *expected);

// The text of a token, and where it is.
static inline dc_str_t dc_parser_text(const dc_parser_t *self, const dc_token_t *token)
{
    return dc_lexer_text(&self->lexer, token);
}

static inline dc_span_t dc_token_span(const dc_token_t *token)
{
    return (dc_span_t){ token->column, token->end - token->column };
}

// The built-in constant of this name, or NULL. `is_word`: true, false, null, which no definition
// hides.
const dc_operand_t *dc_constant_find(dc_str_t name, bool *is_word);

// Its name, for index 0, 1, ...; NULL behind the last.
const char *dc_constant_name(size_t index);

// --- operate.c: operators ----------------------------------------------------------------------

// Put the operand into a register if it is not in one.
uint16_t dc_operand_load(dc_parser_t *self, dc_operand_t *operand);

// It was used: its register is free, if it was a temporary.
void dc_operand_release(dc_parser_t *self, const dc_operand_t *operand);

// Make `operand` a temporary of `type` in `reg`.
void dc_operand_set_temporary(dc_operand_t *operand, dc_type_t type, uint16_t reg);

// operand = op operand. It has its type already; `type` is that of the result, `span` where a fault
// is. Folded if the operand is a constant and all is finite.
void dc_operate_unary(dc_parser_t *self, dc_op_t op, dc_type_t type, dc_operand_t *operand,
                      dc_span_t span);

// What the operators of the language do: check types, then the above.
bool dc_operate_numbers(dc_parser_t *self, dc_op_t op, dc_operand_t *left, dc_operand_t *right,
                        dc_span_t span);
bool dc_operate_plus(dc_parser_t *self, dc_operand_t *left, dc_operand_t *right, dc_span_t span);
bool dc_operate_compare(dc_parser_t *self, dc_op_t op, dc_operand_t *left, dc_operand_t *right,
                        dc_span_t span);
// operand = operand is null, or is not.
void dc_operate_is_null(dc_parser_t *self, bool is_equal, dc_operand_t *operand, dc_span_t span);
bool dc_operate_in(dc_parser_t *self, dc_operand_t *left, dc_operand_t *right, dc_span_t span);

// --- types.c: types by use, null ---------------------------------------------------------------

// `operand` is used where a value of the type must stand; `user` is who needs it, for the message.
// A variable whose type is by use may get its type here. Null in it is a fault.
bool dc_want_number(dc_parser_t *self, dc_operand_t *operand, const char *user);
bool dc_want_bool(dc_parser_t *self, dc_operand_t *operand, const char *user);
bool dc_want_string(dc_parser_t *self, dc_operand_t *operand, const char *user);

// Null in `operand` is a fault from here on.
void dc_want_value(dc_parser_t *self, dc_operand_t *operand);

// The expression knows what to do when `operand` is null.
void dc_handle_null(dc_parser_t *self, dc_operand_t *operand);

// Is it a variable whose type no use has decided yet?
bool dc_operand_is_open(const dc_parser_t *self, const dc_operand_t *operand);

// Give two operands the same type if one is null or open; false, and no complaint, if they differ.
bool dc_unify(dc_parser_t *self, dc_operand_t *left, dc_operand_t *right);

// --- branches.c: sides that may not be chosen --------------------------------------------------

// Behind `left` and its operator, which is at `span`: && and ||, ??, ?:.
bool dc_parse_logic(dc_parser_t *self, bool is_or, dc_operand_t *left, dc_span_t span);
bool dc_parse_coalesce(dc_parser_t *self, dc_operand_t *left, dc_span_t span);
bool dc_parse_conditional(dc_parser_t *self, dc_operand_t *condition, dc_span_t span);

// Behind `if(`; reads the closing parenthesis.
bool dc_parse_if(dc_parser_t *self, dc_span_t name, dc_operand_t *result);

// --- calls.c: functions ------------------------------------------------------------------------

// Read a call; `name` was read, the opening parenthesis is next.
bool dc_parse_call(dc_parser_t *self, const dc_token_t *name, dc_operand_t *result);

// Read arguments and the closing parenthesis; they are on top of the stack `args` then.
bool dc_parse_args(dc_parser_t *self);

bool dc_function_is_known(dc_str_t name);
void dc_function_suggest(dc_suggest_t *suggest);

// The name of function number `index`, reductions included; NULL behind the last.
const char *dc_function_name(size_t index);

// --- reductions.c: functions that bind a name --------------------------------------------------

// Behind the opening parenthesis of `call`, its name; reads the closing one.
bool dc_parse_reduction(dc_parser_t *self, dc_reduce_t kind, const dc_token_t *call,
                        dc_operand_t *result);

// `call` begins `more` reductions inside each other. False if they are too many.
bool dc_reductions_fit(dc_parser_t *self, const dc_token_t *call, uint32_t more);

// --- complain.c: what a person is told; all return false ---------------------------------------

// The next token is not what must stand here.
bool dc_complain_expected(dc_parser_t *self, const char *expected);
// ... where an operator or the end must stand.
bool dc_complain_operator(dc_parser_t *self);
bool dc_complain_name(dc_parser_t *self, const dc_token_t *token, dc_str_t name);
bool dc_complain_function(dc_parser_t *self, const dc_token_t *token);
bool dc_complain_chain(dc_parser_t *self, const dc_operand_t *left, const dc_operand_t *middle);
// The function `name` takes `min` to `max` arguments (UINT8_MAX: any number), and was given
// `count`.
bool dc_complain_count(dc_parser_t *self, const dc_token_t *name, size_t min, size_t max,
                       size_t count);
// The builder has failed.
bool dc_complain_memory(dc_parser_t *self);
// Something at `span`, in these words.
bool dc_complain(dc_parser_t *self, dc_err_t code, dc_span_t span, const char *format, ...)
    DC_PRINTF(4, 5);

#endif
