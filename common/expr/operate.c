#include "common/expr/fold.h"
#include "common/expr/ops.h"
#include "common/expr/parser.h"

#include <math.h>

// --- operands and registers --------------------------------------------------------------------

void dc_operand_set_temporary(dc_operand_t *operand, dc_type_t type, uint16_t reg)
{
    operand->kind = DC_OPERAND_TEMPORARY;
    operand->type = (uint8_t)type;
    operand->nullable = false;
    operand->reg = reg;
    operand->variable = DC_VARIABLE_NONE;
}

uint16_t dc_operand_load(dc_parser_t *self, dc_operand_t *operand)
{
    if (!dc_operand_is_constant(operand)) return operand->reg;
    uint16_t reg = dc_builder_constant(&self->build, operand->value);
    bool is_number = operand->type == DC_TYPE_NUMBER && !dc_operand_is_null(operand);
    if (is_number && !isfinite(operand->value.number)) {
        // It leaves the finite numbers here, and an instruction is what can be found again.
        dc_span_t span = dc_operand_span(operand);
        operand->reg = dc_builder_result(&self->build, DC_OP_LITERAL, reg, 0, span);
        operand->kind = DC_OPERAND_TEMPORARY;
    } else {
        operand->reg = reg;
        operand->kind = DC_OPERAND_VARIABLE;
    }
    return operand->reg;
}

void dc_operand_release(dc_parser_t *self, const dc_operand_t *operand)
{
    if (operand->kind == DC_OPERAND_TEMPORARY) dc_builder_free(&self->build, operand->reg);
}

// --- results -----------------------------------------------------------------------------------

// left = left op right; else as dc_operate_unary.
static void operate_binary(dc_parser_t *self, dc_op_t op, dc_type_t type, dc_operand_t *left,
                           dc_operand_t *right, dc_span_t span)
{
    dc_reg_t value;
    if (dc_operand_is_constant(left) && dc_operand_is_constant(right) &&
        dc_fold(op, left->value, right->value, self->build.arena, &value)) {
        self->folded_steps++;
        dc_operand_set_constant(left, type, value);
        return;
    }
    uint16_t a = dc_operand_load(self, left);
    uint16_t b = dc_operand_load(self, right);
    dc_operand_release(self, left);
    dc_operand_release(self, right);
    dc_operand_set_temporary(left, type, dc_builder_result(&self->build, op, a, b, span));
}

void dc_operate_unary(dc_parser_t *self, dc_op_t op, dc_type_t type, dc_operand_t *operand,
                      dc_span_t span)
{
    dc_reg_t value;
    if (dc_operand_is_constant(operand) &&
        dc_fold(op, operand->value, operand->value, self->build.arena, &value)) {
        self->folded_steps++;
        dc_operand_set_constant(operand, type, value);
        return;
    }
    uint16_t a = dc_operand_load(self, operand);
    dc_operand_release(self, operand);
    dc_operand_set_temporary(operand, type, dc_builder_result(&self->build, op, a, 0, span));
}

// --- the operators of the language -------------------------------------------------------------

// A number that is known: nothing to check, nothing to learn.
static bool is_plain_number(const dc_operand_t *operand)
{
    return operand->type == DC_TYPE_NUMBER && operand->variable == DC_VARIABLE_NONE &&
           !operand->nullable;
}

// What most lines are made of: arithmetic on two constants. The same as what dc_fold does, without
// the way there.
static bool fold_numbers(dc_parser_t *self, dc_op_t op, dc_operand_t *left,
                         const dc_operand_t *right)
{
    bool is_known = dc_operand_is_constant(left) && is_plain_number(left) &&
                    dc_operand_is_constant(right) && is_plain_number(right);
    if (!is_known || op > DC_OP_POW) return false;
    double a = left->value.number;
    double b = right->value.number;
    double result = dc_op_arithmetic(op, a, b);
    if (!isfinite(a) || !isfinite(b) || !isfinite(result)) return false;
    left->value.number = result;
    self->folded_steps++;
    return true;
}

bool dc_operate_numbers(dc_parser_t *self, dc_op_t op, dc_operand_t *left, dc_operand_t *right,
                        dc_span_t span)
{
    if (fold_numbers(self, op, left, right)) return true;
    if (!is_plain_number(left) && !dc_want_number(self, left, dc_op_infos[op].text)) return false;
    if (!is_plain_number(right) && !dc_want_number(self, right, dc_op_infos[op].text)) return false;
    operate_binary(self, op, DC_TYPE_NUMBER, left, right, span);
    return true;
}

