#include "common/expr/parser.h"

// --- && || -------------------------------------------------------------------------------------

// Put `left` into a register that the other side may write as well.
static uint16_t make_target(dc_parser_t *self, dc_operand_t *left)
{
    uint16_t from = dc_operand_load(self, left);
    if (left->kind == DC_OPERAND_TEMPORARY) return from;
    uint16_t target = dc_builder_reg(&self->build);
    dc_builder_move(&self->build, target, from, false);
    return target;
}

static void move_to(dc_parser_t *self, uint16_t target, dc_operand_t *operand)
{
    uint16_t from = dc_operand_load(self, operand);
    dc_builder_move(&self->build, target, from, operand->kind == DC_OPERAND_TEMPORARY);
}

static bool parse_logic_side(dc_parser_t *self, bool is_or, const char *user, dc_operand_t *right)
{
    dc_power_t power = is_or ? DC_POWER_AND : DC_POWER_NOT;
    if (!dc_parse_expression(self, power, right)) return false;
    return dc_want_bool(self, right, user);
}

// The operator as it is written, for messages.
static const char *spell_logic(const dc_parser_t *self, dc_span_t span)
{
    switch (self->lexer.text[span.column]) {
    case '|': return "'||'";
    case '&': return "'&&'";
    case 'o': return "'or'";
    default: return "'and'";
    }
}

bool dc_parse_logic(dc_parser_t *self, bool is_or, dc_operand_t *left, dc_span_t span)
{
    const char *user = spell_logic(self, span);
    if (!dc_want_bool(self, left, user)) return false;
    dc_operand_t right;
    if (dc_operand_is_constant(left)) {
        bool is_decided = (left->value.number != 0) == is_or;
        self->build.dead += is_decided;
        if (!parse_logic_side(self, is_or, user, &right)) return false;
        self->build.dead -= is_decided;
        self->folded_steps++;
        uint32_t column = left->column;
        if (is_decided) {
            dc_operand_release(self, &right);
            left->end = right.end;
        } else {
            *left = right;
            left->column = column;
        }
        left->variable = DC_VARIABLE_NONE;
        return true;
    }
    uint16_t target = make_target(self, left);
    dc_op_t jump_op = is_or ? DC_OP_JUMP_TRUE : DC_OP_JUMP_FALSE;
    uint32_t jump = dc_builder_jump(&self->build, jump_op, target);
    if (!parse_logic_side(self, is_or, user, &right)) return false;
    move_to(self, target, &right);
    dc_builder_land(&self->build, jump);
    dc_operand_set_temporary(left, DC_TYPE_BOOL, target);
    left->end = right.end;
    return true;
}

// --- ?? ----------------------------------------------------------------------------------------

static bool parse_default(dc_parser_t *self, dc_operand_t *left, dc_operand_t *right,
                          dc_span_t span)
{
    if (!dc_parse_nested(self, DC_POWER_COALESCE, right)) return false;
    if (dc_unify(self, left, right)) return true;
    return dc_complain(self, DC_ERR_TYPE, span,
                       "both sides of '?\?' must have one type, not a %s and a %s",
                       dc_type_name((dc_type_t)left->type), dc_type_name((dc_type_t)right->type));
}

bool dc_parse_coalesce(dc_parser_t *self, dc_operand_t *left, dc_span_t span)
{
    dc_operand_t right;
    dc_handle_null(self, left);
    uint32_t column = left->column;
    if (dc_operand_is_null(left)) {
        if (!parse_default(self, left, &right, span)) return false;
        dc_operand_release(self, left);
        *left = right;
    } else if (!left->nullable) {
        self->build.dead++;
        if (!parse_default(self, left, &right, span)) return false;
        self->build.dead--;
        dc_operand_release(self, &right);
    } else {
        uint16_t target = make_target(self, left);
        uint32_t jump = dc_builder_jump(&self->build, DC_OP_JUMP_VALUE, target);
        if (!parse_default(self, left, &right, span)) return false;
        move_to(self, target, &right);
        dc_builder_land(&self->build, jump);
        dc_operand_set_temporary(left, (dc_type_t)right.type, target);
        left->nullable = right.nullable;
    }
    left->variable = DC_VARIABLE_NONE;
    left->column = column;
    left->end = right.end;
    return true;
}

// --- ?: ----------------------------------------------------------------------------------------

