// operand — what the parser knows of a part of the expression that it has read.
#ifndef DC_COMMON_EXPR_OPERAND_H
#define DC_COMMON_EXPR_OPERAND_H

#include "common/expr/code.h"

typedef enum dc_operand_kind {
    DC_OPERAND_CONSTANT,  // its value is known
    DC_OPERAND_VARIABLE,  // in a register that has a name and is kept
    DC_OPERAND_TEMPORARY, // in a register that is free again once it was used
} dc_operand_kind_t;

#define DC_VARIABLE_NONE UINT32_MAX

typedef struct dc_operand {
    uint8_t kind;      // dc_operand_kind_t
    uint8_t type;      // dc_type_t; NULL if it is null whatever happens
    bool nullable;     // it may be null
    uint16_t reg;      // if it is not constant
    uint32_t variable; // the declared variable or parameter that it is, else DC_VARIABLE_NONE
    uint32_t column;   // of its text
    uint32_t end;
    dc_reg_t value; // if it is constant
} dc_operand_t;

static inline dc_span_t dc_operand_span(const dc_operand_t *self)
{
    return (dc_span_t){ self->column, self->end - self->column };
}

static inline bool dc_operand_is_constant(const dc_operand_t *self)
{
    return self->kind == DC_OPERAND_CONSTANT;
}

// Make it a constant.
static inline void dc_operand_set_constant(dc_operand_t *self, dc_type_t type, dc_reg_t value)
{
    self->kind = DC_OPERAND_CONSTANT;
    self->type = (uint8_t)type;
    self->nullable = false;
    self->variable = DC_VARIABLE_NONE;
    self->value = value;
}

// Is it null for certain?
static inline bool dc_operand_is_null(const dc_operand_t *self)
{
    return self->type == DC_TYPE_NULL ||
           (dc_operand_is_constant(self) && self->nullable && dc_reg_is_null(self->value));
}

#endif
