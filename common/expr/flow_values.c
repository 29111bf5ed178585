#include <math.h>

#include "common/expr/flow_part.h"
#include "common/expr/kernels.h"
#include "common/expr/math.h"

uint32_t dc_flow_add(dc_flow_t *self, dc_flow_value_t value)
{
    if (self->count == DC_FLOW_VALUES_MAX) return DC_FLOW_NONE;
    self->values[self->count] = value;
    return self->count++;
}

static bool is_single(const dc_flow_t *self, uint32_t id)
{
    return id == DC_FLOW_NONE || self->values[id].is_single;
}

static uint32_t add_of(dc_flow_t *self, dc_flow_value_t value)
{
    value.mask = DC_FLOW_NONE;
    value.is_single =
        is_single(self, value.a) && is_single(self, value.b) && is_single(self, value.c);
    return dc_flow_add(self, value);
}

uint32_t dc_flow_add_kind(dc_flow_t *self, dc_flow_kind_t kind, uint32_t a, uint32_t b, uint32_t c)
{
    return add_of(self, (dc_flow_value_t){ .kind = (uint8_t)kind, .a = a, .b = b, .c = c });
}

uint32_t dc_flow_add_op(dc_flow_t *self, dc_op_t op, uint32_t a, uint32_t b)
{
    return add_of(self,
                  (dc_flow_value_t){
                      .kind = DC_FLOW_OP, .op = (uint8_t)op, .a = a, .b = b, .c = DC_FLOW_NONE });
}

uint32_t dc_flow_add_number(dc_flow_t *self, double number)
{
    dc_flow_value_t value = dc_flow_value(DC_FLOW_NUMBER);
    value.is_single = true;
    value.number = number;
    return dc_flow_add(self, value);
}

uint32_t dc_flow_add_power(dc_flow_t *self, uint32_t x, uint32_t y)
{
    const dc_flow_value_t *exponent = &self->values[y];
    uint32_t one;
    if (exponent->kind != DC_FLOW_NUMBER) return dc_flow_add_op(self, DC_OP_POW, x, y);
    switch (dc_math_pow_rule(exponent->number)) {
    case DC_POW_SQUARE: return dc_flow_add_op(self, DC_OP_MUL, x, x);
    case DC_POW_CUBE: return dc_flow_add_kind(self, DC_FLOW_CUBE, x, DC_FLOW_NONE, DC_FLOW_NONE);
    case DC_POW_FOURTH:
        return dc_flow_add_kind(self, DC_FLOW_FOURTH, x, DC_FLOW_NONE, DC_FLOW_NONE);
    case DC_POW_INVERSE:
        one = dc_flow_add_number(self, 1);
        return one == DC_FLOW_NONE ? one : dc_flow_add_op(self, DC_OP_DIV, one, x);
    case DC_POW_ROOT: return dc_flow_add_kind(self, DC_FLOW_ROOT, x, DC_FLOW_NONE, DC_FLOW_NONE);
    case DC_POW_OTHER: break;
    }
    return dc_flow_add_op(self, DC_OP_POW, x, y);
}

static size_t math_index(const char *name)
{
    return dc_math_index(dc_math_find(dc_str_from(name)));
}

static uint32_t add_math(dc_flow_t *self, size_t index, const uint32_t *args, uint32_t count,
                         uint32_t mask)
{
    bool can_fail = !dc_kernels_function(dc_kernels_best(), index, count); // who knows
    bool are_single = !can_fail;
    for (uint32_t i = 0; i < count; i++)
        are_single = are_single && is_single(self, args[i]);
    dc_flow_value_t value = dc_flow_value(DC_FLOW_MATH);
    value.x = (uint8_t)index;
    value.is_single = are_single;
    value.can_fail = can_fail;
    value.arg_count = count;
    if (count > 0) value.a = args[0];
    if (count > 1) value.b = args[1];
    if (can_fail) value.mask = mask;
    uint32_t *list = dc_arena_alloc(self->arena, count, sizeof *list);
    if (!list) return DC_FLOW_NONE;
    memcpy(list, args, count * sizeof *list);
    value.args = list;
    return dc_flow_add(self, value);
}

// Functions of several numbers that are others of two, one after another.
static uint32_t add_chain(dc_flow_t *self, size_t index, const uint32_t *args, uint32_t count)
{
    uint32_t id = args[0];
    for (uint32_t i = 1; i < count && id != DC_FLOW_NONE; i++) {
        const uint32_t two[] = { id, args[i] };
        id = add_math(self, index, two, 2, DC_FLOW_NONE);
    }
    return id;
}

uint32_t dc_flow_add_function(dc_flow_t *self, size_t index, const uint32_t *args, uint32_t count,
                              uint32_t mask)
{
    static const char *const chained[] = { "min", "max" };
    const char *name = dc_math_at(index)->name;
    if (strcmp(name, "pow") == 0) return dc_flow_add_power(self, args[0], args[1]);
    for (size_t i = 0; i < DC_ARRAY_LEN(chained); i++) {
        if (count > 1 && strcmp(name, chained[i]) == 0) return add_chain(self, index, args, count);
    }
    if (strcmp(name, "clamp") == 0) {
        const uint32_t low[] = { add_math(self, math_index("max"), args, 2, DC_FLOW_NONE),
                                 args[2] };
        return low[0] == DC_FLOW_NONE ? low[0]
                                      : add_math(self, math_index("min"), low, 2, DC_FLOW_NONE);
    }
    return add_math(self, index, args, count, mask);
}

uint32_t dc_flow_add_quotient(dc_flow_t *self, uint32_t a, uint32_t b)
{
    const dc_flow_value_t *divisor = &self->values[b];
    int exponent;
    bool is_power = divisor->kind == DC_FLOW_NUMBER && fabs(divisor->number) < 0x1p1000 &&
                    fabs(divisor->number) > 0x1p-1000 &&
                    fabs(frexp(divisor->number, &exponent)) == 0.5;
    if (!is_power) return dc_flow_add_op(self, DC_OP_DIV, a, b);
    uint32_t inverse = dc_flow_add_number(self, 1 / divisor->number);
    return inverse == DC_FLOW_NONE ? inverse : dc_flow_add_op(self, DC_OP_MUL, a, inverse);
}
