#include "client/cli/sheet/sheet_rows.h"

#include <limits.h>
#include <stdlib.h>

#include "client/cli/sheet/sheet.h"
#include "client/cli/text/text.h"

// Of cells that failed, some hundred bytes each.
#define ARENA_BYTES_MAX ((size_t)4 << 30)

typedef struct dc_early_text {
    size_t len;
    char bytes[];
} early_text_t;

typedef struct dc_failed_cell {
    dc_str_t name;
    uint64_t row, line;
    const struct dc_failed_cell *blamed; // the one that failed first, by which it did: or itself
    UT_hash_handle hh;
} failed_cell_t;

// What stands for a row of which nothing is written.
static early_text_t nothing;

bool dc_sheet_rows_init(dc_sheet_rows_t *self, uint64_t count, bool is_unordered)
{
    *self = (dc_sheet_rows_t){
        .count = count, .end = count, .unseen_count = count, .is_unordered = is_unordered
    };
    dc_arena_init(&self->arena, ARENA_BYTES_MAX);
    if (count > DC_SHEET_CELLS_MAX) return false;
    self->seen = calloc((size_t)count / CHAR_BIT + 1, 1);
    if (!is_unordered) self->early = calloc((size_t)count + 1, sizeof *self->early);
    return self->seen && (is_unordered || self->early);
}

static void drop(early_text_t *text)
{
    if (text != &nothing) free(text);
}

void dc_sheet_rows_fini(dc_sheet_rows_t *self)
{
    for (uint64_t i = self->next; self->early && i < self->count; i++) {
        drop(self->early[i]);
    }
    free(self->early);
    free(self->seen);
    HASH_CLEAR(hh, self->failed);
    dc_arena_fini(&self->arena);
    dc_buf_fini(&self->room);
    dc_buf_fini(&self->use_room);
    dc_buf_fini(&self->message);
    dc_buf_fini(&self->text);
}

static bool is_seen(const dc_sheet_rows_t *self, uint64_t row)
{
    return self->seen[row / CHAR_BIT] >> row % CHAR_BIT & 1;
}

static void see(dc_sheet_rows_t *self, uint64_t row)
{
    self->seen[row / CHAR_BIT] |= (uint8_t)(1 << row % CHAR_BIT);
    self->unseen_count--;
}

bool dc_sheet_rows_read(dc_sheet_rows_t *self, dc_str_t line)
{
    if (self->error) return false;
    bool is_cell = dc_sheet_line_read(&self->cell, line, &self->room) &&
                   self->cell.row < self->count && !is_seen(self, self->cell.row);
    if (is_cell) {
        see(self, self->cell.row);
    } else {
        self->error = self->room.failed ? DC_ERR_NOMEM : DC_ERR_PROTOCOL;
    }
    return is_cell;
}

bool dc_sheet_rows_next_lost(dc_sheet_rows_t *self)
{
    if (!self->lost_count || self->lost_count != self->unseen_count) return false;
    while (is_seen(self, self->lost_next)) {
        self->lost_next++;
    }
    self->cell = (dc_sheet_line_t){ .row = self->lost_next };
    self->lost_count--;
    see(self, self->lost_next);
    return true;
}

// --- faults ------------------------------------------------------------------------------------

static void put_cell(const failed_cell_t *cell, dc_buf_t *out)
{
    dc_buf_append_char(out, '\'');
    dc_text_put_name(out, cell->name);
    dc_buf_printf(out, "' (line %llu)", (unsigned long long)cell->line);
}

// The first cell of the file that this one uses and that failed; NULL if none is known.
static const failed_cell_t *find_failed(dc_sheet_rows_t *self)
{
    const failed_cell_t *first = NULL;
    dc_pull_t pull;
    dc_str_t item, name;
    dc_sheet_line_begin_uses(&self->cell, &pull);
    while (dc_sheet_line_next_use(&pull, &self->use_room, &item, &name)) {
        failed_cell_t *found;
        HASH_FIND(hh, self->failed, name.data, name.len, found);
        if (found && (!first || found->row < first->row)) first = found;
    }
    return first;
}

