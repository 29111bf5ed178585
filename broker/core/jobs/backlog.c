#include "broker/core/jobs/backlog.h"

#include <stdlib.h>

#include "common/map.h"

// The first block of a backlog has room for some twenty short jobs; each is twice as large as the
// one before, up to what is a few hundred of them: more would save little, and be freed late.
#define BLOCK_BYTES_MIN 1024
#define BLOCK_BYTES_MAX 65536

// What lies in a block for each chunk; behind it come its bytes, or a slice with a reference of its
// own. Both begin at multiples of 8.
typedef struct head {
    uint64_t first;
    dc_us_t arrived_us;
    uint32_t count;
    uint32_t width;
    uint32_t bytes;
    uint8_t flags;
    bool is_paid;
    bool is_shared; // a slice lies behind it
} head_t;
static_assert(sizeof(head_t) == 32, "a million of them wait");

typedef struct dc_backlog_block {
    struct dc_backlog_block *prev, *next;
    size_t capacity;     // of `bytes`
    size_t start, end;   // where its chunks lie in them
    size_t shared_count; // of these chunks
    _Alignas(8) char bytes[];
} dc_backlog_block_t;
static_assert(BLOCK_BYTES_MAX >= sizeof(dc_backlog_block_t) + sizeof(head_t) + DC_COPY_BYTES_MAX,
              "any chunk that is copied fits a block");

// --- chunks in blocks --------------------------------------------------------------------------

static size_t room_for(bool is_shared, size_t bytes)
{
    return sizeof(head_t) + (is_shared ? sizeof(dc_slice_t) : (bytes + 7) / 8 * 8);
}

static const head_t *head_at(const dc_backlog_block_t *block, size_t offset)
{
    return (const void *)(block->bytes + offset);
}

static size_t room_of(const head_t *head)
{
    return room_for(head->is_shared, head->bytes);
}

static size_t cost_of(const head_t *head)
{
    return head->bytes + DC_CHUNK_COST_BYTES;
}

static bool is_paid(const dc_backlog_t *self, const head_t *head)
{
    return head->is_paid && head->first >= self->unpaid_end;
}

static dc_packed_t chunk_of(const dc_backlog_t *self, const head_t *head)
{
    const void *behind = head + 1;
    dc_slice_t data = { NULL, { behind, head->bytes } };
    if (head->is_shared) memcpy(&data, behind, sizeof data);
    return (dc_packed_t){ .first = head->first,
                          .count = head->count,
                          .width = head->width,
                          .flags = head->flags,
                          .is_paid = is_paid(self, head),
                          .arrived_us = dc_max_u64(head->arrived_us, self->released_us),
                          .data = data };
}

static void release_shared(const head_t *head)
{
    dc_slice_t data;
    memcpy(&data, head + 1, sizeof data);
    dc_slice_drop(&data);
}

// --- blocks ------------------------------------------------------------------------------------

static dc_backlog_block_t *last_of(const dc_backlog_t *self)
{
    return self->blocks ? self->blocks->prev : NULL;
}

// Append a block in which at least `room` bytes fit. False if memory is short.
static bool add_block(dc_backlog_t *self, size_t room)
{
    const dc_backlog_block_t *last = last_of(self);
    size_t bytes = last ? 2 * (sizeof *last + last->capacity) : BLOCK_BYTES_MIN;
    if (bytes < sizeof *last + room) bytes = sizeof *last + room;
    if (bytes > BLOCK_BYTES_MAX) bytes = BLOCK_BYTES_MAX;
    dc_backlog_block_t *block = malloc(bytes);
    if (!block) return false;
    *block = (dc_backlog_block_t){ .capacity = bytes - sizeof *block };
    DL_APPEND(self->blocks, block);
    self->held_bytes += bytes;
    return true;
}

static void remove_block(dc_backlog_t *self, dc_backlog_block_t *block)
{
    DL_DELETE(self->blocks, block);
    self->held_bytes -= sizeof *block + block->capacity;
    free(block);
}

static void release_all_shared(const dc_backlog_block_t *block)
{
    for (size_t at = block->start; at < block->end; at += room_of(head_at(block, at))) {
        if (head_at(block, at)->is_shared) release_shared(head_at(block, at));
    }
}

// --- life cycle --------------------------------------------------------------------------------

dc_backlog_t *dc_backlog_new(void)
{
    dc_backlog_t *self = calloc(1, sizeof *self);
    if (self) self->held_bytes = sizeof *self;
    return self;
}

