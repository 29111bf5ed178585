#include "common/expr/code.h"

static void clear_bit(uint64_t *bits, uint32_t index)
{
    bits[index / 64] &= ~(UINT64_C(1) << (index % 64));
}

const uint64_t *dc_code_fixed(const dc_code_t *self, dc_arena_t *arena)
{
    size_t words = self->reg_count / 64 + 1;
    uint64_t *fixed = dc_arena_alloc(arena, words, sizeof *fixed);
    if (!fixed) return NULL;
    memset(fixed, 0xFF, words * sizeof *fixed);
    for (uint32_t i = 0; i < self->ins_count; i++) {
        if (dc_op_infos[self->ins[i].op].writes) clear_bit(fixed, self->ins[i].d);
    }
    for (uint32_t i = 0; i < self->variable_count; i++) {
        const dc_variable_t *variable = &self->variables[i];
        if (variable->is_used && !variable->has_value) clear_bit(fixed, variable->reg);
    }
    for (uint32_t i = 0; i < self->reduction_count; i++)
        clear_bit(fixed, self->reductions[i].variable);
    return fixed;
}
