#include "common/expr/parser.h"

static dc_variable_t *variable_of(const dc_parser_t *self, const dc_operand_t *operand)
{
    if (operand->variable == DC_VARIABLE_NONE) return NULL;
    return &self->variables[operand->variable];
}

bool dc_operand_is_open(const dc_parser_t *self, const dc_operand_t *operand)
{
    const dc_variable_t *variable = variable_of(self, operand);
    return variable && variable->by_use && !variable->is_settled && !variable->is_numeric;
}

// Code that was made before took the variable for a number.
static void settle(dc_parser_t *self, dc_operand_t *operand, dc_type_t type)
{
    dc_variable_t *variable = variable_of(self, operand);
    variable->type = type;
    variable->is_settled = true;
    operand->type = (uint8_t)type;
    self->again = true;
}

static bool wrong_type(dc_parser_t *self, const dc_operand_t *operand, dc_type_t type,
                       const char *user)
{
    const char *wanted = dc_type_name(type);
    const char *given = dc_type_name((dc_type_t)operand->type);
    bool is_quoted = user[0] == '\'';
    return dc_complain(self, DC_ERR_TYPE, dc_operand_span(operand),
                       is_quoted ? "%s takes a %s, not a %s" : "'%s' takes a %s, not a %s", user,
                       wanted, given);
}

void dc_want_value(dc_parser_t *self, dc_operand_t *operand)
{
    if (!operand->nullable) return;
    dc_span_t span = dc_operand_span(operand);
    if (dc_operand_is_null(operand)) {
        dc_builder_emit(&self->build, (dc_ins_t){ .op = DC_OP_FAULT_NULL }, span);
        // Nothing behind it runs. Still it needs a register, so that code can be made.
        if (dc_operand_is_constant(operand)) {
            uint32_t variable = operand->variable;
            dc_operand_set_temporary(operand, (dc_type_t)operand->type,
                                     dc_builder_reg(&self->build));
            operand->variable = variable;
        }
    } else {
        dc_builder_emit(&self->build, (dc_ins_t){ .op = DC_OP_CHECK, .a = operand->reg }, span);
    }
    operand->nullable = false;
}

static bool use_as_number(dc_parser_t *self, dc_operand_t *operand)
{
    dc_variable_t *variable = variable_of(self, operand);
    if (variable) variable->is_numeric = true;
    dc_want_value(self, operand);
    return true;
}

// Of what is no number a bool counts as one. One that is known is put into a register where no
// number is to be folded.
static bool count_as_number(dc_parser_t *self, dc_operand_t *operand, const char *user)
{
    if (operand->type == DC_TYPE_STRING) return wrong_type(self, operand, DC_TYPE_NUMBER, user);
    if (self->literals && operand->type == DC_TYPE_BOOL) dc_operand_load(self, operand);
    return use_as_number(self, operand);
}

bool dc_want_number(dc_parser_t *self, dc_operand_t *operand, const char *user)
{
    if (operand->type != DC_TYPE_NUMBER) return count_as_number(self, operand, user);
    return use_as_number(self, operand);
}

bool dc_want_bool(dc_parser_t *self, dc_operand_t *operand, const char *user)
{
    const dc_variable_t *variable = variable_of(self, operand);
    bool is_open = variable && variable->by_use && !variable->is_settled;
    if (operand->type == DC_TYPE_NUMBER && is_open) settle(self, operand, DC_TYPE_BOOL);
    bool fits = operand->type == DC_TYPE_BOOL || operand->type == DC_TYPE_NULL;
    if (!fits) return wrong_type(self, operand, DC_TYPE_BOOL, user);
    dc_want_value(self, operand);
    operand->type = DC_TYPE_BOOL;
    return true;
}

bool dc_want_string(dc_parser_t *self, dc_operand_t *operand, const char *user)
{
    if (dc_operand_is_open(self, operand)) settle(self, operand, DC_TYPE_STRING);
    bool fits = operand->type == DC_TYPE_STRING || operand->type == DC_TYPE_NULL;
    if (!fits) return wrong_type(self, operand, DC_TYPE_STRING, user);
    dc_want_value(self, operand);
    operand->type = DC_TYPE_STRING;
    return true;
}

void dc_handle_null(dc_parser_t *self, dc_operand_t *operand)
{
    dc_variable_t *variable = variable_of(self, operand);
    if (!variable || variable->nullable) return;
    variable->nullable = true;
    // A constant is null or is not: there is nothing to learn from reading again.
    if (variable->has_value) return;
    operand->nullable = true;
    self->again = true;
}

bool dc_unify(dc_parser_t *self, dc_operand_t *left, dc_operand_t *right)
{
    if (left->type == right->type) return true;
    if (left->type == DC_TYPE_NULL || right->type == DC_TYPE_NULL) {
        dc_operand_t *null = left->type == DC_TYPE_NULL ? left : right;
        null->type = null == left ? right->type : left->type;
        return true;
    }
    if (dc_operand_is_open(self, left)) {
        settle(self, left, (dc_type_t)right->type);
    } else if (dc_operand_is_open(self, right)) {
        settle(self, right, (dc_type_t)left->type);
    }
    return left->type == right->type;
}
