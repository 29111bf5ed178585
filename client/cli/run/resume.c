#include "client/cli/run/resume.h"

#include <stdlib.h>

#include "client/cli/journal/chunk_rows.h"
#include "client/cli/run/emit.h"
#include "common/limits.h"

struct dc_resume {
    dc_journal_t *journal; // borrowed, like the next one
    dc_recall_t *recall;   //
    dc_source_item_t item; // read from the source
    uint32_t taken;        // how many of its rows were handed out; all: it is done with
    size_t taken_bytes;
    dc_recalled_t found[DC_CHUNK_JOBS_MAX]; // of its rows
    bool is_kept[DC_CHUNK_JOBS_MAX];
    dc_buf_t block; // owned: the body of the block at `offset`
    uint64_t offset;
    dc_journal_head_t head;
    dc_journal_body_t body;
    bool has_block;
    uint32_t line;   // a line of its results
    size_t line_at;  // where that begins
    dc_str_t faults; // of its rows from `fault_row` on
    uint32_t fault_row;
    dc_buf_t results, kept_faults; // owned: of the rows that are handed out
    dc_kept_t kept;
    dc_resume_counts_t counts;
    uint64_t row; // of the source, that comes next
    bool has_ended;
};

dc_resume_t *dc_resume_new(dc_journal_t *journal, dc_recall_t *recall)
{
    dc_resume_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->journal = journal;
    self->recall = recall;
    return self;
}

static void drop_item(dc_resume_t *self)
{
    dc_source_drop_item(&self->item);
    self->item = (dc_source_item_t){ 0 };
    self->taken = 0;
    self->taken_bytes = 0;
}

void dc_resume_destroy(dc_resume_t **self_p)
{
    dc_resume_t *self = *self_p;
    if (!self) return;
    drop_item(self);
    dc_buf_fini(&self->block);
    dc_buf_fini(&self->results);
    dc_buf_fini(&self->kept_faults);
    free(self);
    *self_p = NULL;
}

// --- the journal's blocks ----------------------------------------------------------------------

static bool read_block(dc_resume_t *self, uint64_t offset)
{
    self->offset = offset;
    self->has_block =
        dc_journal_read(self->journal, offset, &self->block, &self->head, &self->body);
    self->line = self->fault_row = 0;
    self->line_at = 0;
    self->faults = self->has_block ? self->body.faults : DC_STR("");
    return self->has_block;
}

static void load_blocks(dc_resume_t *self, uint64_t row)
{
    uint64_t offset;
    while (dc_recall_wants(self->recall, row, &offset)) {
        bool is_read = read_block(self, offset);
        if (!dc_recall_load(self->recall, is_read ? &self->body : NULL)) return;
    }
}

// The result line of row `index` of the block that was read, with its newline. Rows mostly come in
// order.
static dc_str_t line_of(dc_resume_t *self, uint32_t index)
{
    if (index < self->line) self->line = 0, self->line_at = 0;
    dc_str_t rest = dc_str_behind(self->body.results, self->line_at);
    size_t skipped = index - self->line;
    size_t start = skipped ? dc_lines_offset(rest, skipped) : 0;
    rest = dc_str_behind(rest, start);
    size_t len = dc_lines_offset(rest, 1);
    self->line = index + 1;
    self->line_at += start + len;
    return dc_str(rest.data, len);
}

// The fault of row `index` likewise. False if it has none.
static bool fault_of(dc_resume_t *self, uint32_t index, dc_fault_t *fault)
{
    if (index < self->fault_row) self->faults = self->body.faults;
    self->fault_row = index;
    for (dc_str_t rest = self->faults; dc_fault_take(&rest, fault); self->faults = rest) {
        if (fault->index >= index) return fault->index == index;
    }
    return false;
}

// --- the rows of a chunk -----------------------------------------------------------------------

static void look_up(dc_resume_t *self)
{
    const dc_source_item_t *item = &self->item;
    dc_chunk_rows_t rows = dc_chunk_rows(&item->chunk, 0);
    load_blocks(self, item->row + item->jobs - 1);
    for (uint32_t i = 0; i < item->jobs; i++) {
        dc_siphash_t hash = dc_siphash(&self->journal->key, dc_chunk_rows_next(&rows));
        dc_recalled_t *found = &self->found[i];
        bool is_found = dc_recall_find(self->recall, item->row + i, hash, found);
        self->is_kept[i] = is_found && found->is_final;
        if (is_found && !found->is_final) self->counts.again++;
        if (!is_found && !dc_recall_is_past(self->recall, item->row + i)) self->counts.changed++;
    }
}

// How many rows from the next one on are kept, or are not, as that one is.
static uint32_t stretch(const dc_resume_t *self)
{
    uint32_t end = self->taken + 1;
    while (end < self->item.jobs && self->is_kept[end] == self->is_kept[self->taken]) {
        end++;
    }
    return end - self->taken;
}

