// vector — compiled code that runs DC_BLOCK_ROWS rows at a time, on vector kernels.
//
// It knows numbers and bools only, no null and no strings, and it gives the same bits as the VM. It
// does not say why a row fails: such a row is marked, and the VM evaluates it for the reason.
//
//   dc_vector_t *vector = dc_vector_new(&source, ...)          once; NULL: leave it to the VM
//   dc_vector_bind(vector, &room, regs)                         when singles have changed
//   values = dc_vector_run(vector, &room, rows, count)          a block
#ifndef DC_COMMON_EXPR_VECTOR_H
#define DC_COMMON_EXPR_VECTOR_H

#include "common/expr/flow.h"
#include "common/limits.h"

typedef struct dc_vector dc_vector_t;

// Memory to run in; all zeros to begin with. It serves one vector after another, of one thread.
typedef struct dc_vector_room {
    double *memory; // owned: buffers of a block each, then singles
    size_t memory_capacity;
    const double **at; // owned: where each operand is
    size_t at_capacity;
    bool has_failed;                  // of the last run: some row is marked
    uint8_t is_failed[DC_BLOCK_ROWS]; // which
    bool has_steps;                   // some row takes more steps than others
    uint32_t steps[DC_BLOCK_ROWS];    // how many more, for calls that not all rows make
} dc_vector_room_t;

void dc_vector_room_fini(dc_vector_room_t *self);

// Turn code into its block form, which lives in `arena`; what it takes to make it is in `scratch`
// until that is reset. NULL if the code cannot be in blocks, or memory is short.
dc_vector_t *dc_vector_new(const dc_flow_source_t *source, dc_arena_t *scratch, dc_arena_t *arena);

// What a row takes at least: beside it only what a run says in room->steps.
uint64_t dc_vector_steps(const dc_vector_t *self);

// How many operations it has, for whoever looks.
size_t dc_vector_length(const dc_vector_t *self);

// Make room ready for `self`, and compute what is the same in all rows; singles are taken from
// `regs`. False if one of them is null, or memory is short.
DC_MUST_USE bool dc_vector_bind(const dc_vector_t *self, dc_vector_room_t *room,
                                const dc_reg_t *regs);

// Run `count` rows (1 .. DC_BLOCK_ROWS). `rows[i]` are the values of register i of the source's
// list: doubles, bools as 1 and 0, up to the next multiple of 8 rows (what stands behind `count`
// does not matter, but must be there). Returns the values, one a row; they are good until the next
// run, save where room->is_failed says otherwise.
const double *dc_vector_run(const dc_vector_t *self, dc_vector_room_t *room,
                            const double *const *rows, size_t count);

#endif
