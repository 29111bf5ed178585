// emit_part — what the files of dc_emit_t share: emit.c (rows, and which way results go),
// emit_cells.c and emit_taken.c.
#ifndef DC_CLIENT_CLI_RUN_EMIT_PART_H
#define DC_CLIENT_CLI_RUN_EMIT_PART_H

#include "client/cli/run/emit.h"
#include "client/cli/run/piece_walk.h"

// Which row job `job` of `chunk` is, from 0, and its input, which is the chunk's.
uint64_t dc_emit_row(const dcalc_chunk_t *chunk, uint64_t job);
dc_str_t dc_emit_input(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job);

// A row has failed, which is written or taken: count it and tell of it. `line` is where it is in a
// file.
void dc_emit_note_failed(dc_emit_t *self, const dc_row_t *row, uint64_t line);
// ... a job of `piece` that has `fault`.
void dc_emit_note_fault(dc_emit_t *self, const dcalc_piece_t *piece, const dc_fault_t *fault);
// ... a row that nobody computed.
void dc_emit_note_rest(dc_emit_t *self, const dc_row_t *row);

// Whether the broker's store has spoiled the job's input, so that a blank one stands for it, or
// zeros for numbers: what has spoiled its result alone has left that.
bool dc_emit_is_lost(dc_str_t input, const dc_fault_t *fault);

// --- emit_cells.c ------------------------------------------------------------------------------

void dc_emit_put_cells(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end);

// Write the cell of job `line` as failed: nobody computes it.
void dc_emit_put_rest_cell(dc_emit_t *self, dc_str_t line, const dc_fault_t *fault);

// --- emit_taken.c ------------------------------------------------------------------------------

void dc_emit_reduce(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end);
void dc_emit_gather(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end);
void dc_emit_gather_cells(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first,
                          uint64_t end);

// Take the one job's result, or why there is none.
void dc_emit_take(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t job);
void dc_emit_take_fault(dc_emit_t *self, const dc_fault_t *fault);

#endif
