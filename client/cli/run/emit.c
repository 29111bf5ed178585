#include "client/cli/run/emit.h"

#include "client/cli/run/piece_walk.h"
#include "common/lines.h"

// --- where a row is ----------------------------------------------------------------------------

// A file's header and the line breaks within records put lines ahead of rows, and rows that were
// not sent put rows ahead of jobs: by less than 2^32, both.
uint64_t dc_emit_tag(uint64_t job, uint64_t row, uint64_t line)
{
    return (line - row) << 32 | (row - job);
}

static uint64_t row_of(const dcalc_chunk_t *chunk, uint64_t job)
{
    return job + (uint32_t)chunk->tag;
}

static uint64_t line_of(const dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job)
{
    return self->line_first + row_of(chunk, job) + (chunk->tag >> 32);
}

// Chunks that are fetched have no tag. They come in order, so the line breaks within records are
// counted as they pass.
static void pass_chunk(dc_emit_t *self, const dcalc_chunk_t *chunk)
{
    // Another chunk may get the same memory.
    self->chunk_bytes = NULL;
    if (!self->line_first || !chunk->record) return;
    bool has_end = chunk->size && chunk->bytes[chunk->size - 1] == '\n';
    self->line_first += dc_lines_count(dc_str(chunk->bytes, chunk->size)) - has_end;
}

// The lines of the chunk from that of `job` on: of the job behind the last one that was taken, or
// of any other.
static dc_str_t lines_from(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job)
{
    dc_str_t bytes = dc_str(chunk->bytes, chunk->size);
    if (self->chunk_bytes != chunk->bytes || self->chunk_job != job) {
        self->chunk_bytes = chunk->bytes;
        self->chunk_at = dc_lines_offset(bytes, (size_t)(job - chunk->first));
    }
    return dc_str_behind(bytes, self->chunk_at);
}

// Remember that the lines of the jobs before `job` are taken, and `rest` is left.
static void note_lines(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job, dc_str_t rest)
{
    self->chunk_job = job;
    self->chunk_at = chunk->size - rest.len;
}

static dc_str_t input_of(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job)
{
    if (chunk->width) {
        return dc_str(chunk->bytes + (job - chunk->first) * chunk->width, chunk->width);
    }
    dc_str_t bytes = dc_str(chunk->bytes, chunk->size);
    if (chunk->record) {
        bool has_end = bytes.len && bytes.data[bytes.len - 1] == '\n';
        return dc_str(bytes.data, bytes.len - has_end);
    }
    dc_str_t rest = lines_from(self, chunk, job);
    dc_str_t line = DC_STR("");
    dc_str_take_line(&rest, &line);
    note_lines(self, chunk, job + 1, rest);
    return line;
}

// --- faults ------------------------------------------------------------------------------------

static void tell(dc_emit_t *self, const dc_row_t *row, uint64_t line)
{
    dc_locus_t locus = dc_printer_locate(self->printer, row);
    if (self->printer->is_argument) {
        dc_messages_put_argument(self->messages, &locus.fault, locus.source);
        return;
    }
    dc_place_t place = { .line = self->has_lines ? line : 0,
                         .row = row->row,
                         .source = locus.source,
                         .within = locus.within };
    dc_messages_put_row(self->messages, &locus.fault, &place);
}

static void note_failed(dc_emit_t *self, const dc_row_t *row, uint64_t line)
{
    self->failed_count++;
    if (self->failed_out) dc_printer_put_failed(self->printer, row, self->failed_out);
    bool is_told =
        self->printer->is_argument || !dc_messages_count_only(self->messages, row->fault->code);
    if (is_told) tell(self, row, line);
}

static dc_row_t make_row(const dcalc_piece_t *piece, uint64_t job, const dc_fault_t *fault)
{
    return (dc_row_t){ .row = row_of(piece->chunk, job) + 1,
                       .fault = fault,
                       .attempt = piece->attempt,
                       .spent_us = piece->spent_us };
}

static void note_fault(dc_emit_t *self, const dcalc_piece_t *piece, const dc_fault_t *fault)
{
    dc_row_t row = make_row(piece, fault->index, fault);
    row.input = input_of(self, piece->chunk, fault->index);
    note_failed(self, &row, line_of(self, piece->chunk, fault->index));
}

// Whether the broker's store has spoiled the job's input, so that a blank one stands for it, or
// zeros for numbers: what has spoiled its result alone has left that.
static bool is_lost(dc_str_t input, const dc_fault_t *fault)
{
    if (fault->code != DC_ERR_DAMAGED) return false;
    for (size_t i = 0; i < input.len; i++) {
        if (input.data[i] != '\0') return false;
    }
    return true;
}

// --- rows --------------------------------------------------------------------------------------

