// flow_part — what flow.c, which follows the code, and flow_values.c, which makes its values, share
// of dc_flow_t.
//
// Functions that add a value return its number; DC_FLOW_NONE if there are too many, or memory is
// short.
#ifndef DC_COMMON_EXPR_FLOW_PART_H
#define DC_COMMON_EXPR_FLOW_PART_H

#include "common/expr/flow.h"

// A value that reads no other.
static inline dc_flow_value_t dc_flow_value(dc_flow_kind_t kind)
{
    return (dc_flow_value_t){ .kind = (uint8_t)kind,
                              .a = DC_FLOW_NONE,
                              .b = DC_FLOW_NONE,
                              .c = DC_FLOW_NONE,
                              .mask = DC_FLOW_NONE };
}

uint32_t dc_flow_add(dc_flow_t *self, dc_flow_value_t value);

uint32_t dc_flow_add_number(dc_flow_t *self, double number);

// What cannot fail, of a, b, c or as many of them as are not NONE; single if all of these are.
uint32_t dc_flow_add_kind(dc_flow_t *self, dc_flow_kind_t kind, uint32_t a, uint32_t b, uint32_t c);
uint32_t dc_flow_add_op(dc_flow_t *self, dc_op_t op, uint32_t a, uint32_t b);

// x ^ y: by the exponent's value where that is known from the start, as dc_math_pow has it.
uint32_t dc_flow_add_power(dc_flow_t *self, uint32_t x, uint32_t y);

// a / b. Dividing by a power of two is multiplying by its inverse, which is one as well, and exact.
uint32_t dc_flow_add_quotient(dc_flow_t *self, uint32_t a, uint32_t b);

// Function number `index` of math.h. `mask` is the bool of the rows that get there, for when it can
// fail.
uint32_t dc_flow_add_function(dc_flow_t *self, size_t index, const uint32_t *args, uint32_t count,
                              uint32_t mask);

#endif
