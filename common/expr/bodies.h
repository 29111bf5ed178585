// bodies — what the reductions of a text evaluate, in its block form.
//
// It is made when a reduction has had so many terms that it pays, and kept while the same code
// runs. What cannot be in blocks is left to the VM, as in columns.h.
#ifndef DC_COMMON_EXPR_BODIES_H
#define DC_COMMON_EXPR_BODIES_H

#include "common/expr/vector.h"
#include "common/expr/vm.h"

typedef struct dc_body dc_body_t;

// All zeros to begin with.
struct dc_bodies {
    const dc_code_t *code; // that the bodies belong to
    uint64_t serial;       // of that code
    dc_arena_t arena;      // what they live in
    dc_arena_t scratch;    // what it takes to make one
    dc_body_t *list;       // one a reduction of the code; NULL until the first is wanted
    dc_vector_room_t room; // to run in
    uint64_t block_count;  // how often terms were to be evaluated in blocks, for whoever looks
};

void dc_bodies_init(dc_bodies_t *self);
void dc_bodies_fini(dc_bodies_t *self);

// This code runs from now on. What was made for it is kept if it was the last that ran, unless it
// has no serial.
void dc_bodies_begin(dc_bodies_t *self, const dc_code_t *code);

// The block form of reduction `index` of `code`, in `arena`; `scratch`, which is reset, is for
// making it. NULL if it cannot be in blocks, or memory is short.
dc_vector_t *dc_bodies_make(const dc_code_t *code, uint32_t index, dc_arena_t *scratch,
                            dc_arena_t *arena);

// The block form of reduction `index` of the code, ready to run with the registers as they are now,
// for `count` terms; NULL if the VM is to evaluate these.
const dc_vector_t *dc_bodies_find(dc_bodies_t *self, uint32_t index, const dc_reg_t *regs,
                                  uint32_t count);

#endif
