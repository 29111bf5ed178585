#include "client/cli/run/emit.h"

#include "client/cli/run/emit_part.h"
#include "common/lines.h"

// --- where a row is ----------------------------------------------------------------------------

// A file's header and the line breaks within records put lines ahead of rows, and rows that were
// not sent put rows ahead of jobs: by less than 2^32, both.
uint64_t dc_emit_tag(uint64_t job, uint64_t row, uint64_t line)
{
    return (line - row) << 32 | (row - job);
}

uint64_t dc_emit_row(const dcalc_chunk_t *chunk, uint64_t job)
{
    return job + (uint32_t)chunk->tag;
}

static uint64_t line_of(const dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job)
{
    return self->line_first + dc_emit_row(chunk, job) + (chunk->tag >> 32);
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

dc_str_t dc_emit_input(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job)
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

void dc_emit_note_failed(dc_emit_t *self, const dc_row_t *row, uint64_t line)
{
    self->failed_count++;
    if (self->failed_out) dc_printer_put_failed(self->printer, row, self->failed_out);
    bool is_told =
        self->printer->is_argument || !dc_messages_count_only(self->messages, row->fault->code);
    if (is_told) tell(self, row, line);
}

static dc_row_t make_row(const dcalc_piece_t *piece, uint64_t job, const dc_fault_t *fault)
{
    return (dc_row_t){ .row = dc_emit_row(piece->chunk, job) + 1,
                       .fault = fault,
                       .attempt = piece->attempt,
                       .spent_us = piece->spent_us,
                       .worker = dc_str(piece->worker, piece->worker_bytes) };
}

void dc_emit_note_fault(dc_emit_t *self, const dcalc_piece_t *piece, const dc_fault_t *fault)
{
    dc_row_t row = make_row(piece, fault->index, fault);
    row.input = dc_emit_input(self, piece->chunk, fault->index);
    dc_emit_note_failed(self, &row, line_of(self, piece->chunk, fault->index));
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
        dc_emit_note_fault(self, piece, &walk.fault);
        job++;
    }
    return true;
}

static void put_row(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t job,
                    const dc_fault_t *fault, dc_str_t result)
{
    dc_row_t row = make_row(piece, job, fault);
    row.input = dc_emit_input(self, piece->chunk, job);
    row.result = result;
    if (row.fault || !self->is_failed_only) dc_printer_put(self->printer, &row, self->out);
    self->row_count++;
    if (row.fault) dc_emit_note_failed(self, &row, line_of(self, piece->chunk, job));
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

static void put_piece(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    bool is_plain = dc_printer_is_plain(self->printer) && !self->is_failed_only;
    if (!is_plain || !pass_lines(self, piece, first, end)) put_rows(self, piece, first, end);
}

void dc_emit_piece(dc_emit_t *self, const dcalc_piece_t *piece, uint64_t first, uint64_t end)
{
    switch (self->to) {
    case DC_EMIT_ROWS: put_piece(self, piece, first, end); break;
    case DC_EMIT_CELLS: dc_emit_put_cells(self, piece, first, end); break;
    case DC_EMIT_REDUCED: dc_emit_reduce(self, piece, first, end); break;
    case DC_EMIT_TAKEN: dc_emit_take(self, piece, first); break;
    case DC_EMIT_AGAIN: dc_emit_gather(self, piece, first, end); break;
    case DC_EMIT_CELLS_AGAIN: dc_emit_gather_cells(self, piece, first, end); break;
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

void dc_emit_note_rest(dc_emit_t *self, const dc_row_t *row)
{
    if (self->failed_out) dc_printer_put_failed(self->printer, row, self->failed_out);
    self->failed_count++;
    self->rest_count++;
}

static void put_rest(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t job,
                     const dc_fault_t *fault)
{
    dc_row_t row = { .row = dc_emit_row(chunk, job) + 1,
                     .input = dc_emit_input(self, chunk, job),
                     .fault = fault };
    switch (self->to) {
    case DC_EMIT_ROWS: dc_printer_put(self->printer, &row, self->out); break;
    case DC_EMIT_CELLS: dc_emit_put_rest_cell(self, row.input, fault); return;
    case DC_EMIT_REDUCED: break;
    case DC_EMIT_TAKEN: dc_emit_take_fault(self, fault); break;
    case DC_EMIT_AGAIN: dc_again_add(self->again, chunk, row.input); break;
    case DC_EMIT_CELLS_AGAIN: dc_sheet_again_add(self->cells_again, row.input, NULL); break;
    }
    self->row_count++;
    dc_emit_note_rest(self, &row);
}

void dc_emit_rest(dc_emit_t *self, const dcalc_chunk_t *chunk, uint64_t first, uint64_t end,
                  dcalc_err_t error)
{
    dc_fault_t fault = { .code = (dc_err_t)error, .message = dc_str_from(dcalc_err_text(error)) };
    for (uint64_t job = first; job < end; job++) {
        put_rest(self, chunk, job, &fault);
    }
    pass_chunk(self, chunk);
}

void dc_emit_lost(dc_emit_t *self, uint64_t row, uint64_t line)
{
    static const dc_fault_t fault = { .code = DC_ERR_TOO_LONG };
    dc_row_t lost = { .row = row + 1, .fault = &fault, .is_dropped = true };
    self->row_count++;
    if (self->to == DC_EMIT_TAKEN) {
        dc_emit_take_fault(self, &fault);
        return;
    }
    if (self->to != DC_EMIT_REDUCED) dc_printer_put(self->printer, &lost, self->out);
    dc_emit_note_failed(self, &lost, line);
}
