// Cells of a sheet as rows.
#include "client/cli/run/emit_part.h"

// Print the row of a cell, whatever order it comes in.
static void put_cell(dc_emit_t *self, const dc_row_t *row)
{
    dc_sheet_rows_t *sheet = self->sheet;
    bool is_written = dc_sheet_rows_is_wanted(sheet) && (row->fault || !self->is_failed_only);
    sheet->text.len = 0;
    if (is_written) dc_printer_put(self->printer, row, &sheet->text);
    dc_sheet_rows_put(sheet, dc_buf_str(&sheet->text), self->out);
    self->row_count++;
}

void dc_emit_put_cells(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    for (uint64_t job = first; job < end; job++) {
        dc_str_t result;
        const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
        // A copy, which gets words of its own.
        dc_fault_t own = fault ? *fault : (dc_fault_t){ 0 };
        dc_str_t line = dc_emit_input(self, piece->chunk, job);
        if (fault && dc_emit_is_lost(line, fault)) {
            dc_sheet_rows_lose(self->sheet);
            continue;
        }
        if (!dc_sheet_rows_read(self->sheet, line)) return;
        dc_row_t row = dc_sheet_rows_row(self->sheet, result, fault ? &own : NULL);
        row.attempt = piece->attempt;
        row.spent_us = piece->spent_us;
        row.worker = dc_str(piece->worker, piece->worker_bytes);
        put_cell(self, &row);
        bool is_told = row.fault && dc_sheet_rows_is_wanted(self->sheet);
        if (is_told) dc_emit_note_failed(self, &row, self->sheet->cell.line);
    }
}

void dc_emit_put_rest_cell(dc_emit_t *self, dc_str_t line, const dc_fault_t *fault)
{
    if (!dc_sheet_rows_read(self->sheet, line)) return;
    dc_row_t row = dc_sheet_rows_row(self->sheet, DC_STR(""), NULL);
    row.fault = fault;
    put_cell(self, &row);
    if (dc_sheet_rows_is_wanted(self->sheet)) dc_emit_note_rest(self, &row);
}

static void put_lost_cell(dc_emit_t *self)
{
    dc_fault_t fault = { .code = DC_ERR_DAMAGED,
                         .message = DC_STR("the disk of the broker's store has spoiled this cell, "
                                           "its name and its expression") };
    dc_row_t row = { .row = self->sheet->cell.row + 1, .fault = &fault, .is_dropped = true };
    put_cell(self, &row);
    if (dc_sheet_rows_is_wanted(self->sheet)) dc_emit_note_failed(self, &row, 0);
}

void dc_emit_end_cells(dc_emit_t *self)
{
    dc_sheet_rows_t *sheet = self->sheet;
    while (dc_sheet_rows_next_lost(sheet)) {
        put_lost_cell(self);
    }
    dc_sheet_rows_flush(sheet, self->out);
    if (!sheet->lost_count) return;
    // Others were never sent: no row can be said to be one of these.
    dc_messages_put_sentence(self->messages, "the disk of the broker's store has spoiled cells of "
                                             "the sheet, and nobody knows which");
    self->row_count += sheet->lost_count;
    self->failed_count += sheet->lost_count;
    sheet->lost_count = 0;
}
