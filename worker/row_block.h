// row_block — the rows of consecutive jobs, read into columns and evaluated together.
//
// What it gives for a row is what dc_rows_read and dc_engine_run would give, save that it does not
// say why a row fails: then, and where a cell is empty or unusual, it gives nothing, and the row is
// to be evaluated alone.
//
//   dc_row_block_clear(block, limit)
//   dc_row_block_add(block, job)              for up to DC_BLOCK_ROWS jobs
//   dc_row_block_run(block)
//   dc_row_block_get(block, row, ...)         for each of them
#ifndef DC_WORKER_ROW_BLOCK_H
#define DC_WORKER_ROW_BLOCK_H

#include "common/rows.h"

typedef struct dc_row_block dc_row_block_t;

// For the rows of `program`, whose template was compiled to `code` with `vars` and is read by
// `rows`; `inputs[i]` holds a value for each variable, of which those of the program's constants
// stay. All are borrowed until destroy. NULL if such rows cannot be evaluated together, or memory
// is short.
dc_row_block_t *dc_row_block_new(const dc_program_t *program, const dc_var_t *vars,
                                 dc_value_t *inputs, const dc_code_t *code, dc_rows_t *rows);
void dc_row_block_destroy(dc_row_block_t **self_p);

// Forget all rows. Those that come are parts of what ends at `limit`.
void dc_row_block_clear(dc_row_block_t *self, const char *limit);

// Read one more job, borrowed until the block is cleared. There is room for DC_BLOCK_ROWS.
void dc_row_block_add(dc_row_block_t *self, dc_str_t job);

// Evaluate all rows; without it none has a value.
void dc_row_block_run(dc_row_block_t *self);

// How many rows take about so many steps, at least 1 and at most DC_BLOCK_ROWS.
size_t dc_row_block_rows(const dc_row_block_t *self, uint64_t steps);

// The bytes of job `row`.
dc_str_t dc_row_block_job(const dc_row_block_t *self, size_t row);

// The values of jobs `row` and behind, at most `count_max`, as far as they have some: returns how
// many, and in `*steps` what all of these took. They are good until the block is cleared; bools are
// 1 and 0 where `*are_bools`.
size_t dc_row_block_values(const dc_row_block_t *self, size_t row, size_t count_max,
                           const double **values, bool *are_bools, uint64_t *steps);

// The value of job `row`, and the steps it took. False if it is to be evaluated alone.
bool dc_row_block_get(const dc_row_block_t *self, size_t row, dc_value_t *value, uint64_t *steps);

#endif
