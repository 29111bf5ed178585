#include "client/cli/run/sheet_again.h"

#include <stdlib.h>

#include "client/cli/text/text.h"
#include "common/json_writer.h"

// Of all cells: names and values, and a hundred bytes for each.
#define ARENA_BYTES_MAX ((size_t)4 << 30)

typedef struct dc_known_cell {
    dc_str_t name;
    dc_str_t value;
    size_t job; // of one that has no value, its place among these, plus 1; 0: it has one
    UT_hash_handle hh;
} known_cell_t;

typedef struct dc_valueless_cell {
    dc_str_t line;
    uint64_t row;
} valueless_cell_t;

void dc_sheet_again_init(dc_sheet_again_t *self)
{
    *self = (dc_sheet_again_t){ 0 };
    dc_arena_init(&self->arena, ARENA_BYTES_MAX);
}

void dc_sheet_again_fini(dc_sheet_again_t *self)
{
    HASH_CLEAR(hh, self->known);
    free(self->cells);
    dc_arena_fini(&self->arena);
    dc_buf_fini(&self->room);
    dc_buf_fini(&self->use_room);
    dc_buf_fini(&self->uses);
    dc_buf_fini(&self->line);
    dc_buf_fini(&self->needs);
}

// --- gathering ---------------------------------------------------------------------------------

static bool copy(dc_sheet_again_t *self, dc_str_t text, dc_str_t *kept)
{
    char *bytes = dc_arena_alloc(&self->arena, text.len + 1, 1);
    if (!bytes) return false;
    if (text.len) memcpy(bytes, text.data, text.len);
    *kept = dc_str(bytes, text.len);
    return true;
}

static known_cell_t *add_known(dc_sheet_again_t *self, dc_str_t name)
{
    known_cell_t *cell = dc_arena_alloc(&self->arena, 1, sizeof *cell);
    if (!cell) return NULL;
    *cell = (known_cell_t){ 0 };
    if (!copy(self, name, &cell->name)) return NULL;
    HASH_ADD_KEYPTR(hh, self->known, cell->name.data, cell->name.len, cell);
    return DC_MAP_ADDED(cell) ? cell : NULL;
}

static bool add_valueless(dc_sheet_again_t *self, dc_str_t line, uint64_t row)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 64;
        valueless_cell_t *cells = realloc(self->cells, capacity * sizeof *cells);
        if (!cells) return false;
        self->cells = cells;
        self->capacity = capacity;
    }
    valueless_cell_t *cell = &self->cells[self->count];
    *cell = (valueless_cell_t){ .row = row };
    if (!copy(self, line, &cell->line)) return false;
    self->count++;
    return true;
}

void dc_sheet_again_add(dc_sheet_again_t *self, dc_str_t line, const dc_str_t *result)
{
    dc_sheet_line_t cell;
    if (self->error) return;
    if (!dc_sheet_line_read(&cell, line, &self->room)) {
        self->error = self->room.failed ? DC_ERR_NOMEM : DC_ERR_PROTOCOL;
        return;
    }
    known_cell_t *known = add_known(self, cell.name);
    bool is_kept = known && (result ? copy(self, *result, &known->value)
                                    : add_valueless(self, line, cell.row));
    if (!is_kept) {
        self->error = DC_ERR_NOMEM;
    } else if (!result) {
        known->job = self->count;
    }
}

// --- writing -----------------------------------------------------------------------------------

static int by_row(const void *a, const void *b)
{
    const valueless_cell_t *left = *(const valueless_cell_t *const *)a;
    const valueless_cell_t *right = *(const valueless_cell_t *const *)b;
    return (left->row > right->row) - (left->row < right->row);
}

// Number the rows as they follow each other in the file.
static bool count_rows(dc_sheet_again_t *self)
{
    valueless_cell_t **order = malloc((self->count + 1) * sizeof *order);
    if (!order) return false;
    for (size_t i = 0; i < self->count; i++) {
        order[i] = &self->cells[i];
    }
    qsort(order, self->count, sizeof *order, by_row);
    for (size_t i = 0; i < self->count; i++) {
        order[i]->row = i;
    }
    free(order);
    return true;
}

