#include "client/cli/journal/recall.h"

#include <stdlib.h>

// Each run holds some blocks around the row that is due, and each costs a look with every chunk: of
// a batch that was stopped and changed more often than this, the later runs are not looked at.
#define RUNS_MAX 64

// So many rows in a row, found where none was expected and as far from each other as they were, are
// no accident: equal rows are found anywhere.
#define STREAK_MIN 8

#define NO_BLOCK UINT32_MAX

typedef struct block {
    uint64_t offset, first;
    uint32_t rows;
    uint32_t run;
    // Owned, while it is loaded: the hashes as the body has them, and behind them a byte a row, 1
    // if what it says is not final.
    char *held;
} block_t;

typedef struct run {
    uint32_t next, end; // its blocks: those behind are `next`, not yet loaded, up to `end`
    uint32_t held;      // the first one that is loaded
    int64_t shift;      // from a row of the input to the one that is expected
    int64_t candidate;  // a shift that some rows had
    unsigned streak;    // how many, one behind the other
} run_t;

// Of the table that finds rows by their hashes.
typedef struct place {
    uint32_t block; // NO_BLOCK: it is free
    uint32_t index;
} place_t;

struct dc_recall {
    block_t *blocks; // owned, as the next two
    size_t block_count, block_capacity;
    run_t runs[RUNS_MAX];
    size_t run_count;
    place_t *table;     // made with the first load; open addressing
    size_t mask;        // its size - 1
    uint64_t row_count; // of all blocks
    size_t rows_max;
    size_t last;   // the run that had the last row
    size_t wanted; // the run whose next block is to be loaded
};

dc_recall_t *dc_recall_new(size_t rows_max)
{
    dc_recall_t *self = calloc(1, sizeof *self);
    if (self) self->rows_max = rows_max;
    return self;
}

void dc_recall_destroy(dc_recall_t **self_p)
{
    dc_recall_t *self = *self_p;
    if (!self) return;
    for (size_t i = 0; i < self->block_count; i++) {
        free(self->blocks[i].held);
    }
    free(self->blocks);
    free(self->table);
    free(self);
    *self_p = NULL;
}

// --- what there is -----------------------------------------------------------------------------

static bool reserve_block(dc_recall_t *self)
{
    if (self->block_count < self->block_capacity) return true;
    size_t capacity = self->block_capacity ? self->block_capacity * 2 : 64;
    if (capacity >= NO_BLOCK) return false;
    block_t *blocks = realloc(self->blocks, capacity * sizeof *blocks);
    if (!blocks) return false;
    self->blocks = blocks;
    self->block_capacity = capacity;
    return true;
}

static uint64_t end_of(const block_t *block)
{
    return block->first + block->rows;
}

// Whether it goes on with the last run: behind all rows of that.
static bool goes_on(const dc_recall_t *self, const dc_journal_head_t *head)
{
    return self->run_count && head->first >= end_of(&self->blocks[self->block_count - 1]);
}

bool dc_recall_add(dc_recall_t *self, const dc_journal_head_t *head, uint64_t offset)
{
    assert(!self->table);
    bool is_begun = !goes_on(self, head);
    if (is_begun && self->run_count == RUNS_MAX) return true;
    if (!reserve_block(self)) return false;
    uint32_t index = (uint32_t)self->block_count++;
    if (is_begun) self->runs[self->run_count++] = (run_t){ .next = index, .held = index };
    self->runs[self->run_count - 1].end = index + 1;
    self->blocks[index] = (block_t){ .offset = offset,
                                     .first = head->first,
                                     .rows = head->rows,
                                     .run = (uint32_t)self->run_count - 1 };
    self->row_count += head->rows;
    return true;
}

bool dc_recall_is_past(const dc_recall_t *self, uint64_t row)
{
    for (size_t i = 0; i < self->run_count; i++) {
        const run_t *run = &self->runs[i];
        int64_t end = (int64_t)end_of(&self->blocks[run->end - 1]);
        if ((int64_t)row + run->shift < end) return false;
    }
    return true;
}

// --- the table ---------------------------------------------------------------------------------

// Rows on either side of the one that is due, of each run.
static int64_t reach(const dc_recall_t *self)
{
    return (int64_t)(self->rows_max / self->run_count / 2);
}

// At most half full, with all that may be held at the same time: a run holds what is within reach,
// and at its ends parts of two blocks that are not.
static bool make_table(dc_recall_t *self)
{
    uint64_t most = self->rows_max + self->run_count * 2 * DC_CHUNK_JOBS_MAX;
    uint64_t least = 2 * dc_min_u64(most, self->row_count);
    size_t size = 64;
    while (size < least) {
        size *= 2;
    }
    self->table = malloc(size * sizeof *self->table);
    if (!self->table) return false;
    self->mask = size - 1;
    for (size_t i = 0; i < size; i++) {
        self->table[i].block = NO_BLOCK;
    }
    return true;
}

static dc_siphash_t hash_at(const block_t *block, uint32_t index)
{
    const dc_journal_body_t body = { .hashes = { block->held, 0 } };
    return dc_journal_hash(&body, index);
}

static bool is_final_at(const block_t *block, uint32_t index)
{
    return !block->held[(size_t)block->rows * DC_JOURNAL_HASH_BYTES + index];
}

static dc_siphash_t hash_of(const dc_recall_t *self, const place_t *place)
{
    return hash_at(&self->blocks[place->block], place->index);
}

// The place that has `hash`, or the free one where it would be.
static size_t find_place(const dc_recall_t *self, dc_siphash_t hash)
{
    size_t at = (size_t)hash.low & self->mask;
    while (self->table[at].block != NO_BLOCK &&
           !dc_siphash_eq(hash_of(self, &self->table[at]), hash)) {
        at = (at + 1) & self->mask;
    }
    return at;
}

