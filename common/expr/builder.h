// builder — puts code together: instructions, registers, constants, jumps.
//
// Memory is an arena's. Running out of it, or of register numbers, is remembered in `err`; from
// then on the builder does nothing and the owner asks once at the end.
//
// While `dead` is not 0 the text is still checked, but its code would never run: nothing is
// emitted.
#ifndef DC_COMMON_EXPR_BUILDER_H
#define DC_COMMON_EXPR_BUILDER_H

#include "common/expr/code.h"

typedef struct dc_builder {
    dc_arena_t *arena;
    dc_ins_t *ins;
    dc_span_t *spans;
    uint32_t ins_count, ins_capacity;
    dc_reg_t *regs;
    uint32_t reg_count, reg_capacity;
    uint32_t free_reg; // first of the registers that are free again, each holds the next
    uint32_t label;    // the last position that some jump may lead to
    uint32_t dead;     // how many enclosing sides will never run
    dc_err_t err;      // DC_ERR_TOO_LARGE or DC_ERR_NOMEM
} dc_builder_t;

#define DC_REG_NONE UINT32_MAX

// Start with no code in an arena that was just reset.
void dc_builder_init(dc_builder_t *self, dc_arena_t *arena);

// Memory of the arena, NULL and `err` set if there is none.
void *dc_builder_alloc(dc_builder_t *self, size_t count, size_t size);

// Double `*capacity` of an array that has `count` items. Returns the new one; NULL as above.
void *dc_builder_grow(dc_builder_t *self, const void *items, uint32_t count, uint32_t *capacity,
                      size_t size);

// A register that nobody uses. After dc_builder_free it may be given out again.
uint16_t dc_builder_reg(dc_builder_t *self);
void dc_builder_free(dc_builder_t *self, uint16_t reg);

// A register that nobody has used and that is never given out again.
uint16_t dc_builder_named(dc_builder_t *self);

// A register that holds `value` from the start and is never written.
uint16_t dc_builder_constant(dc_builder_t *self, dc_reg_t value);

// Append an instruction whose fault is at `span`. Returns its position.
uint32_t dc_builder_emit(dc_builder_t *self, dc_ins_t ins, dc_span_t span);

// Append `op` of a, b with a new register for the result; returns that.
uint16_t dc_builder_result(dc_builder_t *self, dc_op_t op, uint16_t a, uint16_t b, dc_span_t span);

// Let the register `to` have the value of `from`. Where `from` is a temporary (`is_temp`, freed
// here) that the last instruction has just written, that one writes `to` instead.
void dc_builder_move(dc_builder_t *self, uint16_t to, uint16_t from, bool is_temp);

// Append a jump (on `reg`, if `op` looks at one) whose target is not known yet; returns its
// position.
uint32_t dc_builder_jump(dc_builder_t *self, dc_op_t op, uint16_t reg);

// The jump at `position` leads to what is emitted next.
void dc_builder_land(dc_builder_t *self, uint32_t position);

#endif