// Pass the lines on as they are. False, and nothing done, if there are not as many as there should.
static bool pass_lines(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    dc_str_t lines = walk.results;
    if (end < piece->first + piece->count)
        lines.len = dc_lines_offset(lines, (size_t)(end - first));
    if (lines.len == 0 || lines.data[lines.len - 1] != '\n') return false;
    if (dc_lines_count(lines) != end - first) return false;
    dc_buf_append_str(self->out, lines);
    self->row_count += end - first;
    uint64_t job = first;
    while ((job = dc_piece_walk_find_failed(&walk, job, end)) < end) {
        note_fault(self, piece, &walk.fault);
        job++;
    }
    return true;
}

// A result that should be there and is not, or is an error that nobody explains.
static bool is_unexplained(dc_str_t result)
{
    return result.len == 0 || (result.len >= 7 && memcmp(result.data, "error: ", 7) == 0);
}

static void put_row(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t job,
                    const dc_fault_t *fault, dc_str_t result)
{
    static const dc_fault_t internal = { .code = DC_ERR_INTERNAL };
    dc_row_t row = make_row(piece, job, fault);
    row.input = input_of(self, piece->chunk, job);
    row.result = result;
    if (!row.fault && is_unexplained(row.result)) row.fault = &internal;
    if (row.fault || !self->is_failed_only) dc_printer_put(self->printer, &row, self->out);
    self->row_count++;
    if (row.fault) note_failed(self, &row, line_of(self, piece->chunk, job));
}

// Jobs from `job` on, up to `end` at most, of which none is known to have failed: those that can be
// written the quick way. Returns how many.
static uint64_t put_records(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job, uint64_t end,
                            dc_str_t *results)
{
    if (chunk->width || chunk->record || self->is_failed_only) return 0;
    dc_str_t records = lines_from(self, chunk, job);
    uint64_t count = dc_printer_put_records(self->printer, &records, results, end - job, self->out);
    note_lines(self, chunk, job + count, records);
    self->row_count += count;
    return count;
}

static void put_rows(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    for (uint64_t job = first; job < end; job++) {
        uint64_t sound_end = dc_piece_walk_find_failed(&walk, job, end);
        job += put_records(self, piece->chunk, job, sound_end, &walk.results);
        if (job == end) break;
        dc_str_t result;
        const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
        put_row(self, piece, job, fault, result);
    }
}

// Take a result that is not a failed job's. What the reducer cannot take has failed as well.
static void take_row(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t job, dc_str_t result)
{
    dc_diag_t diag;
    dc_fault_t fault = { .index = job, .code = DC_ERR_INTERNAL };
    if (!is_unexplained(result)) {
        uint64_t row = row_of(piece->chunk, job) + 1;
        fault.code = dc_reducer_take(self->reducer, row, result, &diag);
        if (!fault.code) return;
        fault.message = dc_str_from(diag.message);
    }
    note_fault(self, piece, &fault);
}

static void reduce_rows(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    for (uint64_t job = first; job < end; job++) {
        dc_str_t result;
        const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
        self->row_count++;
        if (fault) {
            note_fault(self, piece, fault);
        } else {
            take_row(self, piece, job, result);
        }
    }
}

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

static void put_cells(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    for (uint64_t job = first; job < end; job++) {
        dc_str_t result;
        const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
        // A copy, which gets words of its own.
        dc_fault_t own = fault ? *fault : (dc_fault_t){ .code = DC_ERR_INTERNAL };
        bool is_failed = fault || is_unexplained(result);
        dc_str_t line = input_of(self, piece->chunk, job);
        if (fault && is_lost(line, fault)) {
            dc_sheet_rows_lose(self->sheet);
            continue;
        }
        if (!dc_sheet_rows_read(self->sheet, line)) return;
        dc_row_t row = dc_sheet_rows_row(self->sheet, result, is_failed ? &own : NULL);
        row.attempt = piece->attempt;
        row.spent_us = piece->spent_us;
        put_cell(self, &row);
        bool is_told = row.fault && dc_sheet_rows_is_wanted(self->sheet);
        if (is_told) note_failed(self, &row, self->sheet->cell.line);
    }
}

// Take the failed rows to be sent again.
static void gather_rows(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    uint64_t job = first;
    while ((job = dc_piece_walk_find_failed(&walk, job, end)) < end) {
        dc_str_t input = input_of(self, piece->chunk, job++);
        if (is_lost(input, &walk.fault)) {
            self->again->lost_count++;
        } else {
            dc_again_add(self->again, piece->chunk, input);
        }
    }
    self->row_count += end - first;
}

// Take all cells: of those that have a value it may be needed.
static void gather_cells(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    dc_piece_walk_t walk = dc_piece_walk(piece, first);
    for (uint64_t job = first; job < end; job++) {
        dc_str_t result;
        const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
        bool is_failed = fault || is_unexplained(result);
        dc_str_t line = input_of(self, piece->chunk, job);
        if (fault && is_lost(line, fault)) {
            self->again->lost_count++;
        } else {
            dc_sheet_again_add(self->cells_again, line, is_failed ? NULL : &result);
        }
    }
    self->row_count += end - first;
}

