#include "broker/core/jobs/fork.h"

#include <stdlib.h>

#include "common/wire_fork.h"

// A small part of a message would hold all of it: it is copied.
static bool keep_apart(const dc_slice_t *slice, dc_slice_t *kept)
{
    dc_slice_t wish = *slice;
    if (wish.blob && wish.bytes.len < wish.blob->len / 2) wish.blob = NULL;
    return dc_slice_keep(&wish, kept);
}

// --- life --------------------------------------------------------------------------------------

static dc_chunk_t *make_chunk(dc_fork_t *self, dc_pools_t *pools, dc_part_t *part,
                              const dc_slice_t *data)
{
    dc_chunk_t *chunk = dc_chunk_new(pools, self->chunk->batch, self->index, 1, 0, 0, data);
    if (chunk) chunk->part = part;
    part->chunk = chunk;
    return chunk;
}

static dc_slice_t part_of(const dc_slice_t *data, dc_str_t bytes)
{
    size_t offset = bytes.len ? (size_t)(bytes.data - data->bytes.data) : 0;
    return dc_slice_part(*data, offset, bytes.len);
}

// Make the children's chunks, of slices of `data`, which the fork accounts for.
static bool make_children(dc_fork_t *self, dc_pools_t *pools, const dc_slice_t *data,
                          dc_wire_fork_t *wire)
{
    for (uint32_t i = 0; i < self->child_count; i++) {
        dc_wire_child_t child = dc_wire_take_child(wire);
        dc_slice_t bytes = part_of(data, child.bytes);
        self->parts[i].weight = child.weight;
        dc_chunk_t *chunk = make_chunk(self, pools, &self->parts[i], &bytes);
        if (!chunk) return false;
        chunk->held_bytes -= chunk->data_bytes;
        chunk->data_bytes = 0;
    }
    dc_slice_t join = part_of(data, wire->join);
    return dc_slice_keep(&join, &self->join);
}

static dc_fork_t *allocate(dc_chunk_t *chunk, uint64_t index, const dc_wire_fork_t *wire,
                           size_t data_bytes)
{
    size_t bytes = sizeof(dc_fork_t) + (wire->count + 1) * sizeof(dc_part_t);
    dc_fork_t *self = calloc(1, bytes);
    if (!self) return NULL;
    self->chunk = chunk;
    self->index = index;
    self->root = chunk->part ? chunk->part->fork->root : self;
    self->level = dc_fork_level(chunk);
    self->chain = dc_fork_chain(chunk);
    self->child_count = self->wanted = self->missing = wire->count;
    self->weight = wire->weight;
    self->held_bytes = bytes + data_bytes;
    for (uint32_t i = 0; i <= wire->count; i++) {
        self->parts[i].fork = self;
    }
    return self;
}

dc_fork_t *dc_fork_new(dc_pools_t *pools, dc_chunk_t *chunk, uint64_t index, const dc_slice_t *data)
{
    dc_wire_fork_t wire;
    dc_slice_t kept;
    if (!keep_apart(data, &kept)) return NULL;
    bool is_read = dc_wire_read_fork(kept.bytes, &wire);
    assert(is_read); // as the codec has seen
    (void)is_read;
    dc_fork_t *self = allocate(chunk, index, &wire, data->bytes.len);
    if (self && !make_children(self, pools, &kept, &wire)) dc_fork_destroy(&self, pools);
    dc_slice_drop(&kept);
    return self;
}

void dc_fork_destroy(dc_fork_t **self_p, dc_pools_t *pools)
{
    dc_fork_t *self = *self_p;
    if (!self) return;
    for (uint32_t i = 0; i <= self->child_count; i++) {
        dc_chunk_destroy(&self->parts[i].chunk, pools);
        dc_slice_drop(&self->parts[i].result);
    }
    dc_slice_drop(&self->join);
    dc_slice_drop(&self->failure);
    free(self);
    *self_p = NULL;
}

bool dc_part_is_final(const dc_part_t *self)
{
    while (self && dc_part_is_join(self)) {
        self = self->fork->chunk->part;
    }
    return !self;
}

// --- results -----------------------------------------------------------------------------------

bool dc_fork_keep(dc_fork_t *self, dc_part_t *child, const dc_slice_t *result)
{
    assert(!child->has_result && child < &self->parts[self->wanted]);
    if (!keep_apart(result, &child->result)) return false;
    child->has_result = true;
    self->missing--;
    self->results_bytes += result->bytes.len;
    self->held_bytes += result->bytes.len;
    return true;
}

static void forget_result(dc_fork_t *self, dc_part_t *child)
{
    self->results_bytes -= child->result.bytes.len;
    self->held_bytes -= child->result.bytes.len;
    dc_slice_drop(&child->result);
}

bool dc_fork_fail(dc_fork_t *self, const dc_part_t *child, const dc_slice_t *failure,
                  uint32_t faults_bytes)
{
    dc_slice_t kept;
    if (!keep_apart(failure, &kept)) return false;
    self->held_bytes -= self->failure.bytes.len;
    dc_slice_drop(&self->failure);
    self->failure = kept;
    self->failure_faults_bytes = faults_bytes;
    self->held_bytes += kept.bytes.len;
    self->wanted = (uint32_t)(child - self->parts);
    self->missing = 0;
    for (uint32_t i = 0; i < self->child_count; i++) {
        if (i >= self->wanted) forget_result(self, &self->parts[i]);
        if (i < self->wanted) self->missing += !self->parts[i].has_result;
    }
    return true;
}

// --- the join ----------------------------------------------------------------------------------

size_t dc_fork_join_bytes(const dc_fork_t *self)
{
    return dc_wire_join_bytes(self->child_count, self->results_bytes, self->join.bytes);
}

static dc_blob_t *join_data(const dc_fork_t *self)
{
    dc_str_t results[DC_FORK_CHILDREN_MAX];
    for (uint32_t i = 0; i < self->child_count; i++) {
        results[i] = self->parts[i].result.bytes;
    }
    dc_buf_t data = { 0 };
    dc_wire_put_join(&data, results, self->child_count, self->join.bytes);
    dc_blob_t *blob = data.failed ? NULL : dc_blob_new(dc_buf_str(&data));
    dc_buf_fini(&data);
    return blob;
}

bool dc_fork_make_join(dc_fork_t *self, dc_pools_t *pools)
{
    dc_blob_t *blob = join_data(self);
    if (!blob) return false;
    dc_slice_t data = { blob, dc_str(blob->data, blob->len) };
    dc_chunk_t *chunk = make_chunk(self, pools, &self->parts[self->child_count], &data);
    dc_blob_release(&blob);
    if (!chunk) return false;
    for (uint32_t i = 0; i < self->child_count; i++) {
        forget_result(self, &self->parts[i]);
    }
    return true;
}

// --- progress ----------------------------------------------------------------------------------

static uint64_t done_of(const dc_part_t *child)
{
    if (child->has_result) return child->weight;
    const dc_fork_t *fork = child->chunk ? child->chunk->forks : NULL;
    if (!fork) return 0;
    double done_of_fork = (double)dc_fork_done(fork);
    uint64_t done = (uint64_t)((double)child->weight * done_of_fork / (double)fork->weight);
    return dc_min_u64(done, child->weight);
}

uint64_t dc_fork_done(const dc_fork_t *self)
{
    uint64_t done = 0;
    for (uint32_t i = 0; i < self->child_count; i++) {
        done += done_of(&self->parts[i]);
    }
    return done;
}
