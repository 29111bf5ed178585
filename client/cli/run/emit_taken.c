// Results that are not written, but taken: by a reducer, to be sent again, or as they are.
#include "client/cli/run/emit_part.h"

// What the reducer cannot take has failed as well.
static void reduce_row(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t job, dc_str_t result)
{
    dc_diag_t diag;
    dc_fault_t fault = { .index = job };
    fault.code = dc_reducer_take(self->reducer, dc_emit_row(piece->chunk, job) + 1, result, &diag);
    if (!fault.code) return;
    fault.message = dc_str_from(diag.message);
    dc_emit_note_fault(self, piece, &fault);
}

void dc_emit_reduce(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    for (uint64_t job = first; job < end; job++) {
        dc_str_t result;
        const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
        self->row_count++;
        if (fault) {
            dc_emit_note_fault(self, piece, fault);
        } else {
            reduce_row(self, piece, job, result);
        }
    }
}

bool dc_emit_is_lost(dc_str_t input, const dc_fault_t *fault)
{
    if (fault->code != DC_ERR_DAMAGED) return false;
    for (size_t i = 0; i < input.len; i++) {
        if (input.data[i] != '\0') return false;
    }
    return true;
}

void dc_emit_gather(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    uint64_t job = first;
    while ((job = dc_piece_walk_find_failed(&walk, job, end)) < end) {
        dc_str_t input = dc_emit_input(self, piece->chunk, job++);
        if (dc_emit_is_lost(input, &walk.fault)) {
            self->lost_count++;
        } else {
            dc_again_add(self->again, piece->chunk, input);
        }
    }
    self->row_count += end - first;
}

// Of cells that have a value it may be needed.
void dc_emit_gather_cells(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    for (uint64_t job = first; job < end; job++) {
        dc_str_t result;
        const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
        dc_str_t line = dc_emit_input(self, piece->chunk, job);
        if (fault && dc_emit_is_lost(line, fault)) {
            self->lost_count++;
        } else {
            dc_sheet_again_add(self->cells_again, line, fault ? NULL : &result);
        }
    }
    self->row_count += end - first;
}

void dc_emit_take_fault(dc_emit_t *self, const dc_fault_t *fault)
{
    dc_taken_t *taken = self->taken;
    taken->fault = *fault;
    taken->message.len = 0;
    dc_buf_append_str(&taken->message, fault->message);
    taken->fault.message = dc_buf_str(&taken->message);
}

void dc_emit_take(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t job)
{
    dc_taken_t *taken = self->taken;
    dc_piece_walk_t walk = dc_piece_walk(piece, job);
    dc_str_t result;
    const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
    taken->result.len = 0;
    dc_buf_append_str(&taken->result, result);
    if (fault) dc_emit_take_fault(self, fault);
    taken->attempt = piece->attempt;
    taken->spent_us = piece->spent_us;
    taken->worker.len = 0;
    dc_buf_append_str(&taken->worker, dc_str(piece->worker, piece->worker_bytes));
    self->row_count++;
}