// Say which cell failed, and by way of which one that matters here.
static void explain_skipped(dc_sheet_rows_t *self, const failed_cell_t *used, dc_fault_t *fault)
{
    self->message.len = 0;
    dc_buf_append_text(&self->message, "it uses ");
    put_cell(used, &self->message);
    if (used->blamed != used) {
        dc_buf_append_text(&self->message, ", which needs ");
        put_cell(used->blamed, &self->message);
    }
    dc_buf_append_text(&self->message, ", which failed");
    if (!self->message.failed) fault->message = dc_buf_str(&self->message);
}

// Cells come behind those that they use, so what failed and is not known is lost.
static void explain_lost(const dc_sheet_rows_t *self, dc_fault_t *fault)
{
    if (self->lost_count)
        fault->message = DC_STR("it uses a cell that the disk of the broker's store has spoiled");
}

// Remember that the cell failed, by way of `used` unless that is NULL.
static void note_failed(dc_sheet_rows_t *self, const failed_cell_t *used)
{
    const dc_sheet_line_t *cell = &self->cell;
    failed_cell_t *failed = dc_arena_alloc(&self->arena, 1, sizeof *failed);
    char *name = dc_arena_alloc(&self->arena, cell->name.len + 1, 1);
    if (!failed || !name) {
        self->error = DC_ERR_NOMEM;
        return;
    }
    if (cell->name.len) memcpy(name, cell->name.data, cell->name.len);
    *failed = (failed_cell_t){ .name = dc_str(name, cell->name.len),
                               .row = cell->row,
                               .line = cell->line };
    failed->blamed = used ? used->blamed : failed;
    HASH_ADD_KEYPTR(hh, self->failed, failed->name.data, failed->name.len, failed);
    if (!DC_MAP_ADDED(failed)) self->error = DC_ERR_NOMEM;
}

// Slots count columns in the job's line, people in the expression.
static void move_columns(const dc_sheet_rows_t *self, dc_fault_t *fault)
{
    size_t head = self->cell.column;
    fault->column = fault->column > head ? fault->column - (uint32_t)head : 0;
}

dc_row_t dc_sheet_rows_row(dc_sheet_rows_t *self, dc_str_t result, dc_fault_t *fault)
{
    if (fault) {
        bool is_skipped = fault->code == DC_ERR_SKIPPED;
        const failed_cell_t *used = is_skipped ? find_failed(self) : NULL;
        if (used) {
            explain_skipped(self, used, fault);
        } else if (is_skipped) {
            explain_lost(self, fault);
        }
        note_failed(self, used);
        move_columns(self, fault);
    }
    // -0 is printed as such for the cells that use it.
    if (dc_str_eq(result, DC_STR("-0"))) result = DC_STR("0");
    return (dc_row_t){ .row = self->cell.row + 1,
                       .name = self->cell.name,
                       .input = self->cell.text,
                       .result = result,
                       .fault = fault };
}

// --- order -------------------------------------------------------------------------------------

static void keep(dc_sheet_rows_t *self, dc_str_t text)
{
    early_text_t *early = &nothing;
    if (text.len) early = malloc(sizeof *early + text.len);
    if (!early) {
        self->error = DC_ERR_NOMEM;
        return;
    }
    if (text.len) {
        early->len = text.len;
        memcpy(early->bytes, text.data, text.len);
    }
    self->early[self->cell.row] = early;
}

static void put_early(early_text_t *text, dc_buf_t *out)
{
    dc_buf_append(out, text->bytes, text->len);
    drop(text);
}

void dc_sheet_rows_put(dc_sheet_rows_t *self, dc_str_t text, dc_buf_t *out)
{
    if (!self->is_unordered && self->cell.row != self->next) {
        keep(self, text);
        return;
    }
    dc_buf_append_str(out, text);
    self->next++;
    while (self->early && self->next < self->count && self->early[self->next]) {
        put_early(self->early[self->next++], out);
    }
}

void dc_sheet_rows_flush(dc_sheet_rows_t *self, dc_buf_t *out)
{
    for (; self->early && self->next < self->count; self->next++) {
        early_text_t *early = self->early[self->next];
        if (early) put_early(early, out);
    }
}