// The two ways of writing a condition: what stands between its sides, and how tight the second is.
typedef struct style {
    const char *user; // in messages
    dc_token_kind_t separator;
    const char *expected;
    dc_power_t power;
} style_t;

static const style_t with_signs = { "'?:'", DC_TOKEN_COLON, "':'", DC_POWER_CONDITIONAL };
static const style_t with_if = { "'if'", DC_TOKEN_COMMA, "','", DC_POWER_ANY };

static bool unify_sides(dc_parser_t *self, const style_t *style, dc_operand_t *yes,
                        dc_operand_t *no, dc_span_t span)
{
    if (dc_unify(self, yes, no)) return true;
    return dc_complain(self, DC_ERR_TYPE, span,
                       "both sides of %s must have one type, not a %s and a %s", style->user,
                       dc_type_name((dc_type_t)yes->type), dc_type_name((dc_type_t)no->type));
}

// The condition is known: the side that is not chosen is read, and leaves nothing.
static bool parse_known_sides(dc_parser_t *self, const style_t *style, bool condition,
                              dc_span_t span, dc_operand_t *result)
{
    dc_operand_t yes;
    dc_operand_t no;
    self->build.dead += !condition;
    if (!dc_parse_nested(self, DC_POWER_ANY, &yes)) return false;
    self->build.dead -= !condition;
    if (!dc_parser_expect(self, style->separator, style->expected)) return false;
    self->build.dead += condition;
    if (!dc_parse_nested(self, style->power, &no)) return false;
    self->build.dead -= condition;
    if (!unify_sides(self, style, &yes, &no, span)) return false;
    dc_operand_release(self, condition ? &no : &yes);
    *result = condition ? yes : no;
    result->end = no.end;
    self->folded_steps++;
    return true;
}

static bool parse_open_sides(dc_parser_t *self, const style_t *style, dc_operand_t *condition,
                             dc_span_t span, dc_operand_t *result)
{
    dc_operand_t yes;
    dc_operand_t no;
    dc_builder_t *build = &self->build;
    dc_operand_release(self, condition);
    uint16_t target = dc_builder_reg(build);
    uint32_t to_no = dc_builder_jump(build, DC_OP_JUMP_FALSE, condition->reg);
    if (!dc_parse_nested(self, DC_POWER_ANY, &yes)) return false;
    move_to(self, target, &yes);
    uint32_t to_end = dc_builder_jump(build, DC_OP_JUMP, 0);
    dc_builder_land(build, to_no);
    if (!dc_parser_expect(self, style->separator, style->expected)) return false;
    if (!dc_parse_nested(self, style->power, &no)) return false;
    move_to(self, target, &no);
    dc_builder_land(build, to_end);
    if (!unify_sides(self, style, &yes, &no, span)) return false;
    dc_operand_set_temporary(result, (dc_type_t)yes.type, target);
    result->nullable = yes.nullable || no.nullable;
    result->end = no.end;
    return true;
}

static bool parse_sides(dc_parser_t *self, const style_t *style, dc_operand_t *condition,
                        dc_span_t span, dc_operand_t *result)
{
    bool is_known = dc_operand_is_constant(condition);
    bool is_read = is_known
                       ? parse_known_sides(self, style, condition->value.number != 0, span, result)
                       : parse_open_sides(self, style, condition, span, result);
    // Whatever it is now, it is not one variable in every row.
    if (is_read) result->variable = DC_VARIABLE_NONE;
    return is_read;
}

bool dc_parse_conditional(dc_parser_t *self, dc_operand_t *condition, dc_span_t span)
{
    if (!dc_want_bool(self, condition, "'?:'")) return false;
    dc_operand_t result;
    if (!parse_sides(self, &with_signs, condition, span, &result)) return false;
    result.column = condition->column;
    *condition = result;
    return true;
}

bool dc_parse_if(dc_parser_t *self, dc_span_t name, dc_operand_t *result)
{
    dc_operand_t condition;
    if (!dc_parse_nested(self, DC_POWER_ANY, &condition)) return false;
    if (!dc_want_bool(self, &condition, "'if'")) return false;
    if (!dc_parser_expect(self, DC_TOKEN_COMMA, "','")) return false;
    if (!parse_sides(self, &with_if, &condition, name, result)) return false;
    if (!dc_parser_expect(self, DC_TOKEN_RPAREN, "')'")) return false;
    result->column = name.column;
    result->end = self->before_end;
    return true;
}