static bool mixed_types(dc_parser_t *self, const char *rule, const dc_operand_t *left,
                        const dc_operand_t *right, dc_span_t span)
{
    return dc_complain(self, DC_ERR_TYPE, span, "%s, not a %s and a %s", rule,
                       dc_type_name((dc_type_t)left->type), dc_type_name((dc_type_t)right->type));
}

static bool is_string(const dc_operand_t *operand)
{
    return operand->type == DC_TYPE_STRING;
}

// May become a string, if the other side is one.
static bool can_be_string(const dc_parser_t *self, const dc_operand_t *operand)
{
    return is_string(operand) || operand->type == DC_TYPE_NULL || dc_operand_is_open(self, operand);
}

bool dc_operate_plus(dc_parser_t *self, dc_operand_t *left, dc_operand_t *right, dc_span_t span)
{
    if (fold_numbers(self, DC_OP_ADD, left, right)) return true;
    if (!is_string(left) && !is_string(right)) {
        // Two open variables may still turn out to be strings; then this is read again.
        bool is_open = dc_operand_is_open(self, left) && dc_operand_is_open(self, right);
        if (!is_open) return dc_operate_numbers(self, DC_OP_ADD, left, right, span);
        dc_want_value(self, left);
        dc_want_value(self, right);
        operate_binary(self, DC_OP_ADD, DC_TYPE_NUMBER, left, right, span);
        return true;
    }
    if (!can_be_string(self, left) || !can_be_string(self, right)) {
        return mixed_types(self, "'+' takes two numbers or two strings", left, right, span);
    }
    if (!dc_want_string(self, left, "'+'") || !dc_want_string(self, right, "'+'")) return false;
    operate_binary(self, DC_OP_CONCAT, DC_TYPE_STRING, left, right, span);
    return true;
}

void dc_operate_is_null(dc_parser_t *self, bool is_equal, dc_operand_t *operand, dc_span_t span)
{
    dc_handle_null(self, operand);
    if (operand->type == DC_TYPE_NULL || !operand->nullable) {
        // Known by the type alone.
        bool is_null = operand->type == DC_TYPE_NULL;
        dc_operand_release(self, operand);
        dc_operand_set_constant(operand, DC_TYPE_BOOL, (dc_reg_t){ .number = is_null == is_equal });
        return;
    }
    dc_operate_unary(self, DC_OP_IS_NULL, DC_TYPE_BOOL, operand, span);
    if (!is_equal) dc_operate_unary(self, DC_OP_NOT, DC_TYPE_BOOL, operand, span);
}

bool dc_operate_compare(dc_parser_t *self, dc_op_t op, dc_operand_t *left, dc_operand_t *right,
                        dc_span_t span)
{
    bool is_equality = op == DC_OP_EQ || op == DC_OP_NE;
    if (is_equality && (left->type == DC_TYPE_NULL || right->type == DC_TYPE_NULL)) {
        bool is_left = left->type != DC_TYPE_NULL;
        dc_operand_t *operand = is_left ? left : right;
        dc_operand_release(self, is_left ? right : left);
        dc_operate_is_null(self, op == DC_OP_EQ, operand, span);
        uint32_t column = left->column;
        *left = *operand;
        left->column = column;
        return true;
    }
    if (!dc_unify(self, left, right)) {
        return mixed_types(self, "only values of one type can be compared", left, right, span);
    }
    dc_want_value(self, left);
    dc_want_value(self, right);
    if (left->type == DC_TYPE_BOOL && !is_equality) {
        return dc_complain(self, DC_ERR_TYPE, span,
                           "bools have no order; '%s' takes two numbers or "
                           "two strings",
                           dc_op_infos[op].text);
    }
    // The operations on strings are in the same order.
    if (is_string(left)) op = (dc_op_t)(op - DC_OP_EQ + DC_OP_EQ_STRING);
    operate_binary(self, op, DC_TYPE_BOOL, left, right, span);
    return true;
}

bool dc_operate_in(dc_parser_t *self, dc_operand_t *left, dc_operand_t *right, dc_span_t span)
{
    if (!dc_want_string(self, left, "'in'") || !dc_want_string(self, right, "'in'")) return false;
    operate_binary(self, DC_OP_IN_STRING, DC_TYPE_BOOL, left, right, span);
    return true;
}
