#include "client/cli/sheet_rows.h"

#include <stdlib.h>

#include "client/cli/text.h"

bool dc_sheet_rows_init(dc_sheet_rows_t *self, const dc_sheet_t *sheet, dc_sheet_feed_t *feed)
{
    *self = (dc_sheet_rows_t){ .sheet = sheet, .feed = feed };
    self->texts = calloc((size_t)sheet->count + 1, sizeof *self->texts);
    self->blames = calloc((size_t)sheet->count + 1, sizeof *self->blames);
    return self->texts && self->blames;
}

void dc_sheet_rows_fini(dc_sheet_rows_t *self)
{
    for (uint32_t i = 0; self->texts && i < self->sheet->count; i++) {
        dc_buf_fini(&self->texts[i]);
    }
    free(self->texts);
    free(self->blames);
    dc_buf_fini(&self->message);
    dc_buf_fini(&self->text);
}

// --- faults ------------------------------------------------------------------------------------

static void put_cell(const dc_sheet_rows_t *self, uint32_t row, dc_buf_t *out)
{
    const dc_cell_t *cell = &self->sheet->cells[row];
    dc_buf_append_char(out, '\'');
    dc_text_put_name(out, cell->name);
    dc_buf_printf(out, "' (line %llu)", (unsigned long long)cell->line);
}

// The cell that `cell` uses and that failed; NULL if none is known.
static const dc_cell_t *find_failed(const dc_sheet_rows_t *self, const dc_cell_t *cell)
{
    for (uint32_t i = 0; i < cell->use_count; i++) {
        if (self->blames[cell->uses[i]]) return &self->sheet->cells[cell->uses[i]];
    }
    return NULL;
}

// Say which cell failed, and by way of which one that matters here.
static void explain_skipped(dc_sheet_rows_t *self, const dc_cell_t *cell, dc_fault_t *fault)
{
    const dc_cell_t *used = find_failed(self, cell);
    if (!used) return;
    uint32_t blame = self->blames[used->row];
    self->blames[cell->row] = blame;
    self->message.len = 0;
    dc_buf_append_text(&self->message, "it uses ");
    put_cell(self, used->row, &self->message);
    if (used->row + 1 != blame) {
        dc_buf_append_text(&self->message, ", which needs ");
        put_cell(self, blame - 1, &self->message);
    }
    dc_buf_append_text(&self->message, ", which failed");
    if (!self->message.failed) fault->message = dc_buf_str(&self->message);
}

// Slots count columns in the job's line, people in the expression.
static void move_columns(dc_sheet_rows_t *self, const dc_cell_t *cell, dc_fault_t *fault)
{
    size_t head = dc_sheet_feed_head_bytes(self->feed, cell);
    fault->column = fault->column > head ? fault->column - (uint32_t)head : 0;
}

dc_row_t dc_sheet_rows_row(dc_sheet_rows_t *self, uint64_t job, dc_str_t result, dc_fault_t *fault)
{
    const dc_cell_t *cell = dc_sheet_cell(self->sheet, job);
    if (fault) {
        self->blames[cell->row] = cell->row + 1;
        if (fault->code == DC_ERR_SKIPPED) explain_skipped(self, cell, fault);
        move_columns(self, cell, fault);
    }
    // -0 is printed as such for the cells that use it.
    if (dc_str_eq(result, DC_STR("-0"))) result = DC_STR("0");
    return (dc_row_t){ .row = (uint64_t)cell->row + 1,
                       .name = cell->name,
                       .input = cell->text,
                       .result = result,
                       .fault = fault };
}

// --- order -------------------------------------------------------------------------------------

void dc_sheet_rows_put(dc_sheet_rows_t *self, uint64_t job, dc_str_t text, dc_buf_t *out)
{
    uint32_t row = dc_sheet_cell(self->sheet, job)->row;
    if (row != self->next) {
        dc_buf_append_str(&self->texts[row], text);
        self->has_failed |= self->texts[row].failed;
        return;
    }
    dc_buf_append_str(out, text);
    self->next++;
    while (self->next < self->sheet->count && self->texts[self->next].len) {
        dc_buf_append_str(out, dc_buf_str(&self->texts[self->next]));
        dc_buf_fini(&self->texts[self->next]);
        self->next++;
    }
}