static void take_fault(dc_taken_t *taken, const dc_fault_t *fault)
{
    taken->fault = *fault;
    taken->message.len = 0;
    dc_buf_append_str(&taken->message, fault->message);
    taken->fault.message = dc_buf_str(&taken->message);
}

// Take the one result that is wanted.
static void take_single(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t job)
{
    static const dc_fault_t internal = { .code = DC_ERR_INTERNAL };
    dc_taken_t *taken = self->taken;
    dc_piece_walk_t walk = dc_piece_walk(piece, job);
    dc_str_t result;
    const dc_fault_t *fault = dc_piece_walk_take(&walk, job, &result);
    if (!fault && is_unexplained(result)) fault = &internal;
    taken->result.len = 0;
    dc_buf_append_str(&taken->result, result);
    if (fault) take_fault(taken, fault);
    taken->attempt = piece->attempt;
    taken->spent_us = piece->spent_us;
    self->row_count++;
}

void dc_emit_piece(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    bool is_plain = dc_printer_is_plain(self->printer) && !self->is_failed_only;
    if (self->taken) {
        take_single(self, piece, first);
    } else if (self->cells_again) {
        gather_cells(self, piece, first, end);
    } else if (self->again) {
        gather_rows(self, piece, first, end);
    } else if (self->sheet) {
        put_cells(self, piece, first, end);
    } else if (self->reducer) {
        reduce_rows(self, piece, first, end);
    } else if (!is_plain || !pass_lines(self, piece, first, end)) {
        put_rows(self, piece, first, end);
    }
    pass_chunk(self, piece->chunk);
}

void dc_emit_kept(dc_emit_t *self, const dc_kept_t *kept)
{
    uint64_t batch = self->printer->batch;
    self->printer->batch = kept->number;
    dc_emit_piece(self, &kept->piece, kept->piece.first, kept->piece.first + kept->piece.count);
    self->printer->batch = batch;
}

static void put_rest_row(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job,
                         const dc_fault_t *fault)
{
    dc_row_t row = { .row = row_of(chunk, job) + 1,
                     .input = input_of(self, chunk, job),
                     .fault = fault };
    if (self->taken) {
        take_fault(self->taken, fault);
    } else if (self->cells_again) {
        dc_sheet_again_add(self->cells_again, row.input, NULL);
    } else if (self->again) {
        dc_again_add(self->again, chunk, row.input);
    } else if (!self->reducer) {
        dc_printer_put(self->printer, &row, self->out);
    }
    if (self->failed_out) dc_printer_put_failed(self->printer, &row, self->failed_out);
    self->row_count++;
    self->failed_count++;
    self->rest_count++;
}

static void put_rest_cell(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job,
                          const dc_fault_t *fault)
{
    if (!dc_sheet_rows_read(self->sheet, input_of(self, chunk, job))) return;
    dc_row_t row = dc_sheet_rows_row(self->sheet, DC_STR(""), NULL);
    row.fault = fault;
    put_cell(self, &row);
    if (!dc_sheet_rows_is_wanted(self->sheet)) return;
    if (self->failed_out) dc_printer_put_failed(self->printer, &row, self->failed_out);
    self->failed_count++;
    self->rest_count++;
}

static void put_lost_cell(dc_emit_t *self)
{
    dc_fault_t fault = { .code = DC_ERR_DAMAGED,
                         .message = DC_STR("the disk of the broker's store has spoiled this cell, "
                                           "its name and its expression") };
    dc_row_t row = { .row = self->sheet->cell.row + 1, .fault = &fault, .is_dropped = true };
    put_cell(self, &row);
    if (dc_sheet_rows_is_wanted(self->sheet)) note_failed(self, &row, 0);
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

void dc_emit_rest(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t first, uint64_t end,
                  dcalc_err_t error)
{
    dc_fault_t fault = { .code = (dc_err_t)error, .message = dc_str_from(dcalc_err_text(error)) };
    for (uint64_t job = first; job < end; job++) {
        if (self->sheet) {
            put_rest_cell(self, chunk, job, &fault);
        } else {
            put_rest_row(self, chunk, job, &fault);
        }
    }
    pass_chunk(self, chunk);
}

void dc_emit_lost(dc_emit_t *self, uint64_t row, uint64_t line)
{
    static const dc_fault_t fault = { .code = DC_ERR_TOO_LONG };
    dc_row_t lost = { .row = row + 1, .fault = &fault, .is_dropped = true };
    self->row_count++;
    if (self->taken) {
        take_fault(self->taken, &fault);
        return;
    }
    if (!self->reducer) dc_printer_put(self->printer, &lost, self->out);
    note_failed(self, &lost, line);
}