// The next `count` rows, as an item of their own, without memory.
static dc_source_item_t part(const dc_resume_t *self, uint32_t count)
{
    const dc_source_item_t *item = &self->item;
    dc_str_t rest = dc_str_behind(dc_str(item->chunk.bytes, item->chunk.size), self->taken_bytes);
    size_t size = rest.len;
    bool is_last = self->taken + count == item->jobs;
    if (!is_last && item->chunk.width) size = (size_t)count * item->chunk.width;
    if (!is_last && !item->chunk.width) size = dc_lines_offset(rest, count);
    dc_source_item_t part = { .is_held = true,
                              .chunk = item->chunk,
                              .jobs = count,
                              .room = size,
                              .row = item->row + self->taken,
                              .line = item->line + self->taken };
    part.chunk.bytes = rest.data;
    part.chunk.size = size;
    part.chunk.memory = NULL;
    return part;
}

static void pass(dc_resume_t *self, const dc_source_item_t *part)
{
    self->taken += part->jobs;
    self->taken_bytes += part->chunk.size;
}

static void hand_on(dc_resume_t *self, dc_source_item_t *item)
{
    *item = part(self, stretch(self));
    pass(self, item);
    if (self->item.chunk.memory) item->chunk.memory = dcalc_memory_share(self->item.chunk.memory);
}

// Get the results of the next rows, of as many as one batch has computed. Returns how many: 0 where
// the first one cannot be had.
static uint32_t gather(dc_resume_t *self, uint32_t count)
{
    self->results.len = self->kept_faults.len = 0;
    for (uint32_t i = 0; i < count; i++) {
        const dc_recalled_t *found = &self->found[self->taken + i];
        dc_fault_t fault;
        bool is_there = self->has_block && self->offset == found->offset;
        if (!is_there && !read_block(self, found->offset)) return i;
        if (i && self->head.batch != self->kept.number) return i;
        if (found->index >= self->head.rows) return i;
        self->kept.number = self->head.batch;
        dc_buf_append_str(&self->results, line_of(self, found->index));
        if (!fault_of(self, found->index, &fault)) continue;
        dc_diag_t diag;
        dc_diag_set(&diag, fault.code, fault.column, fault.width, "%.*s", (int)fault.message.len,
                    fault.message.data);
        dc_fault_put(&self->kept_faults, self->item.row + self->taken + i, &diag);
    }
    return count;
}

// Hand out the next rows with their results. False if these cannot be had: then the first row is no
// longer kept.
static bool keep(dc_resume_t *self, dc_source_item_t *item)
{
    uint32_t count = gather(self, stretch(self));
    if (!count || self->results.failed || self->kept_faults.failed) {
        self->results.failed = self->kept_faults.failed = false;
        self->is_kept[self->taken] = false;
        return false;
    }
    *item = part(self, count);
    pass(self, item);
    self->kept.chunk = item->chunk;
    self->kept.chunk.first = item->row;
    self->kept.chunk.jobs = count;
    self->kept.chunk.tag = dc_emit_tag(item->row, item->row, item->line);
    self->kept.piece = (dcalc_piece_t){ .attempt = 1,
                                        .first = item->row,
                                        .count = count,
                                        .results = self->results.data,
                                        .results_bytes = self->results.len,
                                        .faults = self->kept_faults.data,
                                        .faults_bytes = self->kept_faults.len,
                                        .chunk = &self->kept.chunk };
    self->counts.kept += count;
    item->kept = &self->kept;
    return true;
}

dc_source_state_t dc_resume_next(dc_resume_t *self, dc_source_t *source, bool is_idle, dc_ms_t now,
                                 dc_source_item_t *item)
{
    if (self->taken == self->item.jobs) {
        drop_item(self);
        dc_source_state_t state = dc_source_next(source, is_idle, now, &self->item);
        if (state != DC_SOURCE_CHUNK) {
            *item = self->item;
            self->item = (dc_source_item_t){ 0 };
            self->has_ended = state != DC_SOURCE_LOST && state != DC_SOURCE_WAIT;
            return state;
        }
        look_up(self);
    }
    // A tag counts kept rows in 32 bits.
    bool may_keep = self->counts.kept < DC_KEPT_ROWS_MAX;
    if (!may_keep || !self->is_kept[self->taken] || !keep(self, item)) hand_on(self, item);
    self->row = item->row + item->jobs;
    return DC_SOURCE_CHUNK;
}

bool dc_resume_is_past(const dc_resume_t *self, dc_resume_counts_t *counts)
{
    *counts = self->counts;
    return self->has_ended || dc_recall_is_past(self->recall, self->row);
}