// Of equal rows the last one that is loaded counts, unless it alone is worth another attempt.
static void put_row(dc_recall_t *self, uint32_t block, uint32_t index)
{
    place_t *place = &self->table[find_place(self, hash_at(&self->blocks[block], index))];
    bool is_better = place->block == NO_BLOCK || is_final_at(&self->blocks[block], index) ||
                     !is_final_at(&self->blocks[place->block], place->index);
    if (is_better) *place = (place_t){ block, index };
}

// Free a place, and let those behind it that were pushed away from theirs move up.
static void free_place(dc_recall_t *self, size_t hole)
{
    for (size_t at = (hole + 1) & self->mask; self->table[at].block != NO_BLOCK;
         at = (at + 1) & self->mask) {
        size_t home = (size_t)hash_of(self, &self->table[at]).low & self->mask;
        bool may_move = ((at - home) & self->mask) >= ((at - hole) & self->mask);
        if (!may_move) continue;
        self->table[hole] = self->table[at];
        hole = at;
    }
    self->table[hole].block = NO_BLOCK;
}

static void unload(dc_recall_t *self, uint32_t index)
{
    block_t *block = &self->blocks[index];
    for (uint32_t i = 0; block->held && i < block->rows; i++) {
        size_t at = find_place(self, hash_at(block, i));
        if (self->table[at].block == index) free_place(self, at);
    }
    free(block->held);
    block->held = NULL;
}

// --- what is held ------------------------------------------------------------------------------

static void drop_passed(dc_recall_t *self, run_t *run, int64_t expected)
{
    while (run->held < run->next &&
           (int64_t)end_of(&self->blocks[run->held]) <= expected - reach(self)) {
        unload(self, run->held++);
    }
}

bool dc_recall_wants(dc_recall_t *self, uint64_t row, uint64_t *offset)
{
    for (size_t i = 0; i < self->run_count; i++) {
        run_t *run = &self->runs[i];
        int64_t expected = (int64_t)row + run->shift;
        drop_passed(self, run, expected);
        bool is_near = run->next < run->end &&
                       (int64_t)self->blocks[run->next].first <= expected + reach(self);
        if (!is_near) continue;
        self->wanted = i;
        *offset = self->blocks[run->next].offset;
        return true;
    }
    return false;
}

static void note_faults(block_t *block, dc_str_t faults)
{
    dc_fault_t fault;
    while (dc_fault_take(&faults, &fault)) {
        bool is_final = dc_journal_is_final(fault.code);
        block->held[(size_t)block->rows * DC_JOURNAL_HASH_BYTES + fault.index] = is_final ? 0 : 1;
    }
}

bool dc_recall_load(dc_recall_t *self, const dc_journal_body_t *body)
{
    run_t *run = &self->runs[self->wanted];
    uint32_t index = run->next++;
    block_t *block = &self->blocks[index];
    if (!body) return true;
    if (!self->table && !make_table(self)) return false;
    assert(body->hashes.len == (size_t)block->rows * DC_JOURNAL_HASH_BYTES);
    block->held = calloc(block->rows, DC_JOURNAL_HASH_BYTES + 1);
    if (!block->held) return false;
    memcpy(block->held, body->hashes.data, body->hashes.len);
    note_faults(block, body->faults);
    for (uint32_t i = 0; i < block->rows; i++) {
        put_row(self, index, i);
    }
    return true;
}

// --- finding rows ------------------------------------------------------------------------------

// The block of `run` that has row `row`, if it is held.
static block_t *block_with(const dc_recall_t *self, const run_t *run, int64_t row)
{
    uint32_t from = run->held, to = run->next;
    if (row < 0) return NULL;
    // The last one that begins at or before it.
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (self->blocks[middle].first <= (uint64_t)row) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    if (from == run->held) return NULL;
    block_t *block = &self->blocks[from - 1];
    return block->held && (uint64_t)row < end_of(block) ? block : NULL;
}

static void set_found(dc_recalled_t *found, const block_t *block, uint32_t index)
{
    *found = (dc_recalled_t){ .offset = block->offset,
                              .index = index,
                              .is_final = is_final_at(block, index) };
}

static bool find_expected(const dc_recall_t *self, uint64_t row, dc_siphash_t hash,
                          dc_recalled_t *found)
{
    const run_t *run = &self->runs[self->last];
    int64_t expected = (int64_t)row + run->shift;
    const block_t *block = block_with(self, run, expected);
    if (!block) return false;
    uint32_t index = (uint32_t)((uint64_t)expected - block->first);
    if (!dc_siphash_eq(hash_at(block, index), hash)) return false;
    set_found(found, block, index);
    return found->is_final;
}

// A row of `run` was found `shift` rows from where it stands now.
static void note_shift(dc_recall_t *self, uint32_t index, int64_t shift)
{
    run_t *run = &self->runs[index];
    run->streak = shift == run->candidate ? run->streak + 1 : 1;
    run->candidate = shift;
    if (shift != run->shift && run->streak < STREAK_MIN) return;
    run->shift = shift;
    self->last = index;
}

bool dc_recall_find(dc_recall_t *self, uint64_t row, dc_siphash_t hash, dc_recalled_t *found)
{
    if (!self->table) return false;
    if (find_expected(self, row, hash, found)) return true;
    const place_t *place = &self->table[find_place(self, hash)];
    if (place->block == NO_BLOCK) return false;
    const block_t *block = &self->blocks[place->block];
    note_shift(self, block->run, (int64_t)(block->first + place->index) - (int64_t)row);
    set_found(found, block, place->index);
    return true;
}
