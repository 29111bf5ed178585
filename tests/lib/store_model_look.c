// What the store has, for who asks; and what its disk spoils.
#include "common/bytes.h"
#include "tests/lib/store_model_part.h"

void dc_store_model_damage_small(dc_store_model_t *self, uint64_t pick, dc_store_what_t what)
{
    if (!self->batch_count) return;
    model_batch_t *batch = self->batches;
    for (pick %= self->batch_count; pick; pick--) {
        batch = batch->next;
    }
    if (what == DC_STORE_TERMS) batch->are_terms_spoiled = batch->terms;
    if (what == DC_STORE_MET) batch->are_mets_spoiled = batch->mets;
    if (what != DC_STORE_END || !batch->end) return;
    batch->is_end_spoiled = true;
    batch->was_over = true; // who came after it may have begun
}

// The batch after which as many rows have passed as `*pick` says; the rest of that is in it then.
static model_batch_t *pick_batch(const dc_store_model_t *self, uint64_t *pick)
{
    uint64_t rows = 0;
    for (const model_batch_t *batch = self->batches; batch; batch = batch->next) {
        rows += batch->row_count;
    }
    if (rows == 0) return NULL;
    *pick %= rows;
    model_batch_t *batch = self->batches;
    while (*pick >= batch->row_count) {
        *pick -= batch->row_count;
        batch = batch->next;
    }
    return batch;
}

void dc_store_model_damage(dc_store_model_t *self, uint64_t pick, bool is_of_result)
{
    model_batch_t *batch = pick_batch(self, &pick);
    model_row_t *row = batch ? &batch->rows[pick] : NULL;
    if (!row || (is_of_result && !row->result)) return;
    row->is_spoiled |= is_of_result;
    row->is_blank |= !is_of_result;
    row->was_damaged = true;
}

bool dc_store_model_was_damaged(const dc_store_model_t *self, uint64_t key, uint64_t index)
{
    for (const model_batch_t *batch = self->batches; batch; batch = batch->next) {
        if (dc_get_u64(batch->opened->opened.key.bytes) != key) continue;
        for (size_t i = 0; i < batch->row_count; i++) {
            const dc_store_op_t *chunk = batch->rows[i].chunk;
            if (index < chunk->chunk.first) continue;
            if (index < chunk->chunk.first + chunk->chunk.count) return batch->rows[i].was_damaged;
        }
    }
    return false;
}

static uint64_t count_jobs_in(const model_batch_t *batch, uint64_t first, uint64_t end)
{
    uint64_t count = 0;
    for (size_t i = 0; i < batch->row_count; i++) {
        const dc_store_op_t *chunk = batch->rows[i].chunk;
        uint64_t low = dc_max_u64(first, chunk->chunk.first);
        uint64_t high = dc_min_u64(end, chunk->chunk.first + chunk->chunk.count);
        if (low < high) count += high - low;
    }
    return count;
}

bool dc_store_model_has(const dc_store_model_t *self, uint64_t key, uint64_t first, uint64_t end,
                        bool is_closed)
{
    for (const model_batch_t *batch = self->batches; batch; batch = batch->next) {
        if (dc_get_u64(batch->opened->opened.key.bytes) != key) continue;
        if (is_closed && !batch->close) continue;
        if (count_jobs_in(batch, first, end) == end - first) return true;
    }
    return false;
}

bool dc_store_model_has_number(const dc_store_model_t *self, uint64_t number)
{
    return dc_store_model_find(self, number) != NULL;
}

void dc_store_model_terms(const dc_store_model_t *self, uint64_t number, uint8_t *level,
                          bool *is_held)
{
    const model_batch_t *batch = dc_store_model_find(self, number);
    if (!batch) return;
    bool are_known = batch->terms && !batch->are_terms_spoiled;
    *level = are_known ? batch->terms->terms.level : batch->opened->opened.level;
    *is_held = are_known ? batch->terms->terms.is_held : batch->opened->opened.is_held;
}

bool dc_store_model_is_open(const dc_store_model_t *self, uint64_t key)
{
    for (const model_batch_t *batch = self->batches; batch; batch = batch->next) {
        if (dc_get_u64(batch->opened->opened.key.bytes) != key) continue;
        if (!batch->was_over && !batch->end && !dc_store_model_is_answered(batch)) return true;
    }
    return false;
}
