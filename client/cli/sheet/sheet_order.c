#include "client/cli/sheet/sheet_part.h"

#include <stdlib.h>
#include <sysexits.h>

// --- circles -----------------------------------------------------------------------------------

// A cell that `cell`, which is left, uses and that is left as well.
static const dc_cell_t *next_open(const dc_sheet_t *self, const uint32_t *open,
                                  const dc_cell_t *cell)
{
    uint32_t at = 0;
    while (!open[cell->uses[at]]) {
        at++;
    }
    return &self->cells[cell->uses[at]];
}

// The first cell of a circle. From any cell that is left one comes into one, and after as many
// steps as there are cells one is in it.
static const dc_cell_t *find_circle(const dc_sheet_t *self, const uint32_t *open)
{
    const dc_cell_t *cell = self->cells;
    while (!open[cell->row]) {
        cell++;
    }
    for (uint32_t step = 0; step < self->count; step++) {
        cell = next_open(self, open, cell);
    }
    const dc_cell_t *first = cell;
    const dc_cell_t *start = cell;
    while ((cell = next_open(self, open, cell)) != start) {
        if (cell->row < first->row) first = cell;
    }
    return first;
}

// So many cells of a circle are named: enough to see what it is.
#define CIRCLE_SHOWN_MAX 8

static int complain_circle(const dc_sheet_t *self, const uint32_t *open)
{
    dc_buf_t *out = self->messages->out;
    const dc_cell_t *first = find_circle(self, open);
    const dc_cell_t *cell = first;
    dc_sheet_put_place(self, first->line);
    dc_buf_append_text(out, ": ");
    dc_sheet_put_name(self, first->name);
    uint32_t shown = 0;
    while ((cell = next_open(self, open, cell)) != first) {
        if (shown++ >= CIRCLE_SHOWN_MAX) continue;
        dc_buf_append_text(out, shown > 1 ? ", which uses " : " uses ");
        dc_sheet_put_name(self, cell->name);
        dc_buf_append_text(out, " (");
        dc_sheet_put_place(self, cell->line);
        dc_buf_append_char(out, ')');
    }
    if (shown > CIRCLE_SHOWN_MAX) {
        dc_buf_printf(out, ", and so on by way of %u more", (unsigned)(shown - CIRCLE_SHOWN_MAX));
    }
    dc_buf_append_text(out, shown ? ", which uses " : " uses ");
    dc_sheet_put_name(self, first->name);
    dc_buf_append_text(out, ": none of them can be computed first\n");
    return EX_DATAERR;
}

// --- the order ---------------------------------------------------------------------------------

static int by_place(const void *a, const void *b)
{
    const dc_cell_t *left = *(const dc_cell_t *const *)a;
    const dc_cell_t *right = *(const dc_cell_t *const *)b;
    if (left->level != right->level) return left->level < right->level ? -1 : 1;
    bool is_left = left->user_count != 0;
    bool is_right = right->user_count != 0;
    if (is_left != is_right) return is_left ? -1 : 1;
    if (left->uses_hash != right->uses_hash) return left->uses_hash < right->uses_hash ? -1 : 1;
    return left->row < right->row ? -1 : left->row > right->row;
}

void dc_sheet_list_users(const dc_sheet_t *self, uint32_t *starts, uint32_t *users)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        starts[i] = at;
        at += self->cells[i].user_count;
    }
    for (uint32_t i = 0; i < self->count; i++) {
        for (uint32_t k = 0; k < self->cells[i].use_count; k++) {
            users[starts[self->cells[i].uses[k]]++] = i;
        }
    }
    for (uint32_t i = self->count; i-- > 0;) {
        starts[i] -= self->cells[i].user_count;
    }
}

// Set the levels, cell by cell as all that they use is known; `open` becomes how many of these are
// not. Returns how many cells have one.
static uint32_t set_levels(dc_sheet_t *self, const uint32_t *starts, const uint32_t *users,
                           uint32_t *open, uint32_t *queue)
{
    uint32_t len = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        open[i] = self->cells[i].use_count;
        if (open[i] == 0) queue[len++] = i;
    }
    for (uint32_t at = 0; at < len; at++) {
        const dc_cell_t *cell = &self->cells[queue[at]];
        if (cell->level >= self->level_count) self->level_count = cell->level + 1;
        for (uint32_t k = 0; k < cell->user_count; k++) {
            dc_cell_t *user = &self->cells[users[starts[cell->row] + k]];
            if (user->level <= cell->level) user->level = cell->level + 1;
            if (--open[user->row] == 0) queue[len++] = user->row;
        }
    }
    return len;
}

static int put_in_order(dc_sheet_t *self)
{
    dc_cell_t **places = malloc((self->count + 1) * sizeof *places);
    if (!places) return dc_messages_put_no_memory(self->messages);
    for (uint32_t i = 0; i < self->count; i++) {
        places[i] = &self->cells[i];
    }
    qsort(places, self->count, sizeof *places, by_place);
    for (uint32_t job = 0; job < self->count; job++) {
        places[job]->job = job;
        self->order[job] = places[job]->row;
    }
    free(places);
    return 0;
}

size_t dc_sheet_use_count(const dc_sheet_t *self)
{
    size_t count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        count += self->cells[i].use_count;
    }
    return count;
}

int dc_sheet_order(dc_sheet_t *self)
{
    size_t use_count = dc_sheet_use_count(self);
    uint32_t *room = calloc(2 * (size_t)self->count + use_count + 1, sizeof *room);
    self->order = calloc((size_t)self->count + 1, sizeof *self->order);
    int status = 0;
    if (!room || !self->order || use_count > UINT32_MAX) {
        status = dc_messages_put_no_memory(self->messages);
    } else {
        uint32_t *starts = room;
        uint32_t *open = room + self->count;
        uint32_t *users = room + 2 * (size_t)self->count;
        dc_sheet_list_users(self, starts, users);
        uint32_t len = set_levels(self, starts, users, open, self->order);
        status = len < self->count ? complain_circle(self, open) : put_in_order(self);
    }
    free(room);
    return status;
}