void dc_backlog_destroy(dc_backlog_t **self_p)
{
    dc_backlog_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    while (self->blocks) {
        dc_backlog_block_t *block = self->blocks;
        if (block->shared_count) release_all_shared(block);
        remove_block(self, block);
    }
    free(self);
}

// --- the ends ----------------------------------------------------------------------------------

// Write `chunk`, whose data are `kept` if it is shared, behind the others of the last block, which
// has room for it.
static void write_chunk(dc_backlog_t *self, const dc_packed_t *chunk, const dc_slice_t *kept)
{
    dc_backlog_block_t *block = last_of(self);
    head_t *head = (void *)(block->bytes + block->end);
    *head = (head_t){ .first = chunk->first,
                      .arrived_us = chunk->arrived_us,
                      .count = chunk->count,
                      .width = chunk->width,
                      .bytes = (uint32_t)chunk->data.bytes.len,
                      .flags = chunk->flags,
                      .is_paid = chunk->is_paid,
                      .is_shared = kept != NULL };
    if (kept) {
        memcpy(head + 1, kept, sizeof *kept);
        block->shared_count++;
        self->held_bytes += head->bytes;
    } else if (head->bytes) {
        memcpy(head + 1, chunk->data.bytes.data, head->bytes);
    }
    block->end += room_of(head);
    if (chunk->is_paid) self->cost_bytes += cost_of(head);
}

bool dc_backlog_push(dc_backlog_t *self, const dc_packed_t *chunk)
{
    assert(chunk->first >= self->end);
    bool is_shared = chunk->data.bytes.len > DC_COPY_BYTES_MAX;
    size_t room = room_for(is_shared, chunk->data.bytes.len);
    const dc_backlog_block_t *block = last_of(self);
    bool has_room = block && block->capacity - block->end >= room;
    if (!has_room && !add_block(self, room)) return false;
    dc_slice_t kept;
    if (is_shared && !dc_slice_keep(&chunk->data, &kept)) {
        if (!has_room) remove_block(self, last_of(self));
        return false;
    }
    write_chunk(self, chunk, is_shared ? &kept : NULL);
    self->chunk_count++;
    self->job_count += chunk->count;
    self->end = chunk->first + chunk->count;
    return true;
}

dc_packed_t dc_backlog_first(const dc_backlog_t *self)
{
    return chunk_of(self, head_at(self->blocks, self->blocks->start));
}

void dc_backlog_pop(dc_backlog_t *self)
{
    dc_backlog_block_t *block = self->blocks;
    const head_t *head = head_at(block, block->start);
    self->chunk_count--;
    self->job_count -= head->count;
    if (is_paid(self, head)) self->cost_bytes -= cost_of(head);
    if (head->is_shared) {
        self->held_bytes -= head->bytes;
        block->shared_count--;
        release_shared(head);
    }
    block->start += room_of(head);
    if (block->start == block->end) remove_block(self, block);
}

void dc_backlog_forget_paid(dc_backlog_t *self)
{
    self->unpaid_end = self->end;
    self->cost_bytes = 0;
}

void dc_backlog_release(dc_backlog_t *self, dc_us_t now_us)
{
    self->released_us = now_us;
}

// --- all of it ---------------------------------------------------------------------------------

bool dc_backlog_next(const dc_backlog_t *self, dc_backlog_place_t *at, dc_packed_t *chunk)
{
    if (!at->block) {
        if (!self->blocks) return false;
        *at = (dc_backlog_place_t){ self->blocks, self->blocks->start };
    }
    if (at->offset == at->block->end) {
        if (!at->block->next) return false;
        *at = (dc_backlog_place_t){ at->block->next, at->block->next->start };
    }
    const head_t *head = head_at(at->block, at->offset);
    at->offset += room_of(head);
    *chunk = chunk_of(self, head);
    return true;
}

bool dc_backlog_find(const dc_backlog_t *self, uint64_t index, dc_range_t *jobs)
{
    const dc_backlog_block_t *block = last_of(self);
    if (!block || index >= self->end) return false;
    while (block != self->blocks && head_at(block, block->start)->first > index) {
        block = block->prev;
    }
    dc_backlog_place_t at = { block, block->start };
    dc_packed_t chunk;
    do {
        bool is_there = dc_backlog_next(self, &at, &chunk);
        assert(is_there);
        (void)is_there;
    } while (chunk.first + chunk.count <= index);
    *jobs = (dc_range_t){ chunk.first, chunk.first + chunk.count };
    return true;
}