// Add `job`, which comes behind those before, to what the line needs.
static void add_need(dc_sheet_again_t *self, uint64_t job)
{
    dcalc_range_t last = { 0 };
    size_t len = self->needs.len;
    if (len) memcpy(&last, self->needs.data + len - sizeof last, sizeof last);
    if (len && last.end == job) {
        last.end++;
        memcpy(self->needs.data + len - sizeof last, &last, sizeof last);
    } else {
        last = (dcalc_range_t){ job, job + 1 };
        dc_buf_append(&self->needs, (const char *)&last, sizeof last);
    }
}

static void put_pair(const known_cell_t *cell, dc_buf_t *out)
{
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_array(&json);
    dc_json_put_string(&json, cell->name);
    dc_json_put_string(&json, cell->value);
    dc_json_end_array(&json);
}

// Write what `cell` uses, which is job `job` of the new batch, and find out which jobs it needs.
static dc_err_t write_uses(dc_sheet_again_t *self, const dc_sheet_line_t *cell, size_t job,
                           dc_again_t *again)
{
    dc_pull_t pull;
    dc_str_t item, name;
    size_t next = 1; // jobs that are needed are in order
    self->uses.len = self->needs.len = 0;
    dc_sheet_line_begin_uses(cell, &pull);
    while (dc_sheet_line_next_use(&pull, &self->use_room, &item, &name)) {
        known_cell_t *used = NULL;
        dc_buf_append_char(&self->uses, self->uses.len ? ',' : '[');
        HASH_FIND(hh, self->known, name.data, name.len, used);
        bool is_pair = item.len && item.data[0] == '[';
        if (is_pair) {
            dc_buf_append_str(&self->uses, item); // it was sent again before
        } else if (used && !used->job) {
            put_pair(used, &self->uses);
        } else if (used && used->job >= next && used->job <= job) {
            dc_buf_append_str(&self->uses, item);
            next = used->job + 1;
            add_need(self, used->job - 1);
            dc_again_mark_needed(again, used->job - 1);
        } else {
            return DC_ERR_PROTOCOL;
        }
    }
    dc_buf_append_text(&self->uses, self->uses.len ? "]" : "[]");
    return DC_OK;
}

static dc_err_t complain_long(const dc_sheet_line_t *cell, dc_diag_t *diag)
{
    dc_buf_t name = { 0 };
    dc_text_put_name(&name, cell->name);
    dc_err_t err = dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0,
                               "'%.*s' (line %llu) cannot be sent again: with the values that it "
                               "uses it is longer than a job may be",
                               (int)name.len, name.data, (unsigned long long)cell->line);
    dc_buf_fini(&name);
    return err;
}

static dc_err_t write_cell(dc_sheet_again_t *self, size_t job, dc_again_t *again, dc_diag_t *diag)
{
    dc_sheet_line_t cell;
    if (!dc_sheet_line_read(&cell, self->cells[job].line, &self->room)) return DC_ERR_NOMEM;
    dc_err_t err = write_uses(self, &cell, job, again);
    if (err) return err;
    cell.uses = dc_buf_str(&self->uses);
    cell.row = self->cells[job].row;
    self->line.len = 0;
    dc_sheet_line_put(&cell, &self->line);
    if (self->line.failed || self->uses.failed || self->needs.failed) return DC_ERR_NOMEM;
    if (self->line.len > DCALC_RECORD_BYTES_MAX) return complain_long(&cell, diag);
    dc_again_add_line(again, dc_str(self->line.data, self->line.len - 1),
                      (const dcalc_range_t *)(const void *)self->needs.data,
                      (uint32_t)(self->needs.len / sizeof(dcalc_range_t)));
    return dc_again_has_failed(again) ? DC_ERR_NOMEM : DC_OK;
}

dc_err_t dc_sheet_again_finish(dc_sheet_again_t *self, dc_again_t *again, dc_diag_t *diag)
{
    dc_err_t err = self->error;
    if (!err && !count_rows(self)) err = DC_ERR_NOMEM;
    for (size_t job = 0; job < self->count && !err; job++) {
        err = write_cell(self, job, again, diag);
    }
    return err;
}
