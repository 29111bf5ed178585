#include "client/cli/sheet/sheet_feed.h"

#include <stdlib.h>
#include <sysexits.h>

#include "client/cli/sheet/sheet_line.h"
#include "client/cli/sheet/sheet_part.h"
#include "common/json_writer.h"
#include "common/limits.h"

bool dc_sheet_feed_init(dc_sheet_feed_t *self, const dc_sheet_t *sheet)
{
    *self = (dc_sheet_feed_t){ .sheet = sheet };
    self->jobs = calloc(DC_NEEDS_MAX, sizeof *self->jobs);
    self->needs = calloc(DC_NEEDS_MAX, sizeof *self->needs);
    return self->jobs && self->needs;
}

void dc_sheet_feed_fini(dc_sheet_feed_t *self)
{
    dc_buf_fini(&self->names);
    dc_buf_fini(&self->line);
    dc_buf_fini(&self->bytes);
    free(self->jobs);
    free(self->needs);
}

// The jobs that `cell` uses, in order, and their names as its line has them.
static void list_uses(dc_sheet_feed_t *self, const dc_cell_t *cell)
{
    for (uint32_t i = 0; i < cell->use_count; i++) {
        self->jobs[i] = self->sheet->cells[cell->uses[i]].job;
    }
    qsort(self->jobs, cell->use_count, sizeof *self->jobs, dc_sheet_compare);
    self->names.len = 0;
    self->names.failed = false;
    dc_json_writer_t json = dc_json_writer(&self->names);
    dc_json_begin_array(&json);
    for (uint32_t i = 0; i < cell->use_count; i++) {
        dc_json_put_string(&json, dc_sheet_cell(self->sheet, self->jobs[i])->name);
    }
    dc_json_end_array(&json);
}

static void write_line(dc_sheet_feed_t *self, const dc_cell_t *cell)
{
    dc_sheet_line_t line = { .uses = dc_buf_str(&self->names),
                             .name = cell->name,
                             .row = cell->row,
                             .line = cell->line,
                             .text = cell->text };
    self->line.len = 0;
    dc_sheet_line_put(&line, &self->line);
}

// Whether the line of `cell` fits without a doubt: JSON takes six bytes for one at most.
static bool fits_surely(const dc_sheet_t *sheet, const dc_cell_t *cell)
{
    size_t bytes = 64 + cell->text.len + 6 * cell->name.len;
    for (uint32_t i = 0; i < cell->use_count; i++) {
        bytes += 3 + 6 * sheet->cells[cell->uses[i]].name.len;
    }
    return bytes <= DCALC_RECORD_BYTES_MAX;
}

int dc_sheet_feed_check(dc_sheet_feed_t *self)
{
    const dc_sheet_t *sheet = self->sheet;
    for (uint32_t row = 0; row < sheet->count; row++) {
        const dc_cell_t *cell = &sheet->cells[row];
        if (fits_surely(sheet, cell)) continue;
        list_uses(self, cell);
        write_line(self, cell);
        if (self->names.failed || self->line.failed)
            return dc_messages_put_no_memory(sheet->messages);
        if (self->line.len <= DCALC_RECORD_BYTES_MAX) continue;
        dc_sheet_put_place(sheet, cell->line);
        dc_buf_append_text(sheet->messages->out, ": ");
        dc_sheet_put_name(sheet, cell->name);
        dc_buf_append_text(sheet->messages->out,
                           " and the names of what it uses are more than the 256 KiB of a job\n");
        return EX_DATAERR;
    }
    return 0;
}
static_assert(DCALC_RECORD_BYTES_MAX == 256 << 10, "what is said of it");

static uint32_t join_ranges(dc_sheet_feed_t *self, uint32_t job_count)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < job_count; i++) {
        uint64_t job = self->jobs[i];
        if (count && self->needs[count - 1].end == job) {
            self->needs[count - 1].end++;
        } else {
            self->needs[count++] = (dcalc_range_t){ job, job + 1 };
        }
    }
    return count;
}

static bool are_alike(const dc_cell_t *a, const dc_cell_t *b)
{
    return a->use_count == b->use_count && !a->user_count == !b->user_count &&
           (a->use_count == 0 || memcmp(a->uses, b->uses, a->use_count * sizeof *a->uses) == 0);
}

bool dc_sheet_feed_next(dc_sheet_feed_t *self, dcalc_chunk_t *chunk, uint32_t *jobs, bool *is_short)
{
    *is_short = false;
    if (self->next == self->sheet->count) return false;
    const dc_cell_t *first = dc_sheet_cell(self->sheet, self->next);
    list_uses(self, first);
    self->bytes.len = 0;
    self->bytes.failed = false;
    for (*jobs = 0; self->next < self->sheet->count && *jobs < DC_CHUNK_JOBS_MAX; ++*jobs) {
        const dc_cell_t *cell = dc_sheet_cell(self->sheet, self->next);
        if (*jobs && !are_alike(first, cell)) break;
        write_line(self, cell);
        bool fits = self->bytes.len + self->line.len <= DC_CHUNK_BYTES_MAX;
        if (*jobs && !fits) break;
        dc_buf_append_str(&self->bytes, dc_buf_str(&self->line));
        self->next++;
    }
    *is_short = self->bytes.failed || self->names.failed || self->line.failed;
    chunk->bytes = self->bytes.data;
    chunk->size = self->bytes.len;
    chunk->needed = first->user_count;
    chunk->needs = self->needs;
    chunk->need_count = join_ranges(self, first->use_count);
    return !*is_short;
}
