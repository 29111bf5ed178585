// columns — a template over columns of numbers, a block of rows at a time.
//
// It gives the same values as dc_engine_run, row by row, and leaves to that function what it cannot
// do: rows that fail (which dc_engine_run says why) and rows with null. Templates with strings are
// left to it altogether.
//
//   dc_columns_t *columns = dc_columns_new(code, varies)    once; NULL: use dc_engine_run
//   dc_columns_run(columns, &block)                         for up to DC_BLOCK_ROWS rows
#ifndef DC_COMMON_EXPR_COLUMNS_H
#define DC_COMMON_EXPR_COLUMNS_H

#include "common/expr/expr.h"
#include "common/limits.h"

typedef struct dc_columns dc_columns_t;

// A column has room for DC_BLOCK_ROWS rows and is as long as that, whatever `count` is; what stands
// behind `count` is not looked at, but numbers that cost time (NaN, tiny ones) cost it there as
// well. A column that begins at a multiple of DC_BLOCK_ALIGNMENT takes least.
typedef struct dc_columns_block {
    size_t count;              // rows, 1 .. DC_BLOCK_ROWS
    double *const *columns;    // [i]: of variable i where that varies and is used; bools as 1 and 0
    const dc_value_t *inputs;  // [i]: of variable i where that does not vary and is used
    dc_eval_options_t options; //
    uint64_t steps_max;        // of one row

    const double *values;        // out: one a row; bools as 1 and 0
    uint64_t steps;              // out: what each row took at least
    const uint32_t *more_steps;  // out: and how many more, a row; NULL: none took more
    bool has_left;               // out: some row was left out
    bool is_left[DC_BLOCK_ROWS]; // in: leave this row out; out: evaluate it with dc_engine_run
} dc_columns_block_t;

// Prepare `code`, borrowed until destroy: variable i has a value of its own in each row if
// `varies[i]`, else one for all of them. NULL if it cannot be, or memory is short.
dc_columns_t *dc_columns_new(const dc_code_t *code, const bool *varies);

// Destroy it and set `*self_p` to NULL; NULL is fine.
void dc_columns_destroy(dc_columns_t **self_p);

// How many operations a block takes, for whoever looks.
size_t dc_columns_length(const dc_columns_t *self);

// What a row takes at least.
uint64_t dc_columns_steps_min(const dc_columns_t *self);

// Evaluate a block. Values live until the next run. False if nothing was done: inputs that are the
// same for all rows are not what was declared, or memory is short.
DC_MUST_USE bool dc_columns_run(dc_columns_t *self, dc_columns_block_t *block);

// What a row took that was evaluated.
static inline uint64_t dc_columns_steps(const dc_columns_block_t *block, size_t row)
{
    return block->steps + (block->more_steps ? block->more_steps[row] : 0);
}

#endif
